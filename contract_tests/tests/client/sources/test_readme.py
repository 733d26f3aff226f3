"""The README of the wheel: what it shows is true."""

import ast
import inspect
import json
import re
from pathlib import Path

import httpcore2
import pytest

from datadog_servicenow_tickets import Client, errors, retry
from tests.client.calls import API_KEY, APP_KEY, CASE
from upkeep.bench.figures import FIGURES
from upkeep.paths import ROOT, TESTS

README = (ROOT / "generated_client" / "README.md").read_text()


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", _rows("Beside the alternatives"), ids=lambda row: row[0])
def test_every_cell_is_held(row: list[str]) -> None:
    """Each cell of ours names tests that exist, or a figure of the bench."""
    _are_held(row[2])


@pytest.mark.parametrize("row", _rows("Promises"), ids=lambda row: row[0][:40])
def test_every_promise_is_held(row: list[str]) -> None:
    """So does each promise."""
    _are_held(row[1])


def _are_held(cell: str) -> None:
    held = re.findall(r"`([^`]+)`", cell)
    assert held
    for name in held:
        if name.startswith("./scripts/bench --only "):
            assert name.removeprefix("./scripts/bench --only ") in {
                figure.name for figure in FIGURES
            }
        else:
            file, _, test = name.partition("::")
            assert test in _tests(TESTS / file)


def test_arguments() -> None:
    """The table of arguments has each argument of a client."""
    named = {
        name for row in _rows("Arguments of a client") for name in re.findall(r"`(\w+)`", row[0])
    }
    options = inspect.signature(Client).parameters
    assert named == set(options)


def test_defaults() -> None:
    """The numbers of that table, and those of the retries, are what the client starts with."""
    options = inspect.signature(Client).parameters
    times = options["timeout"].default
    shown = {row[0].strip("`"): row[1] for row in _rows("Arguments of a client")}
    assert shown["timeout"] == f"{times.connect:g} s to connect, {times.read:g} s to read"
    assert shown["deadline"] == f"{options['deadline'].default:g} s"
    assert shown["max_retries"] == str(options["max_retries"].default)
    assert shown["max_retry_wait"] == f"{options['max_retry_wait'].default:g} s"
    section = " ".join(README.split("## Retries\n")[1].split("\n## ")[0].split())
    ranges = re.search(r"and (408, 500, .*?)\. ", section)
    assert ranges
    named = set[int]()
    for first, last in re.findall(r"(\d{3})(?: to (\d{3}))?", ranges[1]):
        named |= {*range(int(first), int(last or first) + 1)}
    assert named == retry.DOUBTFUL
    waits = [retry.FIRST_BACKOFF * 2**turn for turn in range(5)]
    assert waits[-1] == retry.LONGEST_BACKOFF
    assert f"up to {', '.join(f'{each:g}' for each in waits)}, 8 …" in section
    assert (retry.ON_TOP, "up to a tenth on top" in section) == (0.1, True)


def test_tree() -> None:
    """The tree has each class where the module draws it, with the statuses that it stands for."""
    pattern = re.compile(r"^ *([ │├└─]*[A-Z]\w+Error)(?: +(\d{3})(?: to (\d{3}))?$)?", re.MULTILINE)
    ours = pattern.findall(README.split("## Errors\n")[1].split("## Retries")[0])
    assert ours == pattern.findall(errors.__doc__ or "")
    shown = {range(int(a), int(b or a) + 1): name.strip(" │├└─") for name, a, b in ours if a}
    known = {n: errors.APIError.for_status(n).__name__ for n in range(300, 600)}
    told = {n: name for statuses, name in shown.items() for n in statuses}
    assert {**dict.fromkeys(known, errors.UnexpectedStatusError.__name__), **told} == known


def test_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example runs as it stands."""
    monkeypatch.setenv("DD_API_KEY", API_KEY)
    monkeypatch.setenv("DD_APP_KEY", APP_KEY)
    hosts: list[bytes] = []

    def answer(_: object, request: httpcore2.Request) -> httpcore2.Response:
        hosts.append(request.url.host)
        return httpcore2.Response(200, content=json.dumps(CASE).encode())

    monkeypatch.setattr(httpcore2.ConnectionPool, "handle_request", answer)
    code, *_ = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(code, {})  # noqa: S102  # our own README
    assert hosts == [b"api.datadoghq.eu"]
