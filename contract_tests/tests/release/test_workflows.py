"""The workflows call scripts only, pin their actions, and keep keys where they belong."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from servicenow_contract.contract.fragment import Fragment
from tests.commands import help_of
from upkeep import check
from upkeep.paths import ROOT, SCRIPTS
from upkeep.release import interpreters

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.iterdir())
COMMAND = re.compile(r"\./scripts/[a-z-]+( [a-z./0-9-]+| (--[a-z]+=)?\"\$[A-Z_]+\")*")
PINNED = re.compile(r"uses: (actions/[a-z-]+)@([0-9a-f]{40})  # v\d+\.\d+\.\d+")


def _text(path: Path) -> str:
    return path.read_text()


def _jobs(path: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(path.read_text())["jobs"]
    return jobs


def _steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in _jobs(path).values():
        yield from job["steps"]


def _runs(path: Path) -> list[str]:
    """What is run, but for taking what an earlier run left, which is GitHub's own affair."""
    runs = [step["run"] for step in _steps(path) if "run" in step]
    return [line for line in runs if not line.startswith("gh run download ")]


def test_names() -> None:
    """There are five, each named as its file."""
    names = [yaml.safe_load(path.read_text())["name"] for path in FILES]
    assert names == ["check", "live", "nightly", "regenerate", "release"]
    assert [path.name for path in FILES] == [f"{name}.yml" for name in names]
    section = (SCRIPTS / "README.md").read_text().split("## What CI does\n")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_scripts(path: Path) -> None:
    """Each line calls one executable of scripts/, with options that it has."""
    assert _runs(path)
    for line in _runs(path):
        assert COMMAND.fullmatch(line), line
        script, *options = shlex.split(line)
        assert os.access(ROOT / script, os.X_OK), script
        told = help_of(script)
        for option in options:
            if option.startswith("-"):
                assert re.search(rf"{re.escape(option.split('=')[0])}\b", told), line


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pinned(path: Path) -> None:
    """Each action is pinned by the digest of a commit, beside the version that it is."""
    uses = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert uses
    assert all(PINNED.search(line) for line in uses)


NODE_24 = {"checkout": 5, "setup-python": 6, "upload-artifact": 6, "download-artifact": 7}
"""The first major version of each action that runs on Node 24; the hosted runners dropped 20."""


def test_node() -> None:
    """Each action that runs on Node runs on one that the hosted runners have."""
    used = [*re.finditer(r"uses: actions/([a-z-]+)@\w+  # v(\d+)", "".join(map(_text, FILES)))]
    assert used
    for action in used:
        assert int(action[2]) >= NODE_24.get(action[1], 4), action[0]


def test_shards_are_whole() -> None:
    """The nightly run judges every part of the mutants."""
    shards = _jobs(FOLDER / "nightly.yml")["mutants"]["strategy"]["matrix"]["shard"]
    assert shards == [f"{part}/{len(shards)}" for part in range(1, len(shards) + 1)]


def test_one_pin_for_each_action() -> None:
    """Every workflow takes the same commit of an action."""
    pins = {match for path in FILES for match in PINNED.findall(path.read_text())}
    assert len({action for action, _ in pins}) == len(pins)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_permissions(path: Path) -> None:
    """A workflow may nothing; a job may write only what it has to."""
    assert yaml.safe_load(path.read_text())["permissions"] == {}
    needed = {
        "regenerate": {"contents", "pull-requests", "actions"},
        "release": {"id-token", "attestations"},
    }
    granted = [job["permissions"].items() for job in _jobs(path).values()]
    writing = {name for each in granted for name, level in each if level == "write"}
    assert writing == needed.get(path.stem, set())
    assert all("timeout-minutes" in job for job in _jobs(path).values())


def test_keys() -> None:
    """Only the step that judges a real server has its keys, and only publishing has its token."""
    for path in FILES:
        for step in _steps(path):
            given = set(re.findall(r"secrets\.(\w+)", str(step)))
            if "--target" in step.get("run", ""):
                assert given == {"DD_API_KEY", "DD_APP_KEY"}
            elif "/publish" in step.get("run", ""):
                assert given == {"PACKAGE_INDEX_TOKEN"}
            else:
                assert given == set()
    assert not any(
        "secrets" in str(job.get("env")) for path in FILES for job in _jobs(path).values()
    )


def test_live_is_safe(contract: Fragment) -> None:
    """The live run writes nothing, and offers the documented sites."""
    path = FOLDER / "live.yml"
    assert "--allow-writes" not in path.read_text()
    [options] = re.findall(r"options:\n((?: +- .*\n)+)", path.read_text())
    assert re.findall(r"https://api\.(.+)", options) == [*contract.sites]


def test_index_is_a_variable() -> None:
    """The address to publish to stands in a variable of the repository, and in no file."""
    [step] = [each for each in _steps(FOLDER / "release.yml") if "/publish" in each.get("run", "")]
    assert step["env"]["PACKAGE_INDEX_URL"] == "${{ vars.PACKAGE_INDEX_URL }}"


def test_pythons() -> None:
    """Every promised Python is checked, and has the wheels tried on it."""
    promised = [*interpreters.promised()]
    kit = (ROOT / "pyproject.toml").read_text()
    assert re.findall(r"Programming Language :: Python :: (3\.\d+)", kit) == promised
    job = _jobs(FOLDER / "check.yml")["check"]
    assert job["strategy"]["matrix"]["python"] == promised
    for name, at in (("nightly", "wheels"), ("release", "build")):
        [setup] = [
            step["with"]["python-version"]
            for step in _jobs(FOLDER / f"{name}.yml")[at]["steps"]
            if "python-version" in step.get("with", {})
        ]
        assert sorted(setup.split()) == promised


def test_ci_run() -> None:
    """`.ci/run` ends in `scripts/test`."""
    last = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert last == 'exec "$(dirname "$0")/../scripts/test"'


@pytest.mark.parametrize(
    ("file", "old", "new", "noticed"),
    [
        ("check", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7", "zizmor"),
        ("release", '"$TAG"', '"${{ github.ref_name }}"', "zizmor"),
        ("nightly", "persist-credentials: false", "fetch-depth: 1", "zizmor"),
        ("live", "contents: read  # to check out", "contents: write", "zizmor"),
        ("check", "runs-on:", "run-on:", "schema of workflows"),
        ("regenerate", "timeout-minutes: 15", "timeout-minutes: soon", "schema of workflows"),
        ("release", "", "", None),
    ],
)
def test_linters(tmp_path: Path, file: str, old: str, new: str, noticed: str | None) -> None:
    """What `./scripts/test` runs on the workflows notices what is wrong in one."""
    shutil.copytree(FOLDER.parent, tmp_path / ".github")
    path = tmp_path / ".github" / "workflows" / f"{file}.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    asked = [step for step in check.WORKFLOWS if noticed in {step.name, None}]
    assert asked
    assert {_good(step, tmp_path) for step in asked} == {noticed is None}


def _good(step: check.Check, folder: Path) -> bool:
    done = subprocess.run(step.command, cwd=folder, capture_output=True, check=False)
    return done.returncode == 0
