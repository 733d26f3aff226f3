"""The client's wheel installs alone, and a consumer can check its types."""

import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
CONSUMER = """
from datadog_servicenow_tickets import Client, models

def ids(client: Client) -> list[str]:
    case: models.Case = client.attach_findings(
        ticket_url="https://example.service-now.com/incident.do?sys_id=" + "0" * 32,
        project_id="a-project",
        finding_ids=["a-finding"],
    )
    attributes = case.attributes
    if not isinstance(attributes, models.CaseAttributes):
        return []
    return [str(each.resource_id) for each in attributes.insights or []]
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's wheel, built from the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT / "generated_client",
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


def _closure(names: set[str]) -> set[str]:
    """These distributions and all that they need on this machine."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            needed = [Requirement(each) for each in metadata.requires(name) or []]
            names |= {
                each.name
                for each in needed
                if not each.marker or each.marker.evaluate({"extra": ""})
            }
    return found


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel, what it declares to need, no more."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    [site] = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    [info] = site.glob("*.dist-info")
    declared = metadata.PathDistribution(info).requires or []
    for name in _closure({Requirement(each).name for each in declared}):
        distribution = metadata.distribution(name)
        for file in distribution.files or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = site / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(distribution.locate_file(file)), target)
    return folder / "bin" / "python"


def test_contents(wheel: Path) -> None:
    """The wheel holds the package with its type marker, and no template, test or script."""
    names = zipfile.ZipFile(wheel).namelist()
    assert "datadog_servicenow_tickets/py.typed" in names
    assert "datadog_servicenow_tickets/_generated/models/case.py" in names
    strange = [
        name
        for name in names
        if not name.startswith(("datadog_servicenow_tickets/", "datadog_servicenow_tickets-"))
        or (
            name.startswith("datadog_servicenow_tickets/")
            and not name.endswith((".py", "py.typed"))
        )
    ]
    assert strange == []


def test_imports_alone(python: Path) -> None:
    """With its declared dependencies and nothing else, the package imports and has its clients."""
    code = "from datadog_servicenow_tickets import AsyncClient, Client; print(Client.__module__)"
    done = _run(python, "-I", "-W", "error", "-c", code)
    assert done.stdout.startswith("datadog_servicenow_tickets"), done.stderr


def test_consumer_types(python: Path, tmp_path: Path) -> None:
    """`mypy --strict` checks a consumer's module against the wheel's own types."""
    module = tmp_path / "consumer.py"
    module.write_text(CONSUMER + "reveal_type(ids)\n")
    options = ("--strict", "--config-file=", "--no-incremental", f"--python-executable={python}")
    done = _run(Path(sys.executable), "-m", "mypy", *options, str(module))
    assert done.returncode == 0, done.stdout
    assert "list[" in done.stdout.partition("Revealed type")[2]


def _run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, *arguments], capture_output=True, text=True, check=False)
