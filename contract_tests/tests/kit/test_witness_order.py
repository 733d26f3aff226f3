"""What answers say together holds whatever the order in which threads file them."""

import datetime
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import httpx
import pytest
from attrs import define, evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.moments import Moment, Timeline
from servicenow_contract.judging.witness import Seen, Witness
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.target.target import embedded, keys_of_the_reference
from tests.contract import FRAGMENT

TICKETS = DEFAULT_WORLD.tickets[:3]
_START = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
_UTC = datetime.UTC
_ZONES = [datetime.timezone(datetime.timedelta(minutes=each)) for each in (0, 120, -570)]
_UNITS = {"seconds": 10**6, "milliseconds": 10**3, "microseconds": 1}


@frozen
class _Form:
    """A way to write an instant."""

    zone: datetime.timezone = _UTC
    last: str = "microseconds"
    """What its last digit counts."""
    utc: str = "Z"
    """How it writes that there is no offset."""
    up: float = 0
    """How it is rounded: 0 cuts, 1 goes up, 0.5 to the nearest."""

    def write(self, text: str) -> str:
        """An instant in this form."""
        since, unit = datetime.datetime.fromisoformat(text) - _START, _UNITS[self.last]
        count = since // datetime.timedelta(microseconds=1) + min(int(self.up * unit), unit - 1)
        when = _START + datetime.timedelta(microseconds=count // unit * unit)
        written = when.astimezone(self.zone).isoformat(timespec=self.last)
        return written.replace("+00:00", self.utc)


@frozen
class _Call:
    """An attach: when it was on its way, when it takes effect, and when its answer is written."""

    ticket: str
    findings: Sequence[str]
    times: Sequence[int]
    form: _Form = _Form()

    @property
    def began(self) -> int:
        """When it was sent."""
        return self.times[0]

    @property
    def ended(self) -> int:
        """When its answer had come."""
        return self.times[3]


_TIMES = st.lists(st.integers(0, 30), min_size=4, max_size=4).map(sorted)


@st.composite
def histories(draw: st.DrawFn) -> list[_Call]:
    """Attaches that overlap as they like, on a server that rounds in one way."""
    up = st.just(draw(st.sampled_from([0, 0.5, 1])))
    zone, last = st.sampled_from(_ZONES), st.sampled_from(list(_UNITS))
    form = st.builds(_Form, zone, last, st.sampled_from(["Z", "+00:00"]), up)
    sent = st.lists(st.sampled_from("abcd"), max_size=3, unique=True)
    call = st.builds(_Call, st.sampled_from(TICKETS), sent, _TIMES, form)
    return draw(st.lists(call, min_size=2, max_size=8))


@define
class _Server:
    """The reference service with a clock that the test sets."""

    state: State = field(init=False)
    now: float = 0

    def __attrs_post_init__(self) -> None:
        self.state = State(
            FRAGMENT, clock=lambda: _START + datetime.timedelta(seconds=0.3 * self.now)
        )

    def attach(self, ticket: str, findings: Sequence[str]) -> Any:
        """The body of the answer to this attach."""
        return json.loads(handle(self.state, _request(ticket, findings)).body)


def _request(ticket: str, findings: Sequence[str]) -> Request:
    sent = _sent(ticket, findings)
    return Request(sent.method, sent.url.path, dict(sent.headers), sent.content)


def _sent(ticket: str, findings: Sequence[str]) -> httpx.Request:
    body = attach_body(ticket, findings, DEFAULT_WORLD.project)
    url = "https://server.invalid/api/v2/security/findings/servicenow_tickets"
    keys = keys_of_the_reference(FRAGMENT).headers(FRAGMENT)
    headers = {"content-type": "application/json", **keys}
    return httpx.Request("PATCH", url, json=body, headers=headers)


def answered(calls: Sequence[_Call]) -> list[Seen]:
    """What a correct, concurrent server answers: it acts at an instant and then reads the case."""
    server, bodies = _Server(), dict[int, Any]()
    steps = [(call.times[1 + read], read, at) for at, call in enumerate(calls) for read in (0, 1)]
    for server.now, read, at in sorted(steps):
        call = calls[at]
        shown = server.attach(call.ticket, [] if read else call.findings)
        if read:
            for name in ("created_at", "modified_at"):
                attributes = shown["data"]["attributes"]
                attributes[name] = call.form.write(attributes[name])
            bodies[at] = shown
    return [
        Seen(
            FRAGMENT,
            _sent(call.ticket, call.findings),
            httpx.Response(200, json=bodies[at]),
            call.began,
            call.ended,
            not any(_cross(call, each) for each in calls if each is not call),
        )
        for at, call in enumerate(calls)
    ]


def _cross(one: _Call, other: _Call) -> bool:
    return one.began <= other.ended and other.began <= one.ended


def _broken(seen: Sequence[Seen]) -> list[str]:
    """The requirements that these answers break, filed in this order."""
    witness = Witness(keys_of_the_reference(FRAGMENT), DEFAULT_WORLD)
    return [name for each in seen for name, reason in witness.see(each) if reason is not None]


@settings(max_examples=100)
@given(st.data())
def test_a_correct_server_is_never_blamed(data: st.DataObject) -> None:
    """Overlapping attaches that move findings about contradict nothing, in any order of filing."""
    seen = answered(data.draw(histories()))
    assert _broken(data.draw(st.permutations(seen))) == []


@settings(max_examples=100)
@given(st.data())
def test_a_clock_that_is_turned_back_is_found(data: st.DataObject) -> None:
    """An earlier time than one that an answer had shown before is found in any order of filing."""
    calls = data.draw(histories())
    ticket = data.draw(st.sampled_from(calls)).ticket
    late = max(each.ended for each in calls) + 1
    again = _Call(ticket, [], 4 * [late])
    seen = answered([*calls, again])
    body = seen[-1].response.json()
    attributes = body["data"]["attributes"]
    attributes["modified_at"] = (_START - datetime.timedelta(seconds=3)).isoformat()
    del attributes["created_at"]
    seen[-1] = evolve(seen[-1], response=httpx.Response(200, json=body))
    assert set(_broken(data.draw(st.permutations(seen)))) == {"case-times-do-not-go-back"}


_TENTHS = st.tuples(st.integers(0, 20), st.sampled_from([1, 2]))


@settings(max_examples=500)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), _TENTHS), max_size=12))
def test_each_pair_is_compared_by_its_own_interval(
    answers: Sequence[tuple[int, int, tuple[int, int]]],
) -> None:
    """A timeline finds a contradiction when any two answers are one, and else none."""
    filed = [
        (began, began + length, Moment("", Fraction(at // unit * unit, 10), Fraction(unit, 10)))
        for began, length, (at, unit) in answers
    ]
    timeline = Timeline()
    found = [timeline.add(*each) for each in filed]
    wrong = [
        (was, then)
        for _, ended, was in filed
        for began, _, then in filed
        if ended < began and then.precedes(was)
    ]
    assert {pair for pair in found if pair} <= set(wrong)
    assert any(found) == bool(wrong)


def test_three_that_overlap() -> None:
    """A time is held against what had ended before, not against what ended meanwhile."""
    moments = [Moment.read(f"2026-01-01T00:00:0{second}Z") for second in (3, 1, 2, 0)]
    first, short, last, back = (each for each in moments if each)
    timeline = Timeline()
    assert timeline.add(0, 10, first) is None
    assert timeline.add(0, 2, short) is None
    assert timeline.add(3, 11, last) is None
    assert timeline.add(12, 13, back) == (first, back)


SAME = [
    ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00.123456Z"),
    ("2025-01-01T00:00:00Z", "2025-01-01T02:00:00+02:00"),
    ("2025-01-01T00:00:00.5Z", "2024-12-31t14:30:00.500000-09:30"),
    ("2025-01-01T00:00:01Z", "2025-01-01T00:00:00.6Z"),
    ("2025-01-01T00:00:00.000001Z", "2025-01-01T00:00:00.0000014Z"),
]
ORDERED = [
    ("2025-01-01T00:00:00Z", "2025-01-01T00:00:01Z"),
    ("2025-01-01T00:00:00.1Z", "2025-01-01T00:00:00.2Z"),
    ("2025-01-01T00:00:00Z", "2025-01-01T00:00:01.1Z"),
    ("2025-01-01T00:00:00+01:00", "2025-01-01T00:00:00Z"),
    ("2025-01-01T00:00:00.000000001Z", "2025-01-01T00:00:00.000000002Z"),
]


def _read(text: str) -> Moment:
    moment = Moment.read(text)
    assert moment is not None
    return moment


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_instant_in_two_forms(one: str, other: str) -> None:
    """Neither of two ways to write one instant is earlier, whichever digits were left out."""
    assert not _read(one).precedes(_read(other))
    assert not _read(other).precedes(_read(one))


@pytest.mark.parametrize(("one", "other"), ORDERED)
def test_instants_in_order(one: str, other: str) -> None:
    """Of two that are further apart than their digits leave open, one is the earlier."""
    assert _read(one).precedes(_read(other))
    assert not _read(other).precedes(_read(one))


@pytest.mark.parametrize(
    "value",
    [None, 7, "", "now", "2025-01-01", "2025-01-01T00:00:00", "2025-02-30T00:00:00Z"],
)
def test_what_is_no_timestamp(value: object) -> None:
    """Only a timestamp with its offset names an instant."""
    assert Moment.read(value) is None


def test_a_birth_is_compared_with_the_most_exact_one() -> None:
    """A case keeps its `created_at` in any form; one that differs beyond its digits is found."""
    texts = ["00Z", "00.1Z", "00+00:00", "00.10Z", "00.9Z"]
    [seen] = answered([_Call(TICKETS[0], ["a"], [0] * 4)])

    def show(text: str) -> Seen:
        body = seen.response.json()
        body["data"]["attributes"]["created_at"] = f"2025-01-01T00:00:{text}"
        del body["data"]["attributes"]["modified_at"]
        return evolve(seen, response=httpx.Response(200, json=body))

    shown = list(map(show, texts))
    assert _broken(shown[:4]) == []
    assert _broken(shown) == ["linked-ticket-keeps-its-case"]


@pytest.mark.parametrize("alone", [True, False])
def test_a_finding_that_another_may_have_taken(alone: bool) -> None:
    """An answer shows at once what was sent, unless another request was on its way meanwhile."""
    [seen] = answered([_Call(TICKETS[0], ["a"], [0] * 4)])
    body = seen.response.json()
    body["data"]["attributes"]["insights"] = []
    lost = evolve(seen, response=httpx.Response(200, json=body), alone=alone)
    assert _broken([lost]) == ["findings-shown-at-once"] * alone


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_on_its_way_at_once_is_known(count: int) -> None:
    """An exchange is alone when no other was under way; those before it do not count."""
    barrier, state, alone = threading.Barrier(count, timeout=30), State(FRAGMENT), list[bool]()

    def respond(request: Request) -> Response:
        barrier.wait()
        return handle(state, request)

    target = embedded(FRAGMENT, DEFAULT_WORLD, respond)
    assert target.wire is not None
    target.wire.watch = lambda _request, _response, exchange: alone.append(exchange.alone)
    for _ in range(2):
        with ThreadPoolExecutor(count) as pool:
            for number in range(count):
                pool.submit(target.attach, TICKETS[0], [str(number)])
    assert alone == 2 * count * [count == 1]
