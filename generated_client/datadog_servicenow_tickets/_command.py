"""The command `attach-findings`: one call, for people and scripts."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from . import errors, models
from ._error_texts import printable
from ._generated.contract import KEY_HEADERS, MAX_FINDINGS, MEDIA_TYPE, METHOD
from ._requests import content_with
from ._settings import Origin, server_of
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
    (8, "attached, but the answer is no case", (errors.MalformedResponseError,)),
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
    try:
        findings = list(_findings(options.findings))
        if options.dry_run:
            return _print(_request(options, findings))
        with Client(**_given(options, "site", "base_url", "timeout", "deadline")) as client:
            case = client.attach_findings(
                ticket_url=options.ticket, project_id=options.project, finding_ids=findings
            )
    except errors.ServiceNowTicketsError as error:
        return _failed(error, as_json=options.json)
    except KeyboardInterrupt:
        again = "The findings may have been attached; attaching them again does no harm."
        print(f"attach-findings: interrupted. {again}", file=sys.stderr)
        return _INTERRUPTED
    return _print(json.dumps(case.to_dict()) if options.json else _attached(case, findings))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, and exit 2."""
        self.exit(2, f"{self.prog}: {message}; --help lists what can be given\n")


def _parser() -> argparse.ArgumentParser:
    statuses = "".join(f"\n  {status:>3}  {what}" for status, what, _ in _STATUSES)
    parser = _Parser(
        prog="attach-findings",
        description="Attach Datadog security findings to a ServiceNow ticket.\n"
        "The keys come from DD_API_KEY and DD_APP_KEY of the environment.",
        epilog=f"exit status:\n    0  attached{statuses}\n  {_INTERRUPTED}  interrupted",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--ticket", required=True, metavar="URL", help="the address of the incident")
    add("--project", required=True, metavar="ID", help="the case management project")
    help_ = f"ids of findings, 1 to {MAX_FINDINGS}; - reads them from standard input, one a line"
    add("findings", nargs="+", metavar="FINDING", help=help_)
    add("--site", help="the Datadog site (default: DD_SITE, else datadoghq.com)")
    add("--base-url", metavar="URL", help="another server, instead of a site")
    add("--timeout", type=float, metavar="SECONDS", help="for each step of a request")
    add("--deadline", type=float, metavar="SECONDS", help="for everything, repetitions included")
    add("--dry-run", action="store_true", help="show the request without the keys; send nothing")
    add("--json", action="store_true", help="print the case, or the error, as JSON")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _given(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The options that were given; the client has defaults for the others."""
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _findings(given: Sequence[str]) -> Iterator[str]:
    """The ids, those of standard input in the place of `-`; blank lines are left out."""
    for each in given:
        if each != "-":
            yield each
            continue
        yield from filter(None, (line.strip() for line in sys.stdin))


def _request(options: argparse.Namespace, findings: Sequence[str]) -> str:
    """The request as it would be sent, without the keys."""
    content = content_with(options.ticket, options.project, findings)
    where = options.base_url, "base_url"
    origin = Origin(*where) if options.base_url else Origin(server_of(options.site), "site")
    body = json.dumps(json.loads(content), indent=2)
    keys = "".join(f"{name}: (left out)\n" for name in KEY_HEADERS.values())
    return f"{METHOD} {origin.url}\nContent-Type: {MEDIA_TYPE}\n{keys}\n{body}"


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


def _print(text: str) -> int:
    """Print to standard output; whoever stopped reading it misses nothing that counts."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left goes nowhere
    return 0
