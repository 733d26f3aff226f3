"""Each wheel works where it is installed with what it declares, and a consumer can pin it."""

import base64
import csv
import hashlib
import io
import os
import re
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.contract import FRAGMENT
from upkeep.paths import CLIENT, ROOT
from upkeep.paths import FRAGMENT as FRAGMENT_FILE
from upkeep.release import installed
from upkeep.release.needs import closure
from upkeep.release.sbom import distribution

KIT_COMMANDS = tuple(
    f"servicenow-tickets-{each}" for each in ("conformance", "check-traffic", "serve")
)
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


def _environment(folder: Path, wheel: Path) -> Path:
    """An environment of one wheel and what it declares to need, taken from this machine."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    options = ("--no-deps", "--no-index", "--offline", "--no-config", "--python", str(python))
    _uv("pip", "install", *options, str(wheel))
    [site] = folder.glob("lib/python*/site-packages")
    for each in _needed(wheel):
        for top in {file.parts[0] for file in each.files or []} - {"..", "__pycache__"}:
            (site / top).symlink_to(Path(str(each.locate_file(top))))
    return python


def _needed(wheel: Path) -> list[metadata.Distribution]:
    declared = map(Requirement, distribution(wheel).requires or [])
    return [metadata.distribution(name) for name in closure(declared)]


@pytest.fixture(scope="session")
def python(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the client's wheel and its needs, no more."""
    return _environment(tmp_path_factory.mktemp("client"), wheels[0])


def test_client_alone(python: Path) -> None:
    """With its declared dependencies and nothing else, the client calls, sync and async."""
    assert installed.client_alone(python, FRAGMENT) == ""


def test_kit_alone(wheels: tuple[Path, Path], tmp_path: Path) -> None:
    """With what the kit declares and nothing else, its command judges in an empty folder."""
    python = _environment(tmp_path, wheels[1])
    assert installed.conformance(python) == ""
    for command in KIT_COMMANDS:  # each calls itself by the name under which it is installed
        assert _run(python.with_name(command), "--help").stdout.startswith(f"usage: {command} ")
    shown = _run(python.with_name(KIT_COMMANDS[0]), "--show-contract").stdout
    assert shown == FRAGMENT_FILE.read_text(encoding="utf-8")


def test_kit_tells_of_itself(wheels: tuple[Path, Path]) -> None:
    """The kit's wheel carries its own README, and says that it is typed."""
    archive = zipfile.ZipFile(wheels[1])
    [metadata_file] = [name for name in archive.namelist() if name.endswith("/METADATA")]
    told = archive.read(metadata_file).decode()
    assert (ROOT / "contract_tests" / "README.md").read_text(encoding="utf-8").strip() in told
    assert "Classifier: Typing :: Typed\n" in told
    assert "servicenow_contract/py.typed" in archive.namelist()


def test_a_need_that_is_not_declared(wheels: tuple[Path, Path], tmp_path: Path) -> None:
    """An environment lacks what its wheel does not declare, so the two facts above can fail."""
    python = _environment(tmp_path, wheels[0])
    [site] = tmp_path.glob("lib/python*/site-packages")
    (site / "httpx2").unlink()
    assert "No module named 'httpx2'" in installed.client_alone(python, FRAGMENT)
    assert "No module named 'pytest'" in _run(python, "-c", "import pytest").stderr


def test_consumer_types(python: Path, tmp_path: Path) -> None:
    """`mypy --strict` checks a consumer's module against the wheel's own types."""
    module = tmp_path / "consumer.py"
    module.write_text(CONSUMER + "reveal_type(ids)\n")
    options = ("--strict", "--config-file=", "--no-incremental", f"--python-executable={python}")
    done = _run(Path(sys.executable), "-m", "mypy", *options, str(module))
    assert done.returncode == 0, done.stdout
    assert "list[" in done.stdout.partition("Revealed type")[2]


def _repacked(distribution: metadata.Distribution, folder: Path) -> None:
    """Make a wheel of what is installed: the file that it came from is not on this machine."""
    [info] = {file.parts[0] for file in distribution.files or [] if file.name == "METADATA"}
    left_out = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
    [tag] = re.findall(
        r"^Tag: (py3-none-any)$", distribution.read_text("WHEEL") or "", re.MULTILINE
    )
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(folder / f"{info.removesuffix('.dist-info')}-{tag}.whl", "w") as wheel:
        for file in distribution.files or []:
            own = ".." not in file.parts and "__pycache__" not in file.parts
            if own and file.name not in left_out:
                data = file.read_binary()
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
                rows.writerow((file.as_posix(), f"sha256={digest.rstrip('=')}", len(data)))
                wheel.writestr(file.as_posix(), data)
        wheel.writestr(f"{info}/RECORD", record.getvalue() + f"{info}/RECORD,,\n")


@pytest.fixture
def shell(wheels: tuple[Path, Path], tmp_path: Path) -> Path:
    """A folder with `wheels/` of the client and its needs, and a `pip` for an empty environment."""
    (tmp_path / "wheels").mkdir()
    for each in _needed(wheels[0]):
        _repacked(each, tmp_path / "wheels")
    (tmp_path / "wheels" / wheels[0].name).write_bytes(wheels[0].read_bytes())
    venv.create(tmp_path / "environment", with_pip=False)
    pip = tmp_path / "environment" / "bin" / "pip"
    pip.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pip --python "${{0%/*}}/python" "$@"\n')
    pip.chmod(0o755)
    return tmp_path


def _pin(wheel: Path) -> list[str]:
    """The README's commands for a pin, with the version of this wheel."""
    section = (CLIENT / "README.md").read_text().split("## Pinning\n")[1].split("\n## ")[0]
    commands = section.split("```sh\n")[1].split("```")[0]
    return commands.replace("X.Y.Z", wheel.name.split("-")[1]).splitlines()


def _sh(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'environment' / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/sh", "-ec", command],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pin(wheels: tuple[Path, Path], shell: Path) -> None:
    """The README's commands pin the client and its needs by hash, and install from a folder."""
    [download, compiled, install] = _pin(wheels[0])
    assert download.startswith("pip download ")  # it asks an index; here the folder is there
    assert (done := _sh(shell, compiled)).returncode == 0, done.stderr
    pinned = (shell / "requirements.txt").read_text()
    digests = {hashlib.sha256(each.read_bytes()).hexdigest() for each in shell.glob("wheels/*")}
    assert set(re.findall(r"--hash=sha256:(\w+)", pinned)) == digests
    assert (done := _sh(shell, install)).returncode == 0, done.stderr
    assert installed.client_alone(shell / "environment" / "bin" / "python", FRAGMENT) == ""


def test_wrong_hash(wheels: tuple[Path, Path], shell: Path) -> None:
    """A wheel with another digest than the pinned one is refused, and nothing is installed."""
    [_, compiled, install] = _pin(wheels[0])
    assert _sh(shell, compiled).returncode == 0
    wheel = shell / "wheels" / wheels[0].name
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("datadog_servicenow_tickets/more.py", "")
    done = _sh(shell, install)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert [*shell.glob("environment/lib/python*/site-packages/*")] == []


def _uv(*arguments: str) -> None:
    done = _run(Path(sys.executable), "-m", "uv", "--quiet", *arguments)
    assert done.returncode == 0, done.stderr


def _run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, *arguments], capture_output=True, text=True, check=False)
