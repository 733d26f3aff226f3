"""What a mutant is, and the kinds of wrong servers: each kind makes one of a function."""

import functools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.original import (
    Edit,
    Original,
    Sent,
    new_state,
    parsed,
    refusal,
    rewritten,
    with_body,
)
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

PROVOKED = (200, 400, 403, 404)
"""The statuses that the service gives to some request of the suite."""
Make = Callable[[Fragment, World], Respond]
Row = tuple[str, Make]
"""What a mutant does, in one sentence, and the server that does it."""
When = Callable[[Sent], object]
_VERB_PHRASE = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)+")
_Written = TypeVar("_Written", bound=Callable[..., Any])


@frozen
class Mutant:
    """A server that breaks one promise."""

    name: str
    """A verb phrase, such as `never_detaches`."""
    sentence: str
    """What it does, honestly, in one sentence."""
    make: Make = field(repr=False)
    """A fresh server of this kind, for a contract and a world."""
    level: Level = Level.MUST
    """How binding the broken promise is: requirements that bind less do not kill the mutant."""
    group: str = ""
    """What it is about, in a word or two."""

    def __attrs_post_init__(self) -> None:
        if not _VERB_PHRASE.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a verb phrase in snake case")


def phrase(*parts: object) -> str:
    """A mutant's name of parts that may hold names and values of the contract."""
    return "_".join(re.findall("[a-z0-9]+", "_".join(map(str, parts)).lower()))


def others(values: Sequence[object]) -> list[str]:
    """For each of the listed values one like it that is not listed."""
    made = ((f"{value}".removesuffix("s"), f"{value}s", f"{value}_2") for value in values)
    return [next(each for each in three if each not in values) for three in made]


class Rows(list[Mutant]):
    """A table of mutants: one expression each where that is enough, else a function each."""

    def __init__(self, group: str) -> None:
        super().__init__()
        self.group = group

    def add(self, rows: Mapping[str, Row], level: Level = Level.MUST) -> None:
        """Take rows by the names of their mutants."""
        self += [Mutant(name, *row, level, self.group) for name, row in rows.items()]

    def __ior__(self, rows: Mapping[str, Row]) -> Self:
        self.add(rows)
        return self

    def row(self, kind: Callable[[str, _Written], Row]) -> Callable[[_Written], _Written]:
        """Take a function of a kind under its own name, with its docstring as the sentence."""

        def take(function: _Written) -> _Written:
            sentence = " ".join((function.__doc__ or "").split())
            self.add({function.__name__: kind(sentence, function)})
            return function

        return take


def serving(sentence: str, act: Callable[[Original, Request], Response]) -> Row:
    """Answers as a function says that has the right service at hand."""

    def make(contract: Fragment, world: World) -> Respond:
        return functools.partial(act, Original(contract, world))

    return sentence, make


def over(sentence: str, kind: Callable[..., State]) -> Row:
    """The service over another kind of state."""

    def make(contract: Fragment, world: World) -> Respond:
        return functools.partial(handle, new_state(contract, world, kind))

    return sentence, make


def permitting(
    sentence: str,
    change: Callable[[Fragment, Mapping[str, frozenset[str]]], Mapping[str, frozenset[str]]],
) -> Row:
    """Sees other permissions in the application keys that hold not all of them."""

    def make(contract: Fragment, world: World) -> Respond:
        state = new_state(contract, world)
        state.permissions = change(contract, state.permissions)
        return functools.partial(handle, state)

    return sentence, make


def passed(sentence: str, change: Callable[[Original, Request], Request]) -> Row:
    """Reads a request as if another one had come."""
    return serving(sentence, lambda original, request: original.answer(change(original, request)))


def read_as(sentence: str, edit: Edit) -> Row:
    """Reads the `data` of a request as if something else had been sent."""
    return passed(sentence, lambda _, request: rewritten(request, edit))


def refused(sentence: str, when: When, status: int = 400, message: str = "Bad Request") -> Row:
    """Refuses a request that asks for certain things."""

    def act(original: Original, request: Request) -> Response:
        sent = original.sent(request)
        wrong = sent is not None and when(sent)
        return refusal(status, message) if wrong else original.answer(request)

    return serving(sentence, act)


def answered(sentence: str, change: Callable[[Response], Response], status: int = 200) -> Row:
    """Changes the answers with a status."""

    def act(original: Original, request: Request) -> Response:
        response = original.answer(request)
        return change(response) if response.status == status else response

    return serving(sentence, act)


def shown(sentence: str, edit: Callable[[Any, Sent], object]) -> Row:
    """Edits the `data` of each 200, knowing what was sent."""

    def act(original: Original, request: Request) -> Response:
        response, sent = original.answer(request), original.sent(request)
        if response.status != 200 or sent is None:
            return response
        body = parsed(response)
        edit(body["data"], sent)
        return with_body(response, body)

    return serving(sentence, act)


def changed(sentence: str, path: str, change: Callable[[Any, Sent], Any], when: When = bool) -> Row:
    """Shows another value at a place in the case, such as `attributes.title`."""
    *parents, last = path.split(".")

    def edit(data: Any, sent: Sent) -> None:
        if when(sent):
            inside: Any = functools.reduce(operator.getitem, parents, data)
            inside[last] = change(inside.get(last), sent)

    return shown(sentence, edit)


def fixed(sentence: str, path: str, value: Any, when: When = bool) -> Row:
    """Shows one and the same value at a place in the case."""
    return changed(sentence, path, lambda *_: value, when)


def without(sentence: str, path: str, when: When = bool) -> Row:
    """Leaves a member of the case out."""
    parent, _, last = path.rpartition(".")

    def rest(members: Any, _: Sent) -> Any:
        return {name: value for name, value in members.items() if name != last}

    if parent:
        return changed(sentence, parent, rest, when)
    return shown(sentence, lambda data, sent: when(sent) and data.pop(last))


def findings(change: Callable[[Any], Any]) -> Edit:
    """The edit of a request that puts another list of findings in the place of the one sent."""

    def edit(data: Any) -> None:
        relationship = data["relationships"]["findings"]
        relationship["data"] = change(relationship["data"])

    return edit
