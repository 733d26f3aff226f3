"""Who takes part: each in an environment of its own, so that none pays for another's packages.

What several of them need has the lock's version in every environment.
"""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

from attrs import frozen

from upkeep.command import CommandError
from upkeep.paths import CLIENT, FRAGMENT, LOCK, ROOT

ENVIRONMENTS = ROOT / "build" / "bench"
TOOLS = ENVIRONMENTS / "tools"
"""What times inside the contenders' processes; it is in nobody's environment."""
_PROBES = Path(__file__).parent / "probes"
_STOCK_SETTINGS = (
    "package_name_override: stock_client\nproject_name_override: stock-client\npost_hooks: []\n"
)


GENERATOR_PIN = "openapi-generator-cli==7.26.0"
"""Outside the lock, because nothing here is made with it; it needs Java."""


class BenchError(CommandError):
    """Something could not be measured; the message says why."""


@frozen
class Contender:
    """One that takes part, or one way in which it does."""

    title: str
    environment: str
    """The folder below build/bench; the repository's own environment when empty."""
    probe: str = ""
    """The program that does its work, where it has one."""
    detail: str = ""
    """What tells it from another of the same probe."""

    @property
    def python(self) -> str:
        """Its interpreter."""
        folder = ENVIRONMENTS / self.environment
        return str(folder / "bin" / "python") if self.environment else sys.executable

    @property
    def site(self) -> Path:
        """Where its packages are installed."""
        [site] = (ENVIRONMENTS / self.environment).glob("lib/python*/site-packages")
        return site

    def command(self, *arguments: str) -> list[str]:
        """The command that runs its probe."""
        return [self.python, str(_PROBES / f"{self.probe}.py"), *arguments]


OURS = Contender("this client", "ours", "ours")
BARE = Contender("bare httpx2", "bare", "bare")
OFFICIAL = Contender("official client", "official", "official")
STOCK = Contender("stock output", "stock", "stock")
FLOOR = Contender("json alone", "bare", "bare")
REGENERATE = Contender("regenerate", "")
STOCK_GENERATOR = Contender("stock generator", "")
JAVA_GENERATOR = Contender("openapi-generator", "generator")
CONFORMANCE = Contender("conformance", "")
SCHEMATHESIS = Contender("schemathesis run", "")
LARGE = Contender("1,000,000 findings", "", "service", "1000000")
SMALL = Contender("100 findings", "", "service", "100")


def _wheel(folder: Path) -> list[str]:
    """The client as it is published."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    _run(command, cwd=CLIENT)
    return [str(wheel) for wheel in folder.glob("*.whl")]


def _stock(folder: Path) -> list[str]:
    """What the generator renders from the fragment when nothing is changed."""
    settings, output = folder / "settings.yaml", folder / "stock"
    settings.write_text(_STOCK_SETTINGS)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "uv"]
    options = ["--path", FRAGMENT, "--config", settings, "--output-path", output]
    _run([*command, *map(str, options)])
    return [str(output)]


_Requirements = Callable[[Path], list[str]]
_ENVIRONMENTS: dict[str, _Requirements] = {
    "ours": _wheel,
    "bare": lambda _: ["httpx2"],
    "official": lambda _: ["datadog-api-client"],
    "stock": _stock,
    "generator": lambda _: [GENERATOR_PIN],
    "connexion": lambda _: ["connexion[flask,uvicorn]"],
}


def locked() -> dict[str, str]:
    """The versions that the lock pins, by name."""
    pins = re.findall(r"^([\w.-]+)==(\S+)", LOCK.read_text(), re.MULTILINE)
    return {name.lower(): version for name, version in pins}


@functools.cache
def prepare(environment: str) -> None:
    """Make an environment, unless it is there already and up to date. Raises BenchError.

    Once in a run: what is measured stays the same when somebody works on it meanwhile.
    """
    if not environment:
        return
    folder = ENVIRONMENTS / environment
    stamp, wanted = folder / "stamp", f"{sys.version}\n{_digest(environment)}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        constraints = place / "constraints.txt"
        constraints.write_text("".join(f"{name}=={pin}\n" for name, pin in locked().items()))
        requirements = _ENVIRONMENTS[environment](place)
        _uv("venv", "--python", sys.executable, str(folder))
        python = str(folder / "bin" / "python")
        _uv("pip", "install", "--python", python, "--constraint", str(constraints), *requirements)
    stamp.write_text(wanted)


def prepare_all(contenders: Iterable[Contender]) -> None:
    """Make what these contenders need, and what times them. Raises BenchError."""
    prepare_tools()
    for contender in contenders:
        prepare(contender.environment)


def prepare_tools() -> None:
    """Put pyperf where the contenders' processes find it, and no contender is heavier for it."""
    wanted = f"pyperf=={locked()['pyperf']}"
    stamp = TOOLS / "stamp"
    if not (stamp.exists() and stamp.read_text() == f"{sys.version}\n{wanted}"):
        shutil.rmtree(TOOLS, ignore_errors=True)
        _uv("pip", "install", "--python", sys.executable, "--target", str(TOOLS), wanted)
        stamp.write_text(f"{sys.version}\n{wanted}")


def versions(contender: Contender) -> dict[str, str]:
    """Every package of a contender's environment, with its version."""
    found = metadata.distributions(path=[str(contender.site)])
    return {each.metadata["Name"].lower(): each.version for each in found}


def weight(contender: Contender) -> tuple[float, float]:
    """Kilobytes of all that is installed, compiled files aside, and how many packages that is."""
    files = (path for path in contender.site.rglob("*") if path.is_file())
    kept = (p for p in files if p.suffix != ".pyc" and not p.name.startswith("_virtualenv"))
    return sum(path.stat().st_size for path in kept) / 1e3, float(len(versions(contender)))


def clean_environment() -> dict[str, str]:
    """No proxy, no key, no foreign packages."""
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def _digest(environment: str) -> str:
    """Changes with all that an environment follows from."""
    files = {
        "ours": [CLIENT / "pyproject.toml", *(CLIENT / "datadog_servicenow_tickets").rglob("*.py")],
        "stock": [FRAGMENT],
    }
    read = [
        path.read_bytes() for path in [LOCK, Path(__file__), *sorted(files.get(environment, []))]
    ]
    return hashlib.sha256(b"".join(read)).hexdigest()


def _uv(*arguments: str) -> None:
    _run([sys.executable, "-m", "uv", "--quiet", *arguments])


def _run(command: list[str], cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise BenchError(f"{' '.join(command[1:4])} failed: {said[:300]}")
