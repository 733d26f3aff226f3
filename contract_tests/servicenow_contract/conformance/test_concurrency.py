"""What a server does with requests that come at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from servicenow_contract.judging.answers import Shown, told
from servicenow_contract.run.scene import Scene

requirement = pytest.mark.requirement

_AT_ONCE = 6


def _attach_at_once(scene: Scene, asked: Sequence[tuple[str, Sequence[str]]]) -> list[Shown]:
    """Send these attaches together; each succeeds."""
    with ThreadPoolExecutor(len(asked)) as pool:
        sent = [pool.submit(scene.target.attach, ticket, found) for ticket, found in asked]
    try:
        answers = [each.result() for each in sent]
    except httpx.TimeoutException:
        pytest.skip("requests that came at once were not all answered in time")
    for answer in answers:
        assert answer.status_code == 200, f"one of several at once was answered {told(answer)}"
    return [Shown(answer) for answer in answers]


@requirement("concurrent-attaches-lose-nothing")
@pytest.mark.parametrize("turn", range(3))
def test_one_ticket(scene: Scene, turn: int) -> None:
    """Findings that come to one ticket at once are all on it, on one case."""
    [ticket], findings = scene.tickets(1), scene.findings(2 * _AT_ONCE)
    if scene.world.open:
        ticket = scene.made_up_ticket("at-once", turn + 1)  # one that has no case yet
    pairs = [findings[number : number + 2] for number in range(0, len(findings), 2)]
    answers = _attach_at_once(scene, [(ticket, pair) for pair in pairs])
    assert len({each.case for each in answers}) == 1, "one ticket, several cases"
    lost = set(findings).difference(scene.look(ticket, findings[0]).findings)
    assert not lost, f"{sorted(lost)} were attached and are not on the ticket"


@requirement("concurrent-attaches-lose-nothing")
@pytest.mark.parametrize("held", [True, False], ids=["held", "free"])
def test_many_tickets(scene: Scene, held: bool) -> None:
    """Findings that several tickets ask for at once are on exactly one of these afterwards."""
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
        looks = [scene.look(*each) for each in zip(tickets, anchors, strict=True)]
        for finding in findings:
            places = sum(finding in look.findings for look in looks)
            assert places == 1, f"finding {finding!r} is on {places} tickets"
