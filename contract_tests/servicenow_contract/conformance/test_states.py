"""Right requests for tickets in every state, with findings from everywhere; the witness judges."""

import itertools
import random

import pytest

from servicenow_contract.judging import expect
from servicenow_contract.run.scene import Scene
from servicenow_contract.run.stage import SOURCES, STATES, Stage, Staged

requirement = pytest.mark.requirement
_PAIRS = list(itertools.product(STATES, SOURCES))
_CAST = 24
"""How many findings move about: fewer than one ticket may hold."""


@requirement("valid-request-accepted")
@pytest.mark.parametrize(("state", "source"), _PAIRS)
def test_attach(stage: Stage, state: str, source: str) -> None:
    """A right request is taken, however many findings it names and wherever these are.

    Every count meets every state and every source, though not each pair of these.
    """
    limit = stage.limit
    counts = ((1, 3, limit), (2, 10, limit - 1))[sum(divmod(_PAIRS.index((state, source)), 4)) % 2]
    for turn, count in enumerate(counts):
        _attach(stage, stage.ticket(state), stage.source(source), count, turn)


def _attach(stage: Stage, to: Staged, source: Staged, count: int, turn: int) -> None:
    """Attach so many findings, a few or all of them from another ticket, at a place that turns."""
    moving = source.held[1 : 2 + turn] or source.held
    if count >= stage.limit - 1 <= len(source.held):
        moving = source.held
    sent = stage.scene.findings(count - len(moving[:count]))
    place = (0, len(sent) // 2, len(sent))[turn]
    sent[place:place] = moving[:count]
    held = tuple(dict.fromkeys((*to.held, *sent)))
    answer = stage.scene.ask(to.ticket, sent)
    if answer.status == 400 and len(held) > stage.limit:
        held = to.held  # the limit may be that of the ticket
    else:
        expect.answered("a valid request", answer.response, 200)
    stage.look_fresh(Staged(to.ticket, held))
    if source.held:
        stage.look_fresh(
            Staged(source.ticket, tuple(each for each in source.held if each not in held))
        )


@requirement("earlier-findings-stay")
@requirement("finding-moves-from-its-earlier-ticket")
def test_to_and_fro(scene: Scene) -> None:
    """Findings come alone and in crowds, return, stay, and leave a ticket empty."""
    chance = random.Random(_CAST)  # noqa: S311 - the same attaches in every run
    tickets, cast = scene.tickets(4), scene.findings(_CAST)
    scene.attach(tickets[0], cast)
    for count in [2, *(1, 2, 5, _CAST // 2, 1, _CAST, 3) * 6]:
        scene.attach(chance.choice(tickets), chance.sample(cast, count))
