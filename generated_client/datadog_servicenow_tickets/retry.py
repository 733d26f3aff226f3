"""What is repeated, when, and what is said in the end: small decisions, each without side effects.

Attaching the same findings to the same ticket again changes nothing. So whatever may go well
another time is repeated, an attempt of which nobody knows the outcome included.
"""

import random
import time
from collections.abc import Callable, Mapping

from attrs import define, field, frozen

from .errors import (
    APIError,
    ClientClosedError,
    ConnectError,
    NotSentError,
    OutcomeUnknownError,
    ServiceNowTicketsError,
)
from .rate_limit import RateLimit, first_whole

DOUBTFUL = frozenset({408, 500, 502, 503, 504, *range(520, 530)})
"""The statuses that are repeated, and leave open whether the request was applied; 429 does not."""
FIRST_BACKOFF = 0.5
"""Seconds; the bound of the first wait of which the service says nothing. It doubles each time."""
LONGEST_BACKOFF = 8.0
"""Seconds; the bound of every such wait."""
ON_TOP = 0.1
"""Up to this part of a wait that the service asks for is added, so that not all come at once."""
MOST_KEPT = 20
"""How many kept connections of one call may be found closed without an error."""


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
    """Seconds or a date (RFC 9110, section 10.2.3); a date is in UTC, whether it says so or not."""
    seconds = first_whole(value)
    if seconds is None and value:
        from datetime import UTC  # noqa: PLC0415  # only for a date
        from email.utils import parsedate_to_datetime  # noqa: PLC0415  # as above

        try:
            date = parsedate_to_datetime(value)
            seconds = round((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now())
        except (ValueError, OverflowError):
            return None
    return float(seconds) if seconds is not None and seconds > 0 else None


@frozen
class RetryPolicy:
    """When an attempt is repeated."""

    max_retries: int = 2
    """How many attempts may follow the first."""
    max_wait: float = 60.0
    """Seconds; when the service asks for more, its error is raised at once."""
    unknown_outcome: bool = True
    """Whether a request is repeated that may have been applied."""
    uniform: Callable[[float, float], float] = field(default=random.uniform, repr=False)
    """Draws a number between two numbers."""

    def may_repeat(self, error: object) -> bool:
        """Whether what went wrong may go well another time."""
        if isinstance(error, APIError):
            doubtful = self.unknown_outcome and error.status_code in DOUBTFUL
            return error.status_code == 429 or doubtful
        if isinstance(error, OutcomeUnknownError):
            return self.unknown_outcome
        return isinstance(error, ConnectError) and not error.lasting

    def backoff(self, attempt: int) -> float:
        """Seconds between zero and a bound that doubles with each attempt (full jitter)."""
        bound = min(FIRST_BACKOFF * 2.0 ** min(attempt - 1, 10), LONGEST_BACKOFF, self.max_wait)
        return self.uniform(0.0, bound)

    def wait(self, error: object, attempt: int) -> float | None:
        """Seconds until the attempt after number `attempt`, from 1; None when there is none."""
        if attempt > self.max_retries or not self.may_repeat(error):
            return None
        asked = error.retry_after if isinstance(error, APIError) else None
        if asked is None:
            return self.backoff(attempt)
        return asked + self.uniform(0.0, asked * ON_TOP) if asked <= self.max_wait else None


@define
class Attempts:
    """The attempts of one call, and what is left of its time."""

    policy: RetryPolicy
    deadline: float | None
    """Seconds for the whole call."""
    due: float | None = field(init=False)
    """When the call is over, by `time.monotonic`."""
    errors: list[ServiceNowTicketsError] = field(init=False, factory=list)
    number: int = field(init=False, default=1)
    """Which attempt it is, from 1."""
    _kept: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.due = None if self.deadline is None else time.monotonic() + self.deadline

    def wait_after(self, error: ServiceNowTicketsError, *, kept: bool) -> float:
        """Seconds until the next attempt. Raises the call's error when there is none.

        A connection that was kept, and found closed as the request went out, counts as no retry.
        """
        self.errors.append(error)
        if kept and self.policy.unknown_outcome and self._kept < MOST_KEPT:
            self._kept += 1
            seconds: float | None = 0.0
        else:
            seconds = self.policy.wait(error, self.number - self._kept)
        if seconds is None:
            raise self._settled()
        if self.due is not None and time.monotonic() + seconds >= self.due:
            final = self._settled()
            final.add_note(f"The deadline of {self.deadline:g} s leaves no time for more attempts.")
            raise final
        self.number += 1
        return seconds

    def _settled(self) -> ServiceNowTicketsError:
        """The error to raise, which says of all attempts what is known."""
        *earlier, error = self.errors
        doubts = [each for each in earlier if each.applied is None]
        if doubts and error.applied is False:
            if isinstance(error, NotSentError):
                error = OutcomeUnknownError(f"{doubts[0]}; then {error}")
            error.applied = None
            error.add_note(
                f"The findings may have been attached by an earlier attempt: {doubts[0]}"
            )
        for number, each in enumerate(earlier, 1):
            error.add_note(f"Attempt {number}: {type(each).__name__}: {each}")
        error.attempts = len(self.errors) - isinstance(self.errors[-1], ClientClosedError)
        return error
