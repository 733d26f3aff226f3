"""The commands of this repository as its files name them, and what each says of itself."""

import contextlib
import functools
import importlib
import io
import re
from collections.abc import Callable
from importlib.metadata import entry_points

import pytest

from upkeep.paths import SCRIPTS

MODULES = {
    path.name: found[1]
    for path in sorted(SCRIPTS.iterdir())
    if path.is_file() and (found := re.search(r"-m ([.\w]+\.[.\w]+)", path.read_text()))
}
"""The executables of scripts/, and the module of each."""


def main_of(command: str) -> Callable[[list[str]], int]:
    """The function behind `./scripts/NAME`, or behind an installed command."""
    if command.startswith("./"):
        module = importlib.import_module(MODULES[command.removeprefix("./scripts/")])
        main: Callable[[list[str]], int] = module.main
        return main
    [installed] = entry_points(group="console_scripts", name=command)
    loaded: Callable[[list[str]], int] = installed.load()
    return loaded


@functools.cache
def help_of(command: str) -> str:
    """The help of a command, in one line. It has to exit with 0."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            main_of(command)(["--help"])
    assert ended.value.code == 0
    return " ".join(out.getvalue().split())
