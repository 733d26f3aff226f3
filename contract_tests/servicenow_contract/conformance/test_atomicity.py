"""A refused request changes nothing, whatever it is refused for."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.judging.answers import told
from servicenow_contract.run.scene import Scene
from servicenow_contract.target.gate import UNOWNED

requirement = pytest.mark.requirement

_Spoil = Callable[[Scene, Any], Mapping[str, Any]]
"""Takes a good body, and gives what is sent instead."""


def _findings(body: Any) -> Any:
    return body["data"]["relationships"]["findings"]["data"]


def _edited(edit: Callable[[Scene, Any], object]) -> _Spoil:
    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        edit(scene, body)
        return {"body": body}

    return spoil


def _content(spoil: Callable[[bytes], bytes]) -> _Spoil:
    return lambda _scene, body: {"content": spoil(json.dumps(body).encode())}


def _headers(**changed: str | None) -> _Spoil:
    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        names = {**scene.target.contract.key_headers, "media_type": "Content-Type"}
        return {"body": body, "headers": {names[name]: value for name, value in changed.items()}}

    return spoil


def _address(old: str, new: str) -> _Spoil:
    def edit(_scene: Scene, body: Any) -> None:
        attributes = body["data"]["attributes"]
        attributes["servicenow_ticket_url"] = attributes["servicenow_ticket_url"].replace(old, new)

    return _edited(edit)


def _append(**member: Any) -> _Spoil:
    return _edited(lambda _scene, body: _findings(body).append(member))


def _unknown(place: int) -> _Spoil:
    def edit(scene: Scene, body: Any) -> None:
        _findings(body).insert(place, {"id": scene.world.unknown_finding, "type": "findings"})

    return _edited(edit)


def _too_many(scene: Scene, body: Any) -> Mapping[str, Any]:
    others = scene.findings(scene.target.contract.max_findings)
    _findings(body).extend({"id": each, "type": "findings"} for each in others)
    return {"body": body}


_REFUSED: Mapping[str, _Spoil] = {
    "an unknown finding at the end": _unknown(2),
    "an unknown finding at the beginning": _unknown(0),
    "an unknown project": _edited(
        lambda scene, body: body["data"]["relationships"]["project"]["data"].update(
            id=scene.world.unknown_project
        )
    ),
    "a wrong type at the end": _append(id=7, type="findings"),
    "a null at the end": _append(id=None, type="findings"),
    "a finding without type at the end": _append(id="a-finding"),
    "a finding of a wrong resource type at the end": _append(id="a-finding", type="cases"),
    "too many findings": _too_many,
    "a wrong resource type": _edited(lambda _scene, body: body["data"].update(type="tickets")),
    "a wrong resource type of the findings": _edited(
        lambda _scene, body: [each.update(type="signals") for each in _findings(body)]
    ),
    "a wrong resource type of the project": _edited(
        lambda _scene, body: body["data"]["relationships"]["project"]["data"].update(type="cases")
    ),
    "no project": _edited(lambda _scene, body: body["data"]["relationships"].pop("project")),
    "no resource type": _edited(lambda _scene, body: body["data"].pop("type")),
    "plain http": _address("https://", "http://"),
    "another table": _address("incident.do", "problem.do"),
    "a space after the address": _address("sys_id=", "sys_id= "),
    "JSON that is cut off": _content(lambda good: good[:-1]),
    "something after the JSON": _content(lambda good: good + b"x"),
    "another media type": _headers(media_type="text/plain"),
    "no API key": _headers(apiKeyAuth=None),
    "no application key": _headers(appKeyAuth=None),
    "another method": lambda _scene, body: {"body": body, "method": UNOWNED},
}


def _refuse(scene: Scene, name: str, ticket: str, findings: list[str], project: str) -> None:
    """Send what is wrong; the requirement is not run when it is not refused."""
    spoiled = _REFUSED[name](scene, attach_body(ticket, findings, project))
    response = scene.target.send(**spoiled)
    if response.status_code < 400:
        pytest.skip(f"the request was not refused but answered {told(response)}")


@requirement("refused-request-changes-nothing")
@pytest.mark.parametrize("name", _REFUSED)
def test_refused(scene: Scene, name: str) -> None:
    """After a refusal, each finding is where it was, and the ticket has its case and no other."""
    (here, there), (anchor, elsewhere, there_anchor) = scene.tickets(2), scene.findings(3)
    scene.attach(there, [there_anchor, elsewhere])
    before = scene.attach(here, [anchor])
    _refuse(scene, name, here, [*scene.findings(1), elsewhere], scene.world.project)
    after = scene.look(here, anchor)
    expect.same("the case after a refused request", before.case, after.case)
    expect.is_just("the case after a refused request", after.findings, before.findings)
    left = scene.look(there, there_anchor).findings
    expect.lists("the ticket that a refused request would have taken it from", left, elsewhere)


@requirement("refused-request-changes-nothing")
@pytest.mark.parametrize("name", _REFUSED)
def test_refused_for_an_unlinked_ticket(scene: Scene, name: str) -> None:
    """A refusal leaves an unlinked ticket unlinked: it gets its case from the next attach."""
    ticket = scene.made_up_ticket("refused", 1 + list(_REFUSED).index(name))
    findings = [f"finding-{number}-of-a-refused-request" for number in range(2)]
    _refuse(scene, name, ticket, findings, "project-of-a-refused-request")
    shown = scene.attach(ticket, [f"finding-after-{name}"])
    expect.same(
        "the project of a case that comes after a refused request",
        scene.world.project,
        shown.project,
    )
    expect.lacks("the case after a refused request", shown.findings, *findings)
