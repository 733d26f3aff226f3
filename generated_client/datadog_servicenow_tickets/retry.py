"""What is repeated, when, and what is said in the end: small decisions, each without side effects.

Repeated are answers 429, 502, 503 and 504, and connections that were never made. A lost answer is
repeated only on request, because the findings may have been attached already.
"""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from attrs import field, frozen

from .errors import (
    APIError,
    ConnectError,
    NotSentError,
    OutcomeUnknownError,
    ServiceNowTicketsError,
)
from .rate_limit import RateLimit, first_whole

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

STATUSES = frozenset({429, 502, 503, 504})
"""The statuses that are repeated."""
FIRST_BACKOFF = 0.5
"""Seconds; the bound of the first wait of which the service says nothing. It doubles each time."""
LONGEST_BACKOFF = 8.0
"""Seconds; the bound of every such wait."""


def asked_wait(
    status_code: int, headers: Mapping[str, str], now: Callable[[], float] = time.time
) -> float | None:
    """Seconds that an answer asks to wait: X-RateLimit-Reset, else Retry-After, else None.

    Zero and junk say nothing. Nor does a reset when requests remain and the status is not 429: the
    limit is not the reason then.
    """
    limit = RateLimit.from_headers(headers, now=now())
    if limit.reset and (status_code == 429 or not limit.remaining):
        return float(limit.reset)
    return _retry_after(headers.get("Retry-After"), now)


def _retry_after(value: str | None, now: Callable[[], float]) -> float | None:
    """Seconds or a date (RFC 9110, section 10.2.3)."""
    seconds = first_whole(value)
    if seconds is None and value:
        from email.utils import parsedate_to_datetime  # noqa: PLC0415  # only for a date

        try:
            seconds = round(parsedate_to_datetime(value).timestamp() - now())
        except (ValueError, OverflowError):
            return None
    return float(seconds) if seconds is not None and seconds > 0 else None


@frozen
class RetryPolicy:
    """When an attempt is repeated."""

    max_retries: int = 2
    """How many attempts may follow the first."""
    max_wait: float = 60.0
    """Seconds; a longer wait is refused at once."""
    unknown_outcome: bool = False
    """Whether a request is repeated that may have been applied without an answer."""
    uniform: Callable[[float, float], float] = field(default=random.uniform, repr=False)
    """Draws a number between two numbers."""

    def may_repeat(self, error: object) -> bool:
        """Whether what went wrong may go well another time, without harm."""
        if isinstance(error, APIError):
            return error.status_code in STATUSES
        if isinstance(error, OutcomeUnknownError):
            return self.unknown_outcome
        return isinstance(error, ConnectError)

    def backoff(self, attempt: int) -> float:
        """Seconds between zero and a bound that doubles with each attempt (full jitter)."""
        bound = min(FIRST_BACKOFF * 2.0 ** min(attempt - 1, 10), LONGEST_BACKOFF, self.max_wait)
        return self.uniform(0.0, bound)

    def wait(self, outcome: object, attempt: int) -> float | None:
        """Seconds until the attempt after number `attempt`, from 1; None when there is none."""
        if attempt > self.max_retries or not self.may_repeat(outcome):
            return None
        asked = outcome.retry_after if isinstance(outcome, APIError) else None
        seconds = self.backoff(attempt) if asked is None else asked
        return seconds if seconds <= self.max_wait else None


def settled(error: ServiceNowTicketsError, earlier: Sequence[object]) -> ServiceNowTicketsError:
    """The error to raise: one of the outcomes before it may have been applied."""
    doubts = [o for o in earlier if isinstance(o, ServiceNowTicketsError) and o.applied is None]
    if doubts and error.applied is False:
        if isinstance(error, NotSentError):
            error = OutcomeUnknownError(f"{doubts[0]}; then {error}")
        error.applied = None
        error.add_note(f"The findings may have been attached by an earlier attempt: {doubts[0]}")
    error.attempts = len(earlier) + 1
    return error


class Course(list[T]):
    """The outcomes of one call's attempts, and tenacity's strategies over them."""

    def __init__(self, policy: RetryPolicy, first: T) -> None:
        super().__init__([first])
        self._policy = policy
        self._seconds: float | None = None

    def goes_on(self, state: "RetryCallState") -> bool:
        """Tenacity's `retry`."""
        if state.outcome is None or state.outcome.failed:
            return False  # a hook, a foreign transport or a signal raised: it is passed on
        self._seconds = self._policy.wait(self[-1], state.attempt_number)
        return self._seconds is not None

    def seconds(self, _state: "RetryCallState") -> float:
        """Tenacity's `wait`."""
        return self._seconds or 0.0


def repeat(
    course: Course[T], attempt: Callable[[int], T], sleep: Callable[[float], None] | None
) -> None:
    """Add outcomes to `course` until one is final. The first, made already, counts as a run."""
    from tenacity import Retrying  # noqa: PLC0415  # not needed unless something fails

    numbers = count(1)

    def run() -> None:
        number = next(numbers)
        if number > 1:
            course.append(attempt(number))

    running = Retrying(retry=course.goes_on, wait=course.seconds, sleep=sleep or time.sleep)
    running(run)


async def repeat_async(
    course: Course[T],
    attempt: Callable[[int], Awaitable[T]],
    sleep: Callable[[float], Awaitable[None]] | None,
) -> None:
    """The same for an attempt that is awaited."""
    from tenacity import AsyncRetrying  # noqa: PLC0415  # not needed unless something fails

    numbers = count(1)

    async def run() -> None:
        number = next(numbers)
        if number > 1:
            course.append(await attempt(number))

    running = AsyncRetrying(retry=course.goes_on, wait=course.seconds)
    if sleep is not None:
        running = running.copy(sleep=sleep)
    await running(run)
