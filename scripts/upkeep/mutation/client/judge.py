"""The family of clients: the generated and the written client with one place changed."""

import functools
import re
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from attrs import asdict, evolve, frozen

from servicenow_contract.mutants import Death
from upkeep.mutation.client.cache import digest, kept
from upkeep.mutation.client.coverage import TESTS, Reach, ReachError, measured
from upkeep.mutation.client.forks import DEATH, ENDLESS, IMPORT, ForkServer, Job
from upkeep.mutation.client.known import Kind, reasons
from upkeep.mutation.client.loading import CLIENT, code_of
from upkeep.mutation.client.patterns import once
from upkeep.mutation.client.places import (
    LEFT_OUT,
    PACKAGE,
    ClientMutant,
    CodePlace,
    modules,
    of_module,
    path,
)
from upkeep.mutation.client.tests import serve_cold, serve_warm

_LIMIT = 20.0
"""Seconds; with ten times what a test takes, how long it may take with a mutant."""
_QUICK = 0.05
"""Seconds; slower tests come last."""


@frozen
class Mutants:
    """Every mutant of the client."""

    by_name: Mapping[str, ClientMutant]
    left_out: Mapping[str, int]
    """How many edits are no mutants, by the kinds of `mutants_client_places.LEFT_OUT`."""


@functools.cache
def mutants() -> Mutants:
    """Every mutant: found anew when the client, or what finds them, has changed."""
    finders = Path(__file__).parent.glob("[ep]*.py")
    of = digest([*PACKAGE.rglob("*.py"), *finders], version("mutmut"), version("libcst"))
    data = kept("places", of, _found)
    return Mutants({each["name"]: _read(each) for each in data["mutants"]}, data["left_out"])


def _found() -> Any:
    left_out: Counter[str] = Counter()
    every: list[ClientMutant] = []
    for module in modules():
        by_name, without = of_module(module)
        every += by_name.values()
        left_out += without
    first = list(once(every))
    left_out["template"] = len(every) - len(first)
    found = [asdict(mutant) for mutant in first]
    return {"mutants": found, "left_out": left_out}


def _read(data: Any) -> ClientMutant:
    place = data.pop("place")
    function = place.pop("function")
    return ClientMutant(**data, place=CodePlace(**place, function=function and tuple(function)))


def sentences() -> dict[str, str]:
    """What each mutant does, by name."""
    return {name: mutant.sentence for name, mutant in mutants().by_name.items()}


def left_out() -> Iterator[str]:
    """How many edits are no mutants, and why, by kind."""
    for kind, count in mutants().left_out.items():
        yield f"left out: {count} ({kind}): {LEFT_OUT[kind]}"


def judges() -> tuple[str, ...]:
    """Who can kill a mutant."""
    return (*(Path(name).stem for name in TESTS), IMPORT, ENDLESS, DEATH)


def known() -> tuple[dict[str, str], dict[str, str]]:
    """The reasons for equivalent mutants, and those for the other known survivors."""
    found = mutants().by_name
    return reasons(found, Kind.EQUIVALENT), reasons(found, Kind.SURVIVOR)


def prepare() -> None:
    """Find out once what every process needs. Raises ReachError, also for an unusable list."""
    try:
        known()
    except (ValueError, OSError) as error:
        raise ReachError(f"known.yaml cannot be used: {error}") from None
    measured()


def judged(names: Sequence[str]) -> list[Death]:
    """Let the contract tests judge mutants; the first test that fails ends each.

    What keeps the tests from their work is on the death as trouble.
    """
    return [judge(mutants().by_name[name]) for name in names]


def judge(mutant: ClientMutant, *, stop: bool = True) -> Death:
    """Let the contract tests judge a mutant; without `stop`, by every module's first failure."""
    start = time.monotonic()
    try:
        death = _bench().judge(mutant, stop=stop)
    except RuntimeError as error:
        death = Death(mutant.name, (), trouble=(str(error),))
    return evolve(death, seconds=round(time.monotonic() - start, 3))


@functools.cache
def _bench() -> "ForkServers":
    return ForkServers(TESTS)


@frozen
class _Route:
    """How a mutant is put in place."""

    warm: bool
    tests: list[str]
    """Node ids."""
    others: list[str]
    """To be tried when the first ones say nothing."""


class ForkServers:
    """Two fork servers, and what their tests reach."""

    def __init__(self, tests: tuple[str, ...], limit: float = _LIMIT) -> None:
        self.reach: Reach = measured(tests)
        self._limit = limit
        self._warm = ForkServer(serve_warm, tests)
        self._cold = ForkServer(serve_cold, tests)

    def close(self) -> None:
        """End the processes."""
        self._warm.close()
        self._cold.close()

    def judge(self, mutant: ClientMutant, *, stop: bool = True) -> Death:
        """Judge a mutant."""
        failed: dict[str, None] = {}
        warm, jobs = self._jobs(mutant, stop=stop)
        for job in jobs:
            found = (self._warm if warm else self._cold).judge(job)
            failed |= dict.fromkeys(map(judge_of, found.failed))
            if (failed and stop) or IMPORT in failed:
                break
        return Death(mutant.name, tuple(failed))

    def _jobs(self, mutant: ClientMutant, *, stop: bool) -> tuple[bool, Iterator[Job]]:
        """Whether they are for the warm fork server, and one job; or one for each test module."""
        way = self._way(mutant)
        module = mutant.place.module
        name = f"{CLIENT}.{module}".removesuffix(".__init__")
        source, function = mutant.source(), mutant.place.function if way.warm else None

        def job(names: Sequence[str]) -> Job:
            tests = [(each, self._limit + 10.0 * self.reach.seconds[each]) for each in names]
            return Job(name, str(path(module)), source, function, tests, stop)

        if way.warm:
            return True, map(job, [way.tests] if way.tests else [])
        return False, map(job, (*self._by_module(way.tests), *self._by_module(way.others)))

    def _by_module(self, names: Sequence[str]) -> list[list[str]]:
        """The tests of each module, the quickest module first."""
        found: dict[str, list[str]] = {}
        for name in names:
            found.setdefault(name.split("::")[0], []).append(name)
        return sorted(
            found.values(), key=lambda each: sum(map(self.reach.seconds.__getitem__, each))
        )

    def _way(self, mutant: ClientMutant) -> _Route:
        place = mutant.place
        file = str(path(place.module))
        if place.function is not None:
            old = code_of(compile(path(place.module).read_bytes(), file, "exec"), place.function)
            new = code_of(compile(mutant.source(), file, "exec"), place.function)
            body = _lines(old)
            if not body & self.reach.imported[place.module] and old.co_freevars == new.co_freevars:
                names = self.reach.of(place.module, range(place.line, place.last_line + 1))
                return _Route(True, self._ordered(names or self.reach.of(place.module, body)), [])
            names = self.reach.of(place.module, body)
        else:
            names = self._users(place)
        return _Route(False, self._ordered(names), self._ordered(self.reach.seconds.keys() - names))

    def _users(self, place: CodePlace) -> set[str]:
        """The tests that run a line on which the changed name stands, anywhere in the client."""
        name = place.within.rpartition(".")[2]
        found: set[str] = set()
        for module in modules() if name else ():
            for number, line in enumerate(path(module).read_text(encoding="utf-8").splitlines(), 1):
                if re.search(rf"\b{name}\b", line):
                    found |= self.reach.of(module, [number])
        return found

    def _ordered(self, names: Collection[str]) -> list[str]:
        """One of each test's cases first, then the others, the slow ones last of all."""
        seconds = self.reach.seconds
        seen: set[str] = set()
        keys: dict[str, tuple[Any, ...]] = {}
        for name in sorted(names, key=lambda name: (seconds[name], name)):
            function = name.split("[")[0]
            slow = seconds[name] > _QUICK
            keys[name] = (
                slow,
                function in seen,
                seconds[name] if slow else 0,
                function,
                seconds[name],
            )
            seen.add(function)
        return sorted(keys, key=lambda name: keys[name])


def _lines(code: CodeType) -> set[int]:
    """The lines of a function's body, of the functions in it too."""
    found = {line for _, _, line in code.co_lines() if line not in {None, code.co_firstlineno}}
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return found.union(*map(_lines, inner))


def judge_of(nodeid: str) -> str:
    """A test's module; the judges that are no tests as they are."""
    return Path(nodeid.partition("::")[0]).stem if "::" in nodeid else nodeid
