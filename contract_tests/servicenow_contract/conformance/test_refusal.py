"""Which requests a server refuses."""

import httpx
import pytest
from hypothesis import given
from schemathesis import GenerationMode

from servicenow_contract import cases, fragment
from servicenow_contract.cases import Case
from servicenow_contract.scene import Scene, told
from servicenow_contract.target import Target, attach_body
from servicenow_contract.vectors import OF_KEYWORD, Vector, malformed, other_media_types, vectors
from servicenow_contract.world import DEFAULT_WORLD

requirement = pytest.mark.requirement

# Names only: the bodies are made with the ids of the world that is judged.
_VECTORS = [
    pytest.param(
        each.name,
        marks=requirement(OF_KEYWORD[each.keyword]),
        id=each.name.encode("unicode_escape").decode(),
    )
    for each in vectors(DEFAULT_WORLD)
]


def _find(target: Target, name: str) -> Vector:
    [found] = [each for each in vectors(target.world) if each.name == name]
    return found


@pytest.mark.parametrize("name", _VECTORS)
def test_one_rule_broken(target: Target, name: str) -> None:
    """A request that breaks one rule is refused with 400."""
    vector = _find(target, name)
    response = target.send(vector.body)
    assert response.status_code == 400, (
        f"{name}, which breaks {vector.rule}, was answered {told(response)}"
    )


@requirement("malformed-json-is-400")
@pytest.mark.parametrize("name", [each.name for each in malformed(DEFAULT_WORLD)])
def test_malformed(target: Target, name: str) -> None:
    """A body that is not JSON is refused with 400."""
    [vector] = [each for each in malformed(target.world) if each.name == name]
    response = target.send(content=vector.content)
    assert response.status_code == 400, f"{name} was answered {told(response)}"


@requirement("media-type-demanded")
@pytest.mark.parametrize("name", [each.name for each in other_media_types(DEFAULT_WORLD)])
def test_other_media_types(target: Target, name: str) -> None:
    """A good body under another media type is refused."""
    [vector] = [each for each in other_media_types(target.world) if each.name == name]
    response = target.send(content=vector.content, headers={"Content-Type": vector.content_type})
    assert _refused(response), f"{name} was answered {told(response)}"


@requirement("answer-statuses-documented")
@pytest.mark.parametrize("case", cases.coverage(GenerationMode.NEGATIVE), ids=cases.label)
def test_wrong_boundaries(target: Target, case: Case) -> None:
    """Each wrong boundary case of schemathesis is answered 400, a valid one among them 200."""
    _judge(target, case)


@requirement("answer-statuses-documented")
@given(case=cases.requests(GenerationMode.NEGATIVE))
def test_random_wrong_requests(target: Target, case: Case) -> None:
    """Whatever the fragment does not allow is answered 400, what it allows 200."""
    _judge(target, case)


def _judge(target: Target, case: Case) -> None:
    target.needs_open_world()
    exchange = cases.exchange(target, case)
    exchange.status_is_documented()
    expected = {200 if exchange.valid else 400}
    if exchange.valid and exchange.open:
        expected.add(400)
    assert exchange.response.status_code in expected, told(exchange.response)


def _without(scene: Scene, *schemes: str, value: str | None = None) -> httpx.Response:
    """A good request without these keys, or with this value for them."""
    names = fragment.load().key_headers
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    return scene.target.send(body, headers={names[scheme]: value for scheme in schemes})


@requirement("api-key-demanded")
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_api_key(scene: Scene, value: str | None) -> None:
    """Without an API key, the application key opens nothing."""
    response = _without(scene, "apiKeyAuth", value=value)
    assert _refused(response), told(response)


@requirement("app-key-demanded")
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_app_key(scene: Scene, value: str | None) -> None:
    """Without an application key, the API key opens nothing."""
    response = _without(scene, "appKeyAuth", value=value)
    assert _refused(response), told(response)


@requirement("missing-keys-are-401-or-403")
@pytest.mark.parametrize(
    "schemes", [("apiKeyAuth",), ("appKeyAuth",), ("apiKeyAuth", "appKeyAuth")]
)
def test_status_without_keys(scene: Scene, schemes: tuple[str, ...]) -> None:
    """A request without keys is answered 401 or 403."""
    response = _without(scene, *schemes)
    assert response.status_code in (401, 403), told(response)


@requirement("other-methods-refused")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_other_methods(scene: Scene, method: str) -> None:
    """The same request under another method does not succeed."""
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    response = scene.target.send(body, method=method)
    assert _refused(response), f"{method} was answered {told(response)}"


@requirement("unknown-finding-is-404")
@pytest.mark.parametrize("others", [0, 1])
def test_unknown_finding(scene: Scene, others: int) -> None:
    """A finding that nobody has is answered 404, alone or behind one that exists."""
    [ticket], findings = scene.tickets(1), scene.findings(others)
    response = scene.target.attach(ticket, [*findings, scene.world.unknown_finding])
    assert response.status_code == 404, told(response)


@requirement("unknown-project-is-404")
def test_unknown_project(scene: Scene) -> None:
    """A project that nobody has is answered 404."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    response = scene.target.attach(ticket, findings, project=scene.world.unknown_project)
    assert response.status_code == 404, told(response)


def _refused(response: httpx.Response) -> bool:
    return 400 <= response.status_code < 500
