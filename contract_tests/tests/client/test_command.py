"""The command `attach-findings`: what it prints, and its exit status for each branch of errors."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from datadog_servicenow_tickets import Client, errors, models
from datadog_servicenow_tickets._command import _STATUSES, main
from servicenow_contract.service import Service
from tests.client.calls import API_HEADER, API_KEY, APP_HEADER, APP_KEY, TICKET_URL
from tests.contract import FRAGMENT

FINDINGS = ("finding-001", "finding-002")


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD_API_KEY", API_KEY)
    monkeypatch.setenv("DD_APP_KEY", APP_KEY)


def _run(service: Service, *more: str) -> int:
    request = ["--ticket", TICKET_URL, "--project", service.state.world.project]
    return main([*request, "--base-url", service.url, "--timeout", "2", *more])


def test_findings_are_attached(
    servicenow_tickets_server: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ids from the command line are attached, and the sentence names the case."""
    assert _run(servicenow_tickets_server, *FINDINGS, FINDINGS[0]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("Attached 2 findings to the case ")
    assert said.err == ""
    [call] = servicenow_tickets_server.calls
    sent = json.loads(call.request.body)["data"]["relationships"]["findings"]["data"]
    assert tuple(each["id"] for each in sent) == FINDINGS


def test_ids_of_standard_input(
    servicenow_tickets_server: Service,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`-` reads an id from each line, and the case comes as JSON when that is asked for."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"\ufeff{FINDINGS[0]}\n\n  {FINDINGS[1]}  \n"))
    assert _run(servicenow_tickets_server, "--json", "-") == 0
    case = json.loads(capsys.readouterr().out)
    held = {each["resource_id"] for each in case["attributes"]["insights"]}
    assert held == set(FINDINGS)


def test_dry_run(servicenow_tickets_server: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """The request is shown without the keys, and nothing is sent."""
    assert _run(servicenow_tickets_server, "--dry-run", *FINDINGS) == 0
    out = capsys.readouterr().out
    head, _, body = out.partition("\n\n")
    assert head.startswith(f"PATCH {servicenow_tickets_server.url}/api/v2/")
    assert json.loads(body)["data"]["attributes"] == {"servicenow_ticket_url": TICKET_URL}
    assert API_KEY not in out
    assert APP_KEY not in out
    assert servicenow_tickets_server.calls == []


def test_dry_run_in_json(
    servicenow_tickets_server: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a dry run shows as JSON is what the service gets, the keys aside."""
    assert _run(servicenow_tickets_server, "--dry-run", "--json", *FINDINGS) == 0
    shown = json.loads(capsys.readouterr().out)
    assert _run(servicenow_tickets_server, *FINDINGS) == 0
    [call] = servicenow_tickets_server.calls
    assert shown["method"] == call.request.method
    assert shown["url"] == servicenow_tickets_server.url + call.request.path
    assert shown["body"] == json.loads(call.request.body)
    sent = {name.lower(): value for name, value in dict(call.request.headers).items()}
    keys = {API_HEADER.lower(): API_KEY, APP_HEADER.lower(): APP_KEY}
    assert {name: sent[name] for name in keys} == keys
    for name, value in shown["headers"].items():
        assert value == ("(left out)" if name.lower() in keys else sent[name.lower()])


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("status=400", 7),
        ("status=401", 7),
        ("status=404", 7),
        ("status=429", 4),
        ("status=503", 5),
        ("status=302", 6),
        ("html=200", 8),
        ("reset", 10),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_each_branch_has_a_status(
    fault: str,
    status: int,
    as_json: bool,
    servicenow_tickets_server: Service,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What the service does wrong is one sentence, or JSON, and the status of its branch."""
    servicenow_tickets_server.fault(fault)
    more = ["--json"] if as_json else []
    assert _run(servicenow_tickets_server, "--deadline", "1", *more, *FINDINGS) == status
    said = capsys.readouterr()
    if as_json:
        error = json.loads(said.out)
        kinds = {number: each for number, _, each in _STATUSES}
        assert issubclass(getattr(errors, error["error"]), kinds[status])
        assert {"message", "applied", "attempts"} <= set(error)
    else:
        assert said.out == ""
        assert said.err.startswith("attach-findings: ")
        assert said.err.count("\n") == 1
    assert API_KEY not in said.out + said.err


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    """A connection that is refused is the status of what was not sent."""
    options = ["--ticket", TICKET_URL, "--project", "p", "--deadline", "1", "f"]
    assert main([*options, "--base-url", "http://127.0.0.1:9"]) == 3
    assert capsys.readouterr().err.startswith("attach-findings: Not sent")


@pytest.mark.parametrize(
    "options",
    [
        ["--ticket", TICKET_URL, "--project", "p"],
        ["--ticket", TICKET_URL, "f"],
        ["--ticket", TICKET_URL, "--project", "p", "--colour", "f"],
        ["--ticket", "https://example.com/", "--project", "p", "f"],
        ["--ticket", TICKET_URL, "--project", "", "f"],
        ["--ticket", TICKET_URL, "--project", "p", "--site", "nowhere", "f"],
        ["--ticket", TICKET_URL, "--project", "p", "--deadline", "nan", "f"],
        ["--ticket", TICKET_URL, "--project", "p", "--timeout", "soon", "f"],
        ["--ticket", TICKET_URL, "--project", "p", "--base-url", "", "f"],
        ["--ticket", TICKET_URL, "--project", "p", "--site", "datadoghq.eu", "--base-url", "", "f"],
        [
            "--ticket",
            TICKET_URL,
            "--project",
            "p",
            *(f"f-{number}" for number in range(FRAGMENT.max_findings + 1)),
        ],
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["call", "dry run"])
def test_what_cannot_be_used(
    options: list[str], dry: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong option or request is one sentence and exit status 2, in a dry run as in a call."""
    try:
        status = main([*dry, *options])
    except SystemExit as ended:
        status = int(ended.code or 0)
    said = capsys.readouterr()
    assert (status, said.out, said.err.count("\n")) == (2, "", 1)


def test_missing_keys(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key nothing is sent; a dry run needs none."""
    monkeypatch.delenv("DD_API_KEY")
    options = ["--ticket", TICKET_URL, "--project", "p", "f"]
    assert main(options) == 2
    assert "DD_API_KEY" in capsys.readouterr().err
    assert main([*options, "--dry-run"]) == 0


def test_interruption(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C says what is known, and has a status of its own."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "attach_findings", interrupted)
    assert main(["--ticket", TICKET_URL, "--project", "p", "f"]) == 130
    assert "may have been attached" in capsys.readouterr().err


def test_interruption_before_sending(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while ids are read says that nothing was sent."""

    class Waiting:
        def __iter__(self) -> Iterator[str]:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Waiting())
    assert main(["--ticket", TICKET_URL, "--project", "p", "-"]) == 130
    assert "Nothing was sent" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("redirected", "status", "said"),
    [
        ("- <&-", 2, "standard input, from which - reads, is closed"),
        ("- 0>/dev/null", 2, "standard input cannot be read"),
        ("--dry-run f >/dev/full", 1, "the result cannot be written"),
        ("--dry-run f", 0, ""),
    ],
)
def test_streams(redirected: str, status: int, said: str) -> None:
    """A stream that cannot be used is one sentence, and the status that help gives it."""
    command = f"{sys.executable} -m datadog_servicenow_tickets --ticket '{TICKET_URL}' --project p"
    shell = ["/bin/sh", "-c", f"exec {command} {redirected}"]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (status, int(bool(said)))
    assert said in done.stderr


def test_output_of_another_encoding(
    servicenow_tickets_server: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case whose name the terminal cannot show is attached all the same, and told."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    case = models.Case(type_=models.CasesType.CASES, id="f\u00e4lle")
    monkeypatch.setattr(Client, "attach_findings", lambda *_, **__: case)
    assert _run(servicenow_tickets_server, *FINDINGS) == 0
    assert written.getvalue() == b"Attached 2 findings to the case f\\xe4lle.\n"


def test_nobody_reads() -> None:
    """Whoever closes the pipe early gets no traceback."""
    command = [sys.executable, "-m", "datadog_servicenow_tickets", "--dry-run"]
    more = ["--ticket", TICKET_URL, "--project", "p", "f"]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        done = subprocess.run([*command, *more], stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_every_error_has_a_status() -> None:
    """Each class of the tree that can be raised has one exit status, and help lists them all."""
    kinds = [each for _, _, some in _STATUSES for each in some]
    for name in errors.__all__:
        kind = getattr(errors, name)
        if name not in ("Problem", "ServiceNowTicketsError", "AnsweredError"):
            assert any(issubclass(kind, each) for each in kinds), name
