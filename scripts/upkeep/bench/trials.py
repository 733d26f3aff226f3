"""What a figure consists of, and how its values are taken, contender by contender in turn."""

from collections.abc import Callable, Mapping

from attrs import field, frozen

from upkeep.bench.contenders import BenchError, Contender
from upkeep.bench.statistics import Goal
from upkeep.bench.taking import Bench

Take = Callable[[Bench, Contender], tuple[float, ...]]


@frozen
class Cost:
    """One thing that is measured."""

    name: str
    unit: str
    goals: Mapping[str, Goal] = field(factory=dict)
    """What our value is to be as a part of another's, by that contender's title."""
    more: bool = False
    """Whether more is better."""


@frozen
class Trial:
    """What one taking gives, a value for each case, and who takes part; the first is judged."""

    cases: tuple[Cost, ...]
    contenders: tuple[Contender, ...]
    take: Take
    rounds: int
    quick: int = 3
    """How many rounds are enough to try out."""
    warm_up: bool = False
    """Whether a round comes before that does not count."""


@frozen
class Figure:
    """Trials under one name."""

    name: str
    title: str
    trials: tuple[Trial, ...]


Values = dict[Contender, list[tuple[float, ...]]]
"""What was taken of each contender, a value for each case of the trial, round by round."""


def taken(bench: Bench, trial: Trial, told: Callable[[int, int], None]) -> Values:
    """Take every contender in turn, round after round; each round begins with another one.

    `told` hears the number of each round and how many there are. Raises BenchError.
    """
    rounds = trial.quick if bench.quick else trial.rounds
    values: Values = {contender: [] for contender in trial.contenders}
    for number in range(-trial.warm_up, rounds):
        told(number + 1, rounds)
        first = number % len(trial.contenders)
        for contender in (*trial.contenders[first:], *trial.contenders[:first]):
            value = trial.take(bench, contender)
            if len(value) != len(trial.cases) or not all(each > 0 for each in value):
                raise BenchError(f"{contender.title} gave {value}")
            if number >= 0:
                values[contender].append(value)
    return values
