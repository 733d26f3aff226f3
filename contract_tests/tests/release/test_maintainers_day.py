"""The maintainer's day, as README tells it, performed on a copy of the repository."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from servicenow_contract.contract.fragment import Fragment
from tests.page.drafts import Draft, S, row_added
from tests.page.writer import write_page
from upkeep.changes.base import working_tree
from upkeep.paths import ROOT
from upkeep.release.version import Step, next_version

FRAGMENT = "openapi/servicenow_tickets.yaml"
CLIENT = "generated_client"
PLACES = ("contract_tests", CLIENT, "scripts")
"""What Python finds first in the copy, before the repository that the environment was made for."""
TIME = "2025-01-01T00:00:00.000Z"
NEW_FIELD = f"{S}/Insight/properties/linked_at"


class Copy:
    """A copy of the repository, in which its own commands run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(str(root / place) for place in PLACES),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, status: int, *command: str | Path) -> str:
        """Run Python in the copy; gives what it printed, and asserts its exit status."""
        done = subprocess.run(
            [sys.executable, "-P", *command],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def release(self, version: str) -> None:
        """Commit everything, and tag it as a release."""
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        for command in (("add", "--all"), ("commit", "-qm", "A release"), ("tag", f"v{version}")):
            subprocess.run(["git", *who, *command], cwd=self.root, check=True)  # noqa: S607 - whichever git there is

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one place of a file."""
        text = (self.root / file).read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{file} has no {old!r}"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def carry(self, before: str, version: str, change: str) -> None:
        """Give the client a version, and its CHANGELOG an entry."""
        self.edit(f"{CLIENT}/datadog_servicenow_tickets/_version.py", before, version)
        self.edit(f"{CLIENT}/CHANGELOG.md", "## ", f"## {version}\n\n- {change}\n\n## ")

    def version(self) -> str:
        """The version of the client."""
        return working_tree(self.root).version

    def check_docs(self, status: int, page: Draft) -> list[dict[str, Any]]:
        """What check-docs finds on a page."""
        saved = self.root / "page.md"
        saved.write_text(page.text, encoding="utf-8")
        told = self.run(status, "-m", "upkeep.drift.command", saved, "--json")
        found: list[dict[str, Any]] = json.loads(told)["differences"]
        return found


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of the repository without its history and environment, in a history of its own."""
    root = tmp_path / "copy"
    unwanted = shutil.ignore_patterns(".git", ".venv*", "*cache*", "__pycache__", "dist", "build")
    shutil.copytree(ROOT, root, ignore=unwanted)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)  # noqa: S607 - whichever git there is
    made = Copy(root)
    found = "import upkeep, servicenow_contract as kit, datadog_servicenow_tickets as client;"
    told = made.run(0, "-c", f"{found} print(upkeep.__file__, kit.__file__, client.__file__)")
    assert [Path(each).is_relative_to(root) for each in told.split()] == [True] * 3
    return made


def page_with_the_field(old: str) -> Draft:
    """The page with a row more, in the middle, and its value in the example."""
    draft = Draft(old)
    cells = ("insights", "linked_at", "date-time", "When it was linked.")
    row_added(("200", "insights", "ref"), *cells)(draft)
    draft.insert(draft.value("200", '"resource_id"') - 1, f'"linked_at": "{TIME}",')
    return draft


FIELD = """\
        linked_at:
          description: When the thing was linked.
          type: string
          format: date-time
"""
SCHEMA = ("        resource_id:\n", f"{FIELD}        resource_id:\n")
SPACES = 24 * " "
EXAMPLE = (f"{SPACES}resource_id: ", f"{SPACES}linked_at: '{TIME}'\n{SPACES}resource_id: ")


def test_the_day(copy: Copy) -> None:
    """A field that the page gains becomes a minor version, and one that it loses a major one."""
    released = copy.version()
    minor = next_version(released, Step.MINOR)
    major = next_version(minor, Step.MAJOR)
    page = write_page(Fragment.read(copy.root / FRAGMENT).document)
    copy.release(released)
    gain(copy, page, released, minor)
    assert "The contract is kept" in copy.run(0, "-m", "upkeep.conformance", "--profile", "quick")
    copy.release(minor)
    lose(copy, page, minor, major)


def gain(copy: Copy, page: str, released: str, minor: str) -> None:
    """The page gains a field."""
    draft = page_with_the_field(page)
    found = {each["kind"]: each for each in copy.check_docs(1, draft)}
    assert found.keys() == {"field-added", "example-added"}
    assert found["field-added"]["pointer"] == NEW_FIELD
    assert found["field-added"]["edit"].startswith(f"Add {NEW_FIELD} with every row below it")
    for edit in (SCHEMA, EXAMPLE):
        copy.edit(FRAGMENT, *edit)
    assert copy.check_docs(0, draft) == []
    copy.run(0, "-m", "upkeep.codegen.command")
    told = copy.run(1, "-m", "upkeep.changes.command")
    assert f"minor  member-added  {NEW_FIELD}\n" in told
    assert "minor  name-added  datadog_servicenow_tickets.models.Insight.linked_at\n" in told
    assert f"a minor step from {released} is asked for" in told
    copy.carry(released, minor, "`Insight.linked_at`.")
    assert f"{minor} carries that." in copy.run(0, "-m", "upkeep.changes.command")


def lose(copy: Copy, page: str, minor: str, major: str) -> None:
    """The page loses it again, and the wrong step is refused."""
    found = copy.check_docs(1, Draft(page))
    assert {each["kind"] for each in found} == {"field-removed", "example-removed"}
    for new, old in (SCHEMA, EXAMPLE):
        copy.edit(FRAGMENT, old, new)
    another = next_version(minor, Step.MINOR)
    copy.carry(minor, another, "`Insight.linked_at` is gone.")
    told = copy.run(1, "-m", "upkeep.changes.command")
    assert f"major  member-removed  {NEW_FIELD}\n" in told
    assert "breaks the reader: what is read there is gone" in told
    assert f"a major step from {minor} is asked for" in told
    copy.carry(another, major, "`Insight.linked_at` is gone.")
    assert f"{major} carries that." in copy.run(0, "-m", "upkeep.changes.command")
