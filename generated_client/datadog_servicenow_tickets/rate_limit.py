"""What the service says of its rate limit, as a typed snapshot."""

import re
import time
from collections.abc import Mapping

from attrs import frozen

_NUMBER = re.compile(r"\s*([0-9]{1,12})(?:\.0*([0-9]*))?\s*")
_EPOCH = 1_000_000_000
"""A reset above this is a point in time, in seconds since 1970, and no span of time."""


def first_whole(value: str | None) -> int | None:
    """The first of comma-separated non-negative numbers, rounded up; None for junk."""
    if value is None:
        return None
    match = _NUMBER.fullmatch(value.split(",", 1)[0])
    return int(match[1]) + bool(match[2]) if match else None


@frozen
class RateLimit:
    """The five `X-RateLimit-*` headers of one answer; each is None when absent or not a number."""

    limit: int | None = None
    """How many requests a period allows."""
    period: int | None = None
    """The length of a period, in seconds."""
    remaining: int | None = None
    """How many requests the period still allows."""
    reset: int | None = None
    """Seconds until the period ends."""
    name: str | None = None
    """The name of the limit."""

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], *, now: float | None = None) -> "RateLimit":
        """Read the headers of an answer; `headers` looks names up without regard to their case.

        A repeated value (`7, 7`) counts once. A reset that is a point in time becomes seconds from
        `now` (seconds since 1970, by default the time of the call). Raises nothing.
        """
        reset = first_whole(headers.get("X-RateLimit-Reset"))
        if reset is not None and reset > _EPOCH:
            reset = max(0, reset - int(time.time() if now is None else now))
        return cls(
            limit=first_whole(headers.get("X-RateLimit-Limit")),
            period=first_whole(headers.get("X-RateLimit-Period")),
            remaining=first_whole(headers.get("X-RateLimit-Remaining")),
            reset=reset,
            name=headers.get("X-RateLimit-Name"),
        )
