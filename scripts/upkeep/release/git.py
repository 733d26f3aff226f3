"""Asks git: about a repository, the commit that is checked out, and the files of any commit."""

import io
import os
import subprocess
import zipfile
from pathlib import Path

from attrs import frozen

from upkeep.command import CommandError

_ELSEWHERE = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"}
"""What a git hook sets, and what names another repository than the one that is asked for."""


class GitError(CommandError):
    """Git cannot be asked, or refuses. The message says what it complains of, and what to do."""


@frozen
class Repository:
    """The git repository whose root a folder is."""

    root: Path

    def output(self, *arguments: str) -> bytes:
        """What a git command prints. Raises GitError with what it complains of."""
        command = ["git", "-C", str(self.root), *arguments]
        here = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
        try:
            done = subprocess.run(command, env=here, capture_output=True, check=False)
        except OSError as error:
            raise GitError(f"git cannot be run: {error}") from None
        if done.returncode:
            told = " ".join(done.stderr.decode(errors="replace").split())[:400]
            said = told or f"exit status {done.returncode}"
            raise GitError(f"{' '.join(command)}: {said}")
        return done.stdout

    def git(self, *arguments: str) -> str:
        """The same, as text."""
        return os.fsdecode(self.output(*arguments))

    def absence(self) -> str | None:
        """Why this is not the root of a repository with a commit; None where it is."""
        try:
            top = self.git("rev-parse", "--show-toplevel").rstrip("\n")
            self.git("rev-parse", "--verify", "HEAD^{commit}")
        except GitError as error:
            return str(error)
        inside = Path(top).resolve() != self.root.resolve()
        return f"it is a folder of the repository in {top}" if inside else None

    def is_shallow(self) -> bool:
        """Whether the history is cut off."""
        return self.git("rev-parse", "--is-shallow-repository").strip() == "true"

    def commit(self, name: str) -> str:
        """The commit that a revision names. Raises GitError."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        try:
            return self.git(*asked).strip()
        except GitError:
            raise GitError(
                f"{name!r} is not a revision of this repository, nor an existing wheel "
                "(*.whl); name a tag, a branch, a commit, or the file of a wheel"
            ) from None

    def refuse_changes(self, but: Path | None = None) -> None:
        """Raises GitError when a file, other than this one, is in no commit."""
        options = ("--porcelain", "-z", "--no-renames", "--untracked-files=all")
        listed = [each[3:] for each in self.git("status", *options).split("\0") if each]
        own = but and but.resolve()
        changed = [each for each in listed if (self.root / each).resolve() != own]
        if changed:
            shown = ", ".join(changed[:3])
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            said = (
                f"{self.root} has changes that are not committed ({shown}{more}); commit them first"
            )
            raise GitError(said)

    def file(self, commit: str, path: str) -> bytes:
        """A file of a commit. Raises GitError."""
        return self.output("show", f"{commit}:{path}")

    def export(self, commit: str, folder: Path, *paths: str) -> None:
        """Write the files of a commit, or those below some paths, into a folder.

        Through a zip: it carries no owner, no umask and no time of day, and Python's reader of tars
        is not safe before 3.11.4. What git would convert for the machine's sake, such as line ends,
        stays as it was committed. Raises GitError, also when the commit has nothing at a path.
        """
        options = ("-c", "core.autocrlf=false", "archive", "--format=zip")
        with zipfile.ZipFile(io.BytesIO(self.output(*options, commit, *paths))) as opened:
            opened.extractall(folder)


@frozen
class Commit:
    """The commit that is checked out, in a tree that holds nothing else."""

    repository: Repository
    name: str
    """Its full object name."""
    seconds: int
    """When it was made, since the epoch."""

    @classmethod
    def of(cls, root: Path) -> "Commit":
        """The commit that a tree is. Raises GitError when a file is in no commit."""
        repository = Repository(root)
        repository.refuse_changes()
        name, seconds = repository.git("log", "-1", "--format=%H %ct").split()
        return cls(repository, name, int(seconds))

    def export(self, folder: Path) -> None:
        """Write its files into `folder`, with nothing of the working tree among them."""
        self.repository.export(self.name, folder)
