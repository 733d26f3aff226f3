"""`--as-observed`: the service answers as sibling operations were seen to."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD as WORLD
from servicenow_contract.service import Request, Response, Service, State
from servicenow_contract.target.target import STAND_INS
from tests.contract import FRAGMENT
from tests.service.calls import HEADERS, refused, request, send, serve

JSON_API = "application/vnd.api+json"


def _ask(wanted: Request, *, observed: bool = True, fault: str = "") -> Response:
    service = Service(State(FRAGMENT, observed=observed))
    if fault:
        service.fault(fault)
    return service(wanted)


def _body(findings: list[str], project: str = WORLD.project) -> bytes:
    return json.dumps(attach_body(WORLD.tickets[0], findings, project)).encode()


def test_success(contract: Fragment) -> None:
    """A 200 has JSON:API's media type, and is the documented case otherwise."""
    response = _ask(request())
    assert (response.status, response.headers["content-type"]) == (200, JSON_API)
    body = json.loads(response.body)
    assert contract.validator(contract.response_schema(200)).accepts(body)
    other = json.loads(_ask(request(), observed=False).body)
    assert body["data"]["relationships"] == other["data"]["relationships"]


@pytest.mark.parametrize(
    ("wanted", "status", "title"),
    [
        (request(body=b"{"), 400, "Bad Request"),
        (request(body=_body([])), 400, "Bad Request"),
        (request(body=_body([WORLD.unknown_finding])), 404, "Not Found"),
        (request(body=_body(["f"], WORLD.unknown_project)), 404, "Not Found"),
    ],
)
def test_errors(wanted: Request, status: int, title: str) -> None:
    """A 400 and a 404 are lists of JSON:API error objects, whose members are strings."""
    response = _ask(wanted)
    assert (response.status, response.headers["content-type"]) == (status, JSON_API)
    [error] = json.loads(response.body)["errors"]
    assert error == {"status": str(status), "title": title, "detail": error["detail"]}
    assert error["detail"]


@pytest.mark.parametrize("absent", [True, False])
def test_no_findings(absent: bool) -> None:
    """A request without a finding is refused, and links nothing; the page requires none."""
    body: dict[str, Any] = attach_body(WORLD.tickets[0], [], WORLD.project)
    if absent:
        del body["data"]["relationships"]["findings"]["data"]
    for observed, status in ((True, 400), (False, 200)):
        state = State(FRAGMENT, observed=observed)
        response = Service(state)(request(body=json.dumps(body).encode()))
        assert (response.status, len(state.snapshot())) == (status, int(status == 200))


@pytest.mark.parametrize(
    ("wanted", "fault", "media_type"),
    [
        (request(headers={}), "", "application/json"),
        (request(), "status=429", "application/json"),
        (request(), "status=503", "application/json"),
        (request(), "html=404", "text/html"),
    ],
)
def test_what_the_platform_says_stays(wanted: Request, fault: str, media_type: str) -> None:
    """Keys, rate limits and gateways are answered in front of the operation, as documented."""
    response = _ask(wanted, fault=fault)
    assert response.headers["content-type"] == media_type
    assert response == _ask(wanted, fault=fault, observed=False)


def test_documented_by_default() -> None:
    """Without being asked, the service keeps to the page."""
    media_type = FRAGMENT.response_media_type(200)
    assert _ask(request(), observed=False).headers["content-type"] == media_type


def test_command(tmp_path: Path) -> None:
    """`serve` takes the observed model, a world, and a key without permission together."""
    file = tmp_path / "world.json"
    listed = {
        "project": "a-project",
        "findings": ["one"],
        "tickets": [WORLD.tickets[0]],
        "unknown_finding": "two",
        "unknown_project": "no-project",
    }
    file.write_text(json.dumps(listed))
    options = ("--as-observed", "--world", str(file), "--key-without-permission", "powerless")
    powerless = {**HEADERS, **dict.fromkeys(STAND_INS.headers(FRAGMENT), "powerless")}
    with serve(*options) as url, httpx.Client(base_url=url) as client:
        good = send(client, content=_body(["one"], "a-project"))
        unlisted = send(client, content=_body(["three"], "a-project"))
        other = send(client, content=_body(["one"], "another-project"))
        without = send(client, content=_body(["one"], "a-project"), headers=powerless)
    assert [r.status_code for r in (good, unlisted, other, without)] == [200, 404, 404, 403]
    assert good.headers["content-type"] == JSON_API
    assert unlisted.json()["errors"][0]["detail"] == "Not Found: finding 'three'"


def test_bad_world(tmp_path: Path) -> None:
    """A world file that cannot be used is said in one sentence that names it."""
    file = tmp_path / "world.yaml"
    file.write_text("project: 7\n")
    assert str(file) in refused("--world", str(file))
    assert str(tmp_path / "none") in refused("--world", str(tmp_path / "none"))
