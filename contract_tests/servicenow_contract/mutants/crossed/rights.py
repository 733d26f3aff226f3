"""What a server does wrong with a right request."""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from servicenow_contract.mutants.crossed.asked import (
    OCCASIONS,
    SHAPES,
    Asked,
    Fault,
    Occasion,
    serving,
    told,
)
from servicenow_contract.mutants.crossed.wrongs import wrong
from servicenow_contract.mutants.kinds import Mutant
from servicenow_contract.mutants.original import Original, Sent, parsed, refusal, with_body
from servicenow_contract.service import Request, Response


def _then_dropping(pick: Callable[[Asked], Iterable[str]]) -> Fault:
    """Answers rightly, and then forgets findings that were picked before."""

    def act(asked: Asked) -> Response:
        picked = list(pick(asked))
        response = asked.answer()
        asked.cases.drop(picked)
        return response

    return act


def _forgetting(pick: Callable[[list[str]], Iterable[str]]) -> Fault:
    return _then_dropping(lambda asked: pick(list(asked.sent.findings)))


def _every(number: int) -> Fault:
    """Forgets each nth finding, counted over all requests."""

    def pick(asked: Asked) -> Iterable[str]:
        return [each for each in asked.sent.findings if not next(asked.original.turns) % number]

    return _then_dropping(pick)


def _doubling(asked: Asked) -> Response:
    earlier = [(case, each) for case in asked.holders for each in case.findings]
    response = asked.answer()
    for case, finding in earlier:
        if finding in asked.sent.findings:
            case.findings[finding] = None
    return response


def _beside(asked: Asked) -> Iterable[str]:
    """The last finding that an earlier ticket holds beside those that move."""
    held = [each for case in asked.holders for each in case.findings]
    return [each for each in held if each not in asked.sent.findings][-1:]


def _relinking(asked: Asked) -> Response:
    response = asked.answer()
    own = asked.cases.by_ticket[asked.sent.ticket.key]
    own.id = own.id[::-1]
    return response


def _showing(value: str, *path: str) -> Fault:
    def act(asked: Asked) -> Response:
        response = asked.answer()
        body = parsed(response)
        inside: Any = functools.reduce(lambda part, name: part[name], path[:-1], body["data"])
        inside[path[-1]] = value
        return with_body(response, body)

    return act


def _after_all(status: int) -> Fault:
    def act(asked: Asked) -> Response:
        asked.answer()
        return refusal(status)

    return act


def _instead(status: int) -> Fault:
    return lambda _: refusal(status)


_FAULTS: Mapping[str, tuple[str, Fault]] = {
    "forgets_the_first": ("forgets the first finding", _forgetting(lambda found: found[:1])),
    "forgets_the_middle": (
        "forgets the finding in the middle",
        _forgetting(lambda found: found[len(found) // 2 :][:1]),
    ),
    "forgets_the_last": ("forgets the last finding", _forgetting(lambda found: found[-1:])),
    "forgets_every_second": ("forgets every second finding", _every(2)),
    "forgets_every_third": ("forgets every third finding", _every(3)),
    "forgets_every_seventh": ("forgets every seventh finding", _every(7)),
    "forgets_every_tenth": ("forgets every tenth finding", _every(10)),
    "doubles_findings": ("also leaves the findings where they were", _doubling),
    "takes_others_along": ("detaches another finding from its ticket", _then_dropping(_beside)),
    "replaces_findings": (
        "detaches what the ticket held",
        _then_dropping(lambda asked: asked.others),
    ),
    "loses_an_earlier_one": (
        "detaches the first finding that the ticket held",
        _then_dropping(lambda asked: asked.others[:1]),
    ),
    "links_another_case": ("links the ticket to another case", _relinking),
    "changes_the_creator": (
        "shows another creator",
        _showing("somebody-else", "relationships", "created_by", "data", "id"),
    ),
    "changes_the_birth": (
        "shows another time of creation",
        _showing("2026-01-02T00:00:00Z", "attributes", "created_at"),
    ),
    "changes_the_key": ("shows another key", _showing("OTHER-1", "attributes", "key")),
    "refuses_what_is_right": ("answers 400", _instead(400)),
    "forbids_what_is_right": ("answers 403", _instead(403)),
    "misses_what_is_there": ("answers 404", _instead(404)),
    "refuses_and_attaches": ("attaches the findings, but answers 400", _after_all(400)),
    "breaks_and_attaches": ("attaches the findings, but answers 500", _after_all(500)),
}
_HELD = {"replaces_findings", "loses_an_earlier_one"}
_MOVES = {"doubles_findings", "takes_others_along"}
_LINKED = {"links_another_case", *(f"changes_the_{what}" for what in ("creator", "birth", "key"))}


def _shows_nothing(fault: str, occasion: str) -> bool:
    """Whether a fault does nothing: the ticket has no case yet, or no findings to lose."""
    nothing = occasion == "no_finding"  # which a server may refuse, and is to lose nothing by
    return (
        (occasion == "a_new_ticket" and fault in _HELD | _LINKED)
        or (occasion == "an_emptied_ticket" and fault in _HELD)
        or (nothing and fault not in _HELD | _LINKED)
        or (occasion == "what_it_holds" and fault in _MOVES)
    )


def _both(one: Occasion, other: Occasion) -> Occasion:
    return lambda asked: one(asked) and other(asked)


def _forbidden() -> Iterator[Mutant]:
    """A permission that does for some requests only."""
    for permission, shape in itertools.product(
        ("the_first_permission", "the_second_permission"), SHAPES
    ):
        sentence = f"Answers 403 to a valid request {told(permission)}, {told(shape)}."
        make = serving(_right, _both(OCCASIONS[permission], OCCASIONS[shape]), _instead(403))
        yield Mutant(f"forbids_{shape}_given_{permission}", sentence, make, group="crossed")


def crosses() -> Iterator[Mutant]:
    """Each fault on each occasion."""
    yield from _forbidden()
    for (name, (words, do)), (occasion, when) in itertools.product(
        _FAULTS.items(), OCCASIONS.items()
    ):
        if not _shows_nothing(name, occasion):
            sentence = f"On a valid request {told(occasion)}, {words}."
            make = serving(_right, when, do)
            yield Mutant(f"{name}_given_{occasion}", sentence, make, group="crossed")


def _right(original: Original, request: Request) -> Sent | None:
    sent = original.sent(request)
    return None if sent is None or wrong(original, request) else sent
