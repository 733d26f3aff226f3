"""What a server does, seen through its answers alone."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from servicenow_contract import fragment
from servicenow_contract.addresses import addresses
from servicenow_contract.scene import Scene, told
from servicenow_contract.target import attach_body

requirement = pytest.mark.requirement


@requirement("unlinked-ticket-gets-a-case")
def test_a_case_of_its_own(scene: Scene) -> None:
    """Two tickets are linked to two cases, each with a key of its own."""
    one, other = scene.tickets(2)
    first, second = scene.findings(2)
    shown, shown_other = scene.attach(one, [first]), scene.attach(other, [second])
    assert shown.case != shown_other.case, "two tickets are linked to one case"
    assert shown.get("attributes", "key") != shown_other.get("attributes", "key"), (
        "two cases, one key"
    )


@requirement("linked-ticket-keeps-its-case")
def test_same_case_again(scene: Scene) -> None:
    """A second attach to a ticket is answered with the case of the first."""
    [ticket], (first, second) = scene.tickets(1), scene.findings(2)
    before = scene.attach(ticket, [first])
    after = scene.attach(ticket, [second])
    assert after.case == before.case, "the second attach opened another case"
    for name in ("key", "created_at"):
        before_value, after_value = before.get("attributes", name), after.get("attributes", name)
        assert after_value == before_value, f"{name} changed from {before_value} to {after_value}"


@requirement("linked-ticket-keeps-its-case")
def test_same_case_after_its_findings_left(scene: Scene) -> None:
    """A ticket keeps its case when every finding has moved away."""
    (ticket, other), (finding, fresh) = scene.tickets(2), scene.findings(2)
    before = scene.attach(ticket, [finding])
    scene.attach(other, [finding])
    assert scene.attach(ticket, [fresh]).case == before.case


@requirement("one-incident-is-one-ticket")
@pytest.mark.parametrize("form", [2, 3, 5])
def test_one_incident(scene: Scene, form: int) -> None:
    """Another address of the same incident leads to the same case and findings."""
    [ticket], (first, second) = scene.tickets(1), scene.findings(2)
    before = scene.attach(ticket, [first])
    after = scene.attach(addresses(ticket)[form], [second])
    assert after.case == before.case, "another address of the incident opened another case"
    assert {first, second} <= set(after.findings)


@requirement("finding-moves-from-its-earlier-ticket")
@pytest.mark.parametrize("alone", [True, False])
def test_move(scene: Scene, alone: bool) -> None:
    """A finding that is attached elsewhere leaves its earlier ticket, and others stay there."""
    (earlier, later), (anchor, moving, staying) = scene.tickets(2), scene.findings(3)
    scene.attach(earlier, [anchor, moving, staying])
    sent = [moving] if alone else [moving, *scene.findings(1)]
    assert moving in scene.attach(later, sent).findings, "the finding did not arrive"
    left = scene.look(earlier, anchor).findings
    assert moving not in left, "the finding is still on its earlier ticket"
    assert {anchor, staying} <= set(left), "a finding that was not sent left its ticket"


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_back(scene: Scene) -> None:
    """A finding can move to another ticket and back."""
    (one, other), (anchor, moving, other_anchor) = scene.tickets(2), scene.findings(3)
    scene.attach(one, [anchor, moving])
    scene.attach(other, [other_anchor, moving])
    assert moving in scene.attach(one, [moving]).findings
    assert moving not in scene.look(other, other_anchor).findings


@requirement("earlier-findings-stay")
def test_earlier_findings(scene: Scene) -> None:
    """What a ticket held, it holds after the next attach, each finding once."""
    [ticket], (first, second, third) = scene.tickets(1), scene.findings(3)
    scene.attach(ticket, [first])
    scene.attach(ticket, [second])
    held = scene.attach(ticket, [third]).findings
    assert [held.count(each) for each in (first, second, third)] == [1, 1, 1], f"held: {held}"


@requirement("repeating-changes-nothing")
def test_repeat(scene: Scene) -> None:
    """The same request again shows the same case with the same findings, none doubled."""
    [ticket], findings = scene.tickets(1), scene.findings(2)
    before, after = scene.attach(ticket, findings), scene.attach(ticket, findings)
    assert after.case == before.case
    assert sorted(map(str, after.findings)) == sorted(map(str, before.findings))


def _send(scene: Scene, ticket: str, findings: list[str], **changes: Any) -> httpx.Response:
    """An attach whose body is changed by hand: `spoil` is called with the body."""
    body = attach_body(ticket, findings, changes.get("project", scene.world.project))
    if "spoil" in changes:
        changes["spoil"](body["data"])
    return scene.target.send(body, headers=changes.get("headers"))


_Refused = Callable[[Scene, str, list[str]], httpx.Response]
_REFUSED: dict[str, _Refused] = {
    "an unknown finding at the end": lambda scene, ticket, findings: _send(
        scene, ticket, [*findings, scene.world.unknown_finding]
    ),
    "an unknown project": lambda scene, ticket, findings: _send(
        scene, ticket, findings, project=scene.world.unknown_project
    ),
    "a wrong type at the end": lambda scene, ticket, findings: _send(
        scene,
        ticket,
        findings,
        spoil=lambda data: data["relationships"]["findings"]["data"].append(
            {"id": 7, "type": "findings"}
        ),
    ),
    "too many findings": lambda scene, ticket, findings: _send(
        scene, ticket, [*findings, *scene.findings(fragment.load().max_findings)]
    ),
    "a wrong resource type": lambda scene, ticket, findings: _send(
        scene, ticket, findings, spoil=lambda data: data.update(type="tickets")
    ),
    "no application key": lambda scene, ticket, findings: _send(
        scene, ticket, findings, headers={fragment.load().key_headers["appKeyAuth"]: None}
    ),
}


@requirement("refused-request-changes-nothing")
@pytest.mark.parametrize("name", _REFUSED)
def test_refused(scene: Scene, name: str) -> None:
    """After a refusal, each finding is where it was, and the ticket has no other."""
    (here, there), (anchor, elsewhere, there_anchor) = scene.tickets(2), scene.findings(3)
    scene.attach(there, [there_anchor, elsewhere])
    before = scene.attach(here, [anchor])
    [fresh] = scene.findings(1)
    refused = _REFUSED[name](scene, here, [fresh, elsewhere])
    if refused.status_code < 400:
        pytest.skip(f"the request was not refused but answered {told(refused)}")
    after = scene.look(here, anchor)
    assert sorted(map(str, after.findings)) == sorted(map(str, before.findings))
    assert elsewhere in scene.look(there, there_anchor).findings
