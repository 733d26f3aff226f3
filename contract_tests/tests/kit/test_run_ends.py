"""A run says how far it is, ends when it must, and tells what it knows by then."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from servicenow_contract.contract import fragment
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.verdict import Ledger
from servicenow_contract.run import command as cli
from servicenow_contract.run import plan, progress, runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.service import Request, Response
from servicenow_contract.service.asgi import running
from servicenow_contract.service.service import Service
from servicenow_contract.service.state import State
from tests.contract import CONTRACT, FRAGMENT

COMMAND = (sys.executable, "-P", "-m", "servicenow_contract.run.command")


def _record(folder: Path) -> Any:
    return json.loads((folder / "verdict.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["case-times-do-not-go-back", "api-key-demanded"])
def test_each_requirement_can_be_judged_alone(name: str, tmp_path: Path) -> None:
    """--only takes each requirement of a server, also one that no test asks for by its name."""
    options = [
        "--only",
        name,
        "--max-requests",
        "60",
        "--profile",
        "quick",
        "--report",
        str(tmp_path),
    ]
    assert cli.main(options) == 0
    said = _record(tmp_path)
    assert [each["id"] for each in said["requirements"]] == [name]
    assert said["trouble"] == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_says_what_it_knows(how: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM: the verdicts so far, what was written, the word, exit 2, a report."""
    service = Service(State(FRAGMENT, DEFAULT_WORLD))
    service.fault("delay=0.05,rate=1.0")
    with running(service) as url:
        run = subprocess.Popen(
            [*COMMAND, "--target", url, "--report", tmp_path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while len(service.state.snapshot()) < 4:
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(how)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 2, err
    assert "conformance: interrupted" in err
    assert "Traceback" not in err
    assert "\nWhat was written: " in out
    assert out.splitlines()[-1].startswith("Not judged to the end: interrupted, and until then ")
    said = _record(tmp_path)
    assert (said["exit_code"], said["trouble"]) == (2, ["interrupted"])
    assert said["requests"] > 0
    assert said["written"]


def test_time_budget_is_a_bound(tmp_path: Path) -> None:
    """What does not fit in the time is not run, with the reason, and the rest is judged."""
    service = Service(State(FRAGMENT, DEFAULT_WORLD))
    service.fault("delay=0.05,rate=1.0")
    with running(service) as url:
        start = time.monotonic()
        cli.main(["--target", url, "--time-budget", "0.5", "--report", str(tmp_path)])
        assert time.monotonic() - start < 40  # without a bound it would take two minutes
    reasons = [reason for each in _record(tmp_path)["requirements"] for reason in each["reasons"]]
    assert "the time of --time-budget is used up" in reasons


def test_later_rounds_take_nothing_back() -> None:
    """What a first round showed stays shown when the time of a later one is up."""
    judge = JudgePlugin(
        CONTRACT, profile="quick", settings=RunSettings(only=("unknown-members-accepted",))
    )
    runner.run(judge)
    before = judge.ledger.verdict("unknown-members-accepted")
    judge.next_round()
    judge.settings = RunSettings(only=("unknown-members-accepted",), until=time.monotonic())
    runner.run(judge, seed=1)
    assert judge.ledger.verdict("unknown-members-accepted") is before


def test_pipe_gets_lines_of_progress(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no line can move, a line tells every few seconds how far the run is."""
    monkeypatch.setattr(progress, "EVERY", 0.0)
    assert cli.main(["--only", "api-key-demanded"]) == 0
    assert " tests done, last test_api_key[" in capsys.readouterr().err


def test_report_is_tried_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that cannot be written is said before anything is sent."""
    (tmp_path / "file").write_text("in the way")
    service = Service(State(FRAGMENT, DEFAULT_WORLD))
    with running(service) as url:
        assert cli.main(["--target", url, "--report", str(tmp_path / "file")]) == 2
    assert "the report cannot be written to " in capsys.readouterr().err
    assert service.state.snapshot() == {}


def test_pytest_that_cannot_start_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When pytest itself cannot start, that is the trouble of the run: exit 2, and a report."""
    monkeypatch.setattr(runner, "_PLUGINS", ("no_such_plugin",))
    assert cli.main(["--only", "api-key-demanded", "--report", str(tmp_path)]) == 2
    assert "no_such_plugin" in capsys.readouterr().err
    assert _record(tmp_path)["exit_code"] == 2


@pytest.mark.parametrize("budget", [1, 2, 3, 4])
def test_smallest_budgets(budget: int, tmp_path: Path) -> None:
    """No more is sent than the budget says, what the target is asked at first included."""
    sent: list[object] = []
    service = Service(State(FRAGMENT, DEFAULT_WORLD))

    def respond(request: Request) -> Response:
        sent.append(request)
        return service(request)

    with running(respond) as url:
        options = ["--target", url, "--only", "api-key-demanded", "--report", str(tmp_path)]
        code = cli.main([*options, "--max-requests", str(budget)])
    assert (code, len(sent), _record(tmp_path)["requests"]) == (0, budget, budget)


def test_plan_counts_for_each_requirement() -> None:
    """The plan names each requirement with its requests, and says how many there are in all."""
    asked = ("api-key-demanded", "malformed-json-is-400")
    ledger = Ledger({name: CONTRACT.requirements[name] for name in asked})
    settings = RunSettings(profile="quick", only=asked)
    lines = plan.text(CONTRACT, settings, ledger).splitlines()
    heads = [line for line in lines if not line.startswith("  ")]
    [keys] = [line for line in heads if line.startswith("MUST api-key-demanded: ")]
    assert any(line.startswith("MUST malformed-json-is-400: ") for line in heads)
    below = lines[lines.index(keys) + 1 :]
    count = next(n for n, line in enumerate(below) if not line.startswith("  "))
    assert keys == f"MUST api-key-demanded: {count} requests ({count} PATCH)"
    assert heads[-1].startswith(f"{len(lines) - len(heads)} requests (")


def test_contract_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """--show-contract prints the fragment as it is."""
    assert cli.main(["--show-contract"]) == 0
    text = (fragment.folder() / fragment.FILE).read_text(encoding="utf-8")
    assert capsys.readouterr().out == text


@pytest.mark.parametrize("options", [["--plan"], ["--show-contract"], ["--requirements"], []])
def test_reader_that_leaves_ends_it_quietly(options: list[str]) -> None:
    """`| head -1` ends the command without a word on standard error."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, *options, "--only", "api-key-demanded"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 141
