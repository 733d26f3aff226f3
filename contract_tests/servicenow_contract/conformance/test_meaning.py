"""What a server does, seen through its answers alone."""

from collections.abc import Mapping

import pytest

from servicenow_contract.contract.addresses import FORMS, addresses, instance, sys_id
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.run.scene import OTHER_PROJECT, Scene

requirement = pytest.mark.requirement


@requirement("unlinked-ticket-gets-a-case")
def test_a_case_of_its_own(scene: Scene) -> None:
    """Two tickets are linked to two cases, each with a key of its own."""
    one, other = scene.tickets(2)
    first, second = scene.findings(2)
    shown, shown_other = scene.attach(one, [first]), scene.attach(other, [second])
    expect.different("the case of two tickets", shown.case, shown_other.case)
    keys = [each.get("attributes", "key") for each in (shown, shown_other)]
    expect.different("the key of two cases", *keys)


_NEIGHBOURS: Mapping[str, tuple[str, int]] = {
    "on another instance": ("x{}", 0),
    "on an instance whose name begins alike": ("{}-of-one", 0),
    "whose sys_id differs in the first digit": ("{}", 0xF << 124),
    "whose sys_id differs in the middle": ("{}", 1 << 64),
    "whose sys_id differs in the last digit": ("{}", 1),
}


@requirement("unlinked-ticket-gets-a-case")
@pytest.mark.parametrize("name", _NEIGHBOURS)
def test_a_neighbour_has_a_case_of_its_own(scene: Scene, name: str) -> None:
    """A ticket is told from one that it resembles: each has its case, and its findings."""
    one, (named, bits) = scene.made_up_ticket("neighbours"), _NEIGHBOURS[name]
    other = scene.ticket_of(named.format(instance(one)), int(sys_id(one), 16) ^ bits)
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
    """A case stays in the project that it was created in, whichever is named later.

    A server may refuse to take a linked ticket with another project.
    """
    one, other = scene.made_up_ticket("projects"), scene.made_up_ticket("projects", 0xB17E)
    findings, project = scene.findings(4), scene.world.project
    before = scene.attach(one, findings[:2], project=project)
    found = scene.attach(other, findings[2:], project=OTHER_PROJECT).project
    expect.same("the project of a new case", OTHER_PROJECT, found)
    again = scene.ask(one, findings[3:], project=OTHER_PROJECT)
    expect.answered("a linked ticket with another project", again.response, 200, 400, 404)
    after = again.shown if again.status == 200 else scene.look(one, findings[0])
    for each in (before, after):
        expect.same("the project of a linked case", project, each.project)
    expect.same("the case after an attach that names another project", before.case, after.case)


@requirement("one-incident-is-one-ticket")
@pytest.mark.parametrize("form", FORMS)
def test_one_incident(scene: Scene, form: str) -> None:
    """Another address of the same incident leads to the same case and findings."""
    scene.needs_memory()
    [ticket], (first, second) = scene.tickets(1), scene.findings(2)
    before = scene.settled(ticket, scene.attach(ticket, [first]), has=[first])
    other, both = addresses(ticket)[form], [first, second]
    after = scene.settled(other, scene.attach_by(other, [second]), has=both)
    expect.same("the case for another address of the incident", before.case, after.case)
    expect.lists("the case for another address of the incident", after.findings, *both)
    again = scene.settled(ticket, scene.look(ticket, first), has=both)
    expect.lists("the case after a request under another address", again.findings, *both)


@requirement("answer-lists-every-finding")
def test_nothing_else_is_listed(scene: Scene) -> None:
    """A case lists as its findings those that were attached to its ticket, and no other."""
    ticket = scene.made_up_ticket("strangers")
    sent = [scene.made_up_finding(f"{number} of twelve") for number in range(12)]
    for some in (sent[:1], sent[1:2], sent[2:]):
        shown = scene.attach(ticket, some)
    listed = scene.awaited(ticket, shown, has=sent).findings
    own = {*sent, *scene.lent}
    expect.lacks("the case", listed, *(each for each in listed if each not in own))


@requirement("earlier-findings-stay")
def test_earlier_findings(scene: Scene) -> None:
    """What a ticket held, it holds after the next attach, each finding once."""
    [ticket], (first, second, third) = scene.tickets(1), scene.findings(3)
    scene.attach(ticket, [first])
    scene.attach(ticket, [second])
    sent = (first, second, third)
    held = scene.settled(ticket, scene.attach(ticket, [third]), has=sent).findings
    expect.is_just("the case", [each for each in held if each in sent], sent)


@requirement("earlier-findings-stay")
@pytest.mark.parametrize("absent", [False, True])
def test_earlier_findings_after_an_empty_list(scene: Scene, absent: bool) -> None:
    """A list without findings, or none, detaches nothing, whether it is taken or not."""
    [ticket], findings = scene.tickets(1), scene.findings(2)
    before = scene.settled(ticket, scene.attach(ticket, findings), has=findings)
    body = attach_body(ticket, [], scene.world.project)
    if absent:
        del body["data"]["relationships"]["findings"]["data"]
    scene.target.send(body)
    after = scene.settled(ticket, scene.look(ticket, findings[0]), has=findings)
    expect.lists("the ticket after an empty list", after.findings, *findings)
    expect.same("the case after an empty list", before.case, after.case)


@requirement("earlier-findings-stay")
def test_findings_beyond_one_request(scene: Scene) -> None:
    """A ticket that holds as many as one request takes gets more or refuses them; it loses none."""
    limit = scene.target.contract.max_findings
    held = scene.findings(limit)
    ticket = scene.vacant_ticket(held)
    scene.attach(ticket, held)
    others = [each for each in scene.world.findings if each not in held]
    expected = dict.fromkeys(held)
    for more in (others[:3], others[3:limit], others[limit : 2 * limit]):
        what = f"{len(more)} findings for a ticket that holds {len(expected)}"
        response = scene.target.attach(ticket, more)
        expect.answered(what, response, 200, 400)
        if response.status_code != 200:
            break
        expected |= dict.fromkeys(more)
    shown = scene.settled(ticket, scene.look(ticket, held[-1]), has=expected).findings
    scene.empty(ticket, [*held, *others])
    expect.lists(f"a ticket that held {limit} findings and was sent more", shown, *expected)


@requirement("repeating-changes-nothing")
@pytest.mark.parametrize("count", [1, 2, 12])
def test_repeat(scene: Scene, count: int) -> None:
    """The same request again shows the same case with the same findings, none doubled."""
    [ticket], others, findings = scene.tickets(1), scene.findings(2), scene.findings(count)
    scene.needs_memory()
    held = {*others, *findings}  # what it shows beside these may be gone already, and show late
    scene.attach(ticket, others)
    before = scene.settled(ticket, scene.attach(ticket, findings), has=held)
    after = scene.awaited(ticket, scene.attach(ticket, findings), has=held)
    expect.same("the case after the same request", before.case, after.case)
    found = [each for each in after.findings if each in held]
    expect.is_just("the case after the same request", found, sorted(held))
