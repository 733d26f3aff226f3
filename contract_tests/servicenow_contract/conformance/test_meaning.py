"""What a server does, seen through its answers alone."""

import pytest

from servicenow_contract.contract.addresses import addresses, instance
from servicenow_contract.judging.answers import told
from servicenow_contract.run.scene import NUMBER, Scene

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


_NEIGHBOURS = {
    "on another instance": ("neighbour", NUMBER),
    "on an instance whose name begins alike": ("neighbours-of-one", NUMBER),
    "whose sys_id differs in the first digit": ("neighbours", NUMBER ^ 0xF << 124),
    "whose sys_id differs in the middle": ("neighbours", NUMBER ^ 1 << 64),
    "whose sys_id differs in the last digit": ("neighbours", NUMBER ^ 1),
}


@requirement("unlinked-ticket-gets-a-case")
@pytest.mark.parametrize("name", _NEIGHBOURS)
def test_a_neighbour_has_a_case_of_its_own(scene: Scene, name: str) -> None:
    """A ticket is told from one that it resembles: each has its case, and its findings."""
    one, other = scene.made_up_ticket("neighbours"), scene.made_up_ticket(*_NEIGHBOURS[name])
    first, second = scene.findings(2)
    shown, shown_other = scene.attach(one, [first]), scene.attach(other, [second])
    assert shown.case != shown_other.case, f"a ticket {name} is linked to the same case"
    assert first not in shown_other.findings, f"a ticket {name} shows a finding of this one"


@requirement("linked-ticket-keeps-its-case")
def test_same_case_again(scene: Scene) -> None:
    """Whatever is attached, a ticket is answered with the case of the first time."""
    [ticket], findings = scene.tickets(1), scene.findings(8)
    before = scene.attach(ticket, findings[:1])
    for count in (1, 1, 2, 3):
        after = scene.attach(ticket, findings[:count])
        assert after.case == before.case, "a later attach opened another case"
        findings = findings[count:]
        was, found = (each.get_or_none("attributes", "key") for each in (before, after))
        assert found == was, f"key changed from {was} to {found}"


@requirement("linked-ticket-keeps-its-case")
def test_same_case_after_its_findings_left(scene: Scene) -> None:
    """A ticket keeps its case when every finding has moved away."""
    [other], (finding, fresh) = scene.tickets(1), scene.findings(2)
    ticket = scene.vacant_ticket([finding])
    before = scene.attach(ticket, [finding])
    scene.attach(other, [finding])
    assert scene.attach(ticket, [fresh]).case == before.case


@requirement("linked-ticket-keeps-its-case")
def test_no_ticket_is_forgotten(scene: Scene) -> None:
    """However many tickets come after it, a ticket keeps its case and its findings."""
    tickets = scene.tickets(len(scene.world.tickets))
    findings = scene.findings(min(len(tickets), len(scene.world.findings)))
    pairs = list(zip(tickets, findings, strict=False))
    before = [scene.attach(ticket, [finding]).case for ticket, finding in pairs]
    for (ticket, finding), case in zip(pairs, before, strict=True):
        assert scene.look(ticket, finding).case == case, "a ticket got another case meanwhile"


@requirement("answer-names-the-project")
def test_project_of_a_linked_ticket(scene: Scene) -> None:
    """A case stays in the project that it was created in, whichever is named later."""
    one, other = scene.made_up_ticket("projects"), scene.made_up_ticket("projects", 0xB17E)
    findings = scene.findings(4)
    project, second = scene.world.project, "Another-Project_of-this-test"
    before = scene.attach(one, findings[:2], project=project)
    assert scene.attach(other, findings[2:], project=second).project == second
    after = scene.attach(one, findings[3:], project=second)
    assert (before.project, after.project) == (project, project)
    assert after.case == before.case, "another project opened another case"


@requirement("one-incident-is-one-ticket")
@pytest.mark.parametrize("form", range(1, 8))
def test_one_incident(scene: Scene, form: int) -> None:
    """Another address of the same incident leads to the same case and findings."""
    [ticket], (first, second) = scene.tickets(1), scene.findings(2)
    shouted = ticket.replace(instance(ticket), instance(ticket).upper(), 1)
    before = scene.attach(ticket, [first])
    after = scene.attach([*addresses(ticket), shouted][form], [second])
    assert after.case == before.case, "another address of the incident opened another case"
    assert {first, second} <= set(after.findings)
    assert {first, second} <= set(scene.look(ticket, first).findings)


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
def test_move_of_the_only_finding(scene: Scene) -> None:
    """The only finding that a ticket ever had leaves it as any other does."""
    ticket = scene.made_up_ticket("lone")
    [other], (moving, anchor) = scene.tickets(1), scene.findings(2)
    scene.attach(ticket, [moving])
    scene.attach(other, [moving])
    assert moving not in scene.look(ticket, anchor).findings


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_of_the_last_finding(scene: Scene) -> None:
    """The last finding of a ticket leaves it, though its case then holds nothing."""
    [other], (moving, fresh) = scene.tickets(1), scene.findings(2)
    ticket = scene.vacant_ticket([moving])
    scene.attach(ticket, [moving])
    scene.attach(other, [moving])
    assert moving not in scene.attach(ticket, [fresh]).findings, "the last finding did not leave"


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_between_projects(scene: Scene) -> None:
    """A finding moves between cases of two projects, whichever the request names."""
    one, other = scene.made_up_ticket("moves"), scene.made_up_ticket("moves", 0xB17E)
    findings = scene.findings(4)
    project, second = scene.world.project, "Another-Project_of-this-test"
    scene.attach(one, findings[:2], project=project)
    scene.attach(other, findings[2:], project=second)
    after = scene.attach(one, findings[3:], project=second)
    assert {*findings[:2], findings[3]} <= set(after.findings)
    assert findings[3] not in scene.attach(other, findings[2:3], project=project).findings


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_back(scene: Scene) -> None:
    """A finding can move to another ticket and back."""
    (one, other), (anchor, moving, other_anchor) = scene.tickets(2), scene.findings(3)
    scene.attach(one, [anchor, moving])
    scene.attach(other, [other_anchor, moving])
    assert moving in scene.attach(one, [moving]).findings
    assert moving not in scene.look(other, other_anchor).findings


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_to_another_instance(scene: Scene) -> None:
    """A finding leaves its earlier ticket for one on another instance and in another project."""
    [ticket], (anchor, moving) = scene.tickets(1), scene.findings(2)
    other = scene.made_up_ticket("elsewhere")
    scene.attach(ticket, [anchor, moving])
    assert moving in scene.attach(other, [moving], project="a-project-elsewhere").findings
    assert moving not in scene.look(ticket, anchor).findings


@requirement("finding-moves-from-its-earlier-ticket")
def test_moves_of_the_story(scene: Scene) -> None:
    """Whatever came before, no ticket shows a finding that was attached to another one since."""
    for number, step in enumerate(scene.story()):
        both = step.elsewhere.intersection(step.shown.findings)
        assert not both, f"step {number}: {sorted(both)} moved away and are still shown"


@requirement("earlier-findings-stay")
def test_stays_of_the_story(scene: Scene) -> None:
    """Whatever came before, a ticket shows what it was sent and what it held and has not lost."""
    for number, step in enumerate(scene.story()):
        lost = (step.before | step.sent).difference(step.shown.findings)
        assert not lost, f"step {number}: {sorted(lost)} are attached and not shown"


@requirement("answer-lists-every-finding")
def test_nothing_else_is_listed(scene: Scene) -> None:
    """A case lists as its findings those that were attached to its ticket, and no other."""
    ticket, sent = scene.made_up_ticket("strangers"), ["one-of-two", "two-of-two"]
    for finding in sent:
        shown = scene.attach(ticket, [finding])
    kinds = [(each.get("resource_id"), each.get("type")) for each in shown.insights]
    listed = {str(finding) for finding, kind in kinds if kind == "SECURITY_FINDING"}
    assert listed <= set(sent), f"{sorted(listed.difference(sent))} were never attached"


@requirement("earlier-findings-stay")
def test_earlier_findings(scene: Scene) -> None:
    """What a ticket held, it holds after the next attach, each finding once."""
    [ticket], (first, second, third) = scene.tickets(1), scene.findings(3)
    scene.attach(ticket, [first])
    scene.attach(ticket, [second])
    held = scene.attach(ticket, [third]).findings
    assert [held.count(each) for each in (first, second, third)] == [1, 1, 1], f"held: {held}"


@requirement("earlier-findings-stay")
def test_earlier_findings_after_an_empty_list(scene: Scene) -> None:
    """A list without findings, taken or not, detaches nothing."""
    [ticket], findings = scene.tickets(1), scene.findings(2)
    before = scene.attach(ticket, findings)
    scene.target.attach(ticket, [])
    after = scene.look(ticket, findings[0])
    assert set(findings) <= set(after.findings)
    assert after.case == before.case


@requirement("earlier-findings-stay")
def test_findings_beyond_one_request(scene: Scene) -> None:
    """A ticket that holds as many as one request takes gets more or refuses them; it loses none."""
    limit = scene.target.contract.max_findings
    held = scene.findings(limit)
    ticket = scene.vacant_ticket(held)
    scene.attach(ticket, held)
    more = scene.findings(3)
    response = scene.target.attach(ticket, more)
    assert response.status_code in (200, 400), told(response)
    expected = {*held, *more} if response.status_code == 200 else {*held}
    lost = expected.difference(scene.look(ticket, held[-1]).findings)
    scene.empty(ticket, [*held, *more])
    assert not lost, f"{sorted(lost)} are attached and not shown"


@requirement("repeating-changes-nothing")
@pytest.mark.parametrize("count", [1, 2, 12])
def test_repeat(scene: Scene, count: int) -> None:
    """The same request again shows the same case with the same findings, none doubled."""
    [ticket], findings = scene.tickets(1), scene.findings(count)
    before, after = scene.attach(ticket, findings), scene.attach(ticket, findings)
    assert after.case == before.case
    assert sorted(map(str, after.findings)) == sorted(map(str, before.findings))
