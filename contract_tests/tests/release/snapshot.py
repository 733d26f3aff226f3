"""The working tree as a commit of its own, so that a test can build what is not committed yet."""

import os
import subprocess
from pathlib import Path

from upkeep.paths import ROOT

DAY = "2026-02-03T04:05:06Z"


def snapshot(folder: Path, *paths: str) -> Path:
    """Make `folder` a repository whose one commit holds what the working tree would commit.

    With `paths`, what is at or below them and no more.
    """
    which = ("--cached", "--others", "--exclude-standard")
    listed = git(ROOT, "ls-files", "-z", *which, "--", *paths)
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, folder / name
        if source.is_file():  # a deleted file is still listed
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def commit(folder: Path) -> str:
    """Commit all that is in the repository, and give the commit's name."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=A snapshot")
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder: Path, *arguments: str) -> str:
    """What git prints, with commits that anybody could have made."""
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.invalid", "-c", "gc.auto=0"]
    environment = {**os.environ, "GIT_AUTHOR_DATE": DAY, "GIT_COMMITTER_DATE": DAY}
    done = subprocess.run(
        [*command, "-C", str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
