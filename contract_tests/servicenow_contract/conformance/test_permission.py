"""Whose keys a server opens to. The keys are given in the environment, or nothing is run."""

import itertools
import operator
from collections.abc import Sequence

import httpx
import pytest

from servicenow_contract.contract.addresses import addresses
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import NOBODYS
from servicenow_contract.judging import expect
from servicenow_contract.judging.answers import told
from servicenow_contract.judging.verdict import Broken
from servicenow_contract.run.scene import Scene
from servicenow_contract.run.stage import SOURCES, STATES, Stage, Staged
from servicenow_contract.target.wire import permission_variable

requirement = pytest.mark.requirement


def _key(scene: Scene, permission: str | None) -> str:
    """An application key that has one permission of the two, or none."""
    key = scene.target.keys.limited.get(permission)
    if key is None:
        pytest.skip(f"{permission_variable(permission)} is not set to an application key")
    return key


def _ask(
    scene: Scene, ticket: str, findings: Sequence[str], permission: str | None
) -> httpx.Response:
    """How an attach is answered to an application key."""
    header = scene.target.contract.key_headers["appKeyAuth"]
    body = attach_body(ticket, findings, scene.world.project)
    return scene.target.send(body, headers={header: _key(scene, permission)})


def _states(scene: Scene) -> Sequence[str]:
    """The states that a ticket can be brought into; the limit may be that of the ticket."""
    return [each for each in STATES if each != "full" and (scene.makes_tickets or each != "new")]


@requirement("permission-demanded")
def test_no_permission(stage: Stage) -> None:
    """An application key without either permission is refused, whatever the ticket holds."""
    keys = stage.scene.target.keys
    for state, count in itertools.product(_states(stage.scene), (1, stage.limit // 2)):
        ticket, findings = stage.ticket(state).ticket, stage.scene.findings(count)
        response = _ask(stage.scene, ticket, findings, None)
        if response.status_code == 200 and keys.stand_ins:
            pytest.skip(
                "a made-up key without permission was accepted, but the server may not know that "
                f"it has none; set {permission_variable(None)} to a key that the server knows"
            )
        expect.refused(f"an application key without permission (ticket: {state})", response)


@requirement("either-permission-suffices")
@pytest.mark.from_contract("permission", operator.attrgetter("permissions"))
def test_one_permission(stage: Stage, permission: str) -> None:
    """An application key with one of the permissions may attach, whatever the ticket holds.

    Every state meets two sources, and every source two states.
    """
    scene, what = stage.scene, f"an application key with {permission} alone"
    counts = itertools.cycle((1, 2, stage.limit // 2))
    for turn, state in enumerate((*_states(scene), "full")):
        for source in SOURCES[turn % 2 :: 2]:
            staged, origin = stage.ticket(state), stage.source(source)
            sent = origin.held[1:] or origin.held or scene.findings(next(counts))
            # The limit may be that of the ticket, and what it holds may be sent again.
            sent = [*sent[: stage.limit - len(staged.held)]] or [*staged.held]
            response = _ask(scene, staged.ticket, sent, permission)
            if response.status_code in (401, 403) and scene.target.keys.stand_ins:
                pytest.skip(
                    "the server does not know the made-up key with one permission; set "
                    f"{permission_variable(permission)} to a key that it knows"
                )
            expect.answered(f"{what} (ticket: {state})", response, 200)
            stage.look_fresh(Staged(staged.ticket, tuple(dict.fromkeys((*staged.held, *sent)))))
            if rest := tuple(each for each in origin.held if each not in sent):
                stage.look_fresh(Staged(origin.ticket, rest))
    for address in addresses(staged.ticket).values():  # which a server need not take
        for sent in ([], [*staged.held[:1]]):
            response = _ask(scene, address, sent, permission)
            if response.status_code in (401, 403):
                raise Broken(f"{what} ({len(sent)} findings) was answered {told(response)}")


def _with_key(scene: Scene, scheme: str, key: str) -> httpx.Response:
    """How a right request is answered that has another key."""
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    return scene.target.send(body, headers={scene.target.contract.key_headers[scheme]: key})


@requirement("unissued-keys-refused")
@pytest.mark.parametrize("scheme", ["apiKeyAuth", "appKeyAuth"])
def test_key_that_nobody_issued(scene: Scene, scheme: str) -> None:
    """A key that is made up opens nothing."""
    expect.refused("a request with a made-up key", _with_key(scene, scheme, NOBODYS))


@requirement("wrong-keys-refused")
@pytest.mark.parametrize("scheme", ["apiKeyAuth", "appKeyAuth"])
def test_wrong_key(scene: Scene, scheme: str) -> None:
    """A key that is known to be wrong opens nothing."""
    key = scene.world.wrong_keys().get(scheme)
    if key is None:
        pytest.skip("no wrong key is known; wrong_api_key and wrong_app_key in --world name them")
    expect.refused("a request with a wrong key", _with_key(scene, scheme, key))
