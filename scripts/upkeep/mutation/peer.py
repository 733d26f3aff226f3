"""The peer: what schemathesis's own command line says of the same servers, through a socket."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from servicenow_contract.contract import fragment
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.mutants import Death, catalogue
from servicenow_contract.service import State
from servicenow_contract.service.asgi import running
from servicenow_contract.service.handler import Respond
from servicenow_contract.service.mock import responder
from servicenow_contract.target.target import STAND_INS

NAME = f"schemathesis {version('schemathesis')}"
BASELINE = "baseline.json"
"""What the peer says of the service itself: of a mutant, that is no kill."""
_PATIENCE = 300
"""Seconds for one server."""


class PeerError(Exception):
    """The peer cannot be run; the message says why."""


def make_baseline(contract: Fragment, folder: Path, seed: int) -> None:
    """Let the peer judge the service itself, and keep what it finds. Raises PeerError."""
    done = _run(
        contract, responder(State(contract, DEFAULT_WORLD)), folder, seed, "--baseline-update"
    )
    if done.returncode not in (0, 1):
        raise PeerError(f"{NAME} cannot judge the reference service: {_last_line(done)}")
    again = _run(contract, responder(State(contract, DEFAULT_WORLD)), folder, seed)
    if again.returncode:
        raise PeerError(f"{NAME} says of the reference service what it did not say before")


def judged(names: Sequence[str], *, contract: Fragment, folder: Path, seed: int) -> list[Death]:
    """Let the peer judge servers, each until its first new failure."""
    known, deaths = catalogue(contract), []
    for name in names:
        start = time.monotonic()
        try:
            made = known[name].make(contract, DEFAULT_WORLD)
            done = _run(contract, made, folder, seed, "--max-failures=1")
        except subprocess.TimeoutExpired:
            trouble: tuple[str, ...] = (f"not done after {_PATIENCE} seconds",)
            code = None
        else:
            code = done.returncode
            trouble = () if code in (0, 1) else (_last_line(done),)
        killers = (NAME,) if code == 1 else ()
        seconds = round(time.monotonic() - start, 3)
        deaths.append(Death(name, killers, trouble=trouble, seconds=seconds))
    return deaths


def _run(
    contract: Fragment, respond: Respond, folder: Path, seed: int, *options: str
) -> subprocess.CompletedProcess[str]:
    """`schemathesis run` with its defaults, the keys, and the baseline."""
    keys = [f"--header={name}:{value}" for name, value in STAND_INS.headers(contract).items()]
    document = str(fragment.folder() / fragment.FILE)
    with running(respond) as url, tempfile.TemporaryDirectory() as place:
        return subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", document, f"--url={url}"),
                *(*keys, f"--seed={seed}", "--no-color", "--generation-database=none"),
                *(f"--baseline={folder / BASELINE}", *options),
            ],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"exit code {done.returncode}"


def table(ours: Sequence[Death], theirs: Sequence[Death]) -> list[str]:
    """Both side by side, a line each."""
    lines = [f"{'judge':24} {'killed':>12} {'share':>8} {'s per mutant':>13}"]
    for name, deaths in (("this suite", ours), (NAME, theirs)):
        killed = sum(not each.survived for each in deaths)
        share = 100 * killed / max(1, len(deaths))
        seconds = sum(each.seconds for each in deaths) / max(1, len(deaths))
        lines.append(f"{name:24} {killed:5} of {len(deaths):3} {share:6.1f} % {seconds:13.2f}")
    return lines
