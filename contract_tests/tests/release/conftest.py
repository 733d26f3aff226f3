"""What the tests of releases share: the working tree as a commit, and its two wheels."""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.release.snapshot import snapshot
from upkeep.release import build
from upkeep.release.git import Commit

Once = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Makes a folder of this name, which all processes of the run share and none may change."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        made = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                begun = Path(tempfile.mkdtemp(dir=shared))
                make(begun)
                begun.rename(made)
        return made

    return folder


@pytest.fixture(scope="session")
def repository(once: Once) -> Path:
    """The working tree, committed."""
    return once("repository", snapshot)


@pytest.fixture(scope="session")
def dist(repository: Path, once: Once) -> Path:
    """A folder with both wheels, and what each needs beside it."""
    return once("dist", lambda folder: build.build(Commit.of(repository), folder))


@pytest.fixture(scope="session")
def wheels(dist: Path) -> tuple[Path, Path]:
    """The client's wheel and the kit's."""
    return build.pair(dist)
