"""What a server does with requests that come at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from servicenow_contract.contract.addresses import FORMS, addresses
from servicenow_contract.judging import expect
from servicenow_contract.judging.answers import Shown, told
from servicenow_contract.judging.verdict import Broken
from servicenow_contract.run.scene import Scene
from servicenow_contract.run.stage import OF_THE_PAGE

requirement = pytest.mark.requirement

_AT_ONCE = 6


_Asked = tuple[str, Sequence[str]]


def _attach_at_once(scene: Scene, asked: Sequence[_Asked], *wrong: _Asked) -> list[Shown]:
    """Send these attaches together; the test says nothing unless each succeeds, but the wrong.

    A server that breaks over them has lost one.
    """
    with ThreadPoolExecutor(len(asked) + len(wrong)) as pool:
        beside = [pool.submit(scene.ask, ticket, found) for ticket, found in wrong]
        sent = [pool.submit(scene.ask, ticket, found) for ticket, found in asked]
    try:
        answers = [each.result() for each in (*sent, *beside)][: len(sent)]
    except httpx.TimeoutException:
        pytest.skip("not all of several concurrent requests were answered in time")
    for each in answers:
        if each.status >= 500:
            raise Broken(f"one of several concurrent requests was answered {told(each.response)}")
    return [scene.granted(answer).shown for answer in answers]


@requirement("concurrent-attaches-lose-nothing")
@pytest.mark.parametrize("turn", range(4))
def test_one_ticket(scene: Scene, turn: int) -> None:
    """Findings that come to one ticket at once are all on it, on one case, by either address."""
    scene.needs_memory()
    [ticket], findings = scene.tickets(1), scene.findings(2 * _AT_ONCE)
    if scene.makes_tickets:
        ticket = scene.made_up_ticket("at-once", turn + 1)  # one that has no case yet
    pairs = [findings[number : number + 2] for number in range(0, len(findings), 2)]
    forms = [ticket, addresses(ticket)[OF_THE_PAGE]] if turn % 2 else [ticket]
    asked = [(forms[number % len(forms)], pair) for number, pair in enumerate(pairs)]
    answers = _attach_at_once(scene, asked)
    for each in answers[1:]:
        expect.same(
            "the case of a ticket in several concurrent requests", answers[0].case, each.case
        )
    left = scene.settled(ticket, scene.look(ticket, findings[0]), has=findings).findings
    expect.lists("a ticket after several concurrent requests", left, *findings)


@requirement("unlinked-ticket-gets-a-case")
@pytest.mark.parametrize("turn", range(3))
def test_new_tickets(scene: Scene, turn: int) -> None:
    """Tickets that come for the first time at once get a case each."""
    tickets = [scene.made_up_ticket(f"new-{turn}", number) for number in range(_AT_ONCE)]
    answers = _attach_at_once(scene, [(each, scene.findings(1)) for each in tickets])
    cases = [each.case for each in answers]
    what = f"of {len(tickets)} new tickets in concurrent requests"
    expect.same(f"the number of cases {what}", len(tickets), len({*cases}))
    keys = [key for each in answers if (key := each.get_or_none("attributes", "key"))]
    expect.same(f"the number of case keys {what}", len(keys), len({*keys}))


@requirement("concurrent-attaches-lose-nothing")
@pytest.mark.parametrize("turn", range(3))
def test_exchange(scene: Scene, turn: int) -> None:
    """Tickets that take each other's findings at once, beside a request that is refused, swap."""
    scene.needs_memory()
    tickets, anchors, (first, second) = scene.tickets(2), scene.findings(2), scene.findings(2)
    for ticket, held in zip(tickets, ([anchors[0], first], [anchors[1], second]), strict=True):
        scene.attach(ticket, held)
    wrong = (tickets[turn % 2], [scene.world.unknown_finding, first])
    _attach_at_once(scene, [(tickets[0], [second]), (tickets[1], [first])], wrong)
    expected = {first: [tickets[1]], second: [tickets[0]]}
    places = scene.places(dict(zip(tickets, anchors, strict=True)), expected, expected)
    what = "the place of each finding after two tickets took one of each other's at once"
    expect.same(what, expected, dict(places))


@requirement("one-incident-is-one-ticket")
@pytest.mark.parametrize("form", FORMS)
def test_forms_at_once(scene: Scene, form: str) -> None:
    """A ticket without a case gets one when two forms of its address come at once."""
    scene.needs_memory()
    name = f"forms-{list(FORMS).index(form)}"
    ticket, (first, second) = scene.made_up_ticket(name), scene.findings(2)
    other = addresses(ticket)[form]
    scene.attach_by(addresses(scene.made_up_ticket(name, 1))[form], [first])
    one, two = _attach_at_once(scene, [(ticket, [first]), (other, [second])])
    expect.same("the case of a ticket, sent under two addresses at once,", one.case, two.case)
    left = scene.settled(ticket, scene.look(ticket, first), has=[first, second]).findings
    expect.lists("a ticket that was sent under two addresses at once", left, first, second)


@requirement("concurrent-attaches-lose-nothing")
@pytest.mark.parametrize("held", [True, False], ids=["held", "free"])
def test_many_tickets(scene: Scene, held: bool) -> None:
    """Findings that several tickets ask for at once are on exactly one of these afterwards."""
    scene.needs_memory()
    tickets, anchors, findings = (
        scene.tickets(_AT_ONCE),
        scene.findings(_AT_ONCE),
        scene.findings(4),
    )
    for ticket, anchor in zip(tickets, anchors, strict=True):
        scene.attach(ticket, [anchor])
    if held:
        scene.attach(tickets[0], findings)
    for turn in range(3):
        order = findings[turn:] + findings[:turn]
        _attach_at_once(scene, [(ticket, order) for ticket in tickets])
        places = scene.places(dict(zip(tickets, anchors, strict=True)), findings)
        for finding, holders in places.items():
            what = f"the number of tickets with {finding!r}, after several took it at once,"
            expect.same(what, 1, len(holders))
