"""Both wheels: made of a commit alone, the same bytes every time, with what they need inside."""

import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from servicenow_contract.contract import fragment
from tests.release.snapshot import DAY, commit, git
from upkeep.paths import ROOT
from upkeep.release import build
from upkeep.release.git import Commit
from upkeep.release.lock import pins
from upkeep.release.sbom import distribution, sbom

SPOILED = "generated_client/datadog_servicenow_tickets/_version.py"


def _names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def test_two_builds(
    repository: Path,
    wheels: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another clone, another day, umask, time zone and settings of git give the same bytes.

    The command prints the commit, then each wheel with its size and digest.
    """
    other = tmp_path / "a deeper place" / "clone"
    clone = ("git", "clone", "--quiet", "--config", "core.autocrlf=true", repository, other)
    subprocess.run(clone, check=True, capture_output=True)
    git(other, "remote", "set-url", "origin", "https://user:token@git.invalid/elsewhere.git")
    for path in other.rglob("*"):
        os.utime(path, (time.time() + 10**6,) * 2)
    (other / "dist").mkdir()
    (other / "dist" / "stray.py").touch()
    (other / "generated_client" / "datadog_servicenow_tickets" / "__pycache__").mkdir()
    for name, value in {
        "SOURCE_DATE_EPOCH": "86400",
        "TZ": "Asia/Tokyo",
        "HATCH_BUILD_HOOKS_ENABLE": "true",
        "PYTHONHASHSEED": "7",
    }.items():
        monkeypatch.setenv(name, value)
    before = os.umask(0o077)
    try:
        code = build.main(["--root", str(other), "--out", str(tmp_path / "out")])
    finally:
        os.umask(before)
    assert code == 0
    again = [tmp_path / "out" / wheel.name for wheel in wheels]
    assert [each.read_bytes() for each in again] == [each.read_bytes() for each in wheels]
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"commit {Commit.of(repository).name}"
    for line, path in zip(lines, again, strict=True):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert line == f"{path}  {path.stat().st_size} bytes  sha256:{digest}"


def test_times_and_modes(wheels: tuple[Path, Path]) -> None:
    """Every file in the wheels has the time of the commit, and belongs to nobody in particular."""
    when = datetime.fromisoformat(DAY).astimezone(UTC).timetuple()[:6]
    for wheel in wheels:
        files = zipfile.ZipFile(wheel).infolist()
        assert {(file.date_time, file.external_attr >> 16 & 0o777) for file in files} == {
            (when, 0o644)
        }


def test_client_holds_code_only(wheels: tuple[Path, Path]) -> None:
    """The client's wheel holds modules, the type marker and metadata; no test, template, script."""
    client, _ = wheels
    kinds = Counter(
        name.rpartition("/")[2] if ".dist-info/" in name else Path(name).suffix or name
        for name in _names(client)
    )
    modules = kinds.pop(".py")
    assert kinds == {".typed": 1, "METADATA": 1, "WHEEL": 1, "RECORD": 1, "entry_points.txt": 1}
    package = ROOT / "generated_client" / "datadog_servicenow_tickets"
    assert modules == sum(1 for _ in package.rglob("*.py"))
    folders = {name.split("/")[0] for name in _names(client)}
    assert folders == {
        "datadog_servicenow_tickets",
        f"{'-'.join(client.name.split('-')[:2])}.dist-info",
    }
    assert not any("test" in name or "conftest" in name for name in _names(client))


def test_kit_holds_its_data(wheels: tuple[Path, Path]) -> None:
    """The kit's wheel holds every file of its package that is committed, and the contract's."""
    _, kit = wheels
    package = ROOT / "contract_tests" / "servicenow_contract"
    expected = {
        f"servicenow_contract/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    } | {f"servicenow_contract/openapi/{path.name}" for path in fragment.folder().iterdir()}
    assert {name for name in _names(kit) if ".dist-info/" not in name} == expected


def test_where_they_belong(wheels: tuple[Path, Path]) -> None:
    """Public registries refuse both wheels, which claim no licence that nobody gave, and no URL."""
    assert not [*ROOT.glob("LICEN*"), *ROOT.glob("COPYING*")]
    for wheel in wheels:
        said = distribution(wheel).metadata
        assert "Private :: Do Not Upload" in said.get_all("Classifier", [])
        assert said.get_all("License-Expression") == ["LicenseRef-No-Licence-Given"]
        assert said.get_all("Project-URL") is None
        assert said.get_all("Home-page") is None


def test_bill_of_materials(repository: Path, wheels: tuple[Path, Path]) -> None:
    """Beside each wheel stands all that it needs, with versions, and the digest of the wheel."""
    seconds = Commit.of(repository).seconds
    for wheel in wheels:
        text = wheel.with_suffix(".cdx.json").read_bytes()
        assert text == sbom(wheel, seconds)
        said = json.loads(text)
        own = said["metadata"]["component"]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        assert own["hashes"] == [{"alg": "SHA-256", "content": digest}]
        assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", "1.6")
        held = {each["name"]: each["version"] for each in said["components"]}
        asked = {canonicalize_name(Requirement(r).name) for r in distribution(wheel).requires or ()}
        assert asked <= held.keys()
        assert held.items() <= pins(ROOT).items()
        needs = {each["ref"]: each["dependsOn"] for each in said["dependencies"]}
        assert {own["purl"], *itertools.chain(*needs.values())} == needs.keys()


def test_commit_is_stamped(repository: Path, wheels: tuple[Path, Path]) -> None:
    """The client's wheel names the commit that it was built from."""
    code = zipfile.ZipFile(wheels[0]).read("datadog_servicenow_tickets/_commit.py").decode()
    [name] = re.findall(r'^COMMIT = "(.*)"$', code, re.MULTILINE)
    assert name == Commit.of(repository).name
    assert re.fullmatch("[0-9a-f]{40}", name)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda root: (root / "README.md").write_text("changed"), "README.md"),
        (lambda root: (root / SPOILED).unlink(), SPOILED),
        (lambda root: (root / "generated_client" / "stray.py").touch(), "stray.py"),
        (lambda root: [(root / f"{number}").touch() for number in range(5)], "and 2 more"),
    ],
    ids=["changed", "deleted", "untracked", "many"],
)
def test_dirty_tree(
    repository: Path,
    tmp_path: Path,
    spoil: Callable[[Path], object],
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A tree that holds what is in no commit is refused in one line, and nothing is written."""
    root, out = tmp_path / "root", tmp_path / "out"
    shutil.copytree(repository, root)
    spoil(root)
    assert build.main(["--root", str(root), "--out", str(out)]) == 2
    told = capsys.readouterr()
    assert named in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not out.exists()


def test_package_that_cannot_be_built(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When one wheel cannot be made, the other is not written either, and old ones stay."""
    root, out = tmp_path / "root", tmp_path / "out"
    shutil.copytree(repository, root)
    project = root / "pyproject.toml"
    project.write_text(project.read_text().replace('dynamic = ["version"]', "version = 1", 1))
    commit(root)
    out.mkdir()
    (out / "of-yesterday.whl").touch()
    assert build.main(["--root", str(root), "--out", str(out)]) == 2
    assert [path.name for path in out.iterdir()] == ["of-yesterday.whl"]
    assert "version" in capsys.readouterr().err


def test_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside a repository, and where there is no git, one line says so."""
    assert build.main(["--root", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "not a git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build.main(["--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("build: git cannot be run:")
