"""Which requests a server refuses."""

from collections.abc import Mapping, Sequence

import httpx
import pytest
from _pytest.mark import ParameterSet  # what pytest.param gives; it has no public name
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging import expect
from servicenow_contract.judging.refusals import KEYS
from servicenow_contract.run.scene import Scene
from servicenow_contract.run.stage import STATES, Stage
from servicenow_contract.target.gate import SAFE, UNOWNED
from servicenow_contract.target.generated import exchange
from servicenow_contract.target.target import Target
from servicenow_contract.vectors import generated
from servicenow_contract.vectors.generated import Case
from servicenow_contract.vectors.raw import dialects, malformed, other_media_types
from servicenow_contract.vectors.rules import OF_KEYWORD, by_name, crowded

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
        pytest.skip(f"the world is too small for {name}")
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
    expect.answered(name, response, 400)


@requirement("json-dialects-refused")
@pytest.mark.from_contract(
    "name", lambda contract: [each.name for each in dialects(contract, DEFAULT_WORLD)]
)
def test_dialects(target: Target, name: str) -> None:
    """A body in a dialect of JSON is refused with 400."""
    [vector] = [each for each in dialects(target.contract, target.world) if each.name == name]
    response = target.send(content=vector.content)
    expect.answered(name, response, 400)


@requirement("media-type-demanded")
@pytest.mark.parametrize("name", [each.name for each in other_media_types(DEFAULT_WORLD)])
def test_other_media_types(target: Target, name: str) -> None:
    """A good body under another media type is refused."""
    [vector] = [each for each in other_media_types(target.world) if each.name == name]
    response = target.send(content=vector.content, headers={"Content-Type": vector.content_type})
    expect.refused(f"{name}, not {target.contract.media_type},", response)


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


def _without(scene: Scene, *schemes: str) -> httpx.Response:
    """A good request without these keys."""
    names = scene.target.contract.key_headers
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    return scene.target.send(body, headers={names[scheme]: None for scheme in schemes})


_INSTEAD = {
    "absent": {},
    "empty": {"": ""},
    "as a bearer": {"Authorization": "Bearer {key}"},
    "in another header": dict.fromkeys(("X-Api-Key", "X-Application-Key", "X-Key"), "{key}"),
    "in a cookie": {"Cookie": "dd-api-key={key}; dd-application-key={key}"},
}
_IN_THE_QUERY = ("api_key", "application_key", "app_key", "dd-api-key", "dd-application-key")


def _elsewhere(scene: Scene, scheme: str, instead: Mapping[str, str]) -> httpx.Response:
    """A good request with one key in none but these other places."""
    target = scene.target
    header = target.contract.key_headers[scheme]
    key = target.keys.headers(target.contract)[header]
    body = attach_body(scene.tickets(1)[0], scene.findings(1), scene.world.project)
    others = {name or header: value.format(key=key) for name, value in instead.items()}
    return scene.target.send(body, headers={header: None, **others})


@requirement("api-key-demanded")
@pytest.mark.parametrize("name", _INSTEAD)
def test_api_key(scene: Scene, name: str) -> None:
    """Without an API key in its header, the application key opens nothing."""
    response = _elsewhere(scene, "apiKeyAuth", _INSTEAD[name])
    expect.refused(f"a request whose API key is {name}", response)


@requirement("app-key-demanded")
@pytest.mark.parametrize("name", _INSTEAD)
def test_app_key(scene: Scene, name: str) -> None:
    """Without an application key in its header, the API key opens nothing."""
    response = _elsewhere(scene, "appKeyAuth", _INSTEAD[name])
    expect.refused(f"a request whose application key is {name}", response)


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
        pytest.skip("keys are put into no address of a server that is not on this machine")
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
    expect.answered(f"a request without {' and '.join(schemes)}", response, 401, 403)


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
        pytest.skip("the ticket holds every finding of the world")
    body = attach_body(ticket, [other], scene.world.project)
    scene.target.send(body, method=method)
    expect.lacks(f"the ticket after {method}", scene.look(ticket, anchor).findings, other)


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
            f"the finding {scene.world.unknown_finding!r}, which does not exist, at place {place} "
            f"of {len(findings)}, ticket {state},",
            response,
            404,
        )


@requirement("unknown-project-is-404")
@pytest.mark.parametrize("state", STATES)
def test_unknown_project(stage: Stage, state: str) -> None:
    """A project that nobody has is answered 404, also for a ticket that has its case already."""
    scene, staged = stage.scene, stage.ticket(state)
    for count in (1, 2, scene.target.contract.max_findings):
        findings = scene.findings(count)
        project = scene.world.unknown_project
        response = scene.target.attach(staged.ticket, findings, project=project)
        expect.answered(
            f"the project {project!r}, which does not exist, with {count} findings, "
            f"ticket {state},",
            response,
            404,
        )
