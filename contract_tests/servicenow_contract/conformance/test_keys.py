"""Which keys a server demands, and where."""

import httpx
import pytest

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.judging.refusals import KEYS
from servicenow_contract.run.scene import Scene

requirement = pytest.mark.requirement


def _without(scene: Scene, *schemes: str) -> httpx.Response:
    """A good request without these keys."""
    names = scene.target.contract.key_headers
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    return scene.target.send(body, headers={names[scheme]: None for scheme in schemes})


_INSTEAD = {
    "absent": {},
    "empty": {"": ""},
    "in a bearer token": {"Authorization": "Bearer {key}"},
    "in another header": dict.fromkeys(("X-Api-Key", "X-Application-Key", "X-Key"), "{key}"),
    "in a cookie": {"Cookie": "dd-api-key={key}; dd-application-key={key}"},
}
_IN_THE_QUERY = ("api_key", "application_key", "app_key", "dd-api-key", "dd-application-key")


def _expect_refused(scene: Scene, scheme: str, name: str) -> None:
    """A good request is refused that has one key in none but these other places."""
    target = scene.target
    header = target.contract.key_headers[scheme]
    key = target.keys.headers(target.contract)[header]
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    others = {each or header: value.format(key=key) for each, value in _INSTEAD[name].items()}
    response = scene.target.send(body, headers={header: None, **others})
    expect.refused(f"a request whose key for {header} is {name}", response)


@requirement("api-key-demanded")
@pytest.mark.parametrize("name", _INSTEAD)
def test_api_key(scene: Scene, name: str) -> None:
    """Without an API key in its header, the application key opens nothing."""
    _expect_refused(scene, "apiKeyAuth", name)


@requirement("app-key-demanded")
@pytest.mark.parametrize("name", _INSTEAD)
def test_app_key(scene: Scene, name: str) -> None:
    """Without an application key in its header, the API key opens nothing."""
    _expect_refused(scene, "appKeyAuth", name)


@pytest.mark.parametrize(
    "scheme", [pytest.param(each, marks=requirement(name)) for each, name in KEYS.items()]
)
def test_key_in_the_query(scene: Scene, scheme: str) -> None:
    """A key in the address, where logs keep it, opens nothing."""
    target = scene.target
    header = target.contract.key_headers[scheme]
    key = target.keys.headers(target.contract)[header]
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    if target.wire is not None and target.wire.holds_back is not None:
        pytest.skip("keys are never put into an address of a server that is not on this machine")
    names = (*_IN_THE_QUERY, header)
    response = target.send(body, headers={header: None}, query=dict.fromkeys(names, key))
    expect.refused("a request whose key is in its query", response)


@requirement("api-key-demanded")
@requirement("app-key-demanded")
def test_no_key(scene: Scene) -> None:
    """Without any key, nothing opens."""
    response = _without(scene, "apiKeyAuth", "appKeyAuth")
    expect.refused("a request without keys", response)


@requirement("missing-keys-are-401-or-403")
@pytest.mark.parametrize(
    "schemes", [("apiKeyAuth",), ("appKeyAuth",), ("apiKeyAuth", "appKeyAuth")]
)
def test_status_without_keys(scene: Scene, schemes: tuple[str, ...]) -> None:
    """A request without keys is answered 401 or 403."""
    response = _without(scene, *schemes)
    names = " and ".join(scene.target.contract.key_headers[each] for each in schemes)
    expect.answered(f"a request without {names}", response, 401, 403)
