"""What a failure says: what was sent, what came, and what was expected instead."""

import ast
from collections.abc import Callable

import httpx
import pytest

from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging import expect
from servicenow_contract.judging.verdict import Broken
from servicenow_contract.report.causes import SENT, alike
from servicenow_contract.report.terminal import details
from servicenow_contract.run import runner
from servicenow_contract.vectors.rules import by_name
from tests.contract import CONTRACT, FRAGMENT
from tests.report.records import exchange, outcome, record


def test_no_conformance_test_asserts_without_words() -> None:
    """A bare assert shows Python to people who run no Python."""
    for module in runner.CONFORMANCE.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            bare = isinstance(node, ast.Assert) and node.msg is None
            assert not bare, f"{module.name}:{getattr(node, 'lineno', 0)}"


ANSWER = httpx.Response(200, text=900 * "x")
MANY = [f"finding-{number}" for number in range(40)]
BROKEN: dict[str, tuple[Callable[[], None], list[str]]] = {
    "a status": (
        lambda: expect.answered("a bad request", ANSWER, 400, 401, 404),
        ["a bad request was answered 200; expected 400, 401 or 404. The body: 'xxx"],
    ),
    "no refusal": (
        lambda: expect.refused("a request without keys", ANSWER),
        ["was answered 200", "expected a refusal, 4xx"],
    ),
    "another value": (lambda: expect.same("the case", "a", "b"), ["is 'b'; expected 'a'"]),
    "one value": (lambda: expect.different("the case", "a", "a"), ["expected two different"]),
    "lost": (
        lambda: expect.lists("the ticket", ["a"], "a", *MANY),
        ["does not show 'finding-0', ", " and 30 more; it shows 'a'"],
    ),
    "kept": (lambda: expect.lacks("the ticket", ["a", "b"], "b"), ["shows 'b', which"]),
    "doubled": (
        lambda: expect.is_just("the case", ["a", "a", "b"], ["b", "a", "c"]),
        ["the case lacks 'c' and also has 'a'"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_failure_says_what_came_and_what_was_expected(name: str) -> None:
    """One line with both, long values by their head."""
    ask, parts = BROKEN[name]
    with pytest.raises(Broken) as caught:
        ask()
    said = str(caught.value)
    assert all(part in said for part in parts), said
    assert "\n" not in said
    assert len(said) < 600


def test_what_is_as_expected_says_nothing() -> None:
    """The innocent pass."""
    expect.answered("a request", ANSWER, 200)
    expect.refused("a request", httpx.Response(403))
    expect.refused("a request", httpx.Response(501), 501)
    expect.same("a case", 1, 1)
    expect.different("a case", 1, 2)
    expect.lists("a case", ["a", "b"], "b")
    expect.lacks("a case", ["a", "b"], "c")
    expect.is_just("a case", ["b", "a"], ["a", "b"])


def test_vector_tells_its_rule_with_its_value() -> None:
    """Each vector says what it sends where, and the rule that this breaks in words."""
    limit = f"must have at most {FRAGMENT.max_findings} items"
    words = {"maxItems": limit, "enum": "must be one of [", "pattern": "must be the address of"}
    for vector in by_name(FRAGMENT, DEFAULT_WORLD).values():
        said = vector.told(FRAGMENT)
        assert vector.rule in said
        assert vector.at in said
        assert words.get(vector.keyword, "which must ") in said


def test_lost_answers_are_one_cause() -> None:
    """Whatever was sent, and however it is refused or taken, the cause is the same."""
    lost = {alike(f"a request got no answer: gone.{SENT}{each!r}") for each in ("a", "b c")}
    assert lost == {"a request got no answer: gone"}
    taken = ("; expected 400. The body: 'b'", "; expected 400, 401 or 404. The body: 'b'", ": 'b'")
    assert {alike(f"it was answered 200{each}") for each in taken} == {
        "accepted where a refusal is expected"
    }
    refused = "it was answered 404; expected 200 or 404. The body: 'b'"
    assert alike(refused) == "answered 404 where 200 or 404 is expected"
    assert alike("it was answered 400: 'b'") == "answered 400"


def test_worst_server_is_told_in_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """However much fails, sixty lines are enough: causes, with three examples each."""
    worst = record(dict.fromkeys(CONTRACT.of("server"), "fail"))
    for number, each in enumerate(worst["requirements"]):
        each["outcomes"] = []
        for turn in range(20):
            kind = f"the {chr(97 + number % 26)} of it is {turn}" if number % 2 else ""
            reason = kind or f"request {turn} was answered 200; expected 400. The body: 'x'"
            each["outcomes"].append(outcome("fail", reason, [exchange()] * 2))
    details(worst)
    lines = capsys.readouterr().out.splitlines()
    assert 20 < len(lines) <= 60
    assert any(line.endswith(" failures: accepted where a refusal is expected") for line in lines)
    assert " more causes, with " in lines[-2]
