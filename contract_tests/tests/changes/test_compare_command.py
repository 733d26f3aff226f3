"""The command `compare`: what it compares with, what it prints, and when it refuses."""

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from servicenow_contract.contract.documents import ContractError
from tests.specimen import FILE
from upkeep import check
from upkeep.changes import base as compare_base
from upkeep.changes import command as compare
from upkeep.changes.change import Changes
from upkeep.changes.fragment import compare_deviations
from upkeep.changes.names import PACKAGE
from upkeep.codegen import rendering
from upkeep.paths import ROOT
from upkeep.release import version as release
from upkeep.release.git import Repository
from upkeep.release.version import Step, default_base

OTHER_MEMBER = ("        title:\n", "        zone:\n          type: string\n        title:\n")
NO_KEY = (
    "        key:\n          description: The key of the case.\n          type: string\n",
    "",
)
WORDS = ("description: A case.", "description: One case.")


class Said(NamedTuple):
    """What a run of the command came to."""

    status: int
    out: str
    err: str


class Copy:
    """A copy of the contract and the client in a git repository of its own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def git(self, *arguments: str) -> None:
        """Run git as somebody."""
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", self.root, *who, *arguments], check=True, capture_output=True)  # noqa: S607 - whichever git there is

    def commit(self, tag: str = "") -> None:
        """Commit everything, and name the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A commit")
        if tag:
            self.git("tag", tag)

    def replace(self, file: str, old: str, new: str) -> None:
        """Change one place of a file."""
        path = self.root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def set_version(self, version: str, changes: str = "- What changed.") -> None:
        """Give the client a version, and its CHANGELOG an entry unless that is empty."""
        before = compare_base.working_tree(self.root).version
        self.replace(release.FILE, f'"{before}"', f'"{version}"')
        if changes:
            entry = f"## {version}\n\n{changes}\n\n## {before}\n"
            self.replace("generated_client/CHANGELOG.md", f"## {before}\n", entry)

    def settle(self) -> None:
        """Say that the names are rendered from the fragment, although they are as before."""
        contract = self.root / "generated_client" / PACKAGE / "_generated/contract.py"
        fragment = (self.root / compare_base.FRAGMENT).read_bytes()
        digest = f'FRAGMENT_SHA256 = "{hashlib.sha256(fragment).hexdigest()}"'
        contract.write_text(re.sub("FRAGMENT_SHA256 = .*", digest, contract.read_text()))

    def compare(self, *arguments: str) -> Said:
        """Run the command on the copy."""
        status = compare.main(arguments)
        said = self._capsys.readouterr()
        return Said(status, said.out, said.err)


@pytest.fixture
def copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Copy:
    """A copy of the client with the specimen, committed; nothing in it is released."""
    root = tmp_path / "copy"
    for name in ("openapi", "generated_client"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compare, "ROOT", root)
    made = Copy(root, capsys)
    if FILE.read_bytes() != (root / compare_base.FRAGMENT).read_bytes():
        rendering.replace(FILE, root / "generated_client" / PACKAGE / "_generated")
    shutil.copy(FILE, root / compare_base.FRAGMENT)
    made.settle()
    made.git("init", "--quiet")
    made.commit()
    return made


def version_of(copy: Copy) -> str:
    """The version of the copy's client."""
    return compare_base.working_tree(copy.root).version


def test_nothing_binds_where_nothing_is_released(copy: Copy) -> None:
    """Without a tag and without an earlier version the command says so, and refuses nothing."""
    copy.replace(compare_base.FRAGMENT, *NO_KEY)
    for arguments in ((), ("--markdown",), ("--json",)):
        said = copy.compare(*arguments)
        assert (said.status, said.err) == (0, "")
        assert "the history has no tag like v1.0.0 and no other version" in said.out
    inside = compare.compare(_moved(copy.root, copy.root / "inside"), None)
    assert "it is a folder of the repository in" in inside.verdict
    shutil.rmtree(copy.root / ".git")
    assert "this is not a git repository with a commit: git -C " in copy.compare().out
    said = copy.compare("HEAD")
    assert (said.status, "'HEAD' is looked for in git" in said.err) == (2, True)


def _moved(old: Path, new: Path) -> Path:
    """What the command reads, in another folder too."""
    for name in ("openapi", "generated_client"):
        shutil.copytree(old / name, new / name)
    return new


def test_the_newest_release_tag_binds(copy: Copy) -> None:
    """The base is the highest tag in the history, however it is written; others do not count."""
    repository, version = Repository(copy.root), version_of(copy)
    for tag in ("v1.9.0", "v1.10.0", "v2.0.0rc1", "other-v3.0.0"):
        copy.git("tag", tag)
    assert default_base(repository, version) == "refs/tags/v1.10.0"
    copy.git("checkout", "--quiet", "-b", "later")
    copy.replace("generated_client/README.md", "#", "##")
    copy.commit("v4.0.0")
    copy.git("checkout", "--quiet", "-")
    assert default_base(repository, version) == "refs/tags/v1.10.0"


def test_without_a_tag_the_earlier_version_binds(copy: Copy) -> None:
    """A version counts as released once another one takes its place, committed or not."""
    repository = Repository(copy.root)
    copy.set_version("7.0.0")
    assert default_base(repository, "7.0.0") == "HEAD"
    copy.commit()
    base = default_base(repository, "7.0.0")
    assert repository.commit(base) == repository.commit("HEAD^")
    copy.replace("generated_client/README.md", "#", "##")
    copy.commit()
    base = default_base(repository, "7.0.0")
    assert repository.commit(base) == repository.commit("HEAD^^")


def test_a_shallow_history_is_called_so(copy: Copy, tmp_path: Path) -> None:
    """Where the history is cut off, nothing binds, and the sentence says what to fetch."""
    copy.replace("generated_client/README.md", "#", "##")
    copy.commit()
    copy.git("clone", "--quiet", "--depth=1", f"file://{copy.root}", str(tmp_path / "shallow"))
    report = compare.compare(tmp_path / "shallow", None)
    assert "the history is cut off: fetch all of it, with its tags" in report.verdict


def test_a_minor_change_is_refused_until_it_is_carried(copy: Copy) -> None:
    """The names are judged as they will be rendered; version and CHANGELOG are asked for."""
    before = version_of(copy)
    copy.git("tag", f"v{before}")
    least = release.next_version(before, Step.MINOR)
    copy.replace(compare_base.FRAGMENT, *OTHER_MEMBER)
    said = copy.compare()
    assert said.status == 1
    assert f"says {before}, but a minor step from {before} is needed" in said.out
    assert f"CHANGELOG.md has no section for {least}" in said.out
    assert "the Python names are those that ./scripts/regenerate will give" in said.out
    assert "name-added  datadog_servicenow_tickets.models.CaseAttributes.zone" in said.out
    copy.set_version(least)
    copy.settle()
    said = copy.compare("--json")
    report = json.loads(said.out)
    assert (said.status, report["step"], report["carried"]) == (0, "minor", True)
    assert (report["base_version"], report["current_version"]) == (before, least)
    [change] = report["changes"]
    assert (change["rule"], change["step"]) == ("member-added", "minor")
    assert change["breaks"] == {"caller": None, "reader": None, "server": None}


def test_a_removal_is_not_carried_by_a_minor_step(copy: Copy) -> None:
    """The table for a pull request says what breaks whom, and the wrong step is refused."""
    before = version_of(copy)
    copy.git("tag", f"v{before}")
    copy.replace(compare_base.FRAGMENT, *NO_KEY)
    copy.set_version(release.next_version(before, Step.MINOR))
    copy.settle()
    said = copy.compare("--markdown")
    assert said.status == 1
    assert "| major | the member `key` is gone | member-removed |" in said.out
    assert "| reader: what is read there is gone |" in said.out
    assert f"a major step from {before} is needed" in said.out


def test_what_version_and_changelog_lack(copy: Copy) -> None:
    """Each thing that is missing has its sentence, and nothing else is asked for."""
    before = version_of(copy)
    minor = release.next_version(before, Step.MINOR)
    log = copy.root / release.CHANGELOG
    text = log.read_text()

    def lacks(current: str, asked: Step, changes: str) -> str:
        log.write_text(text.replace("## ", f"{changes}## ", 1))
        return "\n".join(release.lacking(copy.root, before, current, asked))

    assert lacks(before, Step.NONE, "") == ""
    assert f"to {minor} or later" in lacks(before, Step.MINOR, "")
    assert f"no section for {minor}" in lacks(minor, Step.MINOR, "")
    assert f"no section for {minor}" in lacks(minor, Step.MINOR, f"## {minor}0\n\n- It.\n\n")
    assert f"says nothing under `## {minor}`" in lacks(minor, Step.MINOR, f"## {minor}\n\n")
    assert lacks(minor, Step.MINOR, f"## {minor} (2026-11-26)\n\n- It.\n\n") == ""
    assert lacks(minor, Step.PATCH, f"## {minor}\n\n- It.\n\n") == ""
    assert "or later" in lacks(minor, Step.MAJOR, f"## {minor}\n\n- It.\n\n")
    assert "is older than" in lacks("0.9.0", Step.NONE, "")
    log.unlink()
    [missing] = release.lacking(copy.root, before, before, Step.NONE)
    assert "CHANGELOG.md cannot be read" in missing


@pytest.mark.parametrize(
    ("base", "current", "step"),
    [
        ("1.0.0", "1.0.0", Step.NONE),
        ("1.0.0", "1.0.1", Step.PATCH),
        ("1.0.9", "1.1.0", Step.MINOR),
        ("1.9.9", "2.0.0", Step.MAJOR),
        ("1.2.3", "2.2.3", Step.MAJOR),
        ("1.0.0", "1.1.0rc1", Step.MINOR),
        ("1.1.0", "1.1.0rc1", None),
        ("2.0.0", "1.9.9", None),
        ("0.1.0", "0.2.0", Step.MINOR),
    ],
)
def test_steps(base: str, current: str, step: Step | None) -> None:
    """The step is the first number that grew; a pre-release comes before its release."""
    assert release.step_between(base, current) is step
    if step is not None and "rc" not in current:
        assert release.step_between(base, release.next_version(base, step)) is step


def wheel_of(copy: Copy, folder: Path, digest: str | None = None) -> Path:
    """A wheel of the copy's client, as far as the command reads one."""
    made = folder / "datadog_servicenow_tickets-1.0.0-py3-none-any.whl"
    package = copy.root / "generated_client"
    with zipfile.ZipFile(made, "w") as wheel:
        for path in (package / "datadog_servicenow_tickets").rglob("*.py"):
            text = path.read_text()
            if digest and path.name == "contract.py":
                text = text.replace('FRAGMENT_SHA256 = "', f'FRAGMENT_SHA256 = "{digest}')
            wheel.writestr(path.relative_to(package).as_posix(), text)
        metadata = "datadog_servicenow_tickets-1.0.0.dist-info/METADATA"
        wheel.writestr(metadata, "Metadata-Version: 2.4\nVersion: 1.0.0\n")
    return made


def test_a_wheel_is_compared_with(copy: Copy, tmp_path: Path) -> None:
    """The fragment of a wheel is found in the history by the digest that the wheel holds."""
    wheel = wheel_of(copy, tmp_path)
    copy.replace(compare_base.FRAGMENT, *WORDS)
    copy.settle()
    copy.commit()
    said = copy.compare(str(wheel))
    assert said.status == 1
    assert "text-changed  /components/schemas/Case/description" in said.out
    assert f"1 change since {wheel.name}, version 1.0.0, which needs a patch step" in said.out


def test_what_cannot_be_compared_with_is_refused(copy: Copy, tmp_path: Path) -> None:
    """An unknown revision, a broken or foreign wheel: one sentence, and exit status 2."""
    (tmp_path / "broken.whl").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "foreign.whl", "w") as wheel:
        wheel.writestr("other-1.0.0.dist-info/METADATA", "Version: 1.0.0")
    (tmp_path / "lost").mkdir()
    lost = wheel_of(copy, tmp_path / "lost", digest=64 * "0" + '"  # ')
    empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    for base, words in {
        "nowhere": "'nowhere' is not a revision of this repository",
        "HEAD:openapi": "is not a revision",
        empty: "is not a revision",
        str(tmp_path / "none.whl"): "not a readable wheel",
        str(tmp_path / "broken.whl"): "not a readable wheel",
        str(tmp_path / "foreign.whl"): "not a wheel of datadog-servicenow-tickets",
        str(lost): "is neither here nor in any commit",
    }.items():
        said = copy.compare(base)
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
        assert said.err.startswith("compare: ")
        assert words in said.err
    said = copy.compare("nowhere", "--json")
    assert (said.status, "nowhere" in json.loads(said.out)["error"]) == (2, True)


def test_broken_ends_are_refused(copy: Copy) -> None:
    """A fragment that cannot be used, the base's or the tree's, is named with its line."""
    copy.replace(compare_base.FRAGMENT, "openapi: 3.1.0", "openapi: [3.1.0")
    copy.commit("v0.1.0")
    said = copy.compare("HEAD^")
    assert said.status == 2
    assert f"{copy.root}/openapi/servicenow_tickets.yaml:5: not usable YAML" in said.err
    copy.replace(compare_base.FRAGMENT, "openapi: [3.1.0", "openapi: 3.1.0")
    said = copy.compare()
    assert said.status == 2
    assert "v0.1.0 (" in said.err
    assert ") cannot be compared with: openapi/servicenow_tickets.yaml:5: not usable" in said.err
    assert "Traceback" not in said.err


def test_a_fragment_that_cannot_be_rendered_is_still_compared(copy: Copy) -> None:
    """The fragment's changes are judged; a note says that the names are the old ones."""
    query = "      parameters: [{name: q, in: query, schema: {}}]\n      responses:\n"
    copy.replace(compare_base.FRAGMENT, "      responses:\n", query)
    said = copy.compare("HEAD", "--json")
    report = json.loads(said.out)
    assert [each["rule"] for each in report["changes"]] == ["parameter-added"]
    assert "the Python names are those of before the fragment changed" in report["notes"][0]


def test_deviations_are_told_and_ask_for_nothing(tmp_path: Path) -> None:
    """A deviation that came, went or changed is listed; one that went is the server's to mend."""
    old, new = ROOT / compare_base.DEVIATIONS, tmp_path / "deviations.yaml"
    text = old.read_text().replace("since: 2025-11-01", "since: 2025-12-01", 1)
    new.write_text(text.replace("requirement: answer-400-model", "requirement: other"))
    changes = Changes()
    compare_deviations(old, new, changes)
    found = {each.rule: each for each in changes}
    assert found.keys() == {"deviation-added", "deviation-changed", "deviation-removed"}
    assert found["deviation-removed"].where == "deviations.yaml#/answer-400-model"
    assert found["deviation-removed"].why.keys() == {"server"}
    assert {each.step for each in found.values()} == {Step.NONE}
    new.write_text("- 1")
    with pytest.raises(ContractError, match="no list of deviations"):
        compare_deviations(old, new, changes)


def test_text_of_the_fragment_stays_text(copy: Copy) -> None:
    """Bars, tags and escapes of the fragment are no markup, and steer no terminal."""
    named = '        "a|b<img>\\e[2J":\n          type: string\n        title:\n'
    copy.replace(compare_base.FRAGMENT, "        title:\n", named)
    copy.settle()
    out = copy.compare("HEAD", "--markdown").out
    assert "a\\|b&lt;img>\\x1b[2J" in out
    assert "\x1b" not in out


def test_the_gate_is_a_step_of_test() -> None:
    """`./scripts/test` runs the command without a base, and tells its last line."""
    [step] = [step for step in check.STATIC if step.command[-1] == "upkeep.changes.command"]
    assert step.tells
