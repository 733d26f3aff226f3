"""The command `./scripts/lock`: writes the lock, and tells when it lags or holds known faults.

Beside the lock stands kit.names: the packages of it that kit, client and the group `judge` need.
"""

import argparse
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from upkeep.command import Command, CommandError, ran
from upkeep.paths import KIT_NAMES, LOCK, ROOT
from upkeep.release.needs import closure

PROJECTS = ("pyproject.toml", "generated_client/pyproject.toml")
FAULTS = "https://api.osv.dev/v1/querybatch"
"""What knows the published faults of open software; it is asked about names and versions only."""
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
_COMPILE = (
    *("-m", "uv", "pip", "compile", *PROJECTS, "--universal", "--python-version", "3.11"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"),
)
_ALL = ("--group=dev", "--group=official", "--generate-hashes")
_OF_THE_KIT = ("--group=judge",)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the lock, or check it. Returns the exit status."""
    command = Command(
        "lock",
        "Write scripts/requirements.lock from pyproject.toml: versions that fit every supported "
        "Python, with hashes and without index addresses; and scripts/kit.names, the packages "
        "that the kit needs. A locked version stays as long as it fits.",
        {
            0: "written, or nothing is wrong with it",
            1: "the lock is out of date, or holds a version with a known vulnerability",
            2: "it cannot be written, or the database of vulnerabilities gives no answer",
        },
    )
    which = command.add_mutually_exclusive_group().add_argument
    which("--upgrade", action="store_true", help="move every package to its newest version")
    which(
        "--upgrade-package",
        action="append",
        default=[],
        metavar="NAME",
        help="move only this package",
    )
    which("--check", action="store_true", help="only check that the lock fits pyproject.toml")
    which("--faults", action="store_true", help="only ask OSV for known vulnerabilities")
    return command.run(_lock, argv)


def _lock(options: argparse.Namespace) -> int:
    if options.check or options.faults:
        found = list(lagging(ROOT) if options.check else faults(pins(ROOT)))
        print("\n".join(found) or f"nothing is wrong with {LOCK.relative_to(ROOT)}")
        return int(bool(found))
    upgrades = ["--upgrade"] * options.upgrade
    upgrades += [f"--upgrade-package={name}" for name in options.upgrade_package]
    with tempfile.TemporaryDirectory() as folder:
        lock, kit = Path(folder) / LOCK.name, Path(folder) / KIT_NAMES.name
        lock.write_bytes(LOCK.read_bytes())  # uv keeps the versions that it finds there
        _compile(lock, *_ALL, *upgrades)
        _compile(kit, *_OF_THE_KIT, f"--constraint={lock}")
        names = [name for name, _ in _PIN.findall(kit.read_text(encoding="utf-8"))]
        LOCK.write_bytes(lock.read_bytes())
    KIT_NAMES.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return 0


def _compile(out: Path, *options: str) -> None:
    done = ran(sys.executable, *_COMPILE, f"--output-file={out}", *options, cwd=ROOT)
    if done.returncode:
        raise CommandError(f"uv cannot lock: {' '.join(done.stderr.split())}")


def pins(root: Path) -> Mapping[str, str]:
    """The version of each package in the lock of a tree."""
    text = (root / LOCK.relative_to(ROOT)).read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def lagging(root: Path) -> Iterator[str]:
    """Where the lock is not what the packages and their groups ask for, a sentence each."""
    found = pins(root)
    for file in PROJECTS:
        for need in _needs(tomllib.loads((root / file).read_text(encoding="utf-8"))):
            pin = found.get(canonicalize_name(need.name))
            if pin is None or not need.specifier.contains(pin, prereleases=True):
                held = f"holds {need.name} {pin}" if pin else f"has no {need.name}"
                yield f"{LOCK.name} {held}, and {file} asks for {need}; run ./scripts/lock"
    yield from _lagging_names(root, found)


def _lagging_names(root: Path, found: Mapping[str, str]) -> Iterator[str]:
    """What kit.names lacks or has too much, as far as this environment's packages tell."""
    asked = [
        need
        for file in PROJECTS
        for need in _needs(tomllib.loads((root / file).read_text(encoding="utf-8")), "judge")
    ]
    names = set((root / KIT_NAMES.relative_to(ROOT)).read_text(encoding="utf-8").split())
    lacking = closure(asked) - names
    for name in sorted(lacking & found.keys()):
        yield f"{KIT_NAMES.name} has no {name}, which the kit needs; run ./scripts/lock"
    for name in sorted(names - closure(asked, everywhere=True)):
        yield f"{KIT_NAMES.name} has {name}, which the kit does not need; run ./scripts/lock"


def _needs(project: Mapping[str, Any], *groups: str) -> Iterator[Requirement]:
    """What a project asks for, with its groups of these names, or else with all."""
    texts = [*project["project"]["dependencies"]]
    for name, group in project.get("dependency-groups", {}).items():
        if name in groups or not groups:
            texts += [each for each in group if isinstance(each, str)]
    return map(Requirement, texts)


def faults(found: Mapping[str, str]) -> Iterator[str]:
    """The published faults of these versions, a line each. Raises CommandError."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in found.items()
    ]
    try:
        answer = httpx2.post(FAULTS, json={"queries": queries}, timeout=60).raise_for_status()
        results = answer.json()["results"]
        known = [[str(each["id"]) for each in one.get("vulns", ())] for one in results]
    except (httpx2.HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CommandError(f"{FAULTS} gives no answer that can be read: {error}") from None
    if len(known) != len(queries):
        raise CommandError(f"{FAULTS} answers {len(known)} of {len(queries)} questions")
    for (name, version), ids in zip(found.items(), known, strict=True):
        if ids:
            yield f"{name} {version}: {', '.join(ids)}; ./scripts/lock --upgrade-package {name}"


if __name__ == "__main__":
    sys.exit(main())
