"""What becomes of a finding that is attached to another ticket, and of the one that held it."""

import pytest

from servicenow_contract.judging import expect
from servicenow_contract.run.scene import OTHER_PROJECT, Scene

requirement = pytest.mark.requirement

_EARLIER = "the earlier ticket of a finding that moved"


@requirement("finding-moves-from-its-earlier-ticket")
@pytest.mark.parametrize("alone", [True, False])
def test_move(scene: Scene, alone: bool) -> None:
    """A finding that is attached elsewhere leaves its earlier ticket, and others stay there."""
    (earlier, later), (anchor, moving, staying) = scene.tickets(2), scene.findings(3)
    scene.attach(earlier, [anchor, moving, staying])
    sent = [moving] if alone else [moving, *scene.findings(1)]
    arrived = scene.settled(later, scene.attach(later, sent), has=sent).findings
    expect.lists("the later ticket", arrived, moving)
    stay = [anchor, staying]
    left = scene.settled(earlier, scene.look(earlier, anchor), has=stay, lacks=sent).findings
    expect.lacks(_EARLIER, left, moving)
    expect.lists(_EARLIER, left, *stay)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_of_the_only_finding(scene: Scene) -> None:
    """The only finding that a ticket ever had leaves it as any other does."""
    ticket = scene.made_up_ticket("lone")
    [other], (moving, anchor) = scene.tickets(1), scene.findings(2)
    scene.attach(ticket, [moving])
    scene.attach(other, [moving])
    left = scene.settled(ticket, scene.attach(ticket, [anchor]), has=[anchor], lacks=[moving])
    expect.lacks(_EARLIER, left.findings, moving)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_of_the_last_finding(scene: Scene) -> None:
    """The last finding of a ticket leaves it, though its case then holds nothing."""
    moving, fresh = scene.findings(2)
    ticket = scene.vacant_ticket([moving])
    scene.attach(ticket, [moving])
    scene.attach(scene.other(ticket), [moving])
    left = scene.settled(ticket, scene.attach(ticket, [fresh]), has=[fresh], lacks=[moving])
    expect.lacks(_EARLIER, left.findings, moving)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_between_projects(scene: Scene) -> None:
    """A finding moves between cases of two projects."""
    one, other = scene.made_up_ticket("moves"), scene.made_up_ticket("moves", 0xB17E)
    findings, project = scene.findings(4), scene.world.project
    scene.attach(one, findings[:2], project=project)
    scene.attach(other, findings[2:], project=OTHER_PROJECT)
    held = [*findings[:2], findings[3]]
    after = scene.settled(one, scene.attach(one, findings[3:]), has=held)
    expect.lists("the later ticket", after.findings, *held)
    left = scene.attach(other, findings[2:3], project=OTHER_PROJECT)
    left = scene.settled(other, left, lacks=findings[3:], project=OTHER_PROJECT)
    expect.lacks(_EARLIER, left.findings, findings[3])


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_back(scene: Scene) -> None:
    """A finding can move to another ticket and back."""
    (one, other), (anchor, moving, other_anchor) = scene.tickets(2), scene.findings(3)
    scene.attach(one, [anchor, moving])
    scene.attach(other, [other_anchor, moving])
    back = scene.settled(one, scene.attach(one, [moving]), has=[anchor, moving]).findings
    expect.lists("the later ticket", back, moving)
    left = scene.settled(other, scene.look(other, other_anchor), lacks=[moving]).findings
    expect.lacks(_EARLIER, left, moving)


@requirement("finding-moves-from-its-earlier-ticket")
def test_move_to_another_instance(scene: Scene) -> None:
    """A finding leaves its earlier ticket for one on another instance and in another project."""
    [ticket], (anchor, moving, fresh) = scene.tickets(1), scene.findings(3)
    other, sent = scene.ticket_of("elsewhere"), [fresh, moving]
    scene.attach(ticket, [anchor, moving])
    arrived = scene.attach(other, sent, project=OTHER_PROJECT)
    arrived = scene.settled(other, arrived, has=sent, project=OTHER_PROJECT)
    expect.lists("the later ticket", arrived.findings, moving)
    left = scene.settled(ticket, scene.look(ticket, anchor), lacks=[moving]).findings
    expect.lacks(_EARLIER, left, moving)
