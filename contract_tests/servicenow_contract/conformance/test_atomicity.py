"""A request that is wrong is refused whatever it asks for, and changes nothing."""

import itertools
from collections.abc import Callable, Mapping

import httpx
import pytest

from servicenow_contract.conformance.spoils import SPOILS
from servicenow_contract.contract.addresses import FORMS, addresses
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.judging.verdict import NotShown
from servicenow_contract.run.scene import OTHER_PROJECT, Scene
from servicenow_contract.run.stage import STATES, Stage, Staged

requirement = pytest.mark.requirement

_AT_ONCE = 6
"""How many refusals come between two looks."""
_PROJECT = "relationships", "project", "data", "id"
_PROVOKED = 20
"""How often a 429 is asked for."""


def _refused(scene: Scene, name: str, ticket: str, findings: list[str], project: str) -> bool:
    """Send what is wrong in this way; a request that is lost is not refused, nor is one taken."""
    try:
        asked = SPOILS[name](scene, attach_body(ticket, findings, project))
        return 400 <= scene.target.send(**asked).status_code < 500
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        return False


@requirement("refused-request-changes-nothing")
@pytest.mark.parametrize("state", STATES)
def test_refused(stage: Stage, state: str) -> None:
    """After refusals, each finding is where it was, and the ticket has its case, or none.

    Each refusal of a few names findings of its own, so that the witness knows which one moved them.
    What was not refused breaks another rule; those that came before it are sent again.
    """
    scene, left, refused = stage.scene, list(SPOILS), False
    project = OTHER_PROJECT if state in ("new", "full") else scene.world.project
    while left:
        names = left[:_AT_ONCE]
        here, there = stage.ticket(state), stage.holding(1 + 2 * len(names))
        for turn, name in enumerate(names):
            sent = [*scene.findings(1), *there.held[1 + 2 * turn :][:2]][:: -1 if turn % 2 else 1]
            if not _refused(scene, name, here.ticket, sent, project):
                left.remove(name)
                break
        else:
            del left[: len(names)]
            refused, shown, right = True, stage.look(here), stage.look(there)
            found, rightly = (each.get_or_none(*_PROJECT) for each in (shown, right))
            if rightly == scene.world.project and found not in (None, rightly):
                what = f"the project of a case that comes after refusals ({', '.join(names)})"
                expect.same(what, rightly, found)
    if not refused:
        raise NotShown("nothing was refused")


_ASKED: Mapping[str, Callable[[Stage, Staged], Staged]] = {
    "nothing": lambda *_: Staged(""),
    "what it holds": lambda _, here: here,
    "as many as can be": lambda stage, _: Staged("", tuple(stage.scene.findings(stage.limit))),
    "all of another ticket": lambda stage, _: stage.source("lone"),
}
"""The findings that a wrong request names beside what `test_refused` sends, and their ticket."""
_PAIRS = [
    pair
    for pair in itertools.product(STATES, _ASKED)
    if pair not in (("new", "what it holds"), ("emptied", "what it holds"))
]
_WHATEVER = (
    *("no API key", "no application key", "a wrong API key", "a wrong application key"),
    *("a key without permission", "an unknown project", "an unknown finding, last"),
    *("too many findings", "no findings", "a wrong resource type of the findings"),
    *("another table", "JSON that is cut off"),
)
"""One of each kind of what is wrong."""


@requirement("refused-request-changes-nothing")
@pytest.mark.parametrize(("state", "asked"), _PAIRS)
def test_refused_whatever_is_asked(stage: Stage, state: str, asked: str) -> None:
    """The same, however few or many findings are named, wherever they are, by any address."""
    scene, again, refused = stage.scene, True, False
    forms, turn = list(FORMS), len(_WHATEVER) * _PAIRS.index((state, asked))
    for number, name in enumerate(_WHATEVER, turn):
        if again:
            here = stage.ticket(state)
        source, form = _ASKED[asked](stage, here), forms[number % len(forms) if here.held else 0]
        address, sent = addresses(here.ticket)[form], [*source.held]
        again = not _refused(scene, name, address, sent, scene.world.project)
        refused |= not again
        if source.ticket:
            stage.look(source)
    stage.look(here)
    if not refused:
        raise NotShown("nothing was refused")


@requirement("refused-request-changes-nothing")
def test_throttled(stage: Stage) -> None:
    """A 429 changes nothing either; it is asked for where the server has given one before."""
    wire = stage.scene.target.wire
    if wire is None or not wire.throttled:
        return  # what nobody met is no reason to say less of the requirement
    for _ in range(_PROVOKED):
        here, there = stage.ticket("linked"), stage.ticket("linked")
        wire.waits = False
        try:
            response = stage.scene.target.attach(here.ticket, there.held[1:])
        finally:
            wire.waits = True
        if response.status_code == 429:
            stage.look(here)
            stage.look(there)
            return
