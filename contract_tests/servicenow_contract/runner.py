"""Runs the conformance tests with pytest and keeps what they say as verdicts."""

import os
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import pytest
from attrs import define, field

from servicenow_contract import profiles, requirements
from servicenow_contract.target import Target, embedded
from servicenow_contract.verdict import Ledger, Outcome, Verdict

CONFORMANCE = Path(__file__).parent / "conformance"
_TARGET: pytest.StashKey[Target] = pytest.StashKey()


def target_of(config: pytest.Config) -> Target:
    """The target of the run that this pytest serves, else the embedded reference service."""
    return config.stash[_TARGET] if _TARGET in config.stash else embedded()


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _blames_target(error: BaseException) -> bool:
    """Whether a test found its fact broken; anything else is the suite's own trouble."""
    facts = (AssertionError, pytest.fail.Exception)
    return all(isinstance(leaf, facts) for leaf in _leaves(error))


@define(eq=False)
class Judge:
    """A pytest plugin: picks the tests that name a requirement, and files what they say."""

    target: Target | None = None
    profile: str = "ci"
    stop_at_first_fail: bool = False
    """Whether one failed requirement is enough to know, as it is for a mutant."""
    progress: Callable[[int, int, str], None] = lambda _done, _all, _name: None
    ledger: Ledger = field(factory=lambda: Ledger(requirements.load()))
    trouble: list[str] = field(factory=list)
    """What kept the suite from its work; empty when every test could be run."""
    _done: int = 0

    def pytest_configure(self, config: pytest.Config) -> None:
        """Choose how much is generated, and hand the target to the fixtures."""
        profiles.use(self.profile)
        if self.target is not None:
            config.stash[_TARGET] = self.target

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out tests without a requirement, and note the ones whose requirement is unknown."""
        items[:] = [item for item in items if named(item)]
        for item in items:
            unknown = set(named(item)) - self.ledger.catalogue.keys()
            self.trouble += [
                f"{item.nodeid}: no requirement is called {name!r}" for name in unknown
            ]
        if self.trouble:
            items.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """File one test's result."""
        report = yield
        if report.when == "call" or report.outcome != "passed":
            for name in named(item):
                self.ledger.add(self._outcome(name, item, call, report))
        if report.when == "teardown":
            if self.stop_at_first_fail and self.ledger.count(Verdict.FAIL):
                item.session.shouldstop = "one requirement failed"
            self._done += 1
            self.progress(self._done, len(item.session.items), item.name)
        return report

    def _outcome(
        self, name: str, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
    ) -> Outcome:
        test, reason, verdict = item.nodeid.rpartition("/")[2], "", Verdict.PASS
        if report.outcome == "skipped":
            verdict, reason = Verdict.NOT_RUN, _first_line(str(getattr(call.excinfo, "value", "")))
        elif report.outcome == "failed":
            error = call.excinfo.value if call.excinfo else None
            fair = call.when == "call" and error is not None and _blames_target(error)
            verdict = Verdict.FAIL if fair else Verdict.ERROR
            kind = "" if fair else f"{type(error).__name__}: "
            reason = f"{item.name}: {kind}{_first_line(str(error))}"
        return Outcome(name, verdict, test, reason, report.duration)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test module that cannot be read breaks the whole run."""
        if report.failed:
            self.trouble.append(f"{report.nodeid} cannot be read: {report.longreprtext[-2000:]}")


def named(item: pytest.Item) -> list[str]:
    """The requirements that a test names."""
    return [name for mark in item.iter_markers("requirement") for name in mark.args]


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[0])[:300] if lines else ""


def run(judge: Judge, *, seed: int = 0, also: Sequence[Path] = ()) -> None:
    """Run the conformance tests, and those in `also`, and file what they say with `judge`.

    Generated cases follow from `seed` alone.
    """
    configuration = Path(__file__).parent / "conformance.ini"
    paths = [CONFORMANCE, *also]
    root = os.path.commonpath(path if path.is_dir() else path.parent for path in paths)
    code = pytest.main(
        [
            *map(str, paths),
            f"--config-file={configuration}",
            f"--rootdir={root}",
            f"--confcutdir={root}",
            f"--hypothesis-seed={seed}",
            "--import-mode=importlib",
            *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:logging"),
        ],
        plugins=[judge],
    )
    expected = [pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED]
    if judge.stop_at_first_fail:
        expected.append(pytest.ExitCode.INTERRUPTED)
    if code not in expected and not judge.trouble:
        judge.trouble.append(f"pytest ended with {pytest.ExitCode(code)!r}")
