"""The Pythons that the client promises to run on, and where this machine has them."""

import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from upkeep.command import CommandError, ran
from upkeep.paths import CLIENT

_CLIENT = CLIENT / "pyproject.toml"
_UV = (sys.executable, "-m", "uv", "python", "find", "--managed-python", "--no-project")


def promised() -> tuple[str, ...]:
    """The versions that the client's classifiers name, the oldest first."""
    classifiers = tomllib.loads(_CLIENT.read_text())["project"]["classifiers"]
    named = re.compile(r"Programming Language :: Python :: (3\.\d+)")
    return tuple(match[1] for each in classifiers if (match := named.fullmatch(each)))


def find(version: str) -> Path | None:
    """An interpreter of this version: on PATH, among pyenv's, or one that uv brought."""
    return next((path for path in _candidates(version) if _is(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    name = f"python{version}"
    for folder in os.get_exec_path():
        # pyenv puts a shim there for every version that it has, and most refuse to run.
        if path := shutil.which(name, path=folder):
            yield Path(path)
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from sorted(versions.glob(f"{version}.*/bin/{name}"), reverse=True)
    done = ran(*_UV, version)
    if done.returncode == 0:
        yield Path(done.stdout.strip())


def _is(path: Path, version: str) -> bool:
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        done = ran(path, "-I", "-c", code)
    except CommandError:
        return False
    return done.returncode == 0 and done.stdout.strip() == version
