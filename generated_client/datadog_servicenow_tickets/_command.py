"""The command `attach-findings`: one call, for people and scripts."""

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from . import errors, models
from ._generated.contract import KEY_HEADERS, MAX_FINDINGS, METHOD
from ._messages.error_texts import printable
from ._messages.requests import content_with
from ._version import __version__
from .client import Client

_INTERRUPTED = 130
_STATUSES: Sequence[tuple[int, str, tuple[type[errors.ServiceNowTicketsError], ...]]] = (
    (
        2,
        "not sent: an option, the environment or the request cannot be used",
        (errors.ConfigurationError, errors.InvalidRequestError),
    ),
    (3, "not sent: no connection was made", (errors.NotSentError,)),
    (4, "refused: the rate limit is used up", (errors.RateLimitedError,)),
    (5, "the service or a gateway failed; maybe attached", (errors.ServerError,)),
    (6, "an undocumented status; maybe attached", (errors.UnexpectedStatusError,)),
    (7, "refused with 400, 401, 403 or 404", (errors.APIError,)),
    (8, "attached, but the answer is not a case", (errors.MalformedResponseError,)),
    (9, "the status of the ticket is FAILED", (errors.TicketFailedError,)),
    (10, "sent, and no answer could be read; maybe attached", (errors.OutcomeUnknownError,)),
)
"""The exit status of each branch of the error tree; the first that fits counts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Attach the findings that are named, and print the case. Returns the exit status.

    The keys come from DD_API_KEY and DD_APP_KEY. What went wrong is one sentence on standard error,
    or JSON on standard output with `--json`.
    """
    options = _parser().parse_args(argv)
    known = "Nothing was sent."
    try:
        findings = list(_findings(options.findings))
        with Client(**_arguments(options)) as client:
            if options.dry_run:
                return _print(_request(client, options, findings))
            known = "The findings may have been attached; it is safe to attach them again."
            case = client.attach_findings(
                ticket_url=options.ticket, project_id=options.project, finding_ids=findings
            )
    except errors.ServiceNowTicketsError as error:
        return _failed(error, as_json=options.json)
    except KeyboardInterrupt:
        print(f"attach-findings: interrupted. {known}", file=sys.stderr)
        return _INTERRUPTED
    text = json.dumps(case.to_dict()) if options.json else _attached(case, findings)
    return _print(text, "the findings were attached, but ")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, and exit 2."""
        self.exit(2, f"{self.prog}: {message}; --help lists the options\n")


def _parser() -> argparse.ArgumentParser:
    statuses = "".join(f"\n  {status:>3}  {what}" for status, what, _ in _STATUSES)
    parser = _Parser(
        prog="attach-findings",
        description="Attach Datadog security findings to a ServiceNow ticket.\n"
        "The keys come from the environment variables DD_API_KEY and DD_APP_KEY.",
        epilog="exit status:\n    0  attached, or the request was shown"
        f"\n    1  the result cannot be written{statuses}\n  {_INTERRUPTED}  interrupted",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--ticket", required=True, metavar="URL", help="the address of the incident")
    add("--project", required=True, metavar="ID", help="the id of the case management project")
    most = "" if MAX_FINDINGS is None else f", at most {MAX_FINDINGS}"
    help_ = f"ids of findings{most}; - reads them from standard input, one per line"
    add("findings", nargs="+", metavar="FINDING", help=help_)
    server = parser.add_mutually_exclusive_group().add_argument
    server("--site", help="the Datadog site (default: DD_SITE, else datadoghq.com)")
    server("--base-url", metavar="URL", help="another server, instead of a site")
    add("--timeout", type=float, metavar="SECONDS", help="for each step of a request")
    add("--deadline", type=float, metavar="SECONDS", help="for the whole call, retries included")
    add("--dry-run", action="store_true", help="show the request without the keys; send nothing")
    add("--json", action="store_true", help="print the case, the request or the error as JSON")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _arguments(options: argparse.Namespace) -> dict[str, Any]:
    """What the client is made with; it has defaults for what was not given."""
    names = ("site", "base_url", "timeout", "deadline")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    stand_ins = {"api_key": "-", "app_key": "-"} if options.dry_run else {}
    return given | stand_ins


def _findings(given: Sequence[str]) -> Iterator[str]:
    """The ids, those of standard input in the place of `-`; blank lines are left out."""
    for each in given:
        if each != "-":
            yield each
            continue
        if sys.stdin is None:
            raise errors.ConfigurationError("standard input is closed, so - cannot be read from it")
        try:
            yield from filter(None, (line.strip("\ufeff \t\r\n") for line in sys.stdin))
        except (OSError, ValueError) as error:
            raise errors.ConfigurationError(f"standard input cannot be read: {error}") from None


def _request(client: Client, options: argparse.Namespace, findings: Sequence[str]) -> str:
    """The request as it would be sent, without the keys."""
    content = content_with(options.ticket, options.project, findings)
    url, headers = client._wire.url, dict(client._wire.headers)
    headers |= dict.fromkeys(KEY_HEADERS.values(), "(left out)")
    body = json.loads(content)
    if options.json:
        shown = {"method": METHOD, "url": str(url), "headers": headers, "body": body}
        return json.dumps(shown)
    lines = "".join(f"{name}: {value}\n" for name, value in headers.items())
    return f"{METHOD} {url}\n{lines}\n{json.dumps(body, indent=2)}"


def _attached(case: models.Case, findings: Sequence[str]) -> str:
    """What happened, in a sentence."""
    count = len(set(findings))
    key = getattr(case.attributes, "key", None)
    known = [str(each) for each in (key, case.id) if isinstance(each, str)]
    shown = printable(" ".join(known), 200) or "that the answer does not name"
    return f"Attached {count} finding{'s' if count > 1 else ''} to the case {shown}."


def _failed(error: errors.ServiceNowTicketsError, *, as_json: bool) -> int:
    [status, *_] = [status for status, _, kinds in _STATUSES if isinstance(error, kinds)]
    if not as_json:
        print(f"attach-findings: {error}", file=sys.stderr)
        return status
    said = {"error": type(error).__name__, "message": str(error)}
    known = ("applied", "attempts", "status_code", "errors", "retry_after")
    more = {name: getattr(error, name) for name in known if hasattr(error, name)}
    if isinstance(error, errors.TicketFailedError):
        more["case"] = error.case.to_dict()
    _print(json.dumps({**said, **more}))
    return status


def _print(text: str, before: str = "") -> int:
    """Print to standard output; whoever stopped reading it misses nothing that counts.

    Returns 1, and says what is known before, when it cannot be written.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what it cannot encode is no failure
    try:
        print(text, flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left goes nowhere
        if not isinstance(error, BrokenPipeError):
            print(
                f"attach-findings: {before}the result cannot be written: {error}", file=sys.stderr
            )
            return 1
    return 0
