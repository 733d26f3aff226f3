"""The public names: what they are, that both clients agree, and that type checkers see them."""

import ast
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import datadog_servicenow_tickets as tickets
from datadog_servicenow_tickets import AsyncClient, Client, errors, models
from upkeep.paths import ROOT

PACKAGE = ROOT / "generated_client"
EXAMPLE = Path(__file__).with_name("consumer_example.py")


def test_all_is_true() -> None:
    """`__all__` has every public name of the package, sorted as ruff sorts, and none beside."""
    submodules = {"client", "models", "errors", "rate_limit", "retry"}
    names = {name for name in dir(tickets) if not name.startswith("_")}
    names -= {*submodules, "TYPE_CHECKING"}  # checkers know that one by this name only
    on_demand = {"Provenance", "provenance"}
    assert {*names, *on_demand, "models", "errors", "__version__"} == set(tickets.__all__)
    assert all(hasattr(tickets, name) for name in tickets.__all__)
    assert not hasattr(tickets, "provenence")


def test_all_errors_are_exported() -> None:
    """Every name of `errors` is a name of the package."""
    assert set(errors.__all__) <= set(tickets.__all__)
    found = inspect.getmembers(errors, inspect.isclass)
    own = {name for name, kind in found if kind.__module__ == errors.__name__}
    assert own - {"_Answered"} == set(errors.__all__)


def test_models_are_public() -> None:
    """`models` has every generated model and what they are read with."""
    generated = importlib.import_module("datadog_servicenow_tickets._generated.models")
    assert set(models.__all__) == {
        *generated.__all__,
        "UNSET",
        "ReadError",
        "Response",
        "Timestamp",
        "Unset",
    }
    assert all(hasattr(models, name) for name in models.__all__)


def _public_members(kind: type) -> dict[str, Any]:
    return {
        name: member
        for name, member in inspect.getmembers(kind)
        if not name.startswith("_") and name != "aclose"  # httpx2's name, beside ours
    }


def test_clients_agree() -> None:
    """Both clients have the same members, the same parameters, defaults and results."""
    ours, theirs = _public_members(Client), _public_members(AsyncClient)
    assert ours.keys() == theirs.keys()
    for name in (*ours, "__init__"):
        one, other = getattr(Client, name), getattr(AsyncClient, name)
        if not callable(one):
            continue
        first, second = inspect.signature(one), inspect.signature(other)
        different = {"transport"} if name == "__init__" else set()
        for parameter in first.parameters.keys() | second.parameters.keys():
            if parameter not in different:
                assert first.parameters[parameter] == second.parameters[parameter]
        assert first.return_annotation == second.return_annotation
        assert inspect.iscoroutinefunction(other) == (name != "__init__")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_arguments_are_keywords_with_defaults(kind: type) -> None:
    """Every argument of a client is a keyword with a default, and is explained."""
    parameters = list(inspect.signature(kind).parameters.values())
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)
    assert all(parameter.default is not parameter.empty for parameter in parameters)
    assert all(f"`{parameter.name}`" in (Client.__doc__ or "") for parameter in parameters)
    assert "`Client`" in (kind.__doc__ or "") or kind is Client


def test_example_uses_every_name() -> None:
    """The consumer's example uses every public name of the package."""
    tree = ast.walk(ast.parse(EXAMPLE.read_text()))
    used = {node.attr for node in tree if isinstance(node, ast.Attribute)} | {"errors", "models"}
    assert set(tickets.__all__) <= used


def _run(*command: str | Path) -> None:
    done = subprocess.run(  # tools that the lock pins
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_on_the_example(tmp_path: Path) -> None:
    """`mypy --strict` finds nothing in the example, with a consumer's plain configuration."""
    nothing = tmp_path / "mypy.ini"
    nothing.write_text("[mypy]\n")
    _run("mypy", "--strict", "--config-file", nothing, "--cache-dir", ROOT / ".mypy_cache", EXAMPLE)


def test_pyright_on_the_example(tmp_path: Path) -> None:
    """Pyright, in its strict mode, finds nothing in the example."""
    project = tmp_path / "pyrightconfig.json"
    settings = {
        "include": [str(EXAMPLE)],
        "typeCheckingMode": "strict",
        "venvPath": str(ROOT),
        "venv": ".venv",
    }
    project.write_text(json.dumps(settings))
    _run("basedpyright", "--project", project)


def test_every_public_type_is_known() -> None:
    """Pyright knows the type of all that a consumer can reach: `--verifytypes` says 100 %."""
    options = ("--ignoreexternal", "--outputjson", "--pythonpath", sys.executable)
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--verifytypes", tickets.__name__, *options],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},  # an editable package is found there only
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)["typeCompleteness"]
    unknown = [each["name"] for each in told["symbols"] if not each["isTypeKnown"]]
    assert (unknown, told["completenessScore"]) == ([], 1)


def test_version() -> None:
    """The package, both distributions and the changelog name one version."""
    changes = re.findall(r"^## (\S+)", (PACKAGE / "CHANGELOG.md").read_text(), re.MULTILINE)
    names = ("datadog-servicenow-tickets", "servicenow-tickets-contract")
    assert {tickets.__version__, *map(version, names)} == {changes[0]}


def test_dependencies() -> None:
    """At run time the client needs httpx2 and attrs."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[^\w-]", dependency)[0] for dependency in project["dependencies"]}
    assert names == {"attrs", "httpx2"}


def test_one_module_knows_httpx2() -> None:
    """Httpx2 is imported in one module, and httpcore2 in one."""
    knowing: dict[str, set[str]] = {"httpx2": set(), "httpcore2": set()}
    for path in (PACKAGE / "datadog_servicenow_tickets").rglob("*.py"):
        for name in re.findall(
            r"^\s*(?:import|from) (httpx2|httpcore2)\b", path.read_text(), re.MULTILINE
        ):
            knowing[name].add(path.name)
    assert knowing == {"httpx2": {"http.py"}, "httpcore2": {"connections.py", "conversation.py"}}
