"""Where findings are by the answers of a run, and which answers contradict it."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
from attrs import evolve

from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.holdings import HELD, Attached, Holdings
from servicenow_contract.run.watch import Watch
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.mock import Respond
from servicenow_contract.target.target import embedded
from tests.contract import CONTRACT, FRAGMENT

_ONE, _OTHER = ("one", "1"), ("one", "2")
_REFUSED, _UNSURE = "refused", "unsure"
_Event = tuple[tuple[str, str], str, str] | tuple[str, str]


def _attach(ticket: tuple[str, str], sent: str, shown: str) -> _Event:
    return ticket, sent, shown


def _broken(events: Sequence[_Event]) -> Iterator[str]:
    """The requirements that these answers break, each event in its turn; a letter is a finding."""
    holdings = Holdings(frozenset("abcd"))
    for event in events:
        match event:
            case ("refused", str(names)):
                holdings.refused([*names, _ONE], "400")
            case ("unsure", str(names)):
                holdings.unsure(names or None)
            case (ticket, sent, shown):
                said = holdings.attached(Attached(ticket, tuple(sent), frozenset(shown)))
                yield from (name for name, how in said if how is not None)


_HELD = [_attach(_ONE, "ab", "ab"), _attach(_OTHER, "c", "c")]
STORIES: Mapping[str, tuple[str | None, Sequence[_Event]]] = {
    "all is well": (None, [*_HELD, _attach(_ONE, "c", "abc"), _attach(_OTHER, "d", "d")]),
    "a finding is gone": ("earlier-findings-stay", [*_HELD, _attach(_ONE, "a", "a")]),
    "a finding is gone that was never shown": (
        "answer-lists-every-finding",
        [_attach(_ONE, "a", ""), _attach(_ONE, "c", "c")],
    ),
    "a finding is gone after others came": (
        "earlier-findings-stay",
        [*_HELD, _attach(_ONE, "d", "ad")],
    ),
    "a finding is gone after a refusal": (
        "refused-request-changes-nothing",
        [*_HELD, ("refused", "d"), _attach(_ONE, "a", "a")],
    ),
    "a finding that was never shown is gone after a refusal": (
        None,
        [_attach(_ONE, "a", ""), ("refused", "d"), _attach(_ONE, "", "")],
    ),
    "nobody knows whether the refusal did it": (
        None,
        [*_HELD, ("refused", "d"), _attach(_ONE, "d", "ad")],
    ),
    "a finding does not leave": (
        "finding-moves-from-its-earlier-ticket",
        [*_HELD, _attach(_OTHER, "a", "ac"), _attach(_ONE, "b", "ab")],
    ),
    "a finding comes by a refusal": (
        "refused-request-changes-nothing",
        [*_HELD, ("refused", "c"), _attach(_ONE, "a", "abc")],
    ),
    "a finding that nobody attached comes by a refusal": (
        "refused-request-changes-nothing",
        [*_HELD, ("refused", "d"), _attach(_ONE, "a", "abd")],
    ),
    "a finding of another ticket is shown": (
        "answer-lists-every-finding",
        [*_HELD, _attach(_ONE, "a", "abc")],
    ),
    "the server has data of its own": (None, [_attach(_ONE, "a", "abcd"), *_HELD]),
    "an answer lists nothing": (None, [*_HELD, _attach(_ONE, "a", "")]),
    "findings were moved at once": (None, [*_HELD, ("unsure", "b"), _attach(_ONE, "a", "a")]),
    "an answer was lost": (None, [*_HELD, ("unsure", ""), _attach(_ONE, "a", "ac")]),
    "each contradiction is told once": (
        "earlier-findings-stay",
        [*_HELD, _attach(_ONE, "a", "a"), _attach(_ONE, "a", "a")],
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_what_a_ticket_shows_is_held_to_what_came_before(name: str) -> None:
    """An answer that contradicts those before it breaks one promise; what is open breaks none."""
    expected, events = STORIES[name]
    assert list(_broken(events)) == ([] if expected is None else [expected])


_FIRST, _SECOND, _THIRD = DEFAULT_WORLD.findings[:3]


def _late(answers: int) -> Respond:
    """A server that shows a move on the earlier ticket only after so many more answers."""
    state, hidden = State(FRAGMENT), [answers]

    def respond(request: Request) -> Response:
        response = handle(state, request)
        if f'"{_FIRST}"'.encode() in response.body or hidden[0] <= 0:
            return response
        hidden[0] -= 1
        shown, other = (f'"resource_id": "{each}"'.encode() for each in (_SECOND, _FIRST))
        return evolve(response, body=response.body.replace(shown, other, 1))

    return respond


@pytest.mark.parametrize(("answers", "broken"), [(0, False), (3, False), (50, True)])
def test_what_shows_late_is_waited_for(answers: int, broken: bool) -> None:
    """A contradiction is asked about again before it is blamed, and blamed when it stays."""
    one, other = DEFAULT_WORLD.tickets[:2]
    target = embedded(FRAGMENT, DEFAULT_WORLD, _late(answers))
    assert target.wire is not None
    target.wire.sleep = lambda _seconds: None
    watch = Watch(CONTRACT.deviations)
    watch.over(target)
    with target.client:
        target.attach(one, [_FIRST, _SECOND, _THIRD])
        target.attach(other, [_FIRST])
        target.attach(one, [_THIRD])
    found = {each.requirement for each in watch.take() if each.reason}
    assert bool(found & HELD) is broken
