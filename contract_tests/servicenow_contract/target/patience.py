"""How often a target is looked at again, while what it was asked for does not show yet."""

import time
from collections.abc import Callable
from typing import TypeVar

from attrs import define, field

from servicenow_contract.target.target import Target

_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between one look and the next."""
_ENOUGH = 3
"""How often that was waited for in vain before a target gets less time."""
_Seen = TypeVar("_Seen")


@define
class Patience:
    """Waits for effects that show late, and notes how late they were."""

    target: Target
    _late: list[str] = field(factory=list, init=False)
    _in_vain: int = field(default=0, init=False)

    def until(
        self, seen: _Seen, good: Callable[[_Seen], bool], again: Callable[[_Seen], _Seen]
    ) -> _Seen:
        """What is seen, once it is good; the last of it when it never is."""
        waited = 0.0
        for pause in _PAUSES if self._in_vain < _ENOUGH else _PAUSES[:2]:
            if good(seen):
                break
            (time.sleep if self.target.wire is None else self.target.wire.sleep)(pause)
            waited, seen = waited + pause, again(seen)
        if not good(seen):
            self._in_vain += 1
        elif waited:
            self._late.append(f"it showed late, after {waited:.2f} s")
        return seen

    def notes(self) -> list[str]:
        """What was noted since this was asked last."""
        notes, self._late = self._late, []
        return notes
