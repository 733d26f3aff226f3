"""Which test runs which line of the client, and how long each takes: measured once, and kept."""

import functools
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen

from upkeep.command import CommandError
from upkeep.mutation.client import tests as mutants_client_tests
from upkeep.mutation.client.cache import digest, kept
from upkeep.mutation.client.loading import import_client
from upkeep.mutation.client.places import PACKAGE, modules, path
from upkeep.paths import ROOT

TESTS = ("client", "judged")
"""The folders of the tests that judge the client."""
BLIND = ("test_mypy_on_the_example", "test_pyright_on_the_example", "test_import_does_no_io")
"""Tests that run in processes of their own, which know no mutant."""


_MOST_LEFT_OUT = 0.02
"""The part of the tests that may fail with the client as it is; what fails more is the client."""


class ReachError(CommandError):
    """The client as it is fails its own tests, so that they cannot judge a mutant."""


@frozen
class Reach:
    """What the tests of some modules reach."""

    seconds: Mapping[str, float]
    """How long each test takes, by node id, in the order in which they were collected."""
    lines: Mapping[str, Mapping[int, frozenset[str]]] = field(repr=False)
    """The tests that run a line, by module."""
    imported: Mapping[str, frozenset[int]] = field(repr=False)
    """The lines that run when the client is imported, by module."""
    left_out: Mapping[str, str] = field(factory=dict)
    """The tests that judge nothing, because they fail with the client as it is; and how."""

    def limit(self, test: str, least: float) -> float:
        """Seconds that a test may take with a mutant: ten times its own beside the least.

        More on a busy machine, by as much as more processes want to run than there are processors.
        """
        busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        return busy * (least + 10.0 * self.seconds[test])

    def of(self, module: str, lines: Iterable[int]) -> set[str]:
        """The tests that run one of these lines."""
        found = self.lines.get(module, {})
        return {name for line in lines for name in found.get(line, ())}


@functools.cache
def measured(tests: tuple[str, ...] = TESTS, *, anew: bool = False) -> Reach:
    """What the tests reach, from the last measurement if nothing has changed since.

    `anew` measures again where a test failed the last time: the machine may have been busy.
    Raises ReachError when more than a few fail with the client as it is.
    """
    which = digest((), *tests)
    places = (PACKAGE, ROOT / "contract_tests", ROOT / "openapi")
    files = [
        file for place in places for file in place.rglob("*") if file.suffix in (".py", ".yaml")
    ]
    of = digest([*files, Path(__file__)], sys.version, version("coverage"))
    return _read(
        kept(
            f"reach-{which}",
            of,
            lambda: _measure(tests),
            good=lambda data: not (anew and data["left_out"]),
        )
    )


def _read(data: Any) -> Reach:
    names = list(data["seconds"])
    lines = {
        module: {int(line): frozenset(names[n] for n in numbers) for line, numbers in each.items()}
        for module, each in data["lines"].items()
    }
    imported = {module: frozenset(each) for module, each in data["imported"].items()}
    return Reach(data["seconds"], lines, imported, data["left_out"])


def _measure(tests: Sequence[str]) -> Any:
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, tests), daemon=True)
    process.start()
    there.close()
    try:
        data = here.recv()
    except EOFError:
        data = "the process ended"
    process.join()
    if isinstance(data, str):
        raise ReachError(f"the client as it is fails its tests: {data}")
    return data


def _run(out: Connection, tests: Sequence[str]) -> None:
    mutants_client_tests.prepare()
    from coverage import Coverage  # noqa: PLC0415  # only here

    coverage = Coverage(data_file=None, include=[str(PACKAGE / "*")], config_file=False)
    # Python 3.14's monitoring, the default there, does not tell which test runs a line.
    coverage.set_option("run:core", "ctrace")
    coverage.start()
    import_client()
    plugin = _Measuring(coverage)
    pytest.main(
        [*mutants_client_tests.files(tests), *mutants_client_tests.OPTIONS], plugins=[plugin]
    )
    coverage.stop()
    out.send(plugin.trouble() or plugin.data())


@define(eq=False)
class _Measuring(mutants_client_tests.Quick):
    """Runs every test once; those that fail, twice more in the end."""

    coverage: Any
    seconds: dict[str, float] = field(factory=dict)
    failed: dict[str, str] = field(factory=dict)
    """The tests that failed whenever they ran, and their last words."""
    uncollected: list[str] = field(factory=list)
    _said: str = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        if report.failed:
            self._said = (report.longreprtext.strip() or report.when).splitlines()[-1]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected."""
        if report.failed:
            self.uncollected.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run and measure."""
        items = [item for item in session.items if item.name not in BLIND]
        for _ in range(3):
            for item, after in zip(items, [*items[1:], None], strict=True):
                self._run(item, after)
            items = [item for item in items if item.nodeid in self.failed]
        return True

    def _run(self, item: pytest.Item, after: pytest.Item | None) -> None:
        self.coverage.switch_context(item.nodeid)
        self._said = ""
        start = time.perf_counter()
        item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
        self.seconds[item.nodeid] = round(time.perf_counter() - start, 4)
        self.failed.pop(item.nodeid, None)
        if self._said:
            self.failed[item.nodeid] = self._said[:200]

    def trouble(self) -> str:
        """Why nothing can be judged by these tests; empty when it can."""
        if self.uncollected or len(self.failed) > _MOST_LEFT_OUT * len(self.seconds):
            return "; ".join((*self.uncollected, *self.failed))[:1000]
        return "" if self.seconds else "no test was collected"

    def data(self) -> Any:
        """What was found, as plain data; a test is its number, and one that fails has none."""
        seconds = {name: each for name, each in self.seconds.items() if name not in self.failed}
        numbers = {name: number for number, name in enumerate(seconds)}
        found: dict[str, Any] = {
            "seconds": seconds,
            "lines": {},
            "imported": {},
            "left_out": self.failed,
        }
        for module, lines in self._lines():
            found["imported"][module] = [line for line, names in lines.items() if "" in names]
            found["lines"][module] = {
                line: sorted(numbers[name] for name in names if name in numbers)
                for line, names in lines.items()
            }
        return found

    def _lines(self) -> Iterator[tuple[str, Mapping[int, list[str]]]]:
        data = self.coverage.get_data()
        for module in modules():
            yield module, data.contexts_by_lineno(str(path(module)))
