"""The command `./scripts/test`: everything that CI checks, with what it is doing while it works."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import frozen

from servicenow_contract.contract import contract
from upkeep.command import Command
from upkeep.paths import ROOT

_PYTHON = (sys.executable, "-m")
_WORKFLOWS = ".github/workflows"


@frozen
class Check:
    """One check and how to run it."""

    name: str
    command: tuple[str, ...]
    tells: bool = False
    """Whether its last line is worth reading although it went well."""


def _module(name: str, command: str, *arguments: str, tells: bool = False) -> Check:
    return Check(name, (*_PYTHON, *command.split(), *arguments), tells)


_ZIZMOR = ("--offline", "--quiet", "--persona=auditor", "--strict-collection", _WORKFLOWS)
WORKFLOWS = (
    Check("zizmor", (str(Path(sys.executable).with_name("zizmor")), *_ZIZMOR)),
    _module(
        "schema of workflows",
        "check_jsonschema --builtin-schema=vendor.github-workflows",
        *(str(path.relative_to(ROOT)) for path in sorted((ROOT / _WORKFLOWS).glob("*.yml"))),
    ),
    _module(
        "schema of the update bot",
        "check_jsonschema --builtin-schema=vendor.renovate .github/renovate.json",
    ),
)
"""What looks at the workflows and the update bot's settings without a network.

actionlint's package downloads its program when it is installed, so it cannot be in the lock.
"""
STATIC = (
    # The one that takes longest first, beside which the others go on.
    _module("mypy --strict", "mypy"),
    _module("ruff check", "ruff check --quiet"),
    _module("ruff format --check", "ruff format --check --quiet"),
    _module("regenerate --check", "upkeep.codegen.command --check"),
    Check("import directions", ("lint-imports", "--no-cache")),
    *WORKFLOWS,
    _module("lock --check", "upkeep.release.lock --check"),
    _module("compare", "upkeep.changes.command", tells=True),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the static checks two at a time, then the tests.

    Returns 0, 1 when anything failed, and 2 when the contract cannot be used.
    """
    command = Command(
        "test",
        "Run everything that CI checks.",
        {0: "everything holds", 1: "something fails", 2: "the contract cannot be used"},
    )
    command.add_argument("--static", action="store_true", help="leave the tests out")
    command.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    return command.run(_check, argv)


def _check(options: argparse.Namespace) -> int:
    contract.load()
    with ThreadPoolExecutor(2) as pool:
        failed = [
            step.name for step, good in zip(STATIC, pool.map(_run, STATIC), strict=True) if not good
        ]
    if not options.static and not _tests(options.pytest):
        failed.append("tests")
    good = "the static checks hold; no test was run" if options.static else "everything holds"
    print(f"failed: {', '.join(failed)}" if failed else good, flush=True)
    return int(bool(failed))


def _run(step: Check) -> bool:
    start = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    good = done.returncode == 0
    print(
        f"{'ok  ' if good else 'FAIL'} {step.name} ({time.monotonic() - start:.1f} s)", flush=True
    )
    if not good:
        print(done.stdout, flush=True)
    elif step.tells:
        print(f"     {done.stdout.splitlines()[-1]}", flush=True)
    return good


def _tests(arguments: Sequence[str]) -> bool:
    # One more than cores: many tests wait, for a process or a deadline.
    workers = str(min(4, os.cpu_count() or 1) + 1)
    command = (*_PYTHON, "pytest", "--quiet", "-n", workers, "--dist", "worksteal", *arguments)
    print(f"running the tests on {workers} workers …", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
