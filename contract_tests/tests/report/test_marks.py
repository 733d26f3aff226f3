"""What a failure marks in the exchange that decided: the very member that breaks a requirement."""

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from servicenow_contract.contract.references import at
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.requirements import answer_model
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.answers import Answer, Attach
from servicenow_contract.judging.refusals import broken_by
from servicenow_contract.judging.rules import rules
from servicenow_contract.judging.verdict import Broken, NotShown
from servicenow_contract.report.marks import Marks, marks
from servicenow_contract.vectors.keywords import OF_KEYWORD
from servicenow_contract.vectors.rules import by_name
from tests.contract import FRAGMENT
from tests.report.records import exchange

SENT = attach_body(DEFAULT_WORLD.tickets[0], ["finding-001", "finding-002"], "a-project")
_TICKET = "/data/attributes/servicenow_ticket"
_RESULT = f"{_TICKET}/result"


def _answer() -> Any:
    """The documented example as the answer to what is sent here, with nothing wrong in it."""
    body = copy.deepcopy(FRAGMENT.response_example(200))
    attributes = body["data"]["attributes"]
    item = attributes["insights"][0]
    attributes["insights"] = [{**item, "resource_id": f"finding-{n:03}"} for n in (1, 2, 9)]
    url = DEFAULT_WORLD.tickets[0]
    part = {"sys_id": url[-32:], "sys_target_sys_id": url[-32:], "sys_target_link": url, "url": url}
    attributes["servicenow_ticket"]["result"] |= part
    body["data"]["relationships"]["project"]["data"]["id"] = "a-project"
    return body


WRONG: dict[str, tuple[str, str, Any]] = {
    "a part of the ticket": ("answer-describes-the-ticket-sent", f"{_RESULT}/sys_id", "0" * 32),
    "its link": (
        "answer-describes-the-ticket-sent",
        f"{_RESULT}/sys_target_link",
        "https://x.test",
    ),
    "its status": ("ticket-status-is-completed", f"{_TICKET}/status", "PENDING"),
    "its address": ("answer-repeats-the-address-sent", f"{_RESULT}/url", "https://x.test"),
    "the project": ("answer-names-the-project", "/data/relationships/project/data/id", "another"),
    "a finding": ("answer-lists-every-finding", "/data/attributes/insights/1/type", "OTHER"),
    "one twice": ("answer-lists-every-finding", "/data/attributes/insights/2", None),
    "a time": ("case-times-do-not-go-back", "/data/attributes/modified_at", "2020-01-01T00:00:00Z"),
    "the past": ("case-times-are-possible", "/data/attributes/created_at", "1999-01-01T00:00:00Z"),
    "the type": ("case-is-a-security-case", "/data/attributes/type", "STANDARD"),
    "a model": (answer_model(200), "/data/attributes/insights/1/ref", 7),
    "a list": (answer_model(200), "/data/attributes/insights", {}),
}
"""What is wrong in an answer: the requirement that it breaks, its place, and the wrong value."""
ALSO = {
    "a finding": {"/data/attributes/insights/1/resource_id", "/data/attributes/insights/1/type"},
    "one twice": {
        "/data/attributes/insights/0/resource_id",
        "/data/attributes/insights/2/resource_id",
    },
    "a time": {"/data/attributes/created_at", "/data/attributes/modified_at"},
}
"""What is marked where it is not just that place."""


@pytest.mark.parametrize("name", WRONG)
def test_mark_is_at_what_is_wrong_in_an_answer(name: str) -> None:
    """The member that was changed is marked, and no other."""
    requirement, where, value = WRONG[name]
    body = _answer()
    holder, _, last = where.rpartition("/")
    value = body["data"]["attributes"]["insights"][0] if value is None else value
    at(body, holder)[int(last) if last.isdecimal() else last] = value
    (reason,) = {*_reasons(requirement, body)}
    found = marks(requirement, reason, exchange(json.dumps(SENT), json.dumps(body)))
    assert found == Marks(answer=frozenset(ALSO.get(name, {where})))


def _reasons(requirement: str, body: Any) -> list[str]:
    """How an answer breaks a requirement."""
    answer = Answer(
        FRAGMENT, httpx.Response(200, json=body), Attach.of(SENT), alone=True, created=True
    )
    reasons = []
    for rule in rules(FRAGMENT):
        try:
            if rule.requirement == requirement:
                rule(answer)
        except Broken as broken:
            reasons.append(str(broken))
        except NotShown:
            pass
    return reasons


def test_answer_with_nothing_wrong_breaks_nothing() -> None:
    """The twin: the answer that the others change breaks none of their requirements."""
    assert not [each for name, *_ in WRONG.values() for each in _reasons(name, _answer())]


@pytest.mark.parametrize("by_the_way", [False, True], ids=["asked on purpose", "by the way"])
def test_mark_is_at_what_is_wrong_in_a_request(by_the_way: bool) -> None:
    """Each vector is marked at its own place, whether its test or the witness blames the target."""
    for vector in by_name(FRAGMENT, DEFAULT_WORLD).values():
        requirement, content = OF_KEYWORD[vector.keyword], json.dumps(vector.body)
        reason = f"{vector.told(FRAGMENT)} was answered 200; expected 400. The body: '{{}}'"
        if by_the_way:
            headers = {"content-type": "application/json", **dict.fromkeys(KEYS, "k")}
            request = httpx.Request("PATCH", "http://x.test/", headers=headers, content=content)
            how = dict(broken_by(FRAGMENT, DEFAULT_WORLD, request)).get(requirement)
            reason = f"a request was accepted although {how}; it was answered 200: '{{}}'"
        found = marks(requirement, reason, exchange(content, "{}"))
        assert found == Marks(request=frozenset({vector.at})), f"{vector.name}: {reason}"


KEYS = FRAGMENT.key_headers.values()
OTHERS: dict[str, tuple[str, Callable[[], Marks]]] = {
    "media-type-demanded": ("its media type is 'text/plain'", lambda: _request("content-type")),
    "unknown-project-is-404": (
        "the project 'a-project' does not exist",
        lambda: _request("/data/relationships/project/data/id"),
    ),
    "unknown-finding-is-404": (
        "the finding 'finding-002' does not exist",
        lambda: _request("/data/relationships/findings/data/1/id"),
    ),
    "linked-ticket-keeps-its-case": (
        "data.attributes.key of a ticket's case was 'A-1' and is now 'A-2'",
        lambda: _at("/data/attributes/key"),
    ),
    "finding-moves-from-its-earlier-ticket": (
        "'finding-009' was attached elsewhere, but is still shown on the ticket 1 on x.test",
        lambda: _at("/data/attributes/insights/2/resource_id"),
    ),
    "earlier-findings-stay": (
        "'finding-003' was on the ticket 1 on x.test, but is no longer shown there",
        lambda: _at("/data/attributes/insights"),
    ),
}


def _request(place: str) -> Marks:
    return Marks(request=frozenset({place}))


def _at(place: str) -> Marks:
    return Marks(answer=frozenset({place}))


@pytest.mark.parametrize("name", OTHERS)
def test_mark_follows_the_reason(name: str) -> None:
    """What a reason names is marked; what it misses is marked by what should hold it."""
    reason, expected = OTHERS[name]
    assert marks(name, reason, exchange(json.dumps(SENT), json.dumps(_answer()))) == expected()


@pytest.mark.parametrize("answer", [None, "", "<html>", "[" * 90_000, "7", "null"])
def test_what_cannot_be_read_has_no_mark(answer: str | None) -> None:
    """Where there is no JSON, or no such member, nothing in it is marked."""
    found = marks("case-is-a-security-case", "the type of the case is 'X'", exchange("", answer))
    assert found.answer <= {"/data"}
