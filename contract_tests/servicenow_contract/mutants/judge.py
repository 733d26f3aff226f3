"""Lets the conformance suite judge mutants."""

import contextlib
import itertools
import signal
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import NoReturn

import pytest
from attrs import define, field, frozen
from hypothesis import is_hypothesis_test

from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.verdict import Ledger, Verdict
from servicenow_contract.mutants.kinds import Mutant
from servicenow_contract.run.judge_plugin import JudgePlugin, named
from servicenow_contract.run.runner import run
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.target.target import Target, embedded

PATIENCE = 120
"""Seconds after which a test is given up, and its mutant: it waits for what never comes.

Of a whole case they would be too few on a busy machine.
"""
_BINDING = [Level.MAY, Level.SHOULD, Level.MUST]


@frozen
class Death:
    """What the suite said of a mutant."""

    mutant: str
    killed_by: tuple[str, ...]
    """The requirements that failed and bind at least as much as the broken promise."""
    also_failed: tuple[str, ...] = ()
    """The requirements that failed and bind less."""
    trouble: tuple[str, ...] = ()
    """What kept the suite from its work."""
    seconds: float = 0.0

    @property
    def survived(self) -> bool:
        """Whether the suite had nothing to say against it."""
        return not self.killed_by


@define(eq=False)
class _Court(JudgePlugin):
    """One session of pytest, whose tests, collected once, judge one mutant after another."""

    mutants: Sequence[Mutant] = ()
    stop: bool = True
    """Whether the first requirement that kills a mutant ends its case."""
    only: Mapping[str, str] = field(factory=dict)
    """The one requirement to judge a mutant by, where it is not all."""
    deaths: list[Death] = field(factory=list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Pick the tests as ever, the quick ones first: most mutants die of one request."""
        super().pytest_collection_modifyitems(items)
        items.sort(key=lambda item: is_hypothesis_test(getattr(item, "obj", None)))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge each mutant by the tests, in the place of pytest's own loop over them."""
        if not self.trouble:
            self.deaths += [self._judged(mutant, session) for mutant in self.mutants]
        return True

    def _judged(self, mutant: Mutant, session: pytest.Session) -> Death:
        start = time.monotonic()
        self.ledger = Ledger(self.contract.of("server"))
        try:
            self.aim(session.config, _target(self.contract.fragment, mutant))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said of this mutant
            return Death(mutant.name, (), trouble=(f"{type(error).__name__}: {error}",))
        binding = _BINDING[_BINDING.index(mutant.level) :]
        only = self.only.get(mutant.name)
        items = [item for item in session.items if only in named(item)] or session.items
        # What answers show by the way counts too, but not where one requirement judges alone.
        counted = self.ledger.catalogue if only is None else [only]
        for item, following in itertools.zip_longest(items, items[1:]):
            began = time.monotonic()
            with _patience():
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            given_up = time.monotonic() - began >= PATIENCE
            if given_up or (self.stop and self._failed(counted, binding)):
                # What lives as long as the session ends with the mutant.
                item.config.hook.pytest_runtest_teardown(item=item, nextitem=None)
                break
        killers = self._failed(self.ledger.catalogue, binding)
        failed = self._failed(self.ledger.catalogue, _BINDING)
        return Death(
            mutant.name,
            tuple(killers),
            tuple(name for name in failed if name not in killers),
            tuple(self._errors()),
            round(time.monotonic() - start, 3),
        )

    def _failed(self, names: Iterable[str], levels: Collection[Level]) -> list[str]:
        return [
            name
            for name in names
            if self.ledger.verdict(name) is Verdict.FAIL
            and self.ledger.catalogue[name].level in levels
        ]

    def _errors(self) -> Iterator[str]:
        for name in self.ledger.catalogue:
            if self.ledger.verdict(name) is Verdict.ERROR:
                yield f"{name}: {'; '.join(self.ledger.reasons(name))}"


def _target(contract: Fragment, mutant: Mutant) -> Target:
    made = mutant.make(contract, DEFAULT_WORLD)
    target = embedded(contract, DEFAULT_WORLD, made)
    if target.wire is not None:
        target.wire.sleep = lambda _seconds: None  # no mutant keeps time
    return target


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Let a test that waits for what never comes fail; signals reach the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _give_up(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"not done after {PATIENCE} seconds")


def judge(
    contract: Contract,
    mutants: Sequence[Mutant],
    *,
    stop: bool = True,
    seed: int = 0,
    only: Mapping[str, str] | None = None,
) -> list[Death]:
    """Judge mutants in this process; `only` names the one requirement to judge some of them by.

    With `stop`, the first requirement that fails ends a mutant's case; one that binds less than the
    mutant's promise kills nothing. Raises RuntimeError when the tests cannot be run at all.
    """
    settings = RunSettings(profile="quick", seed=seed, strict=True)
    court = _Court(contract, settings=settings, mutants=mutants, stop=stop, only=only or {})
    run(court)
    if court.trouble:
        raise RuntimeError("; ".join(court.trouble))
    return court.deaths
