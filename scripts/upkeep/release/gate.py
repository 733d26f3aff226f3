"""Whether the client's version and its CHANGELOG carry the step that the changes ask for."""

import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from upkeep.changes.rules import Step
from upkeep.release.git import PYPROJECT

CHANGELOG = "generated_client/CHANGELOG.md"


def step_between(base: str, current: str) -> Step | None:
    """The step from one version to the other; None when it goes back. Raises InvalidVersion."""
    before, after = Version(base), Version(current)
    if after < before:
        return None
    for at, step in enumerate((Step.MAJOR, Step.MINOR, Step.PATCH)):
        if _number(before, at) != _number(after, at):
            return step
    return Step.NONE


def _number(version: Version, at: int) -> int:
    return version.release[at] if at < len(version.release) else 0


def next_version(base: str, step: Step) -> str:
    """The least version that carries a step."""
    major, minor, patch = (_number(Version(base), at) for at in range(3))
    return {
        Step.MAJOR: f"{major + 1}.0.0",
        Step.MINOR: f"{major}.{minor + 1}.0",
        Step.PATCH: f"{major}.{minor}.{patch + 1}",
        Step.NONE: base,
    }[step]


def problems(base: str, current: str, asked: Step, root: Path) -> list[str]:
    """What the version or its CHANGELOG lacks, a sentence each."""
    try:
        taken = step_between(base, current)
    except InvalidVersion as error:
        return [f"{PYPROJECT}: {error}"]
    found = []
    if taken is None:
        found.append(f"{PYPROJECT} says {current}, which is older than {base}")
    elif taken < asked:
        least = next_version(base, asked)
        found.append(
            f"{PYPROJECT} says {current}, and a {asked} step from {base} is asked for: set it, and "
            f"__version__ in _version.py, to {least} or later"
        )
        current = least
    found += _unlogged(root / CHANGELOG, current)
    return found


def _unlogged(path: Path, version: str) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [f"{CHANGELOG} cannot be read: {error}"]
    head = rf"^## \[?{re.escape(version)}\]?(?!\S)[^\n]*"
    section = re.search(head + r"(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        return [f"{CHANGELOG} has no section for {version}: add `## {version}` and what changed"]
    if not section[1].strip():
        return [f"{CHANGELOG} says nothing under `## {version}`: add what changed"]
    return []
