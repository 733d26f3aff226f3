"""The command `./scripts/release-check`: whether a tag says what the commit is."""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from upkeep.command import Command
from upkeep.paths import ROOT
from upkeep.release import revision
from upkeep.release.build import PACKAGES

CHANGES = "generated_client/CHANGELOG.md"
_README = "generated_client/README.md"
VERSION = "generated_client/datadog_servicenow_tickets/_version.py"


def main(argv: Sequence[str] | None = None) -> int:
    """Check a tag. Returns 0 when it fits, 1 when it does not, 2 when it cannot be checked."""
    command = Command(
        "release-check",
        "Check that a tag is this commit's, and names the version of both packages "
        "and of the changelog.",
        {0: "it fits", 1: "it does not", 2: "it cannot be checked"},
    )
    command.add_argument("tag", help="v and the version, such as v1.0.0")
    command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return command.run(_check, argv)


def _check(options: argparse.Namespace) -> int:
    commit = revision.clean(options.root)
    tagged = revision.git(
        options.root, "rev-parse", "--verify", f"refs/tags/{options.tag}^{{commit}}"
    )
    found = [*problems(options.root, options.tag)]
    if tagged.strip() != commit.name:
        found.append(
            f"the tag {options.tag} is on {tagged.strip()}, and {commit.name} is checked out"
        )
    print("\n".join(found) or f"{options.tag} can be released from {commit.name}")
    return int(bool(found))


def problems(root: Path, tag: str) -> Iterator[str]:
    """What does not fit the tag, a sentence each."""
    version = tag.removeprefix("v")
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        yield f"a release's tag is v and three numbers, such as v1.0.0, not {tag}"
    for package in PACKAGES:
        path = (Path(package) / "pyproject.toml").as_posix()
        said = tomllib.loads((root / path).read_text(encoding="utf-8"))["project"]["version"]
        if said != version:
            yield f"{path} says {said}; both wheels of a release carry its version, {version}"
    if f'__version__ = "{version}"' not in (root / VERSION).read_text(encoding="utf-8"):
        yield f"{VERSION} does not say {version}"
    if f"datadog-servicenow-tickets=={version}" not in (root / _README).read_text(encoding="utf-8"):
        yield f"{_README} does not show datadog-servicenow-tickets=={version}"
    changes = (root / CHANGES).read_text(encoding="utf-8")
    sections = re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)
    if not sections or sections[0][0] != version:
        yield f"the first section of {CHANGES} is not ## {version}"
    elif not sections[0][1].strip():
        yield f"{CHANGES} says nothing under ## {version}"


if __name__ == "__main__":
    sys.exit(main())
