"""Everything that can go wrong, in one tree.

    ServiceNowTicketsError
    ├── NotSentError                    no request was sent; repeating is safe
    │   ├── ConfigurationError          (and ValueError)
    │   │   └── MissingCredentialsError
    │   ├── InvalidRequestError         (and ValueError)
    │   ├── ClientClosedError
    │   └── ConnectError
    ├── AnsweredError                   the service answered
    │   ├── APIError                    … with anything but 200
    │   │   ├── BadRequestError         400
    │   │   ├── UnauthorizedError       401
    │   │   ├── ForbiddenError          403
    │   │   ├── NotFoundError           404
    │   │   ├── RateLimitedError        429
    │   │   ├── ServerError             500 to 599
    │   │   └── UnexpectedStatusError   any other status
    │   ├── MalformedResponseError      … with 200, and a body that is not a case
    │   └── TicketFailedError           … with 200, and a case whose ticket says FAILED
    └── OutcomeUnknownError             sent, and no answer could be read

Every one pickles, and carries `applied` and `attempts`. None holds a key or an object of httpx2's
that does.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from attrs import frozen

from ._messages.error_texts import printable
from .rate_limit import RateLimit

if TYPE_CHECKING:
    from .models import Case


class ServiceNowTicketsError(Exception):
    """The base of every error of this package."""

    applied: bool | None = None
    """Whether the findings were attached: True, False, or None when that is not known."""
    attempts: int = 0
    """How many times the request was tried."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Made without its own `__init__`, which takes other arguments than the message.
        return Exception.__new__, (type(self), *self.args), self.__dict__


class NotSentError(ServiceNowTicketsError):
    """No request was sent."""

    applied: bool | None = False


class ConfigurationError(NotSentError, ValueError):
    """An argument of the client, or the environment in its place, cannot be used."""


class MissingCredentialsError(ConfigurationError):
    """A key was neither given nor in the environment."""


@frozen
class Problem:
    """One thing that is wrong with a request."""

    pointer: str
    """Where it is in the JSON body, as a JSON Pointer (RFC 6901)."""
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or 'the whole body'}: {self.message}"


class InvalidRequestError(NotSentError, ValueError):
    """The request breaks the contract; `problems` lists every way in which it does."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("Not sent: " + "; ".join(map(str, problems)))
        self.problems: tuple[Problem, ...] = tuple(problems)


class ClientClosedError(NotSentError):
    """The client was closed before the call."""

    def __init__(self) -> None:
        super().__init__("The client is closed; make a new one.")


class ConnectError(NotSentError):
    """No connection was made; `reason` says why."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(f"Not sent, because no connection was made: {reason}")
        self.reason = reason
        self.lasting = lasting
        """Whether another attempt would fail too: a host that does not exist, a bad certificate."""


class _Answered(TypedDict):
    """What an error keeps of an answer."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


class AnsweredError(ServiceNowTicketsError):
    """The service answered, but not with a case whose ticket is in order."""

    def __init__(self, message: str, **answer: Unpack[_Answered]) -> None:
        super().__init__(message)
        self.status_code: int = answer["status_code"]
        self.headers: Mapping[str, str] = answer["headers"]
        """The headers of the answer; names are looked up without regard to their case."""
        self.content: bytes = answer["content"]
        """The body of the answer, as far as it was read."""
        self.rate_limit: RateLimit = RateLimit.from_headers(self.headers)


_PHRASES = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}


class APIError(AnsweredError):
    """The service answered with another status than 200."""

    applied: bool | None = False

    def __init__(
        self, errors: list[str], *, retry_after: float | None = None, **answer: Unpack[_Answered]
    ) -> None:
        text = printable("; ".join(errors), longest=2000) or "no reason was given"
        status = answer["status_code"]
        super().__init__(f"{_PHRASES.get(status, status)}: {text}", **answer)
        self.errors = errors
        """Why, in the service's words, all of them; the message has 2000 characters at most."""
        self.retry_after = retry_after
        """Seconds that the service asks to wait; None when it does not say."""

    @classmethod
    def for_status(cls, status_code: int) -> type["APIError"]:
        """The class for a status."""
        if 500 <= status_code <= 599:
            return ServerError
        return _BY_STATUS.get(status_code, UnexpectedStatusError)


class BadRequestError(APIError):
    """400: the request is refused as wrong."""


class UnauthorizedError(APIError):
    """401: the keys are missing or wrong."""


class ForbiddenError(APIError):
    """403: the keys lack the permission, or are wrong."""


class NotFoundError(APIError):
    """404: something that the request names does not exist."""


class RateLimitedError(APIError):
    """429: the rate limit is used up; `retry_after` says for how long, in seconds."""


class ServerError(APIError):
    """500 to 599: the service or a gateway failed; the findings may have been attached."""

    applied: bool | None = None


class UnexpectedStatusError(APIError):
    """A status that the contract does not list; the findings may have been attached."""

    applied: bool | None = None


_BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    429: RateLimitedError,
}


class MalformedResponseError(AnsweredError):
    """The service answered 200, so the findings were attached, but the body is not a case."""

    applied: bool | None = True

    def __init__(self, reason: str, **answer: Unpack[_Answered]) -> None:
        super().__init__(
            f"The findings were attached, but the answer cannot be read as a case: {reason}",
            **answer,
        )
        self.reason = reason


class TicketFailedError(AnsweredError):
    """200, and the status of the case's ServiceNow ticket is FAILED; `case` holds the case."""

    def __init__(self, case: Any, **answer: Unpack[_Answered]) -> None:
        super().__init__(
            "The operation on the ServiceNow ticket failed: the answer holds the case, but the "
            "status of its ticket is FAILED",
            **answer,
        )
        self.case: Case = case


class OutcomeUnknownError(ServiceNowTicketsError):
    """The request may have been applied, and no answer could be read; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The findings may have been attached, but no answer could be read ({reason}). "
            "It is safe to attach them again."
        )
        self.reason = reason


__all__ = [
    "APIError",
    "AnsweredError",
    "BadRequestError",
    "ClientClosedError",
    "ConfigurationError",
    "ConnectError",
    "ForbiddenError",
    "InvalidRequestError",
    "MalformedResponseError",
    "MissingCredentialsError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "Problem",
    "RateLimitedError",
    "ServerError",
    "ServiceNowTicketsError",
    "TicketFailedError",
    "UnauthorizedError",
    "UnexpectedStatusError",
]
