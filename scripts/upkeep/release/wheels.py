"""The command `./scripts/wheels`: both wheels on every promised Python, and used there."""

import argparse
import functools
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import frozen

from servicenow_contract.contract import fragment
from servicenow_contract.contract.fragment import Fragment
from upkeep.command import Command, CommandError
from upkeep.paths import ROOT
from upkeep.release import build, installed, interpreters
from upkeep.release.git import Commit

ENVIRONMENTS = ROOT / "build" / "wheels"


@frozen
class WheelTrial:
    """One way to use the wheels."""

    name: str
    wheels: tuple[int, ...]
    """What its environment holds: the client's wheel, 0, the kit's, 1, or both."""
    run: Callable[[Path], str]
    """Takes the environment's interpreter; gives what went wrong, or an empty text."""


def trials(contract: Fragment) -> tuple[WheelTrial, ...]:
    """Every way to use the wheels."""
    client_alone = functools.partial(installed.client_alone, contract=contract)
    return (
        WheelTrial("client alone", (0,), client_alone),
        WheelTrial("conformance in an empty folder", (1,), installed.conformance),
        WheelTrial("consumers' tests", (0, 1), installed.consumers_tests),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Try the wheels. Returns 0 when they hold, 1 when one does not, 2 when it cannot be tried."""
    return _command().run(_try, argv)


def _try(options: argparse.Namespace) -> int:
    contract = fragment.load()
    given = build.pair(options.dist) if options.dist is not None else None
    found = _pythons(options.python or interpreters.promised(), strict=options.strict)
    with tempfile.TemporaryDirectory() as place:
        if given is None:
            build.build(Commit.of(ROOT), Path(place))
        wheels = given or build.pair(Path(place))
        failed = sum(
            not _holds(trial, version, path, resolution, wheels)
            for version, path in found.items()
            for resolution in options.resolution or installed.RESOLUTIONS
            for trial in trials(contract)
        )
    print(f"failed: {failed} trials" if failed else "both wheels hold", flush=True)
    return int(failed > 0)


def _command() -> Command:
    command = Command(
        "wheels",
        "Install both wheels into empty environments, with the lowest and the newest "
        "versions of their dependencies, and try them there.",
        {0: "the wheels work", 1: "one does not", 2: "they could not be tried"},
    )
    add = command.add_argument
    add("--dist", type=Path, metavar="DIR", help="try these wheels (default: build the commit's)")
    add("--python", action="append", metavar="X.Y", help="only this Python; can be repeated")
    add(
        "--resolution",
        action="append",
        choices=installed.RESOLUTIONS,
        help="only with these versions of the dependencies",
    )
    add("--strict", action="store_true", help="exit 2 when a Python is not on this machine")
    return command


def _pythons(versions: Sequence[str], *, strict: bool) -> dict[str, Path]:
    """The interpreters that are here. Those that are not are said, never passed over."""
    found = {version: interpreters.find(version) for version in versions}
    lacking = [version for version, path in found.items() if path is None]
    here = {version: path for version, path in found.items() if path is not None}
    told = f"this machine has no Python {' and no '.join(lacking)}"
    if lacking and (strict or not here):
        raise CommandError(f"{told}; install it, or choose others with --python")
    if lacking:
        print(f"{told}: not tried there", flush=True)
    return here


def _holds(
    trial: WheelTrial, version: str, interpreter: Path, resolution: str, wheels: tuple[Path, Path]
) -> bool:
    start = time.monotonic()
    folder = ENVIRONMENTS / f"{version}-{resolution}"
    chosen = [wheels[index] for index in trial.wheels]
    python = installed.environment(folder, interpreter, chosen, resolution)
    trouble = trial.run(python)
    seconds = time.monotonic() - start
    mark = "FAIL" if trouble else "ok  "
    print(f"{mark} {version} {resolution}: {trial.name} ({seconds:.1f} s)", flush=True)
    if trouble:
        print(trouble, flush=True)
    return not trouble


if __name__ == "__main__":
    sys.exit(main())
