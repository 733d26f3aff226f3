"""What is judged: a server, seen through an httpx client."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from attrs import field, frozen

from servicenow_contract import fragment
from servicenow_contract.service.mock import responder, transport
from servicenow_contract.service.state import State
from servicenow_contract.world import DEFAULT_WORLD, World

EMBEDDED = "the embedded reference service"


@frozen
class Keys:
    """The two keys of an account; the repr shows neither."""

    api_key: str = field(repr=False)
    app_key: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """The headers that carry them."""
        names = fragment.load().key_headers
        return {names["apiKeyAuth"]: self.api_key, names["appKeyAuth"]: self.app_key}


@frozen
class Target:
    """A server under judgement, the world it knows, and the keys that open it."""

    name: str
    client: httpx.Client = field(repr=False)
    world: World = field(repr=False)
    keys: Keys

    def send(
        self,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        method: str | None = None,
    ) -> httpx.Response:
        """Send one request to the operation, well-formed but for what the arguments change.

        A header of None is left out. Raises httpx.HTTPError when no answer comes back.
        """
        contract = fragment.load()
        sent: dict[str, str | None] = {
            "Accept": contract.media_type,
            "Content-Type": contract.media_type,
            **self.keys.headers(),
            **(headers or {}),
        }
        kept = {name: value for name, value in sent.items() if value is not None}
        options: dict[str, Any] = {"json": body} if content is None else {"content": content}
        return self.client.request(
            method or contract.method, contract.path, headers=kept, **options
        )

    def needs_open_world(self) -> None:
        """Leave the test out, as not run, when ids that are made up exist nowhere in this world."""
        if not self.world.open:
            pytest.skip("the target knows only the ids of its world, and these are made up")

    def attach(
        self, ticket: str, findings: Sequence[str], *, project: str | None = None
    ) -> httpx.Response:
        """Ask for these findings to be attached to this ticket."""
        return self.send(attach_body(ticket, findings, project or self.world.project))


def attach_body(ticket: str, findings: Sequence[str], project: str) -> dict[str, Any]:
    """The request body that attaches findings to a ticket."""
    return {
        "data": {
            "attributes": {"servicenow_ticket_url": ticket},
            "relationships": {
                "findings": {"data": [{"id": each, "type": "findings"} for each in findings]},
                "project": {"data": {"id": project, "type": "projects"}},
            },
            "type": "servicenow_tickets",
        }
    }


def embedded(world: World = DEFAULT_WORLD) -> Target:
    """The reference service in this process, without a socket."""
    client = httpx.Client(
        transport=transport(responder(State(world))), base_url="https://embedded.invalid"
    )
    return Target(EMBEDDED, client, world, Keys("an-api-key", "an-application-key"))
