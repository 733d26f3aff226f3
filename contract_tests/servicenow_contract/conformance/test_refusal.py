"""Which requests a server refuses."""

from collections.abc import Sequence

import pytest
from _pytest.mark import ParameterSet  # what pytest.param gives; it has no public name
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from servicenow_contract.contract.addresses import addresses
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging import expect
from servicenow_contract.run.scene import Scene
from servicenow_contract.run.stage import STATES, Stage
from servicenow_contract.target.gate import SAFE, UNOWNED
from servicenow_contract.target.generated import exchange
from servicenow_contract.target.target import ClosedWorldError, Target
from servicenow_contract.vectors import generated
from servicenow_contract.vectors.generated import Case
from servicenow_contract.vectors.keywords import OF_KEYWORD
from servicenow_contract.vectors.raw import dialects, malformed, other_media_types
from servicenow_contract.vectors.rules import by_name, crowded

requirement = pytest.mark.requirement


def _vectors(contract: Fragment) -> Sequence[ParameterSet]:
    """Names only: the bodies are made with the ids of the world that is judged."""
    return [
        pytest.param(
            each.name,
            marks=requirement(OF_KEYWORD[each.keyword]),
            id=each.name.encode("unicode_escape").decode(),
        )
        for each in by_name(contract, DEFAULT_WORLD).values()
    ]


@pytest.mark.from_contract("name", _vectors)
def test_one_rule_broken(target: Target, name: str) -> None:
    """A request that breaks one rule is refused with 400."""
    vector = by_name(target.contract, target.world).get(name)
    if vector is None:
        raise ClosedWorldError(f"the world file names too few findings for this: {name}")
    response = target.send(vector.body)
    expect.answered(vector.told(target.contract), response, 400)


def _crowded(contract: Fragment) -> Sequence[ParameterSet]:
    rules = dict.fromkeys(each.rule for each in crowded(contract, DEFAULT_WORLD))
    return [
        pytest.param(rule, marks=requirement(OF_KEYWORD[rule.rpartition("/")[2]]), id=rule)
        for rule in rules
    ]


@pytest.mark.from_contract("rule", _crowded)
def test_one_rule_broken_among_many(target: Target, rule: str) -> None:
    """A request of many findings is refused with 400 wherever among them a rule is broken."""
    for vector in crowded(target.contract, target.world):
        if vector.rule == rule:
            response = target.send(vector.body)
            expect.answered(vector.told(target.contract), response, 400)


@requirement("malformed-json-is-400")
@pytest.mark.from_contract(
    "name", lambda contract: [each.name for each in malformed(contract, DEFAULT_WORLD)]
)
def test_malformed(target: Target, name: str) -> None:
    """A body that is JSON in no dialect is refused with 400."""
    [vector] = [each for each in malformed(target.contract, target.world) if each.name == name]
    response = target.send(content=vector.content)
    expect.answered(f"a body that is not JSON ({name})", response, 400)


@requirement("json-dialects-refused")
@pytest.mark.from_contract(
    "name", lambda contract: [each.name for each in dialects(contract, DEFAULT_WORLD)]
)
def test_dialects(target: Target, name: str) -> None:
    """A body in a dialect of JSON is refused with 400."""
    [vector] = [each for each in dialects(target.contract, target.world) if each.name == name]
    response = target.send(content=vector.content)
    expect.answered(f"a body that is not strict JSON ({name})", response, 400)


@requirement("media-type-demanded")
@pytest.mark.parametrize("name", [each.name for each in other_media_types(DEFAULT_WORLD)])
def test_other_media_types(target: Target, name: str) -> None:
    """A good body under another media type is refused."""
    [vector] = [each for each in other_media_types(target.world) if each.name == name]
    response = target.send(content=vector.content, headers={"Content-Type": vector.content_type})
    expect.refused(f"a body sent as {vector.content_type}", response)


@requirement("answer-statuses-documented")
@pytest.mark.from_contract(
    "case",
    lambda contract: generated.coverage(contract, GenerationMode.NEGATIVE),
    ids=generated.label,
)
def test_wrong_boundaries(target: Target, case: Case) -> None:
    """Each wrong boundary case of schemathesis is answered as the page documents."""
    _judge(target, case)


@pytest.fixture(scope="session")
def wrong_requests(contract: Fragment) -> st.SearchStrategy[Case]:
    """Made before the test: what Hypothesis draws in the first case is drawn in the others, too."""
    return generated.wrong_requests(contract)


@requirement("answer-statuses-documented")
@given(data=st.data())
def test_random_wrong_requests(
    target: Target, wrong_requests: st.SearchStrategy[Case], data: st.DataObject
) -> None:
    """Whatever is not listed on the page is answered as the page documents."""
    _judge(target, data.draw(wrong_requests))


def _judge(target: Target, case: Case) -> None:
    target.needs_open_world()
    sent = exchange(target, case)
    if sent.is_json:  # a gateway may refuse another media type with a status of its own
        sent.status_is_documented()


@requirement("other-methods-refused")
def test_unowned_method(scene: Scene) -> None:
    """The same request under a method that no operation can own is refused, and breaks nothing."""
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    response = scene.target.send(body, method=UNOWNED)
    # RFC 9110, section 9.1: 501 is for a method that nobody knows.
    expect.refused(f"the method {UNOWNED}", response, 501)


@requirement("other-methods-refused")
@pytest.mark.parametrize("method", SAFE)
def test_safe_methods(scene: Scene, method: str) -> None:
    """The same request under a safe method may be answered, but attaches nothing."""
    [ticket], [anchor] = scene.tickets(1), scene.findings(1)
    held = scene.settled(ticket, scene.attach(ticket, [anchor]), has=[anchor]).findings
    other = next((each for each in scene.world.findings if each not in held), None)
    if other is None:
        pytest.skip("the ticket holds every finding of the world file, so none is left to send")
    body = attach_body(ticket, [other], scene.world.project)
    scene.target.send(body, method=method)
    left = scene.settled(ticket, scene.look(ticket, anchor), lacks=[other]).findings
    expect.lacks(f"the ticket after {method}", left, other)


@requirement("unknown-finding-is-404")
@pytest.mark.parametrize("state", STATES)
def test_unknown_finding(stage: Stage, state: str) -> None:
    """A finding that nobody has is answered 404, alone or anywhere among those that exist."""
    scene, staged = stage.scene, stage.ticket(state)
    last = scene.target.contract.max_findings - 1
    for others, place in ((0, 0), (1, 0), (1, 1), (12, 0), (12, 6), (12, 12), (last, last)):
        findings = scene.findings(others)
        findings.insert(place, scene.world.unknown_finding)
        response = scene.target.attach(staged.ticket, findings)
        expect.answered(
            f"the finding {scene.world.unknown_finding!r}, which must not exist, at index {place} "
            f"of {len(findings)} findings (ticket: {state})",
            response,
            404,
        )


@requirement("unknown-project-is-404")
@pytest.mark.parametrize("state", STATES)
def test_unknown_project(stage: Stage, state: str) -> None:
    """A project that nobody has is answered 404, also for a ticket that has its case already.

    By another form of the ticket's address a server may answer 400 instead.
    """
    scene, staged = stage.scene, stage.ticket(state)
    other, project = addresses(staged.ticket)["classic"], scene.world.unknown_project
    for count in (1, 2, scene.target.contract.max_findings):
        findings, address = scene.findings(count), other if count == 2 else staged.ticket
        response = scene.target.attach(address, findings, project=project)
        expect.answered(
            f"the project {project!r}, which must not exist, with {count} findings "
            f"(ticket: {state})",
            response,
            404,
            *(() if address == staged.ticket else (400,)),
        )
