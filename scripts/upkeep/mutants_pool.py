"""Spreads mutants over processes, and keeps what each of them met."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import FrameType
from typing import NoReturn

from attrs import evolve

from servicenow_contract import fragment
from servicenow_contract.mutants import Death, judge, servers
from upkeep.mutants_fragments import family
from upkeep.mutants_notice import notices
from upkeep.page_model import Page

PATIENCE = 300
"""Seconds after which a mutant is given up: it waits for something that never comes."""
Work = Callable[[str], Death]


def server(name: str, *, stop: bool, seed: int) -> Death:
    """Let the conformance suite judge one server."""
    return judge(servers()[name], stop=stop, seed=seed)


def of_fragment(name: str, *, stop: bool, page: Page | None) -> Death:
    """See who notices one changed fragment."""
    mutant = family(fragment.load())[name]
    return Death(name, tuple(notices(mutant, stop=stop, page=page)))


def run(work: Work, names: Sequence[str], workers: int) -> Iterator[Death]:
    """What became of each mutant, as it becomes known; one that breaks the suite is trouble."""
    # Spawned, not forked: a mutant's threads and a terminal's progress do not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_timed, work, name): name for name in names}
        for future in as_completed(waiting):
            try:
                yield future.result()
            except BrokenProcessPool:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told of this mutant
                told = f"{type(error).__name__}: {error}"
                yield Death(waiting[future], (), trouble=(told,))


def _timed(work: Work, name: str) -> Death:
    start = time.monotonic()
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(PATIENCE)
    try:
        death = work(name)
    finally:
        signal.alarm(0)
    return evolve(death, seconds=round(time.monotonic() - start, 2))


def _give_up(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"not done after {PATIENCE} seconds")
