"""What holds of the source as a whole: one name for one thing, and the contract as a value."""

import ast
import functools
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.commands import MODULES
from upkeep.paths import CLIENT, KIT, SCRIPTS, TARGET, TESTS

KIT_AND_UPKEEP = (KIT, SCRIPTS / "upkeep")


def _modules(*folders: Path) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield path, _parsed(path)


@functools.cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_class_name_twice() -> None:
    """No two classes have one name, a leading underscore aside; what is rendered has its own."""
    places = defaultdict(list)
    for path, module in _modules(*KIT_AND_UPKEEP, CLIENT / "datadog_servicenow_tickets"):
        if not path.is_relative_to(TARGET):
            for node in ast.walk(module):
                if isinstance(node, ast.ClassDef):
                    places[node.name.lstrip("_")].append(path.name)
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def _readers(module: ast.Module) -> set[str]:
    """How a module calls what reads the kit's own contract."""
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("servicenow_contract."):
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                if whole.endswith((".contract.fragment", ".contract.contract")):
                    names.add(f"{each.asname or each.name}.load")
                elif whole.endswith((".contract.fragment.load", ".contract.contract.load")):
                    names.add(each.asname or each.name)
    return names


def _reads(module: ast.Module) -> Iterator[str]:
    """The functions of a module that read the contract; what no function does stands as ''."""
    readers = _readers(module)
    for place in module.body if readers else ():
        for node in ast.walk(place):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in readers:
                yield place.name if isinstance(place, ast.FunctionDef) else ""


def _is_door(module: ast.Module) -> bool:
    """Whether a command begins in this module, or pytest takes hooks from it."""
    names = {each.name for each in module.body if isinstance(each, ast.FunctionDef)}
    return "main" in names or any(each.startswith("pytest_") for each in names)


def test_the_contract_is_read_at_a_door() -> None:
    """The contract is read by a command or for pytest's fixtures, never on import, and handed on.

    What tests the reading itself reads it, too.
    """
    found = {
        path.relative_to(folder).as_posix(): (_is_door(module), reads)
        for folder in (*KIT_AND_UPKEEP, TESTS.parent)
        for path, module in _modules(folder)
        if (reads := [*_reads(module)])
    }
    assert "" not in {name for _, reads in found.values() for name in reads}
    elsewhere = {path for path, (door, _) in found.items() if not door}
    assert elsewhere == {"tests/kit/test_door.py"}
    assert {"run/command.py", "run/given.py", "release/wheels.py"} <= found.keys()


SCRIPT = """\
#!/bin/sh
. "$(dirname "$0")/bootstrap.sh"
exec "$PYTHON" -P -m {} "$@"
"""


def test_executables() -> None:
    """Each executable of scripts/ is the same three lines, and ends with what `main` returns."""
    files = [path for path in SCRIPTS.iterdir() if path.is_file() and os.access(path, os.X_OK)]
    assert {path.name for path in files} == MODULES.keys()
    for name, module in MODULES.items():
        assert (SCRIPTS / name).read_text(encoding="utf-8") == SCRIPT.format(module)
        root = SCRIPTS if module.startswith("upkeep.") else KIT.parent
        source = (root / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
        assert source.endswith('\n\nif __name__ == "__main__":\n    sys.exit(main())\n'), module
