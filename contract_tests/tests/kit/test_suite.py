"""The suite judges rightly: it passes the service, and blames one that breaks a promise."""

import copy
import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from attrs import evolve
from hypothesis import given, seed
from hypothesis import strategies as st

from servicenow_contract.contract import requirements
from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level, Requirement
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.verdict import Broken, Ledger, NotShown, Outcome, Verdict, judged
from servicenow_contract.judging.witness import sees
from servicenow_contract.run import command as cli
from servicenow_contract.run import runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.outcomes import outcome_of
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.service import Ending, Request, Response, Service, State, handle
from servicenow_contract.service.mock import Respond
from servicenow_contract.target.target import embedded
from servicenow_contract.vectors.keywords import OF_KEYWORD, underived
from servicenow_contract.vectors.raw import dialects, malformed, other_media_types
from servicenow_contract.vectors.rules import crowded, vectors
from tests.contract import CONTRACT, FRAGMENT
from upkeep import conformance

Break = Callable[[Request, Response], Response]


def _changed(edit: Callable[[Any], Any]) -> Break:
    """Break the body of every 200."""

    def broken(_request: Request, response: Response) -> Response:
        if response.status != 200:
            return response
        body = json.loads(response.body)
        edit(body["data"])
        return Response(200, response.headers, json.dumps(body).encode())

    return broken


def _judged(respond: Respond, *by: str) -> JudgePlugin:
    """A quick run over this server, by these requirements."""
    catalogue = {name: each for name, each in CONTRACT.requirements.items() if name in by}
    target = embedded(FRAGMENT, respond=respond)
    assert target.wire is not None
    target.wire.sleep = lambda _seconds: None  # no server here shows anything late
    settings = RunSettings(only=by)
    judge = JudgePlugin(CONTRACT, target, "quick", ledger=Ledger(catalogue), settings=settings)
    runner.run(judge)
    assert judge.trouble == []
    return judge


BROKEN: Mapping[str, tuple[str, Break]] = {
    "another status": (
        "valid-request-accepted",
        lambda _request, response: (
            Response(201, response.headers, response.body) if response.status == 200 else response
        ),
    ),
    "an insight lost": (
        "answer-lists-every-finding",
        _changed(
            lambda data: data["attributes"].update(insights=data["attributes"]["insights"][:-1])
        ),
    ),
    "a required mark dropped": ("answer-200-model", _changed(lambda data: data.pop("type"))),
    "another ticket's data": (
        "answer-describes-the-ticket-sent",
        _changed(
            lambda data: data["attributes"]["servicenow_ticket"]["result"].update(sys_id="0" * 32)
        ),
    ),
    "another media type": (
        "answer-media-type",
        lambda _request, response: Response(
            response.status, {"content-type": "text/html"}, response.body
        ),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_server_fails(name: str) -> None:
    """A server that breaks one promise fails that requirement, and for a MUST the run."""
    expected, broken = BROKEN[name]
    state = State(FRAGMENT)
    judge = _judged(lambda request: broken(request, handle(state, request)), expected)
    assert judge.ledger.verdict(expected) is Verdict.FAIL
    binds = CONTRACT.requirements[expected].level is Level.MUST
    assert judge.ledger.exit_code == int(binds)


def test_server_without_detaching_fails() -> None:
    """A server on which findings stay on their earlier ticket fails what it breaks, no more."""
    states: dict[str, State] = {}

    def respond(request: Request) -> Response:
        """Each ticket in a world of its own: nothing is ever detached."""
        found = re.search(rb"[0-9a-f]{32}", request.body)
        return handle(
            states.setdefault(found[0].decode() if found else "", State(FRAGMENT)), request
        )

    broken, kept = "finding-moves-from-its-earlier-ticket", "earlier-findings-stay"
    ledger = _judged(respond, broken, kept).ledger
    assert (ledger.verdict(broken), ledger.verdict(kept)) == (Verdict.FAIL, Verdict.PASS)


def test_server_that_drops_the_connection_fails() -> None:
    """A server that takes a wrong request and hangs up fails what was asked, and only that."""
    state = State(FRAGMENT)

    def respond(request: Request) -> Response:
        """Break on an address that is no text."""
        answer = handle(state, request)
        dropped = b'"servicenow_ticket_url": null' in request.body
        return evolve(answer, ending=Ending.RESET) if dropped else answer

    broken, kept = "types-demanded", "valid-request-accepted"
    ledger = _judged(respond, broken, kept).ledger
    assert (ledger.verdict(broken), ledger.verdict(kept)) == (Verdict.FAIL, Verdict.PASS)
    assert "no complete answer" in ledger.reasons(broken)[0]


def test_server_that_takes_everything_fails() -> None:
    """A 200 for a body of any depth is a fault of the server, and no trouble of the suite's."""
    body = json.dumps(FRAGMENT.response_example(200)).encode()
    said = Response(200, {"content-type": "application/json"}, body)
    ledger = _judged(lambda _: said, "answer-statuses-documented", "malformed-json-is-400").ledger
    assert ledger.verdict("malformed-json-is-400") is Verdict.FAIL
    assert ledger.count(Verdict.ERROR) == 0


def test_other_operations_at_the_path_are_no_fault() -> None:
    """A server on whose path other methods are operations of their own passes; none is asked."""
    state, seen = State(FRAGMENT), list[str]()
    others = {
        "GET": Response(200, {"content-type": "application/json"}, b'{"data": [{"id": "1"}]}'),
        "HEAD": Response(200, {"content-type": "application/json"}, b""),
        "OPTIONS": Response(204, {"allow": "GET, HEAD, PATCH, POST, PUT, DELETE"}, b""),
        "TRACE": Response(200, {"content-type": "message/http"}, b"TRACE / HTTP/1.1"),
        "POST": Response(201, {"content-type": "application/json"}, b'{"data": []}'),
        "PUT": Response(200, {}, b""),
        "DELETE": Response(204, {}, b""),
    }

    def respond(request: Request) -> Response:
        seen.append(request.method)
        return others.get(request.method) or handle(state, request)

    asked = ("other-methods-refused", "refused-request-changes-nothing")
    ledger = _judged(respond, *asked).ledger
    assert [ledger.verdict(name) for name in asked] == [Verdict.PASS, Verdict.PASS]
    assert set(seen) == {"PATCH", "LINK", "GET", "HEAD", "OPTIONS", "TRACE"}


@given(st.text())
def test_known_deviation_is_known_whatever_the_answer_says(detail: str) -> None:
    """An answer that quotes a line break, or a terminal's command, deviates as every other does."""
    errors = json.dumps([{"detail": detail, "title": "Bad Request"}], ensure_ascii=False)
    reason = f'/errors/0: {errors[1:-1]} is not of type "string"'
    verdict, told = judged(
        "answer-400-model", Broken(f"{reason}\nassert"), excused=CONTRACT.deviations
    )
    assert verdict is Verdict.DEVIATES
    assert told.isprintable()


_TWO_FACTS = ExceptionGroup("two", [AssertionError("a"), ExceptionGroup("b", [Broken("b")])])
_A_FACT_AND_MORE = ExceptionGroup("two", [AssertionError("a"), ValueError("b")])


@pytest.mark.parametrize(
    ("error", "when", "expected"),
    [
        (pytest.skip.Exception("a"), "call", (Verdict.NOT_RUN, "a")),
        (pytest.skip.Exception("a"), "setup", (Verdict.NOT_RUN, "a")),
        (NotShown("a"), "call", (Verdict.NOT_RUN, "a")),
        (AssertionError("\n a\nb"), "call", (Verdict.FAIL, "a")),
        (pytest.fail.Exception("a"), "call", (Verdict.FAIL, "a")),
        (Broken("a"), "call", (Verdict.FAIL, "a")),
        (_TWO_FACTS, "call", (Verdict.FAIL, "a")),
        (_A_FACT_AND_MORE, "call", (Verdict.ERROR, "ExceptionGroup: a")),
        (ValueError("a"), "call", (Verdict.ERROR, "ValueError: a")),
        (AssertionError("a"), "setup", (Verdict.ERROR, "AssertionError: a")),
        (Broken("a"), "teardown", (Verdict.ERROR, "RuntimeError: a")),
    ],
)
def test_a_fact_that_does_not_hold_blames_the_target(
    error: BaseException, when: Any, expected: tuple[Verdict, str]
) -> None:
    """Whatever else goes wrong, and whatever goes wrong outside of a test, is the suite's own."""

    def fails() -> NoReturn:
        raise error

    call: pytest.CallInfo[None] = pytest.CallInfo.from_call(fails, when)
    assert judged("a-requirement", outcome_of(call), excused=()) == expected


def test_a_seed_alone_decides_what_is_generated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the folder nor the modules that are loaded have a say; Hypothesis would ask both."""

    def drawn() -> list[str]:
        texts: list[str] = []

        @seed(5)
        @given(st.lists(st.text(), min_size=20))
        def draw(drawn: list[str]) -> None:
            texts.extend(drawn)

        draw()
        return texts

    before = drawn()
    (tmp_path / "many_words.py").write_text("X = " + repr([f"word {n}" for n in range(900)]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("many_words")
    assert drawn() == before


def test_connection_trouble_is_an_error_not_a_failure() -> None:
    """When no answer comes, the requirement is in error: the server is not blamed."""

    def respond(_request: Request) -> Response:
        raise httpx.ConnectError("nobody is there")

    ledger = _judged(respond, *CONTRACT.requirements).ledger
    assert {ledger.verdict(name) for name in ledger.catalogue} <= {Verdict.ERROR, Verdict.NOT_RUN}
    assert ledger.exit_code == 2


@pytest.mark.parametrize(
    "vector", vectors(FRAGMENT, DEFAULT_WORLD), ids=lambda each: ascii(each.name)
)
def test_vectors_break_one_rule(vector: Any) -> None:
    """The validator finds one thing wrong with each vector: the intended rule, at its place."""
    assert [(each.at, each.rule) for each in vector.proof(FRAGMENT)] == [(vector.at, vector.rule)]


def test_crowded_vectors_break_a_rule_at_every_place() -> None:
    """Among as many findings as a request takes, one is wrong at each place, and by each rule."""
    places: dict[str, set[str]] = {}
    for vector in crowded(FRAGMENT, DEFAULT_WORLD):
        assert [(each.at, each.rule) for each in vector.proof(FRAGMENT)] == [
            (vector.at, vector.rule)
        ]
        places.setdefault(vector.rule, set()).add(vector.at.split("/")[5])
    assert set(places) == {
        "/components/schemas/FindingIdentifier/required",
        "/components/schemas/FindingIdentifier/type",
        "/components/schemas/FindingIdentifier/properties/id/type",
        "/components/schemas/FindingsType/enum",
        "/components/schemas/FindingsType/type",
    }
    assert set().union(*places.values()) == {str(place) for place in range(FRAGMENT.max_findings)}
    last = str(FRAGMENT.max_findings - 1)
    assert all(found >= {"0", "9", last} and len(found) > 10 for found in places.values())


def test_vectors_cover_every_rule() -> None:
    """Each keyword of the request's schemas that binds has vectors."""
    assert underived(FRAGMENT) == set()
    rules = {vector.rule for vector in vectors(FRAGMENT, DEFAULT_WORLD)}
    for name in ("AttachRequest", "TicketAttachment", "TicketAttributes", "FindingIdentifier"):
        assert f"/components/schemas/{name}/required" in rules
    for name in ("TicketsType", "FindingsType", "ProjectsType"):
        assert f"/components/schemas/{name}/enum" in rules
    assert "/components/schemas/FindingsRelationship/properties/data/maxItems" in rules


def test_malformed_bodies_are_malformed() -> None:
    """None of the malformed bodies, and of those in a dialect, is JSON in UTF-8."""
    for vector in (*malformed(FRAGMENT, DEFAULT_WORLD), *dialects(FRAGMENT, DEFAULT_WORLD)):
        with pytest.raises(ValueError, match=r"."):
            json.loads(vector.content.decode("utf-8"), parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise ValueError(name)


def test_other_media_types_carry_good_bodies() -> None:
    """Only the media type is wrong with them."""
    validator = FRAGMENT.validator(FRAGMENT.request_schema)
    for vector in other_media_types(DEFAULT_WORLD):
        assert validator.accepts(json.loads(vector.content))
        assert vector.content_type != FRAGMENT.media_type


def test_two_contracts_stand_side_by_side() -> None:
    """In one process, each run judges by the contract that it is given, and by no other."""
    document = copy.deepcopy(dict(FRAGMENT.document))
    narrow = Fragment(document, FRAGMENT.digest)
    narrow.at("/components/schemas/FindingsRelationship/properties/data")["maxItems"] = 40
    asked = "findings-over-the-limit-refused"
    for served, verdict in ((narrow, Verdict.PASS), (FRAGMENT, Verdict.FAIL)):
        target = embedded(narrow, DEFAULT_WORLD, Service(State(served)))
        by = evolve(CONTRACT, fragment=narrow)
        judge = JudgePlugin(by, target, "quick", settings=RunSettings(only=(asked,)))
        runner.run(judge)
        assert judge.ledger.verdict(asked) is verdict


def _requirements_named_in_tests() -> Iterator[str]:
    modules = [*runner.CONFORMANCE.glob("test_*.py"), *conformance.JUDGES.glob("test_*.py")]
    for module in modules:
        text = module.read_text(encoding="utf-8")
        yield from re.findall(r'requirement\("([a-z0-9-]+)"\)', text)
    yield from OF_KEYWORD.values()
    yield from sees(FRAGMENT)


def test_every_requirement_has_a_test_and_every_test_a_requirement() -> None:
    """The names in the tests are the names in the catalogue."""
    assert set(_requirements_named_in_tests()) == set(CONTRACT.requirements)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "less than 1 item"),
        ("- {id: Two Words, level: MAY, of: server, statement: A., at: ''}", "/0/id"),
        ("- {id: a, level: WILL, of: server, statement: A., at: ''}", "/0/level"),
        ("- {id: a, level: MAY, of: server, statement: a, at: ''}", "/0/statement"),
        ("- {id: a, level: MAY, of: server, at: ''}", "statement"),
        (
            "- {id: a, level: MUST, of: server, statement: A., at: ''}",
            '/0: "words" is a required property; quote the words of the page that a MUST rests on',
        ),
        (2 * "- {id: a, level: MAY, of: server, statement: A., at: ''}\n", "a appears twice"),
    ],
)
def test_bad_catalogue(text: str, told: str, tmp_path: Path) -> None:
    """A catalogue that breaks its schema is refused with the place."""
    path = tmp_path / "requirements.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=re.escape(told)):
        requirements.read(path, FRAGMENT.statuses)


@given(st.lists(st.sampled_from(Verdict), min_size=1))
def test_the_worst_verdict_wins(verdicts: list[Verdict]) -> None:
    """A requirement is as bad as its worst outcome."""
    ledger = Ledger({"a": Requirement("a", Level.MUST, "server", "A.", "")})
    for each in verdicts:
        ledger.add(Outcome("a", each, "test"))
    order = [Verdict.PASS, Verdict.NOT_RUN, Verdict.DEVIATES, Verdict.FAIL, Verdict.ERROR]
    assert ledger.verdict("a") is order[max(order.index(each) for each in verdicts)]


@pytest.mark.parametrize(
    ("level", "verdict", "code"),
    [
        (Level.MUST, Verdict.PASS, 0),
        (Level.MUST, Verdict.NOT_RUN, 0),
        (Level.MUST, Verdict.DEVIATES, 0),
        (Level.MUST, Verdict.FAIL, 1),
        (Level.SHOULD, Verdict.FAIL, 0),
        (Level.MAY, Verdict.FAIL, 0),
        (Level.MAY, Verdict.ERROR, 2),
    ],
)
def test_exit_code(level: Level, verdict: Verdict, code: int) -> None:
    """Only a MUST that fails fails the run; an error is never a failure."""
    ledger = Ledger({"a": Requirement("a", level, "server", "A.", "")})
    ledger.add(Outcome("a", verdict, "test"))
    assert ledger.exit_code == code


def test_nothing_judged_is_no_success() -> None:
    """A run in which no test said anything ends with 2."""
    assert Ledger(CONTRACT.requirements).exit_code == 2


def test_unknown_requirement_breaks_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A test that names an unknown requirement stops the run, and is named."""
    module = tmp_path / "test_odd.py"
    module.write_text("import pytest\n@pytest.mark.requirement('no-such')\ndef test(): pass\n")
    assert cli.main(["--profile", "quick"], also=[module]) == 2
    assert "no requirement is called 'no-such'" in " ".join(capsys.readouterr().err.split())


def test_unreadable_module_breaks_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A test module that cannot be imported stops the run."""
    module = tmp_path / "test_broken.py"
    module.write_text("import nowhere_to_be_found\n")
    assert cli.main(["--profile", "quick"], also=[module]) == 2
    assert "nowhere_to_be_found" in capsys.readouterr().err
