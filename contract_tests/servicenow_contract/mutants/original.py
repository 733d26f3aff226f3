"""The right service behind a mutant, what was sent to it, and how to change either's words."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, evolve, field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import World
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import answer
from servicenow_contract.service.state import Ticket

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
Edit = Callable[[Any], object]
"""Changes what it is given, the `data` of a body."""


def new_state(contract: Fragment, world: World, kind: Callable[..., State] = State) -> State:
    """What a fresh service knows. Every state that a mutant has is built here."""
    return kind(contract, world)


@define
class Original:
    """The right service behind a mutant, and what the mutant itself remembers."""

    contract: Fragment
    world: World
    state: State = field(init=False)
    memory: dict[Any, Any] = field(factory=dict, init=False)
    turns: Iterator[int] = field(factory=lambda: itertools.count(1), init=False)

    @state.default
    def fresh(self) -> State:
        """A state in which nothing has happened."""
        return new_state(self.contract, self.world)

    def answer(self, request: Request) -> Response:
        """Answer rightly."""
        return handle(self.state, request)

    def previous(self, value: Any) -> Any:
        """What this was called with the time before; the first time, the value itself."""
        before = self.memory.get("previous", value)
        self.memory["previous"] = value
        return before

    def keys(self, request: Request) -> dict[str, str | None]:
        """The value of each key that a request carries, by security scheme."""
        names = self.contract.key_headers
        return {scheme: request.headers.get(name.lower()) for scheme, name in names.items()}

    def sent(self, request: Request) -> "Sent | None":
        """What a request asks for; None when it is not shaped like an attach."""
        try:
            data = json.loads(request.body)["data"]
            url = data["attributes"]["servicenow_ticket_url"]
            relationships = data["relationships"]
            found = tuple(str(each["id"]) for each in relationships["findings"].get("data", []))
            project = str(relationships["project"]["data"]["id"])
        except _UNREADABLE:
            return None
        sent = Sent(self, str(url), project, found, request.body)
        try:
            return sent if sent.ticket else None
        except ValueError:
            return None

    def roughly_sent(self, request: Request) -> "Sent | None":
        """What a request asks for, also when some of it is wrong."""
        strictly = self.sent(request)
        if strictly is not None:
            return strictly
        try:
            body, _ = json.JSONDecoder().raw_decode(request.body.decode("utf-8", "replace"))
            data, relationships = body["data"], body["data"]["relationships"]
            ids = [each.get("id") for each in relationships["findings"]["data"]]
            url = str(data["attributes"]["servicenow_ticket_url"])
            project = str(relationships["project"]["data"]["id"])
            sent = Sent(self, url, project, tuple(each for each in ids if isinstance(each, str)))
            return sent if sent.ticket else None
        except _UNREADABLE:
            return None


@frozen
class Sent:
    """What a request that is shaped like an attach asks for."""

    original: Original = field(repr=False)
    url: str
    project: str
    findings: tuple[str, ...]
    body: bytes = field(default=b"", repr=False)

    @property
    def ticket(self) -> Ticket:
        """The record that the address names."""
        return Ticket.from_url(self.url)

    @property
    def over(self) -> int:
        """By how much the findings exceed the limit of one request; 0 is just the limit."""
        return len(self.findings) - self.original.contract.max_findings

    @property
    def held(self) -> tuple[str, ...] | None:
        """What the ticket holds; None when it has no case."""
        return self.original.state.snapshot().get(self.ticket.key)

    @property
    def elsewhere(self) -> set[str]:
        """What other tickets hold."""
        held = self.original.state.snapshot().items()
        return {each for key, found in held if key != self.ticket.key for each in found}

    @property
    def unknown_findings(self) -> bool:
        """Whether a finding does not exist."""
        return not all(map(self.original.state.knows_finding, self.findings))

    @property
    def unknown_project(self) -> bool:
        """Whether the project does not exist."""
        return not self.original.state.knows_project(self.project)


def rewritten(request: Request, edit: Edit) -> Request:
    """The request with its `data` edited.

    A body in which that changes nothing stays as it came, so that nothing else of it is mended.
    """
    try:
        body = json.loads(request.body.decode())
        before = json.dumps(body)
        edit(body["data"])
    except _UNREADABLE:
        return request
    after = json.dumps(body)
    return request if after == before else evolve(request, body=after.encode())


def refusal(status: int = 400, message: str = "Bad Request") -> Response:
    """An answer in the documented error model."""
    return answer(status, {"errors": [message]})


def parsed(response: Response) -> Any:
    """The JSON of an answer of the service."""
    return json.loads(response.body)


def value_at(value: Any, *path: str) -> Any:
    """What stands at a path of names; None where nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def with_body(response: Response, body: Any) -> Response:
    """The answer with another JSON body."""
    return evolve(response, body=json.dumps(body).encode())
