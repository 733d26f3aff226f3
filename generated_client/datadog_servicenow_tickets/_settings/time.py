"""Seconds: those that an argument gives, and those that are left of a call."""

import time
from typing import TypeGuard

from datadog_servicenow_tickets.errors import ConfigurationError

LONGEST = 1_000_000.0
"""Seconds that any argument may give, eleven days; the system's own bound is little above."""


def are_seconds(value: object, *, or_zero: bool = False) -> TypeGuard[float]:
    """Whether this is a number of seconds above 0, or 0 where that is allowed."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (0 < value <= LONGEST or (or_zero and value == 0))
    )


def seconds(value: object, name: str) -> float:
    """A number of seconds above 0. Raises ConfigurationError in the name of `name`."""
    if are_seconds(value):
        return float(value)
    raise ConfigurationError(f"{name} must be a number of seconds above 0, at most {LONGEST:.0f}")


class Timeouts(dict[str, float]):
    """What each step of an attempt may take, in seconds, and never more than is left of the call.

    The HTTP library asks by `get` as a step begins.
    """

    def __init__(self, steps: dict[str, float], due: float | None) -> None:
        super().__init__(steps)
        self._due = due

    def get(self, name: str, default: float | None = None) -> float | None:  # type: ignore[override]  # the names are known
        """Seconds that a step may take that begins now."""
        step = super().get(name, default)
        if self._due is None or step is None:
            return step
        # Zero would mean not to wait at all, which sockets report in a way of their own.
        return min(step, max(self._due - time.monotonic(), 0.001))
