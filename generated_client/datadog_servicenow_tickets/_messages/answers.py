"""What comes back, read tolerantly: a case, or the error that says what happened."""

import json
from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple

from attrs import define

from datadog_servicenow_tickets import models
from datadog_servicenow_tickets._generated.api.security_monitoring import (
    attach_service_now_ticket as operation,
)
from datadog_servicenow_tickets.errors import (
    AnsweredError,
    APIError,
    MalformedResponseError,
    TicketFailedError,
)
from datadog_servicenow_tickets.rate_limit import RateLimit
from datadog_servicenow_tickets.retry import asked_wait

from .error_texts import of_json, of_text

_LEGACY = frozenset({"iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252"})
"""Charsets in which a body is read that is not UTF-8 as RFC 8259 asks."""


class RawAnswer(NamedTuple):
    """An answer as it came."""

    status_code: int
    headers: MutableMapping[str, str]
    """Names are looked up without regard to their case."""
    content: bytes
    """The body, decoded from its content encoding, as far as it was received."""
    flaw: str | None = None
    """What went wrong while it was received."""


@define
class AttachResponse(models.Response[models.CaseResponse]):
    """The generated `Response`, and what it says of the rate limit."""

    attempts: int = 1
    """How many times the request was tried."""

    @property
    def rate_limit(self) -> RateLimit:
        """The `X-RateLimit-*` headers; a reset that is a point in time is counted from now."""
        return RateLimit.from_headers(self.headers)


def read(answer: RawAnswer) -> AttachResponse | AnsweredError:
    """The typed answer for a 200 that can be read, else the error that it is."""
    if answer.status_code != 200:
        return _api_error(answer)
    try:
        parsed = operation.parse_body(200, _json(answer))
        if not isinstance(parsed, models.CaseResponse):
            raise models.ReadError("no case response")
        if not parsed.data and "data" in parsed.additional_properties:
            _refuse(parsed.additional_properties["data"])
    except models.ReadError as error:
        reason = str(error)
    except (ValueError, RecursionError) as error:
        reason = f"not JSON ({type(error).__name__})" if answer.content else "an empty body"
    else:
        return AttachResponse(answer.status_code, answer.content, answer.headers, parsed)
    return _malformed(answer, f"{reason}; {answer.flaw}" if answer.flaw else reason)


def case_of(answer: AttachResponse) -> models.Case:
    """The case in an answer.

    Raises MalformedResponseError when there is none, TicketFailedError when its ticket FAILED.
    """
    case = answer.parsed.data if answer.parsed else None
    error: AnsweredError
    if not isinstance(case, models.Case):
        error = _malformed(answer, "/data: missing")
    elif _has_failed(case):
        parts = {name: getattr(answer, name) for name in ("status_code", "headers", "content")}
        error = TicketFailedError(case, **parts)
    else:
        return case
    error.attempts = answer.attempts
    raise error


def _has_failed(case: models.Case) -> bool:
    """Whether the page's word for a failed operation is the status of the ticket."""
    ticket = case.attributes.servicenow_ticket if case.attributes else None
    return isinstance(ticket, models.ServiceNowTicket) and ticket.status == "FAILED"


def _refuse(case: Any) -> None:
    """Raise the ReadError because of which `case` was left unread."""
    try:
        models.Case.from_dict(case)
    except models.ReadError as error:
        raise error.below("data") from None


def _malformed(answer: RawAnswer | AttachResponse, reason: str) -> MalformedResponseError:
    return MalformedResponseError(
        reason,
        status_code=answer.status_code,
        headers=answer.headers,
        content=answer.content,
    )


def _api_error(answer: RawAnswer) -> APIError:
    try:
        texts = of_json(_json(answer))
    except (ValueError, RecursionError):
        texts = of_text(answer.content)
    return APIError.for_status(answer.status_code)(
        texts,
        status_code=answer.status_code,
        headers=answer.headers,
        content=answer.content,
        retry_after=asked_wait(answer.status_code, answer.headers),
    )


def _json(answer: RawAnswer) -> Any:
    """The body as JSON, whatever its media type. Raises ValueError or RecursionError.

    It is UTF-8 (RFC 8259, section 8.1), or UTF-16 or UTF-32 as its first bytes show, or in a
    charset of `_LEGACY` that the answer names.
    """
    try:
        return json.loads(answer.content)
    except UnicodeDecodeError:
        charset = _charset(answer.headers)
        if charset not in _LEGACY:
            raise
        return json.loads(answer.content.decode(charset))


def _charset(headers: Mapping[str, str]) -> str:
    from email.message import Message  # noqa: PLC0415  # hardly ever needed

    message = Message()
    message["Content-Type"] = headers.get("Content-Type", "")
    return str(message.get_content_charset(""))
