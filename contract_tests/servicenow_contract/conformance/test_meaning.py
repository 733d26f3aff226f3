"""What a server does, seen through its answers alone."""

import pytest

from servicenow_contract.contract.addresses import FORMS, addresses
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.run.scene import NUMBER, Scene

requirement = pytest.mark.requirement

_EARLIER = "the earlier ticket of a finding that moved"


@requirement("unlinked-ticket-gets-a-case")
def test_a_case_of_its_own(scene: Scene) -> None:
    """Two tickets are linked to two cases, each with a key of its own."""
    one, other = scene.tickets(2)
    first, second = scene.findings(2)
    shown, shown_other = scene.attach(one, [first]), scene.attach(other, [second])
    expect.different("the case of two tickets", shown.case, shown_other.case)
    keys = [each.get("attributes", "key") for each in (shown, shown_other)]
    expect.different("the key of two cases", *keys)


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
    expect.different(f"the case of a ticket and of one {name}", shown.case, shown_other.case)
    expect.lacks(f"a ticket {name}", shown_other.findings, first)


@requirement("linked-ticket-keeps-its-case")
def test_same_case_again(scene: Scene) -> None:
    """Whatever is attached, a ticket is answered with the case of the first time."""
    [ticket], findings = scene.tickets(1), scene.findings(8)
    before = scene.attach(ticket, findings[:1])
    for count in (1, 1, 2, 3):
        after = scene.attach(ticket, findings[:count])
        expect.same("the case after a later attach", before.case, after.case)
        findings = findings[count:]
        was, found = (each.get_or_none("attributes", "key") for each in (before, after))
        expect.same("the key of the case after a later attach", was, found)


@requirement("linked-ticket-keeps-its-case")
def test_same_case_after_its_findings_left(scene: Scene) -> None:
    """A ticket keeps its case when every finding has moved away."""
    finding, fresh = scene.findings(2)
    ticket = scene.vacant_ticket([finding])
    before = scene.attach(ticket, [finding])
    scene.attach(scene.other(ticket), [finding])
    after = scene.attach(ticket, [fresh])
    expect.same("the case after its findings moved away", before.case, after.case)


@requirement("linked-ticket-keeps-its-case")
def test_no_ticket_is_forgotten(scene: Scene) -> None:
    """However many tickets come after it, a ticket keeps its case and its findings."""
    tickets = scene.tickets(len(scene.world.tickets))
    findings = scene.findings(min(len(tickets), len(scene.world.findings)))
    pairs = list(zip(tickets, findings, strict=False))
    before = [scene.attach(ticket, [finding]).case for ticket, finding in pairs]
    for (ticket, finding), case in zip(pairs, before, strict=True):
        found = scene.look(ticket, finding).case
        expect.same("the case after attaches to other tickets", case, found)


@requirement("answer-names-the-project")
def test_project_of_a_linked_ticket(scene: Scene) -> None:
    """A case stays in the project that it was created in, whichever is named later."""
    one, other = scene.made_up_ticket("projects"), scene.made_up_ticket("projects", 0xB17E)
    findings = scene.findings(4)
    project, second = scene.world.project, "Another-Project_of-this-test"
    before = scene.attach(one, findings[:2], project=project)
    found = scene.attach(other, findings[2:], project=second).project
    expect.same("the project of a new case", second, found)
    after = scene.attach(one, findings[3:], project=second)
    for each in (before, after):
        expect.same("the project of a case that was created in it", project, each.project)
    expect.same("the case after an attach that names another project", before.case, after.case)


@requirement("one-incident-is-one-ticket")
@pytest.mark.parametrize("form", FORMS)
def test_one_incident(scene: Scene, form: str) -> None:
    """Another address of the same incident leads to the same case and findings."""
    [ticket], (first, second) = scene.tickets(1), scene.findings(2)
    before = scene.attach(ticket, [first])
    after = scene.attach_by(addresses(ticket)[form], [second])
    expect.same("the case by another address of the incident", before.case, after.case)
    expect.lists("the case by another address of the incident", after.findings, first, second)
    expect.lists("the case afterwards", scene.look(ticket, first).findings, first, second)


@requirement("finding-moves-from-its-earlier-ticket")
@pytest.mark.parametrize("alone", [True, False])
def test_move(scene: Scene, alone: bool) -> None:
    """A finding that is attached elsewhere leaves its earlier ticket, and others stay there."""
    (earlier, later), (anchor, moving, staying) = scene.tickets(2), scene.findings(3)
    scene.attach(earlier, [anchor, moving, staying])
    sent = [moving] if alone else [moving, *scene.findings(1)]
    expect.lists("the later ticket", scene.attach(later, sent).findings, moving)
    left = scene.look(earlier, anchor).findings
    expect.lacks(_EARLIER, left, moving)
    expect.lists(_EARLIER, left, anchor, staying)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_of_the_only_finding(scene: Scene) -> None:
    """The only finding that a ticket ever had leaves it as any other does."""
    ticket = scene.made_up_ticket("lone")
    [other], (moving, anchor) = scene.tickets(1), scene.findings(2)
    scene.attach(ticket, [moving])
    scene.attach(other, [moving])
    expect.lacks(_EARLIER, scene.look(ticket, anchor).findings, moving)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_of_the_last_finding(scene: Scene) -> None:
    """The last finding of a ticket leaves it, though its case then holds nothing."""
    moving, fresh = scene.findings(2)
    ticket = scene.vacant_ticket([moving])
    scene.attach(ticket, [moving])
    scene.attach(scene.other(ticket), [moving])
    expect.lacks(_EARLIER, scene.attach(ticket, [fresh]).findings, moving)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_between_projects(scene: Scene) -> None:
    """A finding moves between cases of two projects, whichever the request names."""
    one, other = scene.made_up_ticket("moves"), scene.made_up_ticket("moves", 0xB17E)
    findings = scene.findings(4)
    project, second = scene.world.project, "Another-Project_of-this-test"
    scene.attach(one, findings[:2], project=project)
    scene.attach(other, findings[2:], project=second)
    after = scene.attach(one, findings[3:], project=second)
    expect.lists("the later ticket", after.findings, *findings[:2], findings[3])
    left = scene.attach(other, findings[2:3], project=project).findings
    expect.lacks(_EARLIER, left, findings[3])


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_back(scene: Scene) -> None:
    """A finding can move to another ticket and back."""
    (one, other), (anchor, moving, other_anchor) = scene.tickets(2), scene.findings(3)
    scene.attach(one, [anchor, moving])
    scene.attach(other, [other_anchor, moving])
    expect.lists("the later ticket", scene.attach(one, [moving]).findings, moving)
    expect.lacks(_EARLIER, scene.look(other, other_anchor).findings, moving)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_to_another_instance(scene: Scene) -> None:
    """A finding leaves its earlier ticket for one on another instance and in another project."""
    [ticket], (anchor, moving) = scene.tickets(1), scene.findings(2)
    other = scene.made_up_ticket("elsewhere")
    scene.attach(ticket, [anchor, moving])
    arrived = scene.attach(other, [moving], project="a-project-elsewhere").findings
    expect.lists("the later ticket", arrived, moving)
    expect.lacks(_EARLIER, scene.look(ticket, anchor).findings, moving)


@requirement("finding-moves-from-its-earlier-ticket")
def test_moves_of_the_story(scene: Scene) -> None:
    """Whatever came before, no ticket shows a finding that was attached to another one since."""
    for number, step in enumerate(scene.story()):
        shown = step.shown.findings
        expect.lacks(f"the earlier ticket at step {number}", shown, *sorted(step.elsewhere))


@requirement("earlier-findings-stay")
def test_stays_of_the_story(scene: Scene) -> None:
    """Whatever came before, a ticket shows what it was sent and what it held and has not lost."""
    for number, step in enumerate(scene.story()):
        held = sorted(step.before | step.sent)
        expect.lists(f"the ticket at step {number}", step.shown.findings, *held)


@requirement("answer-lists-every-finding")
def test_nothing_else_is_listed(scene: Scene) -> None:
    """A case lists as its findings those that were attached to its ticket, and no other."""
    ticket, sent = scene.made_up_ticket("strangers"), ["one-of-two", "two-of-two"]
    for finding in sent:
        shown = scene.attach(ticket, [finding])
    kinds = [(each.get("resource_id"), each.get("type")) for each in shown.insights]
    listed = [finding for finding, kind in kinds if kind == "SECURITY_FINDING"]
    expect.lacks("the case", listed, *(each for each in listed if each not in sent))


@requirement("earlier-findings-stay")
def test_earlier_findings(scene: Scene) -> None:
    """What a ticket held, it holds after the next attach, each finding once."""
    [ticket], (first, second, third) = scene.tickets(1), scene.findings(3)
    scene.attach(ticket, [first])
    scene.attach(ticket, [second])
    held = scene.attach(ticket, [third]).findings
    sent = (first, second, third)
    expect.is_just("what the case shows", [each for each in held if each in sent], sent)


@requirement("earlier-findings-stay")
@pytest.mark.parametrize("absent", [False, True])
def test_earlier_findings_after_an_empty_list(scene: Scene, absent: bool) -> None:
    """A list without findings, or none, detaches nothing, whether it is taken or not."""
    [ticket], findings = scene.tickets(1), scene.findings(2)
    before = scene.attach(ticket, findings)
    body = attach_body(ticket, [], scene.world.project)
    if absent:
        del body["data"]["relationships"]["findings"]["data"]
    scene.target.send(body)
    after = scene.look(ticket, findings[0])
    expect.lists("the ticket after an empty list", after.findings, *findings)
    expect.same("the case after an empty list", before.case, after.case)


@requirement("earlier-findings-stay")
def test_findings_beyond_one_request(scene: Scene) -> None:
    """A ticket that holds as many as one request takes gets more or refuses them; it loses none."""
    limit = scene.target.contract.max_findings
    held = scene.findings(limit)
    ticket = scene.vacant_ticket(held)
    scene.attach(ticket, held)
    more = scene.findings(3)
    response = scene.target.attach(ticket, more)
    expect.answered(f"{len(more)} findings for a ticket that holds {limit}", response, 200, 400)
    expected = {*held, *more} if response.status_code == 200 else {*held}
    shown = scene.look(ticket, held[-1]).findings
    scene.empty(ticket, [*held, *more])
    expect.lists(f"a ticket that held {limit} findings and was sent more", shown, *sorted(expected))


@requirement("repeating-changes-nothing")
@pytest.mark.parametrize("count", [1, 2, 12])
def test_repeat(scene: Scene, count: int) -> None:
    """The same request again shows the same case with the same findings, none doubled."""
    [ticket], findings = scene.tickets(1), scene.findings(count)
    before, after = scene.attach(ticket, findings), scene.attach(ticket, findings)
    expect.same("the case after the same request", before.case, after.case)
    expect.is_just("the case after the same request", after.findings, before.findings)
