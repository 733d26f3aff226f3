"""How one value is taken: a process is started, does its work, and says or shows what it cost."""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyperf  # type: ignore[import-untyped]  # it has no types
from attrs import define, field

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.target.target import STAND_INS
from upkeep.bench.contenders import (
    CONFORMANCE,
    JAVA_GENERATOR,
    REGENERATE,
    TOOLS,
    BenchError,
    Contender,
    clean_environment,
)
from upkeep.paths import FRAGMENT

_HERE = Path(__file__).parent
_SCRIPTS = _HERE.parents[1]


@define
class Bench:
    """What the contenders meet: servers, answers, and a place to write."""

    contract: Fragment = field(repr=False)
    folder: Path
    quick: bool = False
    _open: contextlib.ExitStack = field(factory=contextlib.ExitStack, init=False)
    _servers: dict[tuple[str, ...], "subprocess.Popen[str]"] = field(factory=dict, init=False)
    _urls: dict[tuple[str, ...], str] = field(factory=dict, init=False)

    @classmethod
    @contextlib.contextmanager
    def running(cls, contract: Fragment, *, quick: bool) -> Iterator["Bench"]:
        """A bench; its servers end with it."""
        with tempfile.TemporaryDirectory() as folder:
            bench = cls(contract, Path(folder), quick)
            with bench._open:
                yield bench

    def timed(self, contender: Contender, loops: int, *work: str) -> float:
        """Seconds of one of the loops of a probe, as pyperf times them: the median of three."""
        output = self.folder / "pyperf.json"
        output.unlink(missing_ok=True)
        count = max(64, loops // 3) if self.quick else loops
        options = ["--worker", "--quiet", f"--loops={count}", "--warmups=1", "--values=3"]
        command = contender.command(*options, f"--output={output}", *work)
        run(command, self.folder, path=(str(_SCRIPTS), str(TOOLS)))
        return float(statistics.median(pyperf.Benchmark.load(str(output)).get_values()))

    def answer(self, findings: int) -> Path:
        """A file with the page's 200, which lists this many findings; none: as the page has it."""
        body: Any = self.contract.response_example(200)
        if findings:
            names = [f"finding-{number:03}" for number in range(findings)]
            body["data"]["attributes"]["insights"] = [
                {
                    "ref": f"/security/findings/{name}",
                    "resource_id": name,
                    "type": "SECURITY_FINDING",
                }
                for name in names
            ]
        path = self.folder / f"answer-{findings}.json"
        path.write_text(json.dumps(body))
        return path

    def answering(self, findings: int) -> str:
        """The address of a server that answers everything with `answer`."""
        return self.server(str(_HERE / "server.py"), str(self.answer(findings)))

    def service(self, attached: str) -> str:
        """The address of the reference service with findings attached."""
        return self.server("-m", "upkeep.bench.service", str(FRAGMENT), attached)

    def server(self, *arguments: str) -> str:
        """The address of a server of ours, which is started when it is not there."""
        if arguments not in self._servers:
            server = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._servers[arguments] = self._open.enter_context(server)
            self._urls[arguments] = server.stdout.readline().strip() if server.stdout else ""
            if not self._urls[arguments]:
                raise BenchError(f"{' '.join(arguments)} did not start")
        return self._urls[arguments]

    def fresh_service(self) -> tuple[str, "subprocess.Popen[str]"]:
        """A reference service with nothing attached, and its process, for one run."""
        return self.fresh("-m", "upkeep.bench.service", str(FRAGMENT), "0")

    def fresh(self, *arguments: str) -> tuple[str, "subprocess.Popen[str]"]:
        """The address of a server of ours that is started anew, and its process."""
        if arguments in self._servers:
            self._servers.pop(arguments).communicate()
        return self.server(*arguments), self._servers[arguments]


def run(
    command: Sequence[str],
    folder: Path,
    path: Sequence[str] = (),
    expected: Sequence[int] = (0,),
) -> int:
    """Run a command in a folder to its end, and give its exit status.

    Raises BenchError for any but the expected ones.
    """
    environment = {**clean_environment(), "PYTHONPATH": os.pathsep.join(path)}
    environment |= {"DD_API_KEY": STAND_INS.api_key, "DD_APP_KEY": STAND_INS.app_key}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode not in expected:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise BenchError(f"{' '.join(command[1:4])} … ended with {done.returncode}: {last}")
    return done.returncode


def process(command: Sequence[str]) -> tuple[float, float]:
    """Milliseconds from the start of a process until it is done, and the megabytes that it took."""
    environment = {**clean_environment(), "PYTHONPATH": str(_SCRIPTS)}
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        if child.stdout is None or child.stdout.readline() != b"done\n":
            raise BenchError(f"{' '.join(command[1:])} failed")
        elapsed = time.perf_counter() - started
        return elapsed * 1e3, float(child.stdout.readline())


def first_answer(bench: Bench, contender: Contender) -> tuple[float, float]:
    """Milliseconds and megabytes of a process that makes one call."""
    command = contender.command("cold", bench.answering(0))
    return process(command)


def codegen(bench: Bench, contender: Contender) -> tuple[float]:
    """Seconds from the fragment to a client's code."""
    output, fragment = str(bench.folder / "rendered"), str(FRAGMENT)
    shutil.rmtree(output, ignore_errors=True)
    if contender == REGENERATE:
        command = ["-P", "-m", "upkeep.codegen.command", "--target", output]
    elif contender == JAVA_GENERATOR:
        if shutil.which("java") is None:
            raise BenchError("openapi-generator needs Java, and java is not in PATH")
        arguments = ["generate", "-g", "python", "-i", fragment, "-o", output]
        command = [str(Path(contender.python).with_name("openapi-generator-cli")), *arguments]
    else:
        options = ["--meta", "none", "--path", fragment, "--output-path", output]
        command = ["-P", "-m", "openapi_python_client", "generate", *options]
    started = time.perf_counter()
    run([contender.python, *command], bench.folder)
    return (time.perf_counter() - started,)


def judging(bench: Bench, contender: Contender, url: str) -> list[str]:
    """The command by which a suite judges a server; it ends with 1 when it finds something."""
    if contender == CONFORMANCE:
        return [sys.executable, "-P", "-m", "servicenow_contract.run.command", "--target", url]
    keys = [f"--header={name}:{value}" for name, value in STAND_INS.headers(bench.contract).items()]
    command = ["-P", "-m", "schemathesis.cli", "run", str(FRAGMENT), f"--url={url}", *keys]
    return [sys.executable, *command, "--generation-database=none", "--continue-on-failure"]


def suite(bench: Bench, contender: Contender) -> tuple[float, float]:
    """Seconds that a suite takes to judge the reference service, and how many requests it sends."""
    url, server = bench.fresh_service()
    started = time.perf_counter()
    # Schemathesis finds the undocumented 403, and addresses that the page leaves open.
    run(judging(bench, contender, url), bench.folder, expected=(0, 1))
    elapsed = time.perf_counter() - started
    return elapsed, float(said(server, ""))


def said(server: "subprocess.Popen[str]", line: str) -> str:
    """The line by which a server of ours answers one on its standard input."""
    if not (server.stdin and server.stdout):
        raise BenchError("the server has no pipes")
    print(line, file=server.stdin, flush=True)
    return server.stdout.readline().strip()
