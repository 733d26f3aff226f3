"""The commit that is checked out: whether the tree is that commit, and its files by themselves."""

import io
import os
import subprocess
import zipfile
from pathlib import Path

from attrs import frozen

from upkeep.command import CommandError

_ELSEWHERE = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"}
"""What a git hook sets, and what names another repository than the one that is asked for."""


class RevisionError(CommandError):
    """The tree is no commit, or git cannot be asked. The message says what to do."""


@frozen
class Commit:
    """One commit of a repository."""

    root: Path
    name: str
    """Its full object name."""
    seconds: int
    """When it was made, since the epoch."""

    def export(self, folder: Path) -> None:
        """Write its files into `folder`, with nothing of the working tree among them."""
        export(self.root, self.name, folder)


def clean(root: Path) -> Commit:
    """The commit that the tree is. Raises RevisionError when a file is in no commit."""
    changed = git(root, "status", "--porcelain", "--untracked-files=normal").splitlines()
    if changed:
        shown = ", ".join(line[3:] for line in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise RevisionError(f"{root} holds what is in no commit ({shown}{more}); commit it first")
    name, seconds = git(root, "log", "-1", "--format=%H %ct").split()
    return Commit(root, name, int(seconds))


def export(root: Path, commit: str, folder: Path, *paths: str) -> None:
    """Write the files of a commit, or those below some paths, into a folder.

    Through a zip: it carries no owner, no umask and no time of day, and Python's reader of tars is
    not safe before 3.11.4. What git would convert for the machine's sake, such as line ends, stays
    as it was committed. Raises RevisionError, also when the commit has nothing at a path.
    """
    options = ("-c", "core.autocrlf=false", "archive", "--format=zip")
    archive = output(root, *options, commit, *paths)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(folder)


def git(root: Path, *arguments: str) -> str:
    """What git prints, as text. Raises RevisionError as `output` does."""
    return os.fsdecode(output(root, *arguments))


def output(root: Path, *arguments: str) -> bytes:
    """What git prints. Raises RevisionError with what it complains of, or when it is not there."""
    command = ["git", "-C", str(root), *arguments]
    here = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    try:
        done = subprocess.run(command, env=here, capture_output=True, check=False)
    except OSError as error:
        raise RevisionError(f"git cannot be run: {error}") from None
    if done.returncode:
        told = " ".join(done.stderr.decode(errors="replace").split())[:400]
        said = told or f"exit status {done.returncode}"
        raise RevisionError(f"{' '.join(command)}: {said}")
    return done.stdout
