"""How a server answers."""

import httpx
import pytest
from hypothesis import given
from schemathesis import GenerationMode

from servicenow_contract import cases
from servicenow_contract.cases import Case
from servicenow_contract.scene import (
    CASE_PARTS,
    TICKET_PARTS,
    Scene,
    Shown,
    hold_case_part,
    hold_findings,
    hold_media_type,
    hold_model,
    hold_security_case,
    hold_ticket_link,
    hold_ticket_part,
    hold_ticket_status,
    told,
)
from servicenow_contract.target import Target

requirement = pytest.mark.requirement


def _answer(scene: Scene, status: int) -> httpx.Response:
    """An answer with this status, which every server gives to some request."""
    world, target = scene.world, scene.target
    [ticket], findings = scene.tickets(1), scene.findings(2)
    match status:
        case 200:
            response = target.attach(ticket, findings)
        case 400:
            response = target.send({})
        case _:
            response = target.attach(ticket, [world.unknown_finding])
    if response.status_code != status:
        pytest.skip(f"no answer {status} was to be had, but {response.status_code}")
    return response


_MODELS = [
    pytest.param(status, marks=requirement(f"answer-{status}-model")) for status in (200, 400, 404)
]


@pytest.mark.parametrize("status", _MODELS)
def test_model(scene: Scene, status: int) -> None:
    """The body satisfies the documented model; an error says at least one thing."""
    hold_model(_answer(scene, status))


@requirement("answer-200-model")
@given(case=cases.requests(GenerationMode.POSITIVE))
def test_model_of_random_cases(target: Target, case: Case) -> None:
    """Whatever valid request is sent, the case that is shown satisfies its model."""
    target.needs_open_world()
    _hold_exchange(cases.exchange(target, case), 200)


@requirement("answer-400-model")
@given(case=cases.requests(GenerationMode.NEGATIVE))
def test_model_of_random_refusals(target: Target, case: Case) -> None:
    """Whatever wrong request is sent, the errors satisfy their model."""
    target.needs_open_world()
    _hold_exchange(cases.exchange(target, case), 400)


def _hold_exchange(exchange: cases.Exchange, status: int) -> None:
    """Judge an answer of this status; another one is another requirement's affair."""
    if exchange.response.status_code == status:
        hold_model(exchange.response)
        exchange.body_satisfies_schema()


@requirement("answer-media-type")
@pytest.mark.parametrize("status", [200, 400, 404])
def test_media_type(scene: Scene, status: int) -> None:
    """The answer says that it is JSON."""
    hold_media_type(_answer(scene, status))


@requirement("answer-shows-the-case")
@pytest.mark.parametrize("path", CASE_PARTS, ids=".".join)
def test_parts_of_the_case(scene: Scene, path: tuple[str, ...]) -> None:
    """What the operation created or changed is in the answer."""
    hold_case_part(Shown(_answer(scene, 200)), path)


@requirement("answer-describes-the-ticket-sent")
@pytest.mark.parametrize("part", TICKET_PARTS)
def test_ticket_parts(scene: Scene, part: str) -> None:
    """Each part of the ticket in the answer is that of the ticket that was sent just now."""
    [finding] = scene.findings(1)
    for ticket in scene.tickets(2):
        hold_ticket_part(scene.attach(ticket, [finding]), ticket, part)


@requirement("answer-describes-the-ticket-sent")
def test_ticket_link(scene: Scene) -> None:
    """The direct link leads to the record that was sent, on its own host."""
    [finding] = scene.findings(1)
    for ticket in scene.tickets(2):
        hold_ticket_link(scene.attach(ticket, [finding]), ticket)


@requirement("answer-describes-the-ticket-sent")
def test_ticket_status(scene: Scene) -> None:
    """A ticket that was attached with success has the status COMPLETED."""
    hold_ticket_status(Shown(_answer(scene, 200)))


@requirement("answer-names-the-project")
def test_project(scene: Scene) -> None:
    """The case is in the project that was sent when it was created."""
    [ticket], findings = scene.tickets(1), scene.findings(1)
    assert scene.attach(ticket, findings).project == scene.world.project


@requirement("answer-lists-every-finding")
def test_findings(scene: Scene) -> None:
    """Every finding that was sent is one insight, of the documented type."""
    [ticket], findings = scene.tickets(1), scene.findings(3)
    hold_findings(scene.attach(ticket, findings), findings)


@requirement("answer-lists-every-finding")
def test_finding_named_twice(scene: Scene) -> None:
    """A finding that is sent twice in one request is attached once."""
    [ticket], [finding] = scene.tickets(1), scene.findings(1)
    assert scene.attach(ticket, [finding, finding]).findings.count(finding) == 1


@requirement("case-is-a-security-case")
def test_case_type(scene: Scene) -> None:
    """The case is of the type SECURITY."""
    hold_security_case(Shown(_answer(scene, 200)))


@requirement("answer-statuses-documented")
def test_no_server_error_on_a_large_body(target: Target) -> None:
    """A long list of small mistakes is refused like a short one."""
    response = target.send({"data": [{"id": number} for number in range(2000)]})
    assert response.status_code == 400, told(response)
