"""The copy of the repository in which a page is adopted: nothing is half-done in the tree."""

import os
import re
import sys
from pathlib import Path

from attrs import frozen

from upkeep.command import CommandError, ran
from upkeep.release.git import Repository

_ON_THE_PATH = ("contract_tests", "generated_client", "scripts")
"""What Python finds first in the copy, before the tree that the environment was made for."""

_NAMING = (
    *("contract_tests/servicenow_contract", "generated_client", "*README.md"),
    *(":!*/_generated/*", ":!*/CHANGELOG.md", ":!*/requirements.yaml"),
)
"""Pathspecs of what names members by hand."""
_TESTS = (
    "contract_tests/tests",
    *(f":!contract_tests/tests/{each}/*" for each in ("adopt", "changes", "codegen", "page")),
    *(f":!*/{each}" for each in ("specimen.*", "test_door.py", "test_maintainers_day.py")),
)
"""Those of this repository's tests that are of the contract, not of the specimen."""
_PLAINLY = ("--no-color", "--no-ext-diff", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/")
"""Whatever a user's settings make of a patch, this one can be applied."""


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
        """Run a command of the copy's own; gives its exit status and what it printed.

        Raises CommandError for one that printed nothing but why it could not begin.
        """
        paths = os.pathsep.join(str(self.root / each) for each in _ON_THE_PATH)
        given = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
        command = (sys.executable, "-P", "-m", module, *arguments)
        done = ran(*command, cwd=self.root, env=given)
        if done.returncode and not done.stdout:
            said = done.stderr.strip().rpartition("\n")[2]
            raise CommandError(f"{module} could not judge the result: {said}")
        return done.returncode, done.stdout.strip()

    def lines(self, name: str, *also: str) -> list[str]:
        """Where the code that ships and the READMEs name something, as `file:line`."""
        command = ("git", "grep", "--line-number", "--fixed-strings", "--word-regexp", "-e", name)
        done = ran(*command, "--", *_NAMING, *also, cwd=self.root)  # 1 where nothing is found
        return [":".join(line.split(":")[:2]) for line in done.stdout.splitlines()]

    def rename(self, old: str, new: str) -> None:
        """Let what is written by hand name a member otherwise, the tests too."""
        files = {line.partition(":")[0] for line in self.lines(old, *_TESTS)}
        for file in (self.root / each for each in sorted(files)):
            text = re.sub(rf"\b{re.escape(old)}\b", new, file.read_text(encoding="utf-8"))
            file.write_text(text, encoding="utf-8")
        python = [each for each in files if each.endswith(".py")]
        if python:
            ran(sys.executable, "-P", "-m", "ruff", "format", "--quiet", *python, cwd=self.root)

    def patch(self) -> str:
        """What was changed, as a patch."""
        repository = Repository(self.root)
        repository.git("add", "--all")
        return repository.git("diff", "--cached", *_PLAINLY, "HEAD")

    def move_in(self) -> None:
        """Let the tree have what was changed: all of it, or nothing. Raises CommandError."""
        file, patch = self.root.with_name("patch"), self.patch()
        if patch:
            file.write_bytes(os.fsencode(patch))
            Repository(self.origin).git("apply", "--whitespace=nowarn", str(file))
