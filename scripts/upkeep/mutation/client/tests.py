"""How the contract tests run against one mutant of the client, in a child of a fork server."""

import functools
import importlib
import os
import ssl
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

import pytest
from attrs import define, field

from upkeep.mutation.client.forks import IMPORT, Job, allow, take_jobs
from upkeep.mutation.client.loading import (
    CLIENT,
    functions_by_place,
    import_changed,
    import_client,
    swap,
)
from upkeep.paths import ROOT

OPTIONS = (
    *("-q", "--tb=native", "--capture=no", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-c", str(ROOT / "pyproject.toml")),
    # The kit is imported before pytest looks for what it rewrites.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
_KEEPS_TIME = "test_hostile_server"
"""A test of this module has to fail three times, and any other twice: on a busy machine one may
fail of itself."""
_COLLECTING = 60.0
"""Seconds within which a module has to be imported."""


def serve_warm(line: Connection, tests: Sequence[str]) -> None:
    """Import client and tests, then serve."""
    prepare()
    pytest.main([*files(tests), *OPTIONS], plugins=[_Warm(line)])


def serve_cold(line: Connection, tests: Sequence[str]) -> None:
    """Import neither, and serve."""
    prepare()
    pytest.main([*files(tests), *OPTIONS], plugins=[_Cold(line)])


def files(tests: Sequence[str]) -> list[str]:
    """Test modules as pytest takes them."""
    return [f"contract_tests/tests/{name}" for name in tests]


def prepare() -> None:
    """Import what takes long and is no client, and print nowhere."""
    os.chdir(ROOT)
    sys.dont_write_bytecode = False  # what one child compiles, the others read
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    importlib.import_module("_hypothesis_pytestplugin")  # warns when it comes after hypothesis
    import respx  # noqa: F401, PLC0415  # imported so that no child has to

    # The machine's certificates are the same for every mutant.
    ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]


class Quick:
    """Fewer generated cases than in CI: what they alone would kill wants a test of its own."""

    @pytest.hookimpl(trylast=True)  # after Hypothesis, which lets nothing be drawn before
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Before the tests are imported; the boundary cases are the same for every mutant."""
        from schemathesis import GenerationMode  # noqa: PLC0415  # by now pytest's plugin is there

        from servicenow_contract.run import given, profiles  # noqa: PLC0415
        from servicenow_contract.vectors import generated  # noqa: PLC0415

        profiles.use("quick")
        contract = given.whole(session.config).fragment
        generated.coverage(contract, GenerationMode.POSITIVE)
        for status in contract.statuses:
            generated.answer_boundaries(contract, status)


@define(eq=False)
class _Running:
    """Runs chosen tests in their order, and tells what fails."""

    out: Connection
    _failed: bool = field(init=False, default=False)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        self._failed = self._failed or report.failed

    def run(self, items: Sequence[tuple[pytest.Item, float]]) -> None:
        """Run tests until one fails, or until one of each module has."""
        done: set[str] = set()
        for index, (item, limit) in enumerate(items):
            module = item.nodeid.split("::")[0]
            after = items[index + 1][0] if index + 1 < len(items) else None
            if module not in done and self._fails(item, after, limit):
                self.out.send(("failed", item.nodeid, limit))
                done.add(module)

    def _fails(self, item: pytest.Item, after: pytest.Item | None, limit: float) -> bool:
        for _ in range(3 if _KEEPS_TIME in item.nodeid else 2):
            self._failed = False
            self.out.send(("runs", item.nodeid, limit))
            allow(limit / 2)
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            if not self._failed:
                return False
        return True


@define(eq=False)
class _Warm(Quick):
    """Collects every test once, then serves."""

    line: Connection

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Serve instead of running."""
        items = {item.nodeid: item for item in session.items}
        import_client()
        functions = functions_by_place()

        def run(job: Job, out: Connection) -> None:
            swap(job, functions)
            running = _Running(out)
            session.config.pluginmanager.register(running)
            running.run([(items[name], limit) for name, limit in job.tests])

        take_jobs(self.line, run)
        return True


@define(eq=False)
class _Cold(Quick):
    """Serves before anything is collected."""

    line: Connection
    _broken: str = field(init=False, default="")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that cannot be imported."""
        if report.failed:
            self._broken = self._broken or report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Serve; each child collects what it needs."""
        take_jobs(self.line, functools.partial(self._run, session))
        return True

    def _run(self, session: pytest.Session, job: Job, out: Connection) -> None:
        import_changed(job)
        try:
            importlib.import_module(CLIENT)
        except Exception:  # noqa: BLE001  # whatever it is, the client cannot be imported
            out.send(("failed", IMPORT, _COLLECTING))
            return
        # All at once: what is collected later does not find the fixtures of conftest.py.
        modules = list(dict.fromkeys(name.split("::")[0] for name, _ in job.tests))
        out.send(("runs", "the collection", _COLLECTING))
        found = session.perform_collect(modules)
        if self._broken:
            out.send(("failed", f"{self._broken}::", _COLLECTING))
            return
        running = _Running(out)
        session.config.pluginmanager.register(running)
        running.run(_chosen(found, job.tests))


def _chosen(
    items: Sequence[pytest.Item], tests: Sequence[tuple[str, float]]
) -> list[tuple[pytest.Item, float]]:
    """The tests in their order; all cases of a function when a mutant has renamed one of them."""
    by_name = {item.nodeid: item for item in items}
    chosen = [(by_name[name], limit) for name, limit in tests if name in by_name]
    renamed = {name.split("[")[0]: limit for name, limit in tests if name not in by_name}
    taken = {item.nodeid for item, _ in chosen}
    others = [item for item in items if item.nodeid not in taken]
    functions = [(item, renamed.get(item.nodeid.split("[")[0])) for item in others]
    return chosen + [(item, limit) for item, limit in functions if limit is not None]
