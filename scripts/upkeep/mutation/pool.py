"""Spreads mutants over processes, and keeps what each of them met."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.mutants import Death, catalogue, judge
from servicenow_contract.mutants.freedoms import freedoms
from upkeep.command import CommandError
from upkeep.mutation.fragment.family import family
from upkeep.mutation.fragment.judges import notices
from upkeep.page.model import Page

_CHANCES = 3
Work = Callable[[Sequence[str]], Sequence[Death]]
"""Judges these mutants, by their names, in one process."""


def of_servers(names: Sequence[str], *, contract: Contract, stop: bool, seed: int) -> list[Death]:
    """Let the conformance suite judge servers, faulty and conforming ones.

    What goes wrong only when two ask at once shows by chance: such a survivor is judged again.
    """
    known = {**catalogue(contract.fragment), **freedoms(contract.fragment)}
    deaths = judge(contract, [known[name] for name in names], stop=stop, seed=seed)
    for _ in range(_CHANCES - 1):
        again = [each.mutant for each in deaths if each.survived]
        again = [name for name in again if known[name].group == "concurrency"]
        if again:
            judged = judge(contract, [known[name] for name in again], stop=stop)
            found = {each.mutant: each for each in judged}
            deaths = [found.get(each.mutant, each) for each in deaths]
    return deaths


def of_fragments(
    names: Sequence[str], *, contract: Fragment, stop: bool, page: Page | None
) -> list[Death]:
    """See who notices each changed fragment."""
    known = family(contract)
    deaths = []
    for name in names:
        start = time.monotonic()
        killers = tuple(notices(contract, known[name], stop=stop, page=page))
        deaths.append(Death(name, killers, seconds=round(time.monotonic() - start, 3)))
    return deaths


def run(work: Work, names: Sequence[str], workers: int, *, at_once: int) -> Iterator[Death]:
    """What became of each mutant, as it becomes known; one that breaks the suite is trouble.

    A process is given `at_once` mutants at a time, always the same ones together.
    """
    parts = [names[start : start + at_once] for start in range(0, len(names), at_once)]
    # Spawned, not forked: a mutant's threads and a terminal's progress do not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(work, part): part for part in parts}
        for future in as_completed(waiting):
            try:
                yield from future.result()
            except BrokenProcessPool as error:
                raise CommandError(str(error)) from None
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told of these mutants
                told = f"{type(error).__name__}: {error}"
                yield from (Death(name, (), trouble=(told,)) for name in waiting[future])
