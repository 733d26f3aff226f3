"""Mocks and frameworks of others, each made of our fragment and judged through a socket.

Nobody here wrote them, so that what the suite says of them shows whether it is fair.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from upkeep.bench.contenders import ENVIRONMENTS, BenchError, Contender, clean_environment, prepare
from upkeep.command import ran

NAME = "strangers"
_PATIENCE = 60.0
"""Seconds until a server has to listen."""


def _of_npm(package: str, program: str) -> str:
    """A program of an npm package, which is installed when it is not there. Raises BenchError."""
    folder = ENVIRONMENTS / program
    found = folder / "node_modules" / ".bin" / program
    if not found.exists():
        if (npm := shutil.which("npm")) is None:
            raise BenchError(f"{package} needs npm, and npm is not in PATH")
        folder.mkdir(parents=True, exist_ok=True)
        done = ran(npm, "install", "--no-audit", "--no-fund", "--prefix", folder, package)
        if done.returncode:
            said = (done.stderr.strip() or "it said nothing").splitlines()[0]
            raise BenchError(f"npm could not install {package}: {said[:300]}")
    return str(found)


def _prism(fragment: str, port: str) -> list[str]:
    return [_of_npm("@stoplight/prism-cli", "prism"), "mock", "-p", port, fragment]


def _mockoon(fragment: str, port: str) -> list[str]:
    program = _of_npm("@mockoon/cli", "mockoon-cli")
    return [program, "start", "--data", fragment, "--port", port, "--disable-log-to-file"]


def _connexion(fragment: str, port: str) -> list[str]:
    prepare("connexion")
    return Contender("connexion", "connexion", "connexion_mock").command(fragment, port)


STRANGERS: Mapping[str, Callable[[str, str], Sequence[str]]] = {
    "@stoplight/prism-cli": _prism,
    "@mockoon/cli": _mockoon,
    "connexion": _connexion,
}
"""Each by the name of its package: the command that serves a fragment at a port."""


def told(
    document: Mapping[str, Any],
    only: Mapping[str, Callable[[str, str], Sequence[str]]] = STRANGERS,
) -> int:
    """Judge what each makes of a fragment's document, and print what was said.

    Returns 0, 1 when there was an error of the suite, and 2 when one was absent.
    """
    status = 0
    for name, command in only.items():
        try:
            record = _judged(command, document)
        except BenchError as error:
            status = 2
            print(f"{name}: absent: {error}", flush=True)
            continue
        errors = [each["id"] for each in record["requirements"] if each["verdict"] == "error"]
        errors += record["trouble"]
        status = max(status, int(bool(errors)))
        print(f"{name}: exit {record['exit_code']}, {len(errors)} errors: {record['sentence']}")
        for line in (*errors, *_failed(record)):
            print(f"  {line}", flush=True)
    return status


def _failed(record: Mapping[str, Any]) -> Iterator[str]:
    """Each MUST that fails, and the first reason."""
    for each in record["requirements"]:
        if each["verdict"] == "fail" and each["level"] == "MUST":
            yield f"{each['id']}: {each['reasons'][0][:200]}"


def _judged(
    command: Callable[[str, str], Sequence[str]], document: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The record of a run against a fresh server. Raises BenchError when there is none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fragment = folder / "fragment.json"
        fragment.write_text(json.dumps(document), encoding="utf-8")
        with _serving(command, str(fragment), folder) as url:
            report = folder / "report"
            suite = (sys.executable, "-P", "-m", "servicenow_contract.run.command")
            ran(*suite, "--target", url, "--report", report)
            record: Mapping[str, Any] = json.loads((report / "verdict.json").read_text())
            return record


@contextlib.contextmanager
def _serving(
    command: Callable[[str, str], Sequence[str]], fragment: str, folder: Path
) -> Iterator[str]:
    """The address of a server that runs as long as this. Raises BenchError when it does not."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    log = folder / "server.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            command(fragment, str(address[1])),
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**clean_environment(), "HOME": str(folder)},
        ) as server,
    ):
        try:
            until = time.monotonic() + _PATIENCE
            while not _listens(address):
                if server.poll() is not None or time.monotonic() > until:
                    said = (log.read_text().strip() or "it said nothing").splitlines()[-1]
                    raise BenchError(f"it did not start: {said[:300]}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            server.terminate()


def _listens(address: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(address, 1):
        return True
    return False
