"""The family of clients: the generated and the written client with one place changed."""

import functools
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
from upkeep.mutation.client.loading import CLIENT, code_of, codes
from upkeep.mutation.client.order import Order
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

_LIMIT = 6.0
"""Seconds that a test may take with a mutant at least, on a quiet machine."""


@frozen
class Mutants:
    """Every mutant of the client."""

    by_name: Mapping[str, ClientMutant]
    left_out: Mapping[str, int]
    """How many edits are no mutants, by the kinds of `places.LEFT_OUT`."""


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


def prepare() -> list[str]:
    """Find out once what every process needs. A sentence for each test that judges nothing.

    Raises ReachError, also for an unusable list.
    """
    try:
        known()
    except (ValueError, OSError) as error:
        raise ReachError(f"known.yaml cannot be used: {error}") from None
    left_out = measured(anew=True).left_out
    return [
        f"judges nothing: {name} fails with the client as it is: {why}"
        for name, why in left_out.items()
    ]


def judged(names: Sequence[str]) -> list[Death]:
    """Let the contract tests judge mutants; the first test that fails ends each.

    What keeps the tests from their work is on the death as trouble.
    """
    _bench().order.forget()
    equivalent, explained = known()
    listed = equivalent.keys() | explained.keys()
    return [judge(mutants().by_name[name], listed=name in listed) for name in names]


def judge(mutant: ClientMutant, *, listed: bool = False) -> Death:
    """Let the contract tests judge a mutant, until one kills it.

    One that is listed as a survivor is judged by the tests that reach it, and by no others.
    """
    start = time.monotonic()
    try:
        death = _bench().judge(mutant, all_tests=not listed)
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
    tests: set[str]
    """Node ids."""


class ForkServers:
    """Two fork servers, and what their tests reach."""

    def __init__(self, tests: tuple[str, ...], limit: float = _LIMIT) -> None:
        self.reach: Reach = measured(tests)
        self.order = Order(self.reach)
        self._limit = limit
        self._warm = ForkServer(serve_warm, tests)
        self._cold = ForkServer(serve_cold, tests)

    def close(self) -> None:
        """End the processes."""
        self._warm.close()
        self._cold.close()

    def judge(self, mutant: ClientMutant, *, stop: bool = True, all_tests: bool = True) -> Death:
        """Judge a mutant: by all tests, or by those alone that reach it."""
        failed: dict[str, None] = {}
        way, place = self._way(mutant), mutant.place
        for names in self._parts(way, place, all_tests=all_tests):
            found = (self._warm if way.warm else self._cold).judge(
                Job(
                    f"{CLIENT}.{place.module}".removesuffix(".__init__"),
                    str(path(place.module)),
                    mutant.source(),
                    place.function if way.warm else None,
                    [(each, self.reach.limit(each, self._limit)) for each in names],
                    stop,
                )
            )
            failed |= dict.fromkeys(found.failed)
            if (failed and stop) or IMPORT in failed:
                break
        self.order.learn(place, failed)
        return Death(mutant.name, tuple(dict.fromkeys(map(judge_of, failed))))

    def _parts(self, way: _Route, place: CodePlace, *, all_tests: bool) -> Iterator[list[str]]:
        """The tests that one child runs, and those that another one runs after it.

        A cold child has to collect its tests: most mutants die of the first module.
        """
        if way.warm:
            parts = [self.order.of(way.tests, place)]
        else:
            others = self.reach.seconds.keys() - way.tests if all_tests else set()
            first, *rest = [
                module
                for each in (way.tests, others)
                for module in self.order.by_module(each, place)
            ] or [[]]
            parts = [first, [name for module in rest for name in module]]
        return filter(None, parts)

    def _way(self, mutant: ClientMutant) -> _Route:
        place = mutant.place
        if place.function is None:
            return _Route(False, self._users(place))
        old = code_of(_compiled(place.module), place.function)
        file = str(path(place.module))
        new = code_of(compile(mutant.source(), file, "exec"), place.function)
        body = _lines(old)
        if body & self.reach.imported[place.module] or old.co_freevars != new.co_freevars:
            return _Route(False, self.reach.of(place.module, body))
        names = self.reach.of(place.module, range(place.line, place.last_line + 1))
        return _Route(True, names or self.reach.of(place.module, body))

    def _users(self, place: CodePlace) -> set[str]:
        """The tests that run the function whose head is changed.

        Of another name, those that run a line on which it stands, anywhere in the client.
        """
        found: set[str] = set()
        for code in codes(_compiled(place.module)):
            if code.co_qualname == place.within and not code.co_name.startswith("<"):
                found |= self.reach.of(place.module, _lines(code))
        name = place.within.rpartition(".")[2]
        for module in modules() if name and not found else ():
            for number, line in enumerate(path(module).read_text(encoding="utf-8").splitlines(), 1):
                if re.search(rf"\b{name}\b", line):
                    found |= self.reach.of(module, [number])
        return found


@functools.cache
def _compiled(module: str) -> CodeType:
    return compile(path(module).read_bytes(), str(path(module)), "exec")


def _lines(code: CodeType) -> set[int]:
    """The lines of a function's body, of the functions in it too."""
    found = {line for _, _, line in code.co_lines() if line not in {None, code.co_firstlineno}}
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return found.union(*map(_lines, inner))


def judge_of(nodeid: str) -> str:
    """A test's module; the judges that are no tests as they are."""
    return Path(nodeid.partition("::")[0]).stem if "::" in nodeid else nodeid
