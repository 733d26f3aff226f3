"""What the client says of what it was made from."""

import hashlib
import importlib.util
import re
import subprocess
import sys
import tomllib

import pytest

import datadog_servicenow_tickets as tickets
from datadog_servicenow_tickets import _commit
from servicenow_contract.contract.fragment import Fragment
from upkeep.paths import ROOT


def test_fragment(contract: Fragment) -> None:
    """It names itself, and the fragment in the repository by version and by its bytes' digest."""
    assert tickets.provenance.version == tickets.__version__
    data = (ROOT / "openapi" / "servicenow_tickets.yaml").read_bytes()
    assert tickets.provenance.fragment_sha256 == hashlib.sha256(data).hexdigest()
    assert tickets.provenance.fragment_version == contract.document["info"]["version"]


def test_generator() -> None:
    """It names the generator as the project pins it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    name, _, version = tickets.provenance.generator.partition(" ")
    assert f"{name}=={version}" in project["dependency-groups"]["dev"]


def test_working_tree() -> None:
    """Installed from a working tree, it knows its version and claims no commit."""
    assert tickets.provenance.version == tickets.__version__
    assert tickets.provenance.commit is None


@pytest.mark.parametrize(
    ("written", "commit"), [("$Format:%H$", None), ("0123456789" * 4, "0123456789" * 4)]
)
def test_commit(written: str, commit: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit is what git's archive wrote in the place that it knows, and none before."""
    assert _commit.COMMIT in ("$Format:%H$", tickets.provenance.commit)  # see gitattributes(5)
    monkeypatch.setattr(_commit, "COMMIT", written)
    spec = importlib.util.find_spec("datadog_servicenow_tickets._provenance")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.provenance.commit == commit


def test_frozen() -> None:
    """Nobody changes it."""
    with pytest.raises(AttributeError):
        tickets.provenance.version = "2"  # type: ignore[misc]  # the fact


def test_costs_no_start() -> None:
    """Importing the package leaves it out, and asking for it brings it."""
    code = (
        "import sys, datadog_servicenow_tickets as tickets\n"
        "loaded = lambda: sum('_provenance' in name for name in sys.modules)\n"
        "print(loaded(), tickets.provenance is tickets.provenance, loaded())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 True 1\n"


def test_readme() -> None:
    """The README's table has each member."""
    readme = (ROOT / "generated_client" / "README.md").read_text()
    section = readme.split("## What is installed\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")][2:]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(tickets.Provenance._fields)
