"""What the tests of the reference service share: one good request, and the service as a command."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.service import Request
from servicenow_contract.target.target import STAND_INS
from tests.contract import FRAGMENT

HEADERS = {"Content-Type": "application/json", **STAND_INS.headers(FRAGMENT)}
COMMAND = (sys.executable, "-m", "servicenow_contract.service.command")
_BODY = json.dumps(attach_body(DEFAULT_WORLD.tickets[0], ["finding-001"], DEFAULT_WORLD.project))
BODY = _BODY.encode()
"""A body that is answered 200."""


def request(**changes: Any) -> Request:
    """A request that is answered 200, but for the changes."""
    contract = FRAGMENT
    parts = {"method": contract.method, "path": contract.path, "headers": HEADERS, "body": BODY}
    return Request(**{**parts, **changes})


def send(client: httpx.Client, **changes: Any) -> httpx.Response:
    """Send a request that is answered 200, but for the changes."""
    contract = FRAGMENT
    parts = {"content": BODY, "headers": HEADERS, **changes}
    return client.request(contract.method, contract.path, **parts)


@contextlib.contextmanager
def serve(*options: str, stop: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """`serve` in a process of its own; gives its address, and holds that it ends in order."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().split()
            assert line[:1] == ["serving"], process.communicate()
            assert process.stdout.readline() == f"{line[1]}/__world shows what it holds\n"
            yield line[1]
        finally:
            process.send_signal(stop)
            out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def refused(*options: str) -> str:
    """What `serve` says on standard error when it refuses these options, one sentence, with 2."""
    done = subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 2, done
    [line] = done.stderr.splitlines()
    return line
