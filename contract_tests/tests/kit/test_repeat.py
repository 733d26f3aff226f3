"""The shell lines of a failure repeat it: a fresh server of the same kind gives the last answer."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.verdict import Ledger, Outcome, Verdict
from servicenow_contract.mutants.catalogue import catalogue
from servicenow_contract.mutants.kinds import Mutant
from servicenow_contract.run import runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.service.asgi import running
from servicenow_contract.target.exchange import Exchange
from servicenow_contract.target.history import History, commands
from servicenow_contract.target.target import STAND_INS
from tests.contract import CONTRACT, FRAGMENT

MUTANTS = {
    "never_detaches": "finding-moves-from-its-earlier-ticket",
    "cannot_move_back": "finding-moves-from-its-earlier-ticket",
    "loses_earlier_findings": "earlier-findings-stay",
    "toggles_findings": "repeating-changes-nothing",
    "keeps_one_case_for_all_tickets": "unlinked-ticket-gets-a-case",
    "refuses_findings_of_another_ticket": "finding-moves-from-its-earlier-ticket",
    "detaches_despite_a_wrong_body": "refused-request-changes-nothing",
    "takes_one_finding_too_many": "findings-over-the-limit-refused",
    "shows_the_earlier_ticket": "answer-describes-the-ticket-sent",
}
"""Servers that each break one promise, each in a way that needs another story, by requirement."""
_VOLATILE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[0-9:.]+Z?|[A-Z]+-\d+|\d{2,}")


def _failures(mutant: Mutant) -> Iterator[Outcome]:
    """The first failures of a mutant, on a server with a socket."""
    with running(mutant.make(FRAGMENT, DEFAULT_WORLD)) as url:
        ledger = Ledger(CONTRACT.of("server"))
        settings = RunSettings(url=url, profile="quick", only=(MUTANTS[mutant.name],))
        target = settings.target(FRAGMENT)
        assert target.wire is not None
        target.wire.sleep = lambda _seconds: None  # no server here shows anything late
        judge = JudgePlugin(CONTRACT, target, ledger=ledger, settings=settings)
        runner.run(judge)
    assert judge.trouble == []
    for name in ledger.catalogue:
        failed = [each for each in ledger.outcomes[name] if each.verdict is Verdict.FAIL]
        yield from [each for each in failed if each.repeat][:2]


def _sent_again(outcome: Outcome, mutant: Mutant) -> tuple[int, str]:
    """Status and body of the last answer when the lines are run against a fresh server."""
    last = ""
    with running(mutant.make(FRAGMENT, DEFAULT_WORLD)) as url:
        for line in outcome.repeat:
            assert STAND_INS.api_key not in line
            here = re.sub(r"http://127\.0\.0\.1:\d+", url, line)
            last = subprocess.run(
                ["/bin/sh", "-c", here],
                env={"DD_API_KEY": STAND_INS.api_key, "DD_APP_KEY": STAND_INS.app_key, **_PATH},
                capture_output=True,
                check=True,
                timeout=30,
            ).stdout.decode("utf-8", "backslashreplace")
    head, _, body = last.rpartition("\r\n\r\n")
    return int(head.split("\r\n")[0].split()[1]), body


_PATH = {"PATH": "/usr/bin:/bin:/usr/local/bin"}


def _plain(body: str, reason: str) -> Any:
    """A body without ids and times of one server, and of its insights those that the reason names.

    Earlier tests may have left others on the ticket.
    """
    try:
        read = json.loads(body)
        attributes = read["data"]["attributes"]
        attributes["insights"] = [
            each for each in attributes["insights"] if repr(each.get("resource_id")) in reason
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return _VOLATILE.sub("…", body)
    return _VOLATILE.sub("…", json.dumps(read))


@pytest.mark.parametrize("name", MUTANTS)
def test_failure_repeats_on_a_fresh_server(name: str) -> None:
    """The last answer comes again, status and body, but for ids, times and what came at once."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    mutant = catalogue(FRAGMENT)[name]
    failures = list(_failures(mutant))
    assert failures
    for each in failures:
        before = each.exchanges[-1]["response"]
        status, body = _sent_again(each, mutant)
        what = f"{each.requirement} {each.test}: {each.reason}\n" + "\n".join(each.repeat)
        assert status == before["status"], what
        if each.repeat[-1].endswith(" & wait"):
            continue  # of answers that come at once any may be the last
        assert _plain(body, each.reason) == _plain(before["body"], each.reason), what


def _exchange(began: float, seconds: float, body: str = "{}") -> Exchange:
    return Exchange("PATCH", "http://x/", {}, body.encode(), 200, {}, "{}", began, seconds)


def test_what_was_sent_at_once_is_one_line() -> None:
    """Requests that were on their way together are sent together, and the rest one by one."""
    lines = commands(
        [_exchange(0, 1), _exchange(2, 2), _exchange(3, 4), _exchange(6, 1), _exchange(8, 1)]
    )
    assert [line.count("curl ") for line in lines] == [1, 3, 1]
    assert lines[1].endswith(" & wait")


def test_the_first_attach_to_a_ticket_is_told_first() -> None:
    """What linked a ticket in an earlier test stands in front of what the later test sent."""
    history = History()
    body = json.dumps(attach_body(DEFAULT_WORLD.tickets[0], ["a"], "p"))
    first, second = _exchange(0, 1, body), _exchange(5, 1, body)
    history.add(first)
    history.begin()
    history.add(second)
    assert list(history.story()) == [first, second]
