"""The command `attach-findings`: what it prints, and its exit status for each branch of errors."""

import io
import json
import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from datadog_servicenow_tickets import Client, errors, models
from datadog_servicenow_tickets._command import _STATUSES, main
from servicenow_contract.service import Service
from tests.client.calls import API_HEADER, API_KEY, APP_HEADER, APP_KEY, TICKET_URL
from tests.contract import FRAGMENT

FINDINGS = ("finding-001", "finding-002")
_ASKED = ["--ticket", TICKET_URL, "--project", "p"]


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
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"\ufeffX-1-X\n\n  {FINDINGS[1]}  \n"))
    assert _run(servicenow_tickets_server, "--json", "-") == 0
    case = json.loads(capsys.readouterr().out)
    held = {each["resource_id"] for each in case["attributes"]["insights"]}
    assert held == {"X-1-X", FINDINGS[1]}


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


_HELP = f"""usage: attach-findings [-h] --ticket URL --project ID [--site SITE | --base-url URL]
[--timeout SECONDS] [--deadline SECONDS] [--dry-run] [--json] [--version] FINDING [FINDING ...]

Attach Datadog security findings to a ServiceNow ticket.
The keys come from the environment variables DD_API_KEY and DD_APP_KEY.

positional arguments:
  FINDING  ids of findings, at most {FRAGMENT.max_findings}; - reads them from standard input,
           one per line

options:
  -h, --help          show this help message and exit
  --ticket URL        the address of the incident
  --project ID        the id of the case management project
  --site SITE         the Datadog site (default: DD_SITE, else datadoghq.com)
  --base-url URL      another server, instead of a site
  --timeout SECONDS   for each step of a request
  --deadline SECONDS  for the whole call, retries included
  --dry-run           show the request without the keys; send nothing
  --json              print the case, the request or the error as JSON
  --version           show program's version number and exit

exit status:
    0  attached, or the request was shown
    1  the result cannot be written
    2  not sent: an option, the environment or the request cannot be used
    3  not sent: no connection was made
    4  refused: the rate limit is used up
    5  the service or a gateway failed; maybe attached
    6  an undocumented status; maybe attached
    7  refused with 400, 401, 403 or 404
    8  attached, but the answer is not a case
    9  the status of the ticket is FAILED
   10  sent, and no answer could be read; maybe attached
  130  interrupted
"""


def _exits(*arguments: str) -> int:
    """The status with which the command ends by itself."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Help names each option and each exit status, the latter one a line."""
    assert _exits("--help") == 0
    said = capsys.readouterr().out
    assert said.split() == _HELP.split()
    for head in ("\nAttach Datadog", "\nexit status:"):
        assert _HELP[_HELP.index(head) :].partition("\n\n")[0] in said


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is the package's."""
    assert _exits("--version") == 0
    known = version("datadog-servicenow-tickets")
    assert capsys.readouterr().out == f"attach-findings {known}\n"


def _refused(kind: Any, status_code: int, **more: Any) -> errors.APIError:
    error: errors.APIError = kind(["no"], status_code=status_code, headers={}, content=b"", **more)
    return error


def _case(**given: Any) -> models.Case:
    return models.Case(type_=models.CasesType.CASES, **given)


_OK: Any = {"status_code": 200, "headers": {}, "content": b""}
_ENDS = [
    (errors.MissingCredentialsError("x"), 2, {}),
    (errors.InvalidRequestError([errors.Problem("/a", "b")]), 2, {}),
    (errors.ClientClosedError(), 3, {}),
    (errors.ConnectError("x"), 3, {}),
    (_refused(errors.RateLimitedError, 429, retry_after=7.0), 4, {"retry_after": 7.0}),
    (_refused(errors.ServerError, 503), 5, {"retry_after": None}),
    (_refused(errors.UnexpectedStatusError, 302), 6, {"retry_after": None}),
    *(
        (_refused(errors.APIError.for_status(status), status), 7, {"retry_after": None})
        for status in (400, 401, 403, 404)
    ),
    (errors.MalformedResponseError("x", **_OK), 8, {"status_code": 200}),
    (
        errors.TicketFailedError(_case(id="c"), **_OK),
        9,
        {"status_code": 200, "case": {"type": "cases", "id": "c"}},
    ),
    (errors.OutcomeUnknownError("x"), 10, {}),
]


@pytest.mark.parametrize(("error", "status", "more"), _ENDS, ids=range(len(_ENDS)))
def test_each_branch_has_a_status(
    error: errors.ServiceNowTicketsError,
    status: int,
    more: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What goes wrong is one sentence, or with `--json` all that is known, and a status."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Client, "attach_findings", fail)
    options = [*_ASKED, "f"]
    assert main(options) == status
    assert capsys.readouterr() == ("", f"attach-findings: {error}\n")
    assert main([*options, "--json"]) == status
    if isinstance(error, errors.APIError):
        more = {"status_code": error.status_code, "errors": ["no"], **more}
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out) == {
        "error": type(error).__name__,
        "message": str(error),
        "applied": error.applied,
        "attempts": 0,
        **more,
    }


def test_service_that_fails(
    servicenow_tickets_server: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """The deadline bounds the whole command, and no key is shown."""
    servicenow_tickets_server.fault("status=503")
    assert _run(servicenow_tickets_server, "--deadline", "0.01", *FINDINGS) == 5
    said = capsys.readouterr()
    assert said.err.startswith("attach-findings: 503 ")
    assert API_KEY not in said.err


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    """A connection that is refused is the status of what was not sent."""
    options = [*_ASKED, "--deadline", "0.01", "f"]
    assert main([*options, "--base-url", "http://127.0.0.1:9"]) == 3
    assert capsys.readouterr().err.startswith("attach-findings: Not sent")


_REQUIRED = "the following arguments are required: "


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (_ASKED, f"{_REQUIRED}FINDING; --help lists the options"),
        (["--ticket", TICKET_URL, "f"], f"{_REQUIRED}--project; "),
        (["--project", "p", "f"], f"{_REQUIRED}--ticket; "),
        ([*_ASKED, "--colour", "f"], "unrecognized arguments: --colour; "),
        (["--ticket", "https://example.com/", "--project", "p", "f"], "Not sent: /data/attributes"),
        (["--ticket", TICKET_URL, "--project", "", "f"], "Not sent: /data/relationships/project"),
        ([*_ASKED, "--site", "nowhere", "f"], "site is not one of the documented sites"),
        ([*_ASKED, "--deadline", "nan", "f"], "deadline must be a number of seconds"),
        ([*_ASKED, "--timeout", "soon", "f"], "argument --timeout: invalid float value: 'soon'; "),
        ([*_ASKED, "--deadline", "soon", "f"], "argument --deadline: invalid float value"),
        ([*_ASKED, "--base-url", "", "f"], "base_url is not the address"),
        (
            [*_ASKED, "--site", "datadoghq.eu", "--base-url", "", "f"],
            "argument --base-url: not allowed with argument --site; ",
        ),
        ([*_ASKED, *map(str, range(FRAGMENT.max_findings + 1))], "Not sent: /data/relationships"),
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["call", "dry run"])
def test_what_cannot_be_used(
    options: list[str], sentence: str, dry: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong option or request is one sentence and exit status 2, in a dry run as in a call."""
    try:
        status = main([*dry, *options])
    except SystemExit as ended:
        status = int(ended.code or 0)
    said = capsys.readouterr()
    assert (status, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith(f"attach-findings: {sentence}")


def test_missing_keys(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key nothing is sent; a dry run needs none."""
    monkeypatch.delenv("DD_API_KEY")
    options = [*_ASKED, "f"]
    assert main(options) == 2
    assert "DD_API_KEY" in capsys.readouterr().err
    assert main([*options, "--dry-run"]) == 0


def test_interruption(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C says what is known, and has a status of its own."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "attach_findings", interrupted)
    assert main([*_ASKED, "f"]) == 130
    assert capsys.readouterr().err == (
        "attach-findings: interrupted. "
        "The findings may have been attached; it is safe to attach them again.\n"
    )


def test_interruption_before_sending(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while ids are read says that nothing was sent."""

    class Waiting:
        def __iter__(self) -> Iterator[str]:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Waiting())
    assert main([*_ASKED, "-"]) == 130
    assert capsys.readouterr().err == "attach-findings: interrupted. Nothing was sent.\n"


class _Broken:
    """A stream that nobody can read."""

    def __iter__(self) -> Iterator[str]:
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (None, "standard input is closed, so - cannot be read from it"),
        (_Broken(), "standard input cannot be read: [Errno 5] Input/output error"),
        (
            io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8"),
            "standard input cannot be read: 'utf-8' codec can't decode",
        ),
    ],
)
def test_standard_input_that_cannot_be_read(
    stream: Any, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is one sentence, and nothing is sent."""
    monkeypatch.setattr(sys, "stdin", stream)
    assert main([*_ASKED, "-"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"attach-findings: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("dry", "said"), [(["--dry-run"], ""), ([], "the findings were attached, but ")]
)
def test_full_disk(
    dry: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A result that cannot be written is one sentence, which says what is done."""
    monkeypatch.setattr(Client, "attach_findings", lambda *_, **__: _case(id="c"))
    with Path("/dev/full").open("w") as full, redirect_stdout(full):
        assert main([*_ASKED, *dry, "f"]) == 1
    assert capsys.readouterr().err == (
        f"attach-findings: {said}the result cannot be written: [Errno 28] No space left on device\n"
    )


@pytest.mark.parametrize(
    ("case", "findings", "said"),
    [
        (_case(id="c"), ["f"], "1 finding to the case c."),
        (
            _case(id="c", attributes=models.CaseAttributes(key="K-1")),
            ["f"],
            "1 finding to the case K-1 c.",
        ),
        (_case(), ["f", "g", "f"], "2 findings to the case that the answer does not name."),
        (
            _case(id="c", attributes=models.CaseAttributes(key="K-1\n" + "x" * 300)),
            ["f"],
            f"1 finding to the case K-1 {'x' * 195}….",
        ),
    ],
)
def test_what_is_said(
    case: models.Case,
    findings: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The sentence counts the findings and names the case by key and id, as far as it can."""
    monkeypatch.setattr(Client, "attach_findings", lambda *_, **__: case)
    assert main([*_ASKED, *findings]) == 0
    assert capsys.readouterr() == (f"Attached {said}\n", "")


def test_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m datadog_servicenow_tickets` is the same command."""
    monkeypatch.setattr(sys, "argv", ["x", "--version"])
    monkeypatch.delitem(sys.modules, "datadog_servicenow_tickets.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("datadog_servicenow_tickets", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("attach-findings ")


def test_output_of_another_encoding(
    servicenow_tickets_server: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case whose name the terminal cannot show is attached all the same, and told."""
    written = io.BytesIO()
    case = _case(id="f\u00e4lle")
    monkeypatch.setattr(Client, "attach_findings", lambda *_, **__: case)
    out = io.TextIOWrapper(written, encoding="ascii")
    with redirect_stdout(out):
        assert _run(servicenow_tickets_server, *FINDINGS) == 0
    assert written.getvalue() == b"Attached 2 findings to the case f\\xe4lle.\n"


def test_nobody_reads(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever closes the pipe early gets no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe, redirect_stdout(pipe):
        assert main([*_ASKED, "--dry-run", "f"]) == 0
        print("this goes nowhere", file=pipe, flush=True)
    assert capsys.readouterr().err == ""


def test_every_error_has_a_status() -> None:
    """Each class of the tree that can be raised has one exit status, and help lists them all."""
    kinds = [each for _, _, some in _STATUSES for each in some]
    for name in errors.__all__:
        kind = getattr(errors, name)
        if name not in ("Problem", "ServiceNowTicketsError", "AnsweredError"):
            assert any(issubclass(kind, each) for each in kinds), name
