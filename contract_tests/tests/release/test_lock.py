"""The lock holds what the packages ask for, and its published faults are looked up."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.release.snapshot import snapshot
from upkeep.paths import LOCK, ROOT
from upkeep.release import lock


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the lock and of what it is made from."""
    root = snapshot(tmp_path / "root", *lock.PROJECTS, "scripts")
    monkeypatch.setattr(lock, "ROOT", root)
    monkeypatch.setattr(lock, "LOCK", root / LOCK.relative_to(ROOT))
    return root


def test_fits(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock of this repository holds everything that is asked for."""
    assert list(lock.lagging(root)) == []
    assert lock.main(["--check"]) == 0
    assert capsys.readouterr().out == "nothing is wrong with scripts/requirements.lock\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("pyproject.toml", '"rich>=14"', '"rich>=99"', "holds rich "),
        ("pyproject.toml", '"ruff==0.17.6"', '"ruff==0.17.5"', "holds ruff 0.17.6"),
        ("pyproject.toml", '"rich>=14"', '"rich>=14", "un-locked"', "has no un-locked"),
        ("generated_client/pyproject.toml", '"attrs>=24.2"', '"Attrs<1"', "holds Attrs "),
        ("scripts/requirements.lock", "rich==", "richer==", "has no rich"),
    ],
)
def test_lags(
    root: Path, file: str, old: str, new: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is asked for and not in the lock is named, of dependencies and of groups."""
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new, 1))
    assert lock.main(["--check"]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(f"requirements.lock {told}")
    assert line.endswith("; run ./scripts/lock")


class _Database(BaseHTTPRequestHandler):
    known: dict[str, list[str]]
    answer: bytes | None

    def do_POST(self) -> None:
        """Answer what is known of each version."""
        queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        found = [self.known.get(f"{q['package']['name']} {q['version']}") for q in queries]
        results = [{"vulns": [{"id": each} for each in ids]} if ids else {} for ids in found]
        body = self.answer or json.dumps({"results": results}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Database]]:
    """A database of faults on this machine, which knows none."""
    _Database.known, _Database.answer = {}, None
    with HTTPServer(("127.0.0.1", 0), _Database) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setattr(lock, "FAULTS", f"http://127.0.0.1:{server.server_port}/")
        yield _Database
        server.shutdown()
        thread.join()


def test_faults(database: type[_Database], capsys: pytest.CaptureFixture[str]) -> None:
    """A version with a published fault is named with it; one without is not."""
    assert lock.main(["--faults"]) == 0
    version = lock.pins(ROOT)["rich"]
    database.known = {f"rich {version}": ["A-1", "A-2"], "rich 0": ["A-3"]}
    capsys.readouterr()
    assert lock.main(["--faults"]) == 1
    told = f"rich {version}: A-1, A-2; ./scripts/lock --upgrade-package rich\n"
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"results": [1]}', b'{"results": []}'])
def test_no_answer(
    database: type[_Database], answer: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """An answer that says nothing certain is trouble: no fault is passed over."""
    database.answer = answer
    assert lock.main(["--faults"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("lock: http://127.0.0.1:")
    assert said.err.count("\n") == 1
