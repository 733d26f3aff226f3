"""The copy of the repository in which a page is adopted: nothing is half-done in the tree."""

import os
import sys
from pathlib import Path

from attrs import frozen

from upkeep.command import ran
from upkeep.release.git import Repository

_ON_THE_PATH = ("contract_tests", "generated_client", "scripts")
"""What Python finds first in the copy, before the tree that the environment was made for."""

_NAMING = (
    *("contract_tests/servicenow_contract", "generated_client", "*README.md"),
    *(":!*/_generated/*", ":!*/CHANGELOG.md", ":!*/requirements.yaml"),
)
"""Pathspecs of what names members by hand."""


@frozen
class Copy:
    """A clone of a repository, with its history and tags."""

    root: Path
    origin: Path

    @classmethod
    def of(cls, origin: Path, place: Path) -> "Copy":
        """Clone a repository into a place that does not exist. Raises CommandError."""
        Repository(origin).git("clone", "--quiet", "--shared", str(origin.resolve()), str(place))
        return cls(place, origin)

    def run(self, module: str, *arguments: str) -> tuple[int, str]:
        """Run a command of the copy's own; gives its exit status and what it said."""
        paths = os.pathsep.join(str(self.root / each) for each in _ON_THE_PATH)
        given = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
        command = (sys.executable, "-P", "-m", module, *arguments)
        done = ran(*command, cwd=self.root, env=given)
        return done.returncode, (done.stderr if done.returncode == 2 else done.stdout).strip()

    def lines(self, name: str) -> list[str]:
        """Where the code that ships and the READMEs name something, as `file:line`."""
        command = ("git", "grep", "--line-number", "--word-regexp", name, "--", *_NAMING)
        done = ran(*command, cwd=self.root)  # 1 where nothing is found
        return [":".join(line.split(":")[:2]) for line in done.stdout.splitlines()]

    def patch(self) -> str:
        """What was changed, as a patch."""
        repository = Repository(self.root)
        repository.git("add", "--all")
        return repository.git("diff", "--cached", "--no-color", "HEAD")

    def move_in(self) -> list[str]:
        """Write what was changed into the tree; gives the paths. Raises OSError when undone."""
        repository = Repository(self.root)
        repository.git("add", "--all")
        options = ("--cached", "--name-only", "--no-renames", "-z", "HEAD")
        changed = [each for each in repository.git("diff", *options).split("\0") if each]
        before = {each: _bytes(self.origin / each) for each in changed}
        try:
            for each in changed:
                _write(self.origin / each, _bytes(self.root / each))
        except BaseException:
            for each, data in before.items():
                _write(self.origin / each, data)
            raise
        return changed


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _write(path: Path, data: bytes | None) -> None:
    """Let a file hold this, or not be there."""
    if data is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.adopted")
    try:
        beside.write_bytes(data)
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
