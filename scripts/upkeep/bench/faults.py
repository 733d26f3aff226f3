"""What a fault costs that a suite finds: one suite after the other judges the same faulty servers.

Run as a process of its own, `python -m upkeep.bench.faults FRAGMENT` prints the address of the
reference service, and then, for each mutant's name on its standard input, that of this mutant.
It ends when its input is closed.
"""

import contextlib
import random
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.mutants import catalogue
from servicenow_contract.mutants.derived_requests import equivalents
from servicenow_contract.service import Service, State
from servicenow_contract.service.asgi import running
from upkeep.bench.contenders import CONFORMANCE, BenchError, Contender
from upkeep.bench.taking import Bench, judging, run, said
from upkeep.paths import FRAGMENT

_MANY, _FEW = 24, 4
_SEED = 0
_ENDS = (0, 1, 2)
"""How a suite may end: with nothing found, with something, or broken by what the server does."""


def sample(contract: Fragment, *, quick: bool) -> list[str]:
    """The names of some mutants that each break a MUST, the same ones in every run."""
    same = equivalents(contract)
    known = [
        name
        for name, mutant in catalogue(contract).items()
        if mutant.level is Level.MUST and name not in same
    ]
    dice = random.Random(_SEED)  # noqa: S311  # a repeatable choice, no secret
    return dice.sample(known, _FEW if quick else _MANY)


def faults(bench: Bench, contender: Contender) -> tuple[float, float]:
    """What `cost` says of a suite that judges each server of the sample through a socket."""
    url, server = bench.fresh("-m", "upkeep.bench.faults", str(FRAGMENT))
    known = [] if contender == CONFORMANCE else _accepted(bench, contender, url)
    runs = []
    for name in sample(bench.contract, quick=bench.quick):
        command = [*judging(bench, contender, said(server, name)), *known]
        started = time.perf_counter()
        found = run(command, bench.folder, expected=_ENDS) == 1
        runs.append((time.perf_counter() - started, found))
    return cost(contender.title, runs)


def _accepted(bench: Bench, contender: Contender, url: str) -> list[str]:
    """Options that let schemathesis take what it says of the right service for known."""
    options = [f"--seed={_SEED}", f"--baseline={bench.folder / 'baseline.json'}"]
    command = [*judging(bench, contender, url), *options, "--baseline-update"]
    run(command, bench.folder, expected=(0, 1))
    return options


def cost(title: str, runs: Iterable[tuple[float, bool]]) -> tuple[float, float]:
    """The seconds of all runs for each that finds the fault, and how many do.

    Raises BenchError when none does.
    """
    seconds, found = (list(each) for each in zip(*runs, strict=True))
    if not any(found):
        raise BenchError(f"{title} finds no fault")
    return sum(seconds) / sum(found), float(sum(found))


def main() -> None:
    """Serve until standard input ends."""
    contract = Fragment.read(Path(sys.argv[1]))
    known = catalogue(contract)
    with running(Service(State(contract))) as url, contextlib.ExitStack() as served:
        print(url, flush=True)
        for line in sys.stdin:
            served.close()
            respond = known[line.strip()].make(contract, DEFAULT_WORLD)
            print(served.enter_context(running(respond)), flush=True)


if __name__ == "__main__":
    main()
