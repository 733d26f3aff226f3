"""What `serve` has for people who try it: keys of their own, CORS, a line a request, its world."""

import os
import pty
import re
import subprocess
from collections.abc import Iterable

import httpx
import pytest

from servicenow_contract.service import PORT, Service, State
from servicenow_contract.service.state import limited_keys
from tests.contract import FRAGMENT
from tests.service.calls import COMMAND, HEADERS, request, send, serve

API, APP = FRAGMENT.key_headers["apiKeyAuth"], FRAGMENT.key_headers["appKeyAuth"]


def _status(service: Service, api_key: str, app_key: str) -> int:
    return service(request(headers={**HEADERS, API: api_key, APP: app_key})).status


def test_keys() -> None:
    """Only the pairs that are named open it; every other pair, and none, is answered 401."""
    service = Service(State(FRAGMENT))
    service.open_to("a", "b")
    service.open_to("c", "d")
    assert _status(service, "a", "b") == _status(service, "c", "d") == 200
    assert {_status(service, *pair) for pair in [("a", "d"), ("x", "b"), ("a", ""), ("", "")]} == {
        401
    }


def test_permission_behind_known_keys() -> None:
    """An application key without permission is 403 with an API key that opens it, else 401."""
    service = Service(State(FRAGMENT))
    service.open_to("a", "b")
    [without, *_] = limited_keys(FRAGMENT)
    assert _status(service, "a", without) == 403
    assert _status(service, "x", without) == 401


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "x"])
def test_content_coding(coding: str) -> None:
    """A body with a content coding is refused with 415, which names what is taken instead."""
    answer = Service(State(FRAGMENT))(request(headers={**HEADERS, "Content-Encoding": coding}))
    assert (answer.status, answer.headers["accept-encoding"]) == (415, "identity")


def test_no_content_coding() -> None:
    """`identity` is none."""
    headers = {**HEADERS, "Content-Encoding": " Identity "}
    assert Service(State(FRAGMENT))(request(headers=headers)).status == 200


def test_world() -> None:
    """GET /__world shows, in lines, each ticket with its case and findings, and changes nothing."""
    with serve() as url, httpx.Client(base_url=url) as client:
        before = client.get("/__world").json()
        case = send(client).json()["data"]
        shown = client.get("/__world")
    after = shown.json()
    assert shown.text.count("\n") > len(after["knows"]["findings"])
    assert before["held"] == []
    [held] = after["held"]
    assert held["case"]["id"] == case["id"]
    assert held["findings"] == ["finding-001"]
    assert after["knows"] == before["knows"]


def test_cors() -> None:
    """With --cors a page may send the request that a browser asks about first."""
    ask = {"Origin": "https://example.com", "Access-Control-Request-Method": FRAGMENT.method}
    with serve("--cors") as url, httpx.Client(base_url=url) as client:
        allowed = client.options(FRAGMENT.path, headers=ask)
        answer = send(client)
    assert allowed.status_code == 200
    assert FRAGMENT.method in allowed.headers["access-control-allow-methods"]
    assert set(map(str.lower, HEADERS)) <= set(
        allowed.headers["access-control-allow-headers"].lower().split(", ")
    )
    assert answer.headers["access-control-allow-origin"] == "*"


def test_no_cors_unasked() -> None:
    """Without it no page may."""
    ask = {"Origin": "https://example.com", "Access-Control-Request-Method": FRAGMENT.method}
    with serve() as url, httpx.Client(base_url=url) as client:
        assert client.options(FRAGMENT.path, headers=ask).status_code == 405
        assert "access-control-allow-origin" not in send(client).headers


@pytest.mark.parametrize("quiet", [(), ("--quiet",)], ids=["lines", "quiet"])
def test_lines(quiet: tuple[str, ...]) -> None:
    """On a terminal each request is a line with its gist, no key in it; --quiet prints none."""
    ours, theirs = pty.openpty()
    command = [*COMMAND, "--port", "0", "--key", "a", "hidden", "--fault", "reset,at=3", *quiet]
    with subprocess.Popen(command, stdout=theirs) as process, os.fdopen(ours) as terminal:
        url = terminal.readline().split()[1]
        terminal.readline()
        with httpx.Client(base_url=url) as client:
            send(client, headers={**HEADERS, API: "a", APP: "hidden"})
            send(client)
            with pytest.raises(httpx.ReadError):
                send(client)
        process.terminate()
        process.wait(timeout=10)
        os.close(theirs)
        lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", line.strip()) for line in _rest(terminal)]
    asked = f"{FRAGMENT.method} {FRAGMENT.path}"
    expected = [f"{asked} 200  AEAD-1: 1 finding", f"{asked} 401  Unauthorized"]
    assert lines == ([] if quiet else [*expected, f"{asked} 401 reset  Unauthorized"])


def _rest(terminal: Iterable[str]) -> list[str]:
    """All that is left; a terminal whose other end is closed ends with an error on Linux."""
    lines: list[str] = []
    try:
        for line in terminal:
            lines.append(line)  # noqa: PERF402  # keeps what came before the error
    except OSError:
        pass
    return lines


def test_port_of_nobody_else() -> None:
    """The default port is neither of those that Datadog's agent listens on."""
    assert PORT not in (8125, 8126)
