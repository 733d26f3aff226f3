"""Whose keys a server opens to. The keys are given in the environment, or nothing is run."""

import httpx
import pytest

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.run.scene import Scene
from servicenow_contract.target.wire import permission_variable

requirement = pytest.mark.requirement


def _permissions(contract: Fragment) -> list[str]:
    listed: list[str] = contract.operation["x-permission"]["permissions"]
    return listed


def _asked(scene: Scene, permission: str | None) -> httpx.Response:
    """How an attach is answered whose application key has one permission of the two, or none."""
    key = scene.target.keys.limited.get(permission)
    if key is None:
        pytest.skip(f"{permission_variable(permission)} names no application key")
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    header = scene.target.contract.key_headers["appKeyAuth"]
    return scene.target.send(body, headers={header: key})


@requirement("permission-demanded")
def test_no_permission(scene: Scene) -> None:
    """An application key without either permission is refused."""
    response = _asked(scene, None)
    if response.status_code == 200 and scene.target.keys.stand_ins:
        pytest.skip(
            "the stand-in for a key without permission was accepted, which proves nothing of a "
            f"server that does not know it; {permission_variable(None)} can name one that it knows"
        )
    expect.refused("an application key without permission", response)


@requirement("either-permission-suffices")
@pytest.mark.from_contract("permission", _permissions)
def test_one_permission(scene: Scene, permission: str) -> None:
    """An application key with one of the permissions may attach."""
    response = _asked(scene, permission)
    if response.status_code in (401, 403) and scene.target.keys.stand_ins:
        pytest.skip("the stand-in for a key with one permission is not known to this server")
    expect.answered(f"an application key with {permission} alone", response, 200)
