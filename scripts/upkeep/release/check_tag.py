"""The command `./scripts/release-check`: whether a tag says what the commit is."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from upkeep.command import Command
from upkeep.paths import FRAGMENT, GAP, ROOT
from upkeep.release import lock, version
from upkeep.release.git import Commit, GitError


def main(argv: Sequence[str] | None = None) -> int:
    """Check a tag. Returns 0 when it fits, 1 when it does not, 2 when it cannot be checked."""
    command = Command(
        "release-check",
        "Check that a tag is on this commit and names the version of both packages and of the "
        "changelog, and that the lock has what they need.",
        {0: "it fits", 1: "it does not", 2: "it cannot be checked"},
    )
    command.add_argument("tag", metavar="TAG", help="v and the version, such as v1.0.0")
    command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return command.run(_check, argv)


def _check(options: argparse.Namespace) -> int:
    commit, tag = Commit.of(options.root), options.tag
    try:
        tagged = commit.repository.git(
            "rev-parse", "--verify", f"refs/tags/{tag}^{{commit}}"
        ).strip()
    except GitError:
        raise GitError(f"there is no tag {tag}; make it, or name another one") from None
    found = [*problems(options.root, tag)]
    if tagged != commit.name:
        found.append(f"the tag {tag} is on {tagged}, but {commit.name} is checked out")
    print("\n".join(found) or f"{tag} can be released from {commit.name}")
    return int(bool(found))


def problems(root: Path, tag: str) -> Iterator[str]:
    """What does not fit the tag, a sentence each."""
    if not version.TAG.fullmatch(tag):
        yield f"a release's tag is v and three numbers, such as v1.0.0, not {tag}"
    said = version.version_of(root)
    if f"v{said}" != tag:
        yield f"{version.FILE} says {said}; the tag of a release is v and the version"
    yield from version.unlogged(root, said)
    yield from lock.lagging(root)
    yield from _gaps(root)


def _gaps(root: Path) -> Iterator[str]:
    """The places where the fragment still wants words, which `adopt` marks."""
    name = FRAGMENT.relative_to(ROOT)
    for number, line in enumerate((root / name).read_text(encoding="utf-8").split("\n"), 1):
        if GAP in line:
            yield f"{name}:{number}: a description is missing; write it"


if __name__ == "__main__":
    sys.exit(main())
