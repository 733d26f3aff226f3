"""The commit that is checked out: whether the tree is that commit, and its files by themselves."""

import subprocess
import tempfile
import zipfile
from pathlib import Path

from attrs import frozen


class RevisionError(Exception):
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
        """Write its files into `folder`, with nothing of the working tree among them.

        A zip archive: it carries no owner, no umask and no time of day. What git would convert for
        the machine's sake, such as line ends, stays as it was committed.
        """
        with tempfile.TemporaryDirectory() as place:
            archive = Path(place) / "commit.zip"
            git(
                self.root,
                "-c",
                "core.autocrlf=false",
                "archive",
                "--format=zip",
                f"--output={archive}",
                self.name,
            )
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(folder)


def clean(root: Path) -> Commit:
    """The commit that the tree is. Raises RevisionError when a file is in no commit."""
    changed = git(root, "status", "--porcelain", "--untracked-files=normal").splitlines()
    if changed:
        shown = ", ".join(line[3:] for line in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise RevisionError(f"{root} holds what is in no commit ({shown}{more}); commit it first")
    name, seconds = git(root, "log", "-1", "--format=%H %ct").split()
    return Commit(root, name, int(seconds))


def git(root: Path, *arguments: str) -> str:
    """What git prints. Raises RevisionError with what it complains of, or when it is not there."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise RevisionError(f"git cannot be run: {error}") from None
    if done.returncode:
        told = " ".join(done.stderr.split())[:400] or f"exit status {done.returncode}"
        raise RevisionError(f"{' '.join(command)}: {told}")
    return done.stdout
