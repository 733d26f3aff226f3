"""Medians, spreads and ratios: what many noisy values come to.

A ratio is made of two values of one round, which were taken one after the other: a slow moment of
the machine meets both. Its spread is that of the rounds' ratios.
"""

import statistics
from collections.abc import Sequence

from attrs import frozen


@frozen
class Spread:
    """The middle of some values, and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@frozen
class Goal:
    """What a ratio is to be; one end may be open."""

    most: float | None = None
    least: float | None = None

    def met(self, ratio: Spread) -> bool:
        """Whether the median, as it is printed, is within the goal."""
        printed = round(ratio.median, 2)
        above = self.least is None or printed >= self.least
        return above and (self.most is None or printed <= self.most)

    def __str__(self) -> str:
        ends = [f"≤ {self.most:.2f}"] if self.most is not None else []
        return " and ".join(ends + ([f"≥ {self.least:.2f}"] if self.least is not None else []))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Our values as parts of theirs, round by round."""
    return Spread.of([mine / other for mine, other in zip(ours, theirs, strict=True)])
