"""A server that breaks everything, or is slow, costs its user neither disk nor time."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.verdict import Ledger, Verdict
from servicenow_contract.report.page import page
from servicenow_contract.report.record import Clock, Run, of_ledger
from servicenow_contract.run import runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.outcomes import Stories
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.service.handler import Request, Response, answer
from servicenow_contract.target.exchange import MAX_BODY, Exchange, shown
from servicenow_contract.target.target import STAND_INS, at, embedded
from tests.contract import CONTRACT, FRAGMENT

ASKED = ("resource-types-demanded", "answer-lists-every-finding")


def _takes_all(_request: Request) -> Response:
    """The page's example, whatever is asked."""
    return answer(200, FRAGMENT.response_example(200))


def test_server_that_takes_all_is_told_in_little_room() -> None:
    """Every failure is in the record, one of those alike whole; the page marks what is wrong."""
    ledger = Ledger({name: CONTRACT.requirements[name] for name in ASKED})
    settings = RunSettings(profile="quick", only=ASKED)
    target = embedded(FRAGMENT, respond=_takes_all)
    assert target.wire is not None
    target.wire.sleep = lambda _: None  # nothing comes later
    judge = JudgePlugin(CONTRACT, target, ledger=ledger, settings=settings)
    runner.run(judge)
    run = Run("a stub", None, "quick", 0, False, judge.sent, judge.written, judge.trouble)
    record = of_ledger(CONTRACT, ledger, run, Clock())
    assert record["exit_code"] == 1
    failed = [
        each
        for requirement in record["requirements"]
        for each in requirement["outcomes"]
        if each["verdict"] == "fail"
    ]
    assert len(failed) > 50
    assert all(each["exchanges"] for each in failed)
    assert 3 <= sum(bool(each["repeat"]) for each in failed) <= 9
    assert len(json.dumps(record)) < 3_000_000
    told = page(record)
    for marked in (r'"type": "[^"]*"', r'"insights": \['):
        assert re.search(f"<mark>{marked}</mark>", told)
    for name in ASKED:
        assert ledger.verdict(name) is Verdict.FAIL
        assert CONTRACT.requirements[name].statement in told


_NEEDS_MEMORY = (
    *("one-incident-is-one-ticket", "earlier-findings-stay", "repeating-changes-nothing"),
    "concurrent-attaches-lose-nothing",
)


def test_server_that_shows_nothing_attached_is_blamed_for_that_alone() -> None:
    """What a test needs first and does not get says nothing of what it asks for then."""
    ledger = Ledger({name: CONTRACT.requirements[name] for name in (*_NEEDS_MEMORY, ASKED[1])})
    settings = RunSettings(profile="quick", only=tuple(ledger.catalogue))
    target = embedded(FRAGMENT, respond=_takes_all)
    assert target.wire is not None
    target.wire.sleep = lambda _: None  # nothing comes later
    runner.run(JudgePlugin(CONTRACT, target, ledger=ledger, settings=settings))
    verdicts = {name: ledger.verdict(name) for name in ledger.catalogue}
    assert verdicts == {**dict.fromkeys(_NEEDS_MEMORY, Verdict.NOT_RUN), ASKED[1]: Verdict.FAIL}


def _exchanges(count: int) -> list[Exchange]:
    long = "x" * 2 * MAX_BODY
    return [
        Exchange("PATCH", "http://x.test/", {}, long.encode(), 200, {}, shown(long), n, 0.1)
        for n in range(count)
    ]


def test_failures_alike_are_told_once() -> None:
    """Of failures alike the first has what came before; the others say how much is left out."""
    stories = Stories()
    said = {"requirement": "r", "verdict": "fail", "reason": "'a' is 1"}
    first, second = (stories.told(said, _exchanges(9)) for _ in range(2))
    assert [len(first["exchanges"]), len(first["repeat"]), first["left_out"]] == [9, 9, 0]
    assert [len(second["exchanges"]), second["repeat"], second["left_out"]] == [1, [], 8]
    other = stories.told({**said, "reason": "something else"}, _exchanges(2))
    assert [len(other["exchanges"]), other["left_out"]] == [2, 0]


def test_long_bodies_say_how_long_they_were() -> None:
    """A body is cut to its head, however often, and its whole length stays."""
    told = Stories().told({"requirement": "r", "verdict": "fail", "reason": ""}, _exchanges(2))
    for each, most in zip(told["exchanges"], (4_000, MAX_BODY), strict=True):
        for message in ("request", "response"):
            assert each[message]["body"] == f"{'x' * most} … ({2 * MAX_BODY} characters)"
    assert shown("x" * MAX_BODY) == "x" * MAX_BODY


class _TwoWrites(BaseHTTPRequestHandler):
    """Writes head and body apart, as most servers on `http.server` do."""

    protocol_version = "HTTP/1.1"

    def do_PATCH(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(404)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_server_that_writes_twice_is_not_waited_for() -> None:
    """Its answers come at once, not 40 ms late, which would make a run take minutes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _TwoWrites)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    target = at(FRAGMENT, f"http://127.0.0.1:{server.server_port}", STAND_INS, DEFAULT_WORLD)
    times = []
    with target.client:
        for _ in range(12):
            start = time.monotonic()
            target.send(attach_body(DEFAULT_WORLD.tickets[0], ["a"], "p"))
            times.append(time.monotonic() - start)
    server.shutdown()
    server.server_close()
    assert sorted(times)[len(times) // 2] < 0.03
