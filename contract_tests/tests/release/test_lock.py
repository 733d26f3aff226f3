"""The lock holds what the packages ask for, and its published faults are looked up."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from servicenow_contract.service import Request, Response
from servicenow_contract.service.asgi import running
from tests.release.snapshot import snapshot
from upkeep.paths import KIT_NAMES, LOCK, ROOT
from upkeep.release import lock

NAMES = KIT_NAMES.relative_to(ROOT)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the lock and of what it is made from."""
    root = snapshot(tmp_path / "root", *lock.PROJECTS, "scripts")
    monkeypatch.setattr(lock, "ROOT", root)
    monkeypatch.setattr(lock, "LOCK", root / LOCK.relative_to(ROOT))
    monkeypatch.setattr(lock, "KIT_NAMES", root / NAMES)
    return root


class Uv:
    """Stands for uv, which needs an index: writes one package more into what it is to write."""

    def __init__(self, *, can_do_kit: bool) -> None:
        self.can_do_kit = can_do_kit
        self.runs: list[tuple[str, ...]] = []

    def ran(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """What a run of `uv pip compile` in a folder gives."""
        assert (cwd / "pyproject.toml").exists()
        self.runs.append(command)
        if "--group=judge" in command and not self.can_do_kit:
            return subprocess.CompletedProcess(command, 1, "", "no\nsolution")
        [out] = [Path(each.partition("=")[2]) for each in command if "--output-file" in each]
        before = out.read_text() if out.exists() else "rich==1\n"
        out.write_text(f"{before}zlib-ng==1 ; sys_platform == 'none'\n")
        return subprocess.CompletedProcess(command, 0, "", "")


def test_writing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock keeps what it has, and the kit's names are those that the same versions give."""
    before = lock.pins(root)
    uv = Uv(can_do_kit=True)
    monkeypatch.setattr(lock, "ran", uv.ran)
    assert lock.main(["--upgrade-package", "rich"]) == 0
    assert lock.pins(root) == {**before, "zlib-ng": "1"}
    assert (root / NAMES).read_text() == "rich\nzlib-ng\n"
    all_of_it, kit = uv.runs
    assert "--upgrade-package=rich" in all_of_it
    [out] = [each for each in all_of_it if "--output-file" in each]
    assert out.replace("--output-file", "--constraint") in kit


def test_what_cannot_be_written_is_left(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When uv finds no solution, its reason is one sentence, and both files stay."""
    before = lock.pins(root), (root / NAMES).read_text()
    monkeypatch.setattr(lock, "ran", Uv(can_do_kit=False).ran)
    assert lock.main([]) == 2
    assert capsys.readouterr().err == "lock: uv cannot lock: no solution\n"
    assert (lock.pins(root), (root / NAMES).read_text()) == before


def test_fits(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock of this repository holds everything that is asked for."""
    assert list(lock.lagging(root)) == []
    assert lock.main(["--check"]) == 0
    assert capsys.readouterr().out == "nothing is wrong with scripts/requirements.lock\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("pyproject.toml", '"rich>=14"', '"rich>=99"', "requirements.lock holds rich "),
        (
            "pyproject.toml",
            '"ruff==0.17.6"',
            '"ruff==0.17.5"',
            "requirements.lock holds ruff 0.17.6",
        ),
        (
            "pyproject.toml",
            '"rich>=14"',
            '"rich>=14", "un-locked"',
            "requirements.lock has no un-locked",
        ),
        (
            "generated_client/pyproject.toml",
            '"attrs>=24.2"',
            '"Attrs<1"',
            "requirements.lock holds Attrs ",
        ),
        ("scripts/requirements.lock", "rich==", "richer==", "requirements.lock has no rich"),
        ("scripts/kit.names", "rich\n", "", "kit.names has no rich, which the kit needs"),
        (
            "scripts/kit.names",
            "rich\n",
            "rich\nruff\n",
            "kit.names has ruff, which the kit does not",
        ),
        ("pyproject.toml", '"rich>=14"', '"rich>=14", "ruff"', "kit.names has no ruff, which"),
    ],
)
def test_lags(
    root: Path, file: str, old: str, new: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is asked for and not in the lock is named, of dependencies and of groups.

    So is what kit.names lacks of the kit's needs, or has beyond them.
    """
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new, 1))
    assert lock.main(["--check"]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(told)
    assert line.endswith("; run ./scripts/lock")


class Database:
    """A database of faults on this machine, which knows none."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {}
        self.instead = b""
        """What it answers whatever it is asked; nothing, when it answers rightly."""

    def __call__(self, request: Request) -> Response:
        """Answer what is known of each version."""
        queries = json.loads(request.body)["queries"]
        found = [self.known.get(f"{q['package']['name']} {q['version']}") for q in queries]
        results = [{"vulns": [{"id": each} for each in ids]} if ids else {} for ids in found]
        return Response(200, {}, self.instead or json.dumps({"results": results}).encode())


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database that `lock` asks."""
    made = Database()
    with running(made) as url:
        monkeypatch.setattr(lock, "FAULTS", f"{url}/")
        yield made


def test_faults(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """A version with a published fault is named with it; one without is not."""
    assert lock.main(["--faults"]) == 0
    version = lock.pins(ROOT)["rich"]
    database.known = {f"rich {version}": ["A-1", "A-2"], "rich 0": ["A-3"]}
    capsys.readouterr()
    assert lock.main(["--faults"]) == 1
    told = f"rich {version}: A-1, A-2; ./scripts/lock --upgrade-package rich\n"
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"results": [1]}', b'{"results": []}'])
def test_no_answer(database: Database, answer: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer that says nothing certain is trouble: no fault is passed over."""
    database.instead = answer
    assert lock.main(["--faults"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("lock: http://127.0.0.1:")
    assert said.err.count("\n") == 1
