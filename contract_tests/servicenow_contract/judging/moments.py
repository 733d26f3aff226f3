"""Times that answers show, and which of them cannot both be true."""

import bisect
import datetime
import re
from collections import defaultdict
from fractions import Fraction

from attrs import define, field, frozen

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:[.](\d{1,30}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@frozen
class Moment:
    """An instant as an answer writes it, in whatever offset and to whatever digit."""

    text: str
    at: Fraction
    """Seconds since 1970."""
    unit: Fraction
    """The seconds that its last digit counts."""

    @classmethod
    def read(cls, value: object) -> "Moment | None":
        """A timestamp of RFC 3339; None for anything else, and for a leap second."""
        found = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return None
        try:
            whole = datetime.datetime.fromisoformat(f"{found[1]}{found[3].upper()}")
        except ValueError:
            return None
        digits = found[2] or ""
        unit = Fraction(1, 10 ** len(digits))
        seconds = (whole - _EPOCH) // datetime.timedelta(seconds=1)
        return cls(found[0], seconds + int(digits or 0) * unit, unit)

    def precedes(self, other: "Moment") -> bool:
        """Whether this is the earlier one, even if one of them was cut or rounded to its digits."""
        slack = 0 if self.unit == other.unit else max(self.unit, other.unit)
        return other.at - self.at > slack


@define(eq=False)
class _Peaks:
    """Moments, each with a key and a height: finds the highest of those below a key.

    Only those are kept that are higher than all before them.
    """

    _keys: list[float] = field(factory=list)
    _heights: list[Fraction] = field(factory=list)
    _moments: list[Moment] = field(factory=list)

    def add(self, key: float, height: Fraction, moment: Moment) -> None:
        """Keep one, unless one with the same key or a lower key is as high."""
        start = bisect.bisect_right(self._keys, key)
        if start and self._heights[start - 1] >= height:
            return
        end = bisect.bisect_right(self._heights, height, lo=start)
        self._keys[start:end] = [key]
        self._heights[start:end] = [height]
        self._moments[start:end] = [moment]

    def below(self, key: float) -> Moment | None:
        """The highest whose key is lower than this one, or None."""
        end = bisect.bisect_left(self._keys, key)
        return self._moments[end - 1] if end else None


@define(eq=False)
class Timeline:
    """What answers showed of one time that never goes back, added in any order.

    Two answers are compared only when one of them had ended before the other's request began: what
    is on its way at once may take effect either way round.
    """

    _ended: dict[Fraction, _Peaks] = field(factory=lambda: defaultdict(_Peaks))
    """By unit: the latest moment of those answers that ended before a time."""
    _began: dict[Fraction, _Peaks] = field(factory=lambda: defaultdict(_Peaks))
    """By unit: the earliest moment of those that began after a time; keys and heights negated."""

    def add(self, began: float, ended: float, shown: Moment) -> tuple[Moment, Moment] | None:
        """Two moments that contradict each other, this one and another, in the order of answers."""
        before = [peaks.below(began) for peaks in self._ended.values()]
        after = [peaks.below(-ended) for peaks in self._began.values()]
        pairs = [(each, shown) for each in before if each is not None]
        pairs += [(shown, each) for each in after if each is not None]
        self._ended[shown.unit].add(ended, shown.at, shown)
        self._began[shown.unit].add(-began, -shown.at, shown)
        return next(((was, then) for was, then in pairs if then.precedes(was)), None)
