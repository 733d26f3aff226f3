"""What is judged: a server, seen through an httpx client."""

import functools
import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from _pytest.outcomes import Skipped  # what pytest.skip raises; its public name is no type
from attrs import evolve, field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD, World
from servicenow_contract.service import PORT, State
from servicenow_contract.service.mock import Respond, responder, transport
from servicenow_contract.service.state import limited_keys
from servicenow_contract.target.gate import may_be_another_operation, may_be_carried_out
from servicenow_contract.target.wire import TargetTransport, is_loopback, permission_variable

EMBEDDED = "the embedded reference service"
SERVED = f"http://127.0.0.1:{PORT}"
"""Where `serve` puts the reference service; curl lines of an embedded run lead there."""


class ClosedWorldError(Skipped):
    """A test asks for more than the world holds, and other tests judge its requirement too.

    The requirement is not run only when all of its tests are left out like this.
    """


@frozen
class AccountKeys:
    """The two keys of an account; the repr shows neither."""

    api_key: str = field(repr=False)
    app_key: str = field(repr=False)
    limited: Mapping[str | None, str] = field(factory=dict, repr=False)
    """Application keys that hold one of the operation's permissions alone; of None: neither."""
    stand_ins: bool = False
    """Whether the server may never have heard of the limited ones."""

    def headers(self, contract: Fragment) -> dict[str, str]:
        """The headers that carry them."""
        names = contract.key_headers
        return {names["apiKeyAuth"]: self.api_key, names["appKeyAuth"]: self.app_key}

    def secrets(self) -> dict[str, str]:
        """What stands for each key wherever it would be shown. One letter hides nothing."""
        named = {key: f"${{{permission_variable(of)}}}" for of, key in self.limited.items()}
        named |= {self.api_key: "${DD_API_KEY}", self.app_key: "${DD_APP_KEY}"}
        return {key: name for key, name in named.items() if len(key) > 3}


STAND_INS = AccountKeys("stand-in-api-key", "stand-in-application-key")
"""Keys that open the reference service and no account."""


def keys_of_the_reference(contract: Fragment) -> AccountKeys:
    """The same, with those that the reference service knows to lack a permission."""
    limited = {next(iter(held), None): key for key, held in limited_keys(contract).items()}
    return evolve(STAND_INS, limited=limited)


@frozen
class Target:
    """A server under judgement, the world it knows, and the keys that open it."""

    contract: Fragment = field(repr=False)
    name: str
    client: httpx.Client = field(repr=False)
    world: World = field(repr=False)
    keys: AccountKeys
    wire: TargetTransport | None = field(default=None, repr=False)
    """What the client sends through, when exchanges are to be remembered."""

    def send(
        self,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        method: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request to the operation, well-formed but for what the arguments change.

        A header of None is left out. Raises httpx.HTTPError when no answer comes back.
        """
        contract = self.contract
        sent: dict[str, str | None] = {
            "Accept": contract.media_type,
            "Content-Type": contract.media_type,
            **self.keys.headers(contract),
            **(headers or {}),
        }
        kept = {name: value for name, value in sent.items() if value is not None}
        if content is None:
            content = json.dumps(body).encode()  # httpx's own `json` sends no body for None
        return self.client.request(
            method or contract.method, contract.path, headers=kept, content=content, params=query
        )

    def needs_open_world(self) -> None:
        """Raises ClosedWorldError when ids that are made up exist nowhere in this world."""
        if not self.world.open:
            raise ClosedWorldError(
                "this needs made-up ids, and only the ids of the world file may be used"
            )

    def attach(
        self, ticket: str, findings: Sequence[str], *, project: str | None = None
    ) -> httpx.Response:
        """Ask for these findings to be attached to this ticket."""
        return self.send(attach_body(ticket, findings, project or self.world.project))


def over(
    wire: TargetTransport,
    contract: Fragment,
    name: str,
    base_url: str,
    world: World,
    keys: AccountKeys,
) -> Target:
    """A target whose every request goes through `wire`; it sends no header but those it is told."""
    client = httpx.Client(transport=wire, base_url=base_url, timeout=30, trust_env=False)
    client.headers = httpx.Headers({"User-Agent": "servicenow-tickets-conformance"})
    return Target(contract, name, client, world, keys, wire)


def _secrets(keys: AccountKeys, world: World) -> dict[str, str]:
    """What stands for each key, of those that open nothing too."""
    wrong = {"${WRONG_API_KEY}": world.wrong_api_key, "${WRONG_APP_KEY}": world.wrong_app_key}
    found = {key: name for name, key in wrong.items() if len(key) > 3}
    found.update(keys.secrets())
    return found


def embedded(
    contract: Fragment,
    world: World = DEFAULT_WORLD,
    respond: Respond | None = None,
    keys: AccountKeys | None = None,
    max_requests: int | None = None,
) -> Target:
    """The reference service in this process, without a socket; or another one of its kind."""
    keys = keys or keys_of_the_reference(contract)
    inner = transport(respond or responder(State(contract, world)))
    wire = TargetTransport(
        inner, _secrets(keys, world), shown_url=SERVED, max_requests=max_requests
    )
    return over(wire, contract, EMBEDDED, "https://embedded.invalid", world, keys)


def at(
    contract: Fragment,
    url: str,
    keys: AccountKeys,
    world: World,
    *,
    allow_writes: bool = False,
    max_requests: int | None = None,
) -> Target:
    """A server by its address.

    One that is not on loopback is never sent what may be another operation and, unless writes are
    allowed, only what is safe or refused by a conforming server. Certificates are checked against
    the machine's own.

    On loopback each request has a connection of its own, which costs little: a simple server may
    serve one at a time, and one that writes its answer in parts waits 40 ms on a connection in use.
    """
    holds_back = may_be_another_operation if allow_writes else may_be_carried_out
    near = is_loopback(httpx.URL(url))
    gate = None if near else functools.partial(holds_back, contract)
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0 if near else 20)
    wire = TargetTransport(
        httpx.HTTPTransport(verify=ssl.create_default_context(), limits=limits),
        _secrets(keys, world),
        max_requests=max_requests,
        holds_back=gate,
    )
    return over(wire, contract, url, url.rstrip("/"), world, keys)
