"""Whose keys a server opens to. The keys are given in the environment, or nothing is run."""

import itertools
import operator
from collections.abc import Sequence

import httpx
import pytest

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import NOBODYS
from servicenow_contract.judging import expect
from servicenow_contract.run.scene import Scene
from servicenow_contract.run.stage import STATES, Stage
from servicenow_contract.target.wire import permission_variable

requirement = pytest.mark.requirement


def _key(scene: Scene, permission: str | None) -> str:
    """An application key that has one permission of the two, or none."""
    key = scene.target.keys.limited.get(permission)
    if key is None:
        pytest.skip(f"{permission_variable(permission)} names no application key")
    return key


def _ask(stage: Stage, ticket: str, count: int, permission: str | None) -> httpx.Response:
    """How an attach of so many findings is answered to an application key."""
    scene, header = stage.scene, stage.scene.target.contract.key_headers["appKeyAuth"]
    body = attach_body(ticket, scene.findings(count), scene.world.project)
    return scene.target.send(body, headers={header: _key(scene, permission)})


def _states(scene: Scene) -> Sequence[str]:
    """The states that a ticket can be brought into; the limit may be that of the ticket."""
    return [each for each in STATES if each != "full" and (scene.world.open or each != "new")]


@requirement("permission-demanded")
def test_no_permission(stage: Stage) -> None:
    """An application key without either permission is refused, whatever the ticket holds."""
    keys = stage.scene.target.keys
    for state, count in itertools.product(_states(stage.scene), (1, stage.limit // 2)):
        response = _ask(stage, stage.ticket(state).ticket, count, None)
        if response.status_code == 200 and keys.stand_ins:
            pytest.skip(
                "the stand-in for a key without permission was accepted, which proves nothing of a "
                f"server that does not know it; {permission_variable(None)} can name one that it "
                "knows"
            )
        expect.refused(f"an application key without permission, ticket {state},", response)


@requirement("either-permission-suffices")
@pytest.mark.from_contract("permission", operator.attrgetter("permissions"))
def test_one_permission(stage: Stage, permission: str) -> None:
    """An application key with one of the permissions may attach, whatever the ticket holds."""
    for state, count in itertools.product(_states(stage.scene), (1, 2, stage.limit // 2)):
        staged = stage.ticket(state)
        response = _ask(stage, staged.ticket, count, permission)
        if response.status_code in (401, 403) and stage.scene.target.keys.stand_ins:
            pytest.skip("the stand-in for a key with one permission is not known to this server")
        expect.answered(
            f"an application key with {permission} alone, ticket {state},", response, 200
        )
        stage.look_fresh(staged)


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
        pytest.skip("the world names no wrong key; wrong_api_key and wrong_app_key can")
    expect.refused("a request with a wrong key", _with_key(scene, scheme, key))
