"""The command that tries the wheels: which Pythons it finds, what it says, and how it ends."""

import os
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract import FRAGMENT
from upkeep.paths import CLIENT, ROOT, TESTS
from upkeep.release import installed, interpreters, wheels

OURS = "{}.{}".format(*sys.version_info)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A folder with two files that are called as the wheels are."""
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in ("datadog_servicenow_tickets", "servicenow_tickets_contract"):
        (folder / f"{name}-1.0.0-py3-none-any.whl").touch()
    return folder


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Which wheels were installed with which versions of their needs; nothing really is."""
    made: list[tuple[str, ...]] = []

    def environment(_folder: Path, _python: Path, chosen: list[Path], resolution: str) -> Path:
        made.append((resolution, *(wheel.name.split("_")[0] for wheel in chosen)))
        return Path(sys.executable)

    monkeypatch.setattr(installed, "environment", environment)
    return made


def _trials(monkeypatch: pytest.MonkeyPatch, trouble: str) -> None:
    every = wheels.trials(FRAGMENT)
    quick = [wheels.WheelTrial(each.name, each.wheels, lambda _: trouble) for each in every]
    monkeypatch.setattr(wheels, "trials", lambda _: quick)


def test_all_hold(
    dist: Path,
    tried: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each wheel alone and both together are tried with the lowest and the newest needs."""
    _trials(monkeypatch, "")
    assert wheels.main(["--dist", str(dist), "--python", OURS]) == 0
    combinations = [("datadog",), ("servicenow",), ("datadog", "servicenow")]
    assert tried == [(each, *pair) for each in ("lowest", "newest") for pair in combinations]
    assert capsys.readouterr().out.endswith("\nboth wheels hold\n")


@pytest.mark.usefixtures("tried")
def test_one_fails(
    dist: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What goes wrong in a trial is printed, and the command ends with 1."""
    _trials(monkeypatch, "the reason")
    options = ["--dist", str(dist), "--python", OURS, "--resolution", "newest"]
    assert wheels.main(options) == 1
    out = capsys.readouterr().out
    assert out.count("the reason") == 3
    assert out.endswith("failed: 3 trials\n")


@pytest.mark.usefixtures("tried")
def test_python_that_is_not_here(
    dist: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Python that the machine lacks is said; with --strict, or with none left, it ends there."""
    _trials(monkeypatch, "")
    options = ["--dist", str(dist), "--python", OURS, "--python", "3.99"]
    assert wheels.main(options) == 0
    assert "this machine has no Python 3.99: not tried there\n" in capsys.readouterr().out
    assert wheels.main([*options, "--strict"]) == 2
    assert wheels.main(["--dist", str(dist), "--python", "3.99"]) == 2
    assert capsys.readouterr().err.count("wheels: this machine has no Python 3.99; install") == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda dist: next(dist.iterdir()).unlink(),
        lambda dist: (dist / "datadog_servicenow_tickets-2.0.0-py3-none-any.whl").touch(),
    ],
    ids=["one missing", "two versions"],
)
def test_wheels_that_are_not_two(
    dist: Path, spoil: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without one wheel of each is refused in one line."""
    spoil(dist)
    assert wheels.main(["--dist", str(dist), "--python", OURS]) == 2
    assert re.fullmatch(r"wheels: .* has [02] files .*; it needs one\n", capsys.readouterr().err)


def test_needs_that_cannot_be_had(
    dist: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An environment that cannot be made is trouble, not a failure of the wheels."""
    monkeypatch.setattr(installed, "environment", _refuse)
    assert wheels.main(["--dist", str(dist), "--python", OURS]) == 2
    assert "wheels: uv pip failed" in capsys.readouterr().err


def _refuse(*_: object) -> Path:
    raise installed.InstallError("uv pip failed: no index")


def test_promised_pythons() -> None:
    """The client's classifiers name every Python from the least that it requires to the last."""
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())
    promised = interpreters.promised()
    assert project["project"]["requires-python"] == f">={promised[0]}"
    minors = [int(each.removeprefix("3.")) for each in promised]
    assert minors == [*range(minors[0], minors[-1] + 1)]


def test_past_a_shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shim that refuses to run, or runs another version, is passed over for one that runs."""
    real = tmp_path / "pyenv" / "versions" / f"{OURS}.1" / "bin" / f"python{OURS}"
    other = tmp_path / "pyenv" / "versions" / f"{OURS}.2" / "bin" / f"python{OURS}"
    shim = tmp_path / "shims" / f"python{OURS}"
    for path, text in (
        (real, f'exec {sys.executable} "$@"'),
        (other, "echo 2.7"),
        (shim, "exit 127"),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    monkeypatch.setattr(os, "get_exec_path", lambda: [str(shim.parent)])
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert interpreters.find(OURS) == real


def test_which_tests_run_there() -> None:
    """Of the client's tests, each that needs neither the repository nor its tools runs there."""
    for chosen in installed.TESTS:
        assert (TESTS / chosen).exists()
    for path in (TESTS / "client").rglob("*.py"):
        needs = re.search(r"\bROOT\b|\bupkeep\b", path.read_text())
        assert bool(needs) <= path.is_relative_to(TESTS / installed.OF_THE_SOURCES), path
    assert os.access(ROOT / "scripts" / "wheels", os.X_OK)
