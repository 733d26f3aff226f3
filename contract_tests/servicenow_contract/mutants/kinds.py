"""What a mutant is, and how one is written: as a function, whose name and docstring it takes."""

import functools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, evolve, field, frozen

from servicenow_contract.contract import fragment
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import World
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond, answer
from servicenow_contract.service.state import Ticket

Make = Callable[[World], Respond]


@functools.cache
def own_contract() -> Fragment:
    """The fragment of this kit, for mutants that do not use the one that they are given."""
    return fragment.load()


_VERB_PHRASE = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)+")


@frozen
class Mutant:
    """A server that breaks one promise."""

    name: str
    """A verb phrase, such as `never_detaches`."""
    sentence: str
    """What it does, honestly, in one sentence."""
    make: Callable[[Fragment, World], Respond] = field(repr=False)
    """A fresh server of this kind over a contract and a world."""
    level: Level = Level.MUST
    """How binding the broken promise is: a requirement that binds less kills it not."""

    def __attrs_post_init__(self) -> None:
        if not _VERB_PHRASE.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no verb phrase in snake case")


@frozen
class Asked:
    """What a request that satisfies the fragment asks for."""

    url: str
    project: str
    findings: tuple[str, ...]

    @property
    def ticket(self) -> Ticket:
        """The record that the address names."""
        return Ticket.from_url(self.url)


@functools.cache
def _pattern() -> re.Pattern[str]:
    return re.compile(own_contract().ticket_url_pattern)


def asked(request: Request) -> Asked | None:
    """What a request asks for; None when it is not shaped like an attach."""
    try:
        data = json.loads(request.body)["data"]
        url = data["attributes"]["servicenow_ticket_url"]
        relationships = data["relationships"]
        found = tuple(str(each["id"]) for each in relationships["findings"].get("data", []))
        project = str(relationships["project"]["data"]["id"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return Asked(url, project, found) if _pattern().search(str(url)) else None


def rewritten(request: Request, edit: Callable[[Any], None]) -> Request:
    """The request with another body: `edit` changes what it is given, the value of `data`.

    A body in which it changes nothing stays as it came, so that nothing else of it is mended.
    """
    try:
        body = json.loads(request.body.decode())
        before = json.dumps(body)
        edit(body["data"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return request
    after = json.dumps(body)
    return request if after == before else evolve(request, body=after.encode())


def refusal(status: int = 400, *messages: str) -> Response:
    """An answer in the documented error model."""
    return answer(status, {"errors": list(messages) or ["Bad Request"]})


def sent_keys(request: Request) -> dict[str, str]:
    """The value of each key that a request carries, by security scheme."""
    names = own_contract().key_headers
    return {scheme: request.headers.get(name.lower(), "") for scheme, name in names.items()}


def parsed(response: Response) -> Any:
    """The JSON of an answer of the service."""
    return json.loads(response.body)


def with_body(response: Response, body: Any) -> Response:
    """The answer with another JSON body."""
    return evolve(response, body=json.dumps(body).encode())


def edited(response: Response, edit: Callable[[Any], object]) -> Response:
    """A 200 with its `data` edited; any other answer as it is."""
    if response.status != 200:
        return response
    body = parsed(response)
    edit(body["data"])
    return with_body(response, body)


def over(state: type[State]) -> Make:
    """The service over states of another kind."""

    def make(world: World) -> Respond:
        own = state(own_contract(), world)
        return lambda request: handle(own, request)

    return make


@define
class Family:
    """Collects mutants. Each decorator takes one kind of function."""

    members: list[Mutant] = field(factory=list)

    def __iter__(self) -> Iterator[Mutant]:
        return iter(self.members)

    def add(self, name: str, sentence: str, make: Make, level: Level = Level.MUST) -> None:
        """Take one more mutant."""
        self.members.append(Mutant(name, sentence, lambda _contract, world: make(world), level))

    def leave_open(self, name: str) -> None:
        """Say of a mutant that the page leaves open what it breaks: the promise is a MAY."""
        [place] = [n for n, each in enumerate(self.members) if each.name == name]
        self.members[place] = evolve(self.members[place], level=Level.MAY)

    def _take(self, function: Callable[..., Any], make: Make) -> None:
        words = " ".join((function.__doc__ or "").split())
        self.add(function.__name__, words, make)

    def service(self, function: Make) -> Make:
        """A function that makes a whole server."""
        self._take(function, function)
        return function

    def state(self, kind: type[State]) -> type[State]:
        """A state that acts differently; its name in snake case is the mutant's."""
        name = re.sub("(?<!^)(?=[A-Z])|(?<=[a-z])(?=[0-9])", "_", kind.__name__).lower()
        self.add(name, " ".join((kind.__doc__ or "").split()), over(kind))
        return kind

    def request(
        self, function: Callable[[Request], Request | Response]
    ) -> Callable[[Request], Request | Response]:
        """A function between caller and service: passes a request on, changed, or answers it."""

        def make(world: World) -> Respond:
            state = State(own_contract(), world)

            def respond(request: Request) -> Response:
                passed = function(request)
                return passed if isinstance(passed, Response) else handle(state, passed)

            return respond

        self._take(function, make)
        return function

    def response(
        self, function: Callable[[Request, Response], Response]
    ) -> Callable[[Request, Response], Response]:
        """A function between service and caller: changes an answer."""

        def make(world: World) -> Respond:
            state = State(own_contract(), world)
            return lambda request: function(request, handle(state, request))

        self._take(function, make)
        return function

    def case(self, function: Callable[[Any, Asked], object]) -> Callable[[Any, Asked], object]:
        """A function that edits the `data` of every 200, knowing what was asked."""

        def change(request: Request, response: Response) -> Response:
            wish = asked(request)
            return (
                edited(response, lambda data: function(data, wish))
                if wish is not None
                else response
            )

        change.__name__, change.__doc__ = function.__name__, function.__doc__
        self.response(change)
        return function
