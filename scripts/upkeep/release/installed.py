"""The wheels in environments that hold nothing else, used there as their consumers use them.

A trial gives what went wrong, or an empty text.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.service.asgi import running
from servicenow_contract.service.service import Service
from servicenow_contract.service.state import State
from upkeep.command import CommandError, ran
from upkeep.paths import ROOT
from upkeep.release.sbom import distribution

RESOLUTIONS: Mapping[str, str] = {"lowest": "lowest-direct", "newest": "highest"}
"""How uv calls the versions of the dependencies that a wheel declares."""
_PROBE = Path(__file__).with_name("wheels_probe.py")
_MET = {
    "sync": [200, 2],
    "async": ["finding-002"],
    "unknown": "NotFoundError False",
    "invalid": "InvalidRequestError False",
    "unreachable": "ConnectError False",
    "typed": True,
    "installed": True,
}
TESTS = ("client", "service/test_plugin.py")
"""Those of the repository's tests that need both wheels."""
OF_THE_SOURCES = "client/sources"
"""Those among them that need the repository, too."""


class InstallError(CommandError):
    """An environment could not be made; the message says why, in the installer's words."""


def environment(folder: Path, interpreter: Path, wheels: Sequence[Path], resolution: str) -> Path:
    """Make an environment of the wheels and their needs, and give its interpreter.

    Raises InstallError.
    """
    _uv("venv", "--clear", "--python", str(interpreter), str(folder))
    python = folder / "bin" / "python"
    # Named themselves too: only what is asked for by name gets its lowest version.
    needs = [need for wheel in wheels for need in distribution(wheel).requires or []]
    chosen = ("--resolution", RESOLUTIONS[resolution], "--python", str(python))
    _uv("pip", "install", *chosen, *map(str, wheels), *needs)
    return python


def _uv(*arguments: str) -> None:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = ran(sys.executable, "-m", "uv", "--quiet", *arguments, env=environment)
    if done.returncode:
        raise InstallError(
            f"an environment could not be made: uv {arguments[0]} failed:\n{done.stderr.strip()}"
        )


def client_alone(python: Path, contract: Fragment) -> str:
    """The client calls the reference service, and meets its errors, where nothing else is."""
    service = Service(State(contract, DEFAULT_WORLD))
    service.fault("status=503,at=1")
    with running(service) as url:
        done = _run(python, "-I", "-W", "error", str(_PROBE), url)
    if done.returncode:
        return done.stderr
    said = json.loads(done.stdout)
    wrong = {name: said[name] for name, value in _MET.items() if said[name] != value}
    if said["metadata"] != said["version"]:
        wrong["version"] = f"{said['version']}, and {said['metadata']} in the metadata"
    if said["commit"] is None:
        wrong["commit"] = "none, so ./scripts/build did not make this wheel"
    return ", ".join(f"{name} is {value}" for name, value in wrong.items())


def conformance(python: Path) -> str:
    """The kit's command judges its own service, in a folder that holds nothing."""
    command = python.with_name("servicenow-tickets-conformance")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = _run(command, "--profile", "quick", "--report", "report", cwd=folder)
        if done.returncode:
            return done.stdout + done.stderr
        said = json.loads((folder / "report" / "verdict.json").read_text(encoding="utf-8"))
        left = [each.name for each in folder.iterdir() if each.name != "report"]
    if left:
        return f"the run left {', '.join(left)} in the folder"
    judged = [each for each in said["requirements"] if each["verdict"] == "pass"]
    return "" if len(judged) > 30 else f"only {len(judged)} requirements were judged"


def consumers_tests(python: Path) -> str:
    """The repository's tests hold of both wheels, without the sources beside them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("README.md", "pyproject.toml"):
            shutil.copy(ROOT / file, folder)
        sources = shutil.ignore_patterns("servicenow_contract", "__pycache__")
        copied = shutil.copytree(ROOT / "contract_tests", folder / "contract_tests", ignore=sources)
        tests = copied / "tests"
        chosen = [*(str(tests / test) for test in TESTS), f"--ignore={tests / OF_THE_SOURCES}"]
        done = _run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen, cwd=folder)
    return done.stdout + done.stderr if done.returncode else ""


def _run(
    program: Path, *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    # No keys, no proxy, no other packages.
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return ran(program, *arguments, cwd=cwd, env=environment)
