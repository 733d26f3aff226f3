"""The command `./scripts/build`: both wheels of a commit, the same bytes on any path and day.

They follow from the commit, the locked hatchling, and the zlib that Python was linked with.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from upkeep.command import Command, CommandError, ran
from upkeep.paths import DIST, ROOT
from upkeep.release import sbom
from upkeep.release.git import Commit

PACKAGES = ("generated_client", ".")
"""The folders of the two packages."""
NAMES = ("datadog_servicenow_tickets", "servicenow_tickets_contract")
"""How the files of their wheels start."""


class BuildError(CommandError):
    """A wheel could not be made. The message says which, and why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build both wheels. Returns 2, with nothing written, when the tree is no commit."""
    command = Command(
        "build",
        "Build both wheels of the commit that is checked out, reproducibly.",
        {0: "built", 2: "refused or failed, and nothing was written"},
    )
    add = command.add_argument
    add(
        "--out",
        type=Path,
        default=DIST,
        metavar="DIR",
        help="the folder to write to (default: dist/)",
    )
    add("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return command.run(_build, argv)


def _build(options: argparse.Namespace) -> int:
    commit = Commit.of(options.root)
    wheels = build(commit, options.out)
    print(f"commit {commit.name}")
    for wheel in wheels:
        data = wheel.read_bytes()
        print(f"{wheel}  {len(data)} bytes  sha256:{hashlib.sha256(data).hexdigest()}")
    return 0


def build(commit: Commit, out: Path) -> list[Path]:
    """Build the wheels of a commit into `out`, and give their paths: the client's, the kit's.

    Beside each stands what it needs, as NAME.cdx.json in the form of CycloneDX. What is there of
    other versions stays. Raises BuildError.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(dir=out) as beside:
        tree = Path(name)
        commit.export(tree)
        built = [_wheel(tree / package, commit, Path(beside)) for package in PACKAGES]
        bills = [_bill(wheel, commit) for wheel in built]
        for bill in bills:
            bill.replace(out / bill.name)
        return [wheel.replace(out / wheel.name) for wheel in built]


def pair(folder: Path) -> tuple[Path, Path]:
    """The client's wheel and the kit's in a folder that holds one of each. Raises BuildError."""
    found = []
    for name in NAMES:
        matching = sorted(folder.glob(f"{name}-*.whl"))
        if len(matching) != 1:
            raise BuildError(f"{folder} has {len(matching)} files {name}-*.whl; it needs one")
        found += matching
    client, kit = found
    return client, kit


def _wheel(package: Path, commit: Commit, folder: Path) -> Path:
    before = set(folder.iterdir())
    # hatchling takes times, and options that change the contents, from the environment.
    environment = {"PATH": os.environ.get("PATH", ""), "SOURCE_DATE_EPOCH": str(commit.seconds)}
    command = ("-P", "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    done = ran(sys.executable, *command, cwd=package, env=environment)
    if done.returncode:
        raise BuildError(f"{package.name}: {(done.stderr or done.stdout).strip()}")
    [wheel] = set(folder.iterdir()) - before
    return wheel


def _bill(wheel: Path, commit: Commit) -> Path:
    try:
        found = sbom.sbom(wheel, commit.seconds)
    except PackageNotFoundError as error:
        raise BuildError(f"{wheel.name} needs {error.name}, which is not installed here") from None
    path = wheel.with_suffix(".cdx.json")
    path.write_bytes(found)
    return path


if __name__ == "__main__":
    sys.exit(main())
