"""Recorded traffic is judged by what one exchange can show, and by nothing that it cannot."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from servicenow_contract.contract.addresses import addresses
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.requirements import answer_model
from servicenow_contract.judging.rules import rules
from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.service import Request
from servicenow_contract.traffic.checks import BEYOND, checks
from servicenow_contract.vectors.keywords import OF_KEYWORD
from servicenow_contract.vectors.raw import malformed, other_media_types
from servicenow_contract.vectors.rules import vectors
from tests.addresses import BLANKS, NONE, OPEN, UNTOLD
from tests.contract import CONTRACT, FRAGMENT
from tests.service.calls import HEADERS
from tests.traffic.recorded_calls import (
    CASE,
    GOOD,
    WORLD,
    both,
    changed,
    failed,
    judged,
    named,
    passed,
)
from tests.traffic.recording_writers import URL, answered, asked, attach, cassette, har


def test_every_requirement_of_a_server_has_a_check_or_a_reason() -> None:
    """What no recording shows is listed with its reason, and nothing stands in both lists."""
    checked = {name for name, _ in checks(FRAGMENT)} | {
        "linked-ticket-keeps-its-case",
        "one-incident-is-one-ticket",
    }
    server = {name for name, each in CONTRACT.requirements.items() if each.of == "server"}
    assert checked | BEYOND.keys() == server
    assert not checked & BEYOND.keys()


# A conforming service.


def _bodies() -> st.SearchStrategy[Request]:
    tickets = st.sampled_from([each for one in WORLD.tickets[:2] for each in addresses(one)])
    findings = st.lists(
        st.sampled_from([*WORLD.findings[:4], WORLD.unknown_finding]), max_size=4
    ) | st.just([*WORLD.findings[: FRAGMENT.max_findings]])
    projects = st.sampled_from([WORLD.project, "another-project", WORLD.unknown_project])
    wrong = [asked(json.dumps(each.body).encode()) for each in vectors(FRAGMENT, WORLD)]
    wrong += [asked(each.content) for each in malformed(FRAGMENT, WORLD)]
    wrong += [
        asked(each.content, {**HEADERS, "Content-Type": str(each.content_type)})
        for each in other_media_types(WORLD)
    ]
    keyless = attach(), asked(b"{}", {"Content-Type": "application/json"})
    unlisted = json.dumps({**attach_body(WORLD.tickets[3], ["finding-009"], "any"), "x": 1})
    return st.builds(attach, tickets, findings, projects) | st.sampled_from(
        [*wrong, *keyless, asked(unlisted.encode())]
    )


def _spoilt(entry: dict[str, Any], how: str) -> None:
    """What recorders leave out."""
    match how:
        case "no bodies":
            entry["request"].pop("postData", None)
            entry["response"]["content"].pop("text", None)
        case "no text":
            entry["request"]["postData"] = {"text": ""}
            entry["response"]["content"]["text"] = ""
        case "cut off":
            content = entry["response"]["content"]
            content["text"] = content["text"][: len(content["text"]) // 2]
            sent = entry["request"].get("postData", {"text": ""})
            sent["text"] = sent["text"][: len(sent["text"]) // 2]
        case "no headers":
            entry["request"]["headers"] = entry["response"]["headers"] = []
        case "no answer":
            entry["response"] = {"status": 0, "headers": [], "content": {"size": 0}}


SPOILS = ("", "no bodies", "no text", "cut off", "no headers", "no answer")


@given(st.lists(st.tuples(_bodies(), st.sampled_from(SPOILS)), min_size=1, max_size=8))
def test_conforming_service_never_fails(sent: list[tuple[Request, str]]) -> None:
    """Whatever mix of requests a conforming service answers, and whatever a recorder leaves out."""
    pairs = answered([request for request, _ in sent])
    document = json.loads(har(pairs, others=True))
    for entry, (_, how) in zip(document["log"]["entries"], sent, strict=False):
        _spoilt(entry, how)
    for content in (json.dumps(document).encode(), cassette(pairs), cassette(pairs, headers=[])):
        assert failed(content) == set()


_DOUBLED = [*WORLD.findings[: FRAGMENT.max_findings], WORLD.findings[0]]
EITHER = {
    "too many that are not so many": attach(findings=_DOUBLED),
    "another encoding": asked(attach().body.decode().encode("utf-16")),
    "a port": attach(WORLD.tickets[0].replace("service-now.com/", "service-now.com:443/")),
}


@pytest.mark.parametrize("name", EITHER)
def test_what_the_page_leaves_open_may_be_taken_or_not(name: str) -> None:
    """A 200 and a 400 prove nothing wrong where the page can be read either way."""
    for answer in (GOOD[0], *answered([attach(findings=_DOUBLED)])):
        pair = evolve(answer, request=EITHER[name])
        assert failed(cassette([pair])) <= {"json-dialects-refused"}  # which is a MAY


def test_what_one_good_exchange_shows() -> None:
    """A 200 shows that its request was accepted, and all that one answer owes."""
    others = {answer_model(status) for status in FRAGMENT.statuses if status != 200}
    others |= {"refusals-say-why", "case-times-are-possible"}  # times are often replaced
    shown = {"valid-request-accepted", *(rule.requirement for rule in rules(FRAGMENT))} - others
    for content in both(GOOD):
        assert passed(content) == shown


def test_what_particular_requests_show() -> None:
    """The most findings, unlisted members, none at all, and refusals show what they are about."""
    unlisted = attach_body(WORLD.tickets[3], ["finding-009"], "any")
    unlisted["data"]["later"] = True
    requests = [
        attach(findings=WORLD.findings[: FRAGMENT.max_findings]),
        attach(findings=[]),
        asked(json.dumps(unlisted).encode()),
        attach(findings=[WORLD.unknown_finding]),
        *(asked(json.dumps(each.body).encode()) for each in vectors(FRAGMENT, WORLD)),
    ]
    assert passed(cassette(answered(requests))) >= {
        *("findings-up-to-the-limit-accepted", "no-findings-accepted", "unknown-members-accepted"),
        *("answer-400-model", "answer-404-model", *OF_KEYWORD.values()),
    }


# A service at fault.


_TICKET = "data.attributes.servicenow_ticket"
DESCRIBES = "answer-describes-the-ticket-sent"
WRONG_ANSWERS: Mapping[str, tuple[Callable[[], bytes], set[str]]] = {
    "a wrong type": (lambda: changed("data.attributes.title", 7), {"answer-200-model"}),
    "a resource type": (lambda: changed("data.type", "case"), {"answer-200-model"}),
    "no JSON": (lambda: b"<html>", {"answer-200-model", "answer-shows-the-case"}),
    "half a surrogate pair": (
        lambda: b'"\\ud800"',
        {"answer-200-model", "answer-shows-the-case"},
    ),
    "bottomless JSON": (
        lambda: b"[" * 100_000,
        {"answer-200-model", "answer-shows-the-case"},
    ),
    "no id": (lambda: changed("data.id", None), {"answer-shows-the-case"}),
    "another sys_id": (lambda: changed(f"{_TICKET}.result.sys_id", "0" * 32), {DESCRIBES}),
    "another instance": (lambda: changed(f"{_TICKET}.result.instance_name", "other"), {DESCRIBES}),
    "another table": (lambda: changed(f"{_TICKET}.result.table_name", "problem"), {DESCRIBES}),
    "another link": (
        lambda: changed(f"{_TICKET}.result.sys_target_link", "https://x"),
        {DESCRIBES},
    ),
    "no finding": (
        lambda: changed("data.attributes.insights", []),
        {"findings-shown-at-once"},
    ),
    "a finding twice": (
        lambda: changed("data.attributes.insights", CASE["data"]["attributes"]["insights"][:1] * 2),
        {"answer-lists-every-finding", "findings-shown-at-once"},
    ),
    "another type of insight": (
        lambda: changed("data.attributes.insights.0.type", "EVENT"),
        {"answer-lists-every-finding", "findings-shown-at-once"},
    ),
    "another type of case": (
        lambda: changed("data.attributes.type", "STANDARD"),
        {"case-is-a-security-case"},
    ),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_wrong_answer(name: str) -> None:
    """Each fault of a 200 fails its own requirement, and no other."""
    body, expected = WRONG_ANSWERS[name]
    for content in both([*GOOD, GOOD[0].answering(body())]):
        assert failed(content) == expected


_PLAIN = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (500, b'{"errors": ["x"]}', _PLAIN, {"answer-statuses-documented"}),
        (502, b"<html>", {"content-type": "text/html"}, {"answer-statuses-documented"}),
        (201, b"{}", _PLAIN, {"answer-statuses-documented"}),
        (400, b"<html>", {"content-type": "text/html"}, {"answer-400-model", "answer-media-type"}),
        (404, b'{"errors": []}', _PLAIN, {"refusals-say-why"}),
        (429, b'{"error": "x"}', _PLAIN, {"answer-429-model"}),
        (429, b'{"errors": ["x"]}', _PLAIN, set()),
        (400, b'{"errors": ["x"]}', _PLAIN, set()),
        (404, b'{"errors": ["x"]}', _PLAIN, set()),
        (401, b"<html>", {"content-type": "text/html"}, set()),
        (403, b'{"errors": ["Forbidden"]}', _PLAIN, set()),
    ],
)
def test_other_statuses(
    status: int, body: bytes, headers: dict[str, str], expected: set[str]
) -> None:
    """Undocumented statuses and wrong errors fail; a refusal for keys or unknown ids does not."""
    pair = GOOD[0].answering(body, status=status, headers=headers)
    for content in both([pair]):
        assert failed(content) == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [("application/json", {"answer-statuses-documented"}), ("text/plain", set())],
)
def test_gateway_may_refuse_what_is_no_json(content_type: str, expected: set[str]) -> None:
    """An undocumented status is a fault where the request says that it is JSON, and only there."""
    pair = GOOD[0].asking(GOOD[0].request.body, headers={**HEADERS, "Content-Type": content_type})
    refused = pair.answering(b"no", status=415, headers={"content-type": "text/plain"})
    for content in both([refused]):
        assert failed(content) == expected


def test_valid_request_answered_400_is_not_run() -> None:
    """One exchange cannot tell whether what it named exists, so nobody is blamed."""
    pair = GOOD[0].answering({"errors": ["x"]}, status=400)
    ledger = judged(har([pair])).ledger
    assert ledger.verdict("valid-request-accepted") is Verdict.NOT_RUN
    assert "one exchange cannot tell" in ledger.reasons("valid-request-accepted")[0]


def test_open_request_answered_400_blames_nobody_for_a_valid_one() -> None:
    """Without findings a 400 is that requirement's affair, where the media type is beyond doubt."""
    body = json.dumps(attach_body(WORLD.tickets[0], [], WORLD.project)).encode()
    for content_type, expected in (
        ("application/json", {"no-findings-accepted"}),
        ("application/json; charset=utf-8", {"no-findings-accepted"}),
        ("application/json; charset=utf-16", set()),
        ("application/vnd.api+json", set()),
    ):
        pair = GOOD[0].asking(body, headers={**HEADERS, "Content-Type": content_type})
        refused = har([pair.answering({"errors": ["x"]}, status=400)])
        assert named(judged(refused), Verdict.DEVIATES) == expected
        reasons = judged(refused).ledger.reasons("valid-request-accepted")
        assert reasons == ["no recorded exchange shows it"]


def test_byte_order_mark_is_left_open() -> None:
    """JSON behind a byte order mark may be taken or refused (RFC 8259, section 8.1)."""
    pair = GOOD[0].asking(b"\xef\xbb\xbf" + GOOD[0].request.body)
    assert failed(cassette([pair])) == set()


def test_another_project_is_not_run() -> None:
    """The case may be older than the recording, and in the project that it was created in."""
    body = changed("data.relationships.project.data.id", "another")
    ledger = judged(har([GOOD[0].answering(body)])).ledger
    assert ledger.verdict("answer-names-the-project") is Verdict.NOT_RUN


@pytest.mark.parametrize(
    "name", sorted({each.name for each in vectors(FRAGMENT, WORLD)}), ids=ascii
)
def test_broken_rule_that_is_answered_200(name: str) -> None:
    """Each request that breaks a rule for certain and is taken fails that requirement alone."""
    [vector] = [each for each in vectors(FRAGMENT, WORLD) if each.name == name]
    pair = GOOD[0].asking(json.dumps(vector.body).encode())
    assert failed(cassette([pair])) == {OF_KEYWORD[vector.keyword]}
    refused = pair.answering({"errors": ["x"]}, status=400)
    assert OF_KEYWORD[vector.keyword] in passed(cassette([refused]))


@pytest.mark.parametrize(
    ("ticket", "expected"),
    [
        *((each, set()) for each in (*OPEN, *UNTOLD, *BLANKS)),
        *((each, {OF_KEYWORD["pattern"]}) for each in NONE),
    ],
    ids=ascii,
)
def test_address_that_is_taken(ticket: str, expected: set[str]) -> None:
    """What may lead to an incident proves nothing wrong; what certainly leads to none does."""
    pair = GOOD[0].asking(attach(ticket).body)
    assert failed(cassette([pair])) == expected
    refused = cassette([pair.answering({"errors": ["x"]}, status=400)])
    assert failed(refused) == set()
    assert (OF_KEYWORD["pattern"] in passed(refused)) == bool(expected)


@given(st.sampled_from(["FAILED", "IN_PROGRESS", "completed"]) | st.text())
def test_status_of_a_ticket_proves_nothing_wrong(status: str) -> None:
    """ServiceNow may still be at work, or may have failed: the page leaves the status open."""
    pair = GOOD[0].answering(changed(f"{_TICKET}.status", status))
    assert failed(har([pair])) <= {"answer-200-model"}
    if status in ("FAILED", "IN_PROGRESS"):
        assert failed(har([pair])) == set()


@pytest.mark.parametrize("name", [each.name for each in malformed(FRAGMENT, WORLD)])
def test_malformed_request_that_is_answered_200(name: str) -> None:
    """A request that is not JSON and is taken fails; one without a body if that is recorded."""
    [vector] = [each for each in malformed(FRAGMENT, WORLD) if each.name == name]
    pair = GOOD[0].asking(vector.content)
    if vector.content:
        begins_like_json = vector.content.startswith(b"{")
        broken = "json-dialects-refused" if begins_like_json else "malformed-json-is-400"
        assert failed(cassette([pair])) == {broken}
        return
    assert failed(cassette([pair])) == set()
    empty = GOOD[0].asking(b"", headers={**HEADERS, "Content-Length": "0"})
    assert failed(cassette([empty])) == {"malformed-json-is-400"}


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml"])
def test_other_media_type(media_type: str) -> None:
    """A body of another media type that is taken fails; one of a JSON dialect is left open."""
    headers = {**HEADERS, "Content-Type": media_type}
    pair = GOOD[0].asking(GOOD[0].request.body, headers=headers)
    assert failed(har([pair])) == {"media-type-demanded"}
    dialect = {**HEADERS, "Content-Type": "application/vnd.api+json"}
    assert failed(har([GOOD[0].asking(GOOD[0].request.body, headers=dialect)])) == set()


def test_two_faults_that_are_refused_show_neither() -> None:
    """Which of two broken rules was refused cannot be told; both were taken when neither was."""
    body = json.dumps({"data": {"type": "x", "attributes": 7, "relationships": {}}}).encode()
    [pair] = answered([asked(body)])
    demanded = {"required-members-demanded", "types-demanded", "resource-types-demanded"}
    assert not passed(har([pair])) & demanded
    assert failed(har([GOOD[0].asking(body)])) == demanded


@pytest.mark.parametrize(
    ("form", "requirement"),
    [
        ("the page's own", "linked-ticket-keeps-its-case"),
        ("in the service workspace", "one-incident-is-one-ticket"),
    ],
)
def test_case_of_a_ticket_within_a_recording(form: str, requirement: str) -> None:
    """A ticket that shows another case than before fails, on its own server only."""
    ticket = addresses(WORLD.tickets[0])[form]
    good = answered([attach(), attach(ticket)])
    assert requirement in passed(cassette(good))
    other = json.loads(good[1].response.body)
    other["data"]["id"] = "another case"
    wrong = [good[0], good[1].answering(other)]
    assert failed(cassette(wrong)) == {requirement}
    elsewhere = [good[0], evolve(wrong[1], url=URL.replace("datadoghq.com", "datadoghq.eu"))]
    assert failed(cassette(elsewhere)) == set()
