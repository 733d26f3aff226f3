"""What the client costs, beside bare httpx and the official client: time and weight.

Each contender has an environment of its own under build/bench and runs as processes of its own.
The contenders take turns, so that a slow moment of the machine meets all of them; each figure is
a median.
"""

import contextlib
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import frozen

from servicenow_contract.fragment import load

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "generated_client"
ENVIRONMENTS = ROOT / "build" / "bench"
_HERE = Path(__file__).parent


@frozen
class Contender:
    """A way to make the call."""

    name: str
    """That of its probe, too."""
    requirements: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Its environment."""
        return ENVIRONMENTS / self.name

    def command(self, *arguments: str) -> list[str]:
        """The command that runs its probe."""
        python = self.folder / "bin" / "python"
        return [str(python), str(_HERE / "bench_probes" / f"{self.name}.py"), *arguments]


OURS = Contender("ours", ())
BARE = Contender("bare", ("httpx>=0.28,<0.29",))
OFFICIAL = Contender("official", ("datadog-api-client==2.62.0",))


@frozen
class Figure:
    """One thing that is measured."""

    name: str
    unit: str
    rivals: tuple[Contender, ...]
    goals: tuple[float, ...]
    """What our value is at most, as a part of each rival's."""
    measure: Callable[["Bench", Contender], float]
    rounds: int = 1


class BenchError(Exception):
    """Something could not be measured; the message says why."""


class Bench:
    """A server to call, and the page's 200 to read."""

    def __init__(self, url: str, answer: Path, count: int) -> None:
        self.url = url
        self.answer = answer
        self.count = count
        """How many calls or readings make one measurement."""

    def output(self, command: Sequence[str]) -> str:
        """What a probe prints. Raises BenchError when it fails."""
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=_environment()
        )
        if done.returncode:
            raise BenchError(f"{' '.join(command)} failed:\n{done.stderr}")
        return done.stdout

    def call(self, contender: Contender) -> float:
        """Microseconds per call."""
        return float(self.output(contender.command("call", self.url, str(self.count))))

    def model(self, contender: Contender) -> float:
        """Microseconds to read the page's 200."""
        return float(self.output(contender.command("model", str(self.answer), str(self.count))))

    def cold(self, contender: Contender) -> float:
        """Milliseconds from the start of a process to its first answer."""
        command = contender.command("cold", self.url)
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:
            said = process.stdout.readline() if process.stdout else b""
            elapsed = time.perf_counter() - started
        if said != b"done\n":
            raise BenchError(f"{' '.join(command)} did not answer")
        return elapsed * 1e3

    def weight(self, contender: Contender) -> float:
        """Kilobytes of all that is installed, compiled files aside."""
        [site] = contender.folder.glob("lib/python*/site-packages")
        files = (path for path in site.rglob("*") if path.is_file())
        kept = (p for p in files if p.suffix != ".pyc" and not p.name.startswith("_virtualenv"))
        return sum(path.stat().st_size for path in kept) / 1e3


FIGURES = (
    Figure("call", "µs per call", (BARE, OFFICIAL), (0.85, 0.50), Bench.call, rounds=9),
    Figure("cold", "ms to the first answer", (OFFICIAL,), (0.80,), Bench.cold, rounds=9),
    Figure("model", "µs to read the page's 200", (OFFICIAL,), (0.10,), Bench.model, rounds=3),
    Figure("weight", "kB installed", (OFFICIAL,), (0.10,), Bench.weight),
)


@frozen
class Result:
    """What was measured of one figure: our value, and each rival's with its goal."""

    figure: Figure
    ours: float
    rivals: tuple[float, ...]

    def lines(self) -> Iterator[str]:
        """The result for people, a line for each rival."""
        for rival, value, goal in zip(
            self.figure.rivals, self.rivals, self.figure.goals, strict=True
        ):
            ratio = self.ours / value
            verdict = "met" if ratio <= goal else "missed"
            yield (
                f"{self.figure.name:7} {self.ours:10.1f} {value:10.1f}  {ratio:5.2f} of "
                f"{rival.name:9} goal {goal:.2f} {verdict:7} {self.figure.unit}"
            )


def measured(bench: Bench, figure: Figure) -> Result:
    """The medians of all contenders, who take turns."""
    contenders = (OURS, *figure.rivals)
    values: dict[Contender, list[float]] = {contender: [] for contender in contenders}
    for _ in range(figure.rounds):
        for contender in contenders:
            values[contender].append(figure.measure(bench, contender))
    ours, *rivals = (statistics.median(values[contender]) for contender in contenders)
    return Result(figure, ours, tuple(rivals))


@contextlib.contextmanager
def benching(count: int) -> Iterator[Bench]:
    """A bench with its server running."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        answer.write_text(json.dumps(load().response_example(200)))
        command = [sys.executable, str(_HERE / "bench_server.py"), str(answer)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            port = server.stdout.readline().strip() if server.stdout else ""
            yield Bench(f"http://127.0.0.1:{port}", answer, count)


def prepare(contender: Contender) -> None:
    """Make a contender's environment, unless it is there already. Raises BenchError."""
    stamp = contender.folder / "stamp"
    wanted = f"{sys.version} {contender.requirements} {_digest() if contender == OURS else ''}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(contender.folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as wheels:
        requirements = contender.requirements or (_wheel(Path(wheels)),)
        _uv("venv", "--quiet", "--python", sys.executable, str(contender.folder))
        python = str(contender.folder / "bin" / "python")
        _uv("pip", "install", "--quiet", "--python", python, *requirements)
    stamp.write_text(wanted)


def _environment() -> dict[str, str]:
    """No proxy, no foreign packages; the probes find what they share."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "scripts")}


def _digest() -> str:
    files = sorted((CLIENT / "datadog_servicenow_tickets").rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _wheel(folder: Path) -> str:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return str(wheel)


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uv", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"uv {arguments[0]} failed:\n{done.stderr}")
