"""In which order tests judge a mutant, so that the one that kills it comes early."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from attrs import define, field

from upkeep.mutation.client.coverage import Reach
from upkeep.mutation.client.places import CodePlace

_QUICK = 0.05
"""Seconds; slower tests come last."""
_NEAR = 5
"""How many tests come first because they killed a mutant of the same function, or module."""


@define
class Order:
    """The order of tests, which learns from each mutant that is killed."""

    reach: Reach
    _lines: Counter[str] = field(init=False, factory=Counter)
    """How many lines of the client each test runs."""
    _killers: dict[str, list[str]] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for lines in self.reach.lines.values():
            self._lines.update(chain.from_iterable(lines.values()))

    def forget(self) -> None:
        """Forget who killed what: the same mutants, in the same order, have the same killers."""
        self._killers.clear()

    def learn(self, place: CodePlace, killers: Iterable[str]) -> None:
        """Note who killed a mutant of a place; judges that are no tests do not count."""
        for killer in killers:
            if killer in self.reach.seconds:
                self._killers.setdefault(place.module, []).append(killer)
                self._killers.setdefault(_whole(place), []).append(killer)

    def of(self, names: Collection[str], place: CodePlace) -> list[str]:
        """Killers of neighbours, then one of each test's cases, then the others.

        The tests that run few lines come before those that run many, and the slow ones last.
        """
        near = [name for name in self._near(place) if name in names]
        seconds = self.reach.seconds
        seen: set[str] = set()
        keys: dict[str, tuple[object, ...]] = {}
        for name in sorted(names, key=lambda name: (seconds[name], name)):
            function, slow = name.split("[")[0], seconds[name] > _QUICK
            width = seconds[name] if slow else self._lines[name]
            keys[name] = (slow, function in seen, width, seconds[name], name)
            seen.add(function)
        return list(dict.fromkeys([*near, *sorted(names, key=lambda name: keys[name])]))

    def by_module(self, names: Collection[str], place: CodePlace) -> list[list[str]]:
        """The same for each test module: those of the neighbours' killers, then quick ones."""
        found: dict[str, list[str]] = {}
        for name in self.of(names, place):
            found.setdefault(_module(name), []).append(name)
        near = [_module(name) for name in self._near(place)]

        def key(module: str) -> tuple[int, float]:
            rank = near.index(module) if module in near else len(near)
            return rank, sum(map(self.reach.seconds.__getitem__, found[module]))

        return [found[module] for module in sorted(found, key=key)]

    def _near(self, place: CodePlace) -> Sequence[str]:
        """The last killers of mutants of the function, and the last quick ones of the module."""
        inside = dict.fromkeys(reversed(self._killers.get(_whole(place), [])))
        around = dict.fromkeys(reversed(self._killers.get(place.module, [])))
        quick = [name for name in around if self.reach.seconds[name] <= _QUICK]
        return list(dict.fromkeys([*[*inside][:_NEAR], *quick[:_NEAR]]))


def _whole(place: CodePlace) -> str:
    return f"{place.module}:{place.within}"


def _module(name: str) -> str:
    return name.partition("::")[0]
