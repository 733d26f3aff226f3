"""Lets the conformance suite judge one mutant."""

from collections.abc import Collection

import pytest
from attrs import define, frozen
from hypothesis import is_hypothesis_test

from servicenow_contract import requirements
from servicenow_contract.mutants.family import Mutant
from servicenow_contract.requirements import Level, Requirement
from servicenow_contract.runner import Judge, named, run
from servicenow_contract.settings import Settings
from servicenow_contract.target import embedded
from servicenow_contract.verdict import Ledger, Verdict
from servicenow_contract.world import DEFAULT_WORLD

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
class _Impatient(Judge):
    """Runs what generates its cases last: most mutants die of a single request."""

    only: frozenset[str] = frozenset()
    """The requirements to judge by; none means all."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Pick the tests as ever, then put the quick ones first."""
        super().pytest_collection_modifyitems(items)
        if self.only:
            items[:] = [item for item in items if self.only & set(named(item))]
        items.sort(key=lambda item: is_hypothesis_test(getattr(item, "obj", None)))


def catalogue() -> dict[str, Requirement]:
    """The requirements that servers keep."""
    return {name: each for name, each in requirements.load().items() if each.of == "server"}


def judge(mutant: Mutant, *, stop: bool = True, seed: int = 0, only: Collection[str] = ()) -> Death:
    """Judge a mutant in this process, by all requirements or by some.

    With `stop`, the first requirement that fails ends the run. One that binds less than the
    mutant's promise kills nothing: then the whole suite runs.
    """
    ledger = Ledger(catalogue())
    target = embedded(DEFAULT_WORLD, mutant.make(DEFAULT_WORLD))
    if target.wire is not None:
        target.wire.sleep = lambda _seconds: None  # no mutant keeps time
    judge_ = _Impatient(
        target,
        "quick",
        stop_at_first_fail=stop,
        ledger=ledger,
        settings=Settings(profile="quick", seed=seed, strict=True),
        only=frozenset(only),
    )
    run(judge_)
    failed = [name for name in ledger.catalogue if ledger.verdict(name) is Verdict.FAIL]
    least = _BINDING.index(mutant.level)
    killers = [name for name in failed if _BINDING.index(ledger.catalogue[name].level) >= least]
    if stop and failed and not killers:
        return judge(mutant, stop=False, seed=seed, only=only)
    errors = [
        f"{name}: {'; '.join(ledger.reasons(name))}"
        for name in ledger.catalogue
        if ledger.verdict(name) is Verdict.ERROR
    ]
    others = tuple(name for name in failed if name not in killers)
    return Death(mutant.name, tuple(killers), others, (*judge_.trouble, *errors))
