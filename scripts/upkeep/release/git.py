"""Finds the revision that binds the present version.

Released versions bind, and nothing else does. The newest release tag in the history of the
checked-out commit is the base. Where there is none, a version counts as released once another one
took its place: the base is the last commit with another version than the present one.
"""

import os
import re
import tomllib
from pathlib import Path

from attrs import frozen

from upkeep.command import CommandError
from upkeep.release import revision
from upkeep.release.revision import RevisionError

PYPROJECT = "generated_client/pyproject.toml"

_TAG = re.compile(r"(?:client-)?v(\d+)\.(\d+)\.(\d+)")


class BaseError(CommandError):
    """The base cannot be used. The message says what is wrong, and what to name instead."""


class NoBaseError(CommandError):
    """Nothing was released that the tree can be compared with. The message says why."""


@frozen
class Repository:
    """The git repository whose root a folder is."""

    root: Path

    def git(self, *arguments: str) -> bytes:
        """The output of a git command. Raises BaseError with what git says."""
        try:
            return revision.output(self.root, *arguments)
        except RevisionError as error:
            raise BaseError(str(error)) from None

    def absence(self) -> str | None:
        """Why this is not the root of a repository with a commit; None where it is."""
        try:
            top = os.fsdecode(self.git("rev-parse", "--show-toplevel")).rstrip("\n")
            self.git("rev-parse", "--verify", "HEAD^{commit}")
        except BaseError as error:
            return str(error)
        inside = Path(top).resolve() != self.root.resolve()
        return f"it is a folder of the repository in {top}" if inside else None

    def is_shallow(self) -> bool:
        """Whether the history is cut off."""
        return self.git("rev-parse", "--is-shallow-repository").strip() == b"true"

    def commit(self, name: str) -> str:
        """The commit that a revision names. Raises BaseError."""
        try:
            found = self.git(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
            )
        except BaseError:
            raise BaseError(
                f"{name!r} is no revision of this repository, and no wheel (*.whl) that is "
                "there; name a tag, a branch, a commit, or the file of a wheel"
            ) from None
        return found.decode().strip()

    def file(self, commit: str, path: str) -> bytes:
        """A file of a commit. Raises BaseError."""
        return self.git("show", f"{commit}:{path}")


def default_base(repository: Repository, version: str) -> str:
    """The revision that binds the present version. Raises NoBaseError."""
    absence = repository.absence()
    if absence:
        raise NoBaseError(f"this is no git repository with a commit: {absence}")
    tags = repository.git("tag", "--merged", "HEAD").decode().split()
    released = [
        (tuple(map(int, found.groups())), tag) for tag in tags if (found := _TAG.fullmatch(tag))
    ]
    if released:
        return f"refs/tags/{max(released)[1]}"
    earlier = _earlier_version(repository, version)
    if earlier:
        return earlier
    said = "no version is released: the history has no tag like v1.0.0, and no other version"
    if repository.is_shallow():
        raise NoBaseError(f"{said}; it is cut off: fetch all of it, with its tags")
    raise NoBaseError(f"{said}; name a BASE, such as HEAD, to see what changed since")


def _earlier_version(repository: Repository, version: str) -> str | None:
    """The last commit before the present version was set."""
    newer = None
    for commit in repository.git("rev-list", "HEAD", "--", PYPROJECT).decode().split():
        try:
            found = version_in(repository.file(commit, PYPROJECT))
        except BaseError:
            break  # the file was not there before
        if found != version:
            return f"{newer}^" if newer else "HEAD"
        newer = commit
    return None


def version_in(pyproject: bytes) -> str:
    """The version that a pyproject.toml names. Raises BaseError."""
    try:
        return str(tomllib.loads(pyproject.decode())["project"]["version"])
    except (ValueError, KeyError, TypeError):
        raise BaseError(f"{PYPROJECT} names no version under [project]") from None
