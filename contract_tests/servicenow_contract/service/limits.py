"""Rate limiting as the platform does it: so many requests in a period, told in five headers."""

import math
import re
import threading
import time
from collections.abc import Callable

from attrs import define, evolve, field, frozen

from servicenow_contract.service.handler import Request, Respond, Response, answer

NAME = "attach_servicenow_ticket"
"""What X-RateLimit-Name says."""


@frozen
class Limit:
    """How many requests a period allows."""

    requests: int
    period: int
    """Seconds."""

    def __attrs_post_init__(self) -> None:
        if self.requests < 1 or self.period < 1:
            raise ValueError("a rate limit is at least 1 request in at least 1 second")

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read `N/S`. Raises ValueError with a sentence about what is allowed."""
        if not re.fullmatch("[0-9]{1,9}/[0-9]{1,9}", text):
            raise ValueError(
                f"{text!r} is not a rate limit; write N/S, N requests in S seconds, as in 100/60"
            )
        requests, _, period = text.partition("/")
        return cls(int(requests), int(period))


_REFUSED = answer(429, {"errors": ["Too Many Requests"]})


@define(eq=False)
class RateLimiter:
    """A fixed window: it opens with a request, and closes after the limit's period.

    Every request to the service counts, refused ones too. Every answer tells the limit, and in
    X-RateLimit-Reset the whole seconds after which the window has closed for certain.
    """

    limit: Limit
    refused: Response = _REFUSED
    """What answers a request beyond the limit."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, never decreasing."""
    _closes: float = field(default=-math.inf, init=False)
    _used: int = field(default=0, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def answer(self, respond: Respond, request: Request) -> Response:
        """Answer with `respond`, or with 429 when the window's requests are used up."""
        left, reset = self._take()
        response = respond(request) if left >= 0 else self.refused
        told = {
            "X-RateLimit-Limit": self.limit.requests,
            "X-RateLimit-Period": self.limit.period,
            "X-RateLimit-Remaining": max(left, 0),
            "X-RateLimit-Reset": reset,
            "X-RateLimit-Name": NAME,
        }
        shown = {name: str(value) for name, value in told.items()}
        return evolve(response, headers={**response.headers, **shown})

    def _take(self) -> tuple[int, int]:
        """How many requests are left after this one, below 0 when none was; seconds to wait."""
        with self._lock:
            now = self.clock()
            if now >= self._closes:
                self._closes, self._used = now + self.limit.period, 0
            self._used += 1
            return self.limit.requests - self._used, math.ceil(self._closes - now)
