"""The one reader of the version, its tags, and what the changelog says of it.

The version stands in one file; both packages take it from there when they are built. Released
versions bind, and nothing else does: the newest release tag in the history of the checked-out
commit is what the present version is compared with. Where there is none, a version counts as
released once another one took its place: the base is then the last commit with another version.
"""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from pathlib import Path

from packaging.version import InvalidVersion, Version

from upkeep.command import CommandError
from upkeep.release.git import GitError, Repository

FILE = "generated_client/datadog_servicenow_tickets/_version.py"
CHANGELOG = "generated_client/CHANGELOG.md"
TAG = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
_SECTION = re.compile(
    r"^## \[?([^\s\]]+)\]?(?!\S)[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)


class NoBaseError(CommandError):
    """Nothing was released that the tree can be compared with. The message says why."""


class Step(IntEnum):
    """A step of a semantic version, as large as the change that asks for it."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


_STEPS = (Step.MAJOR, Step.MINOR, Step.PATCH)


def version_in(module: bytes) -> str:
    """The version that `_version.py` names. Raises CommandError."""
    found = re.search(r'^__version__ = "([^"\n]+)"$', module.decode(errors="replace"), re.MULTILINE)
    if found is None:
        raise CommandError(f'{FILE} names no version; it takes a line __version__ = "1.0.0"')
    return found[1]


def version_of(root: Path) -> str:
    """The version of a tree. Raises CommandError."""
    try:
        return version_in((root / FILE).read_bytes())
    except OSError as error:
        raise CommandError(f"{root / FILE}: cannot be read: {error.strerror}") from None


def step_between(base: str, current: str) -> Step | None:
    """The step from one version to the other; None when it goes back. Raises InvalidVersion."""
    if Version(current) < Version(base):
        return None
    for step, old, new in zip(_STEPS, _numbers(base), _numbers(current), strict=True):
        if old != new:
            return step
    return Step.NONE


def _numbers(version: str) -> tuple[int, ...]:
    return (*Version(version).release, 0, 0)[:3]


def next_version(base: str, step: Step) -> str:
    """The least version that carries a step."""
    if step is Step.NONE:
        return base
    numbers, place = _numbers(base), _STEPS.index(step)
    return ".".join(map(str, (*numbers[:place], numbers[place] + 1, 0, 0)[:3]))


def lacking(root: Path, base: str, current: str, asked: Step) -> Iterator[str]:
    """What the version or its changelog lacks to carry a step, a sentence each."""
    try:
        taken = step_between(base, current)
    except InvalidVersion as error:
        yield f"{FILE}: {error}"
        return
    if taken is None:
        yield f"{FILE} says {current}, which is older than {base}"
    elif taken < asked:
        least = next_version(base, asked)
        said = f"a {asked} step from {base} is needed: set it to {least} or later"
        yield f"{FILE} says {current}, but {said}"
        current = least
    yield from unlogged(root, current)


def unlogged(root: Path, version: str) -> Iterator[str]:
    """What the changelog lacks of a version, whose section is the first one."""
    try:
        text = (root / CHANGELOG).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield f"{CHANGELOG} cannot be read: {error}"
        return
    sections = dict(_SECTION.findall(text))
    if version not in sections:
        yield f"{CHANGELOG} has no section for {version}: add `## {version}` and what changed"
    elif next(iter(sections)) != version:
        yield f"{CHANGELOG} does not begin with `## {version}`: put its section first"
    elif not sections[version].strip():
        yield f"{CHANGELOG} says nothing under `## {version}`: add what changed"


def logged(text: str, version: str, entries: Iterable[str]) -> str:
    """The changelog with what the section of a version lacks; it is opened where there is none."""
    found = {each[1]: each for each in _SECTION.finditer(text)}
    own = found.get(version)
    if own is None:
        first = min((each.start() for each in found.values()), default=len(text))
        said, rest = "", text[first:]
        head = f"{text[:first]}## {version}\n"
    else:
        said, rest = own[2].strip(), text[own.end() :]
        head = text[: own.start(2)]
    new = [each for each in entries if each not in said.split("\n")]
    section = "\n".join([*([said] if said else []), *new])
    return f"{head}\n{section}\n" + (f"\n{rest}" if rest else "")


def default_base(repository: Repository, version: str) -> str:
    """The revision that binds the present version. Raises NoBaseError."""
    absence = repository.absence()
    if absence:
        raise NoBaseError(f"this is not a git repository with a commit: {absence}")
    tags = repository.git("tag", "--merged", "HEAD").split()
    released = [
        (tuple(map(int, found.groups())), tag) for tag in tags if (found := TAG.fullmatch(tag))
    ]
    if released:
        return f"refs/tags/{max(released)[1]}"
    earlier = _earlier_version(repository, version)
    if earlier:
        return earlier
    said = "the history has no tag like v1.0.0 and no other version"
    if repository.is_shallow():
        raise NoBaseError(f"{said}; the history is cut off: fetch all of it, with its tags")
    raise NoBaseError(f"{said}; name a BASE, such as HEAD, to see what changed since")


def _earlier_version(repository: Repository, version: str) -> str | None:
    """The last commit before the present version was set."""
    newer = None
    for commit in repository.git("rev-list", "HEAD", "--", FILE).split():
        try:
            found = version_in(repository.file(commit, FILE))
        except GitError:
            break  # the file was not there before
        if found != version:
            return f"{newer}^" if newer else "HEAD"
        newer = commit
    return None
