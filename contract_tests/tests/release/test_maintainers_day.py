"""The maintainer's day by hand, as scripts/README.md tells it, performed line by line."""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from servicenow_contract.contract.fragment import Fragment
from tests.page.drafts import Draft, row_added
from tests.page.writer import write_page
from tests.release.snapshot import commit, git, snapshot
from tests.specimen import FILE
from upkeep.changes import command as compare
from upkeep.codegen import command as regenerate
from upkeep.codegen import rendering
from upkeep.drift import command as check_docs
from upkeep.paths import SCRIPTS
from upkeep.release.version import CHANGELOG, Step, next_version, version_of
from upkeep.release.version import FILE as VERSION

FRAGMENT = "openapi/servicenow_tickets.yaml"
TREE = "generated_client/datadog_servicenow_tickets/_generated"
TIME = "2025-01-01T00:00:00.000Z"
FIELD = """\
        linked_at:
          description: When the thing was linked.
          type: string
          format: date-time
"""
SCHEMA = ("        resource_id:\n", f"{FIELD}        resource_id:\n")
KEY = (
    "        key:\n          description: The key of the case.\n          type: string\n",
    "                    key: PROJ-123\n",
)
SPACES = 24 * " "
EXAMPLE = (f"{SPACES}resource_id: ", f"{SPACES}linked_at: '{TIME}'\n{SPACES}resource_id: ")
_LINE = re.compile(r"^(\./scripts/[a-z-]+|\$EDITOR) *([^#]*?) *(?:# (.*))?$", re.MULTILINE)


def told() -> list[tuple[str, list[str], list[str]]]:
    """The day's lines: the command, its arguments, and what it is said to print or to change."""
    text = (SCRIPTS / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"(?sm)now has `linked_at`.*?^```sh\n(.*?)^```", text)
    lines = [
        (command.rpartition("/")[2], arguments.split(), re.split("[…;:] ?", comment))
        for command, arguments, comment in _LINE.findall(block)
    ]
    assert len(lines) == block.count("\n")
    return lines


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose fragment is the specimen, rendered."""
    root = snapshot(tmp_path_factory.mktemp("day") / "root", "openapi", "generated_client")
    shutil.copy(FILE, root / FRAGMENT)
    shutil.rmtree(root / TREE)
    rendering.render(root / FRAGMENT, root / TREE)
    return root


class Day:
    """A repository with one release, and a page that has changed since."""

    def __init__(
        self, root: Path, released: str, patch: pytest.MonkeyPatch, read: Callable[[], str]
    ) -> None:
        self.root, self.released, self._read = root, released, read
        patch.setattr(check_docs, "FRAGMENT", root / FRAGMENT)
        patch.setattr(check_docs, "SOURCES", root / "openapi" / "sources.yaml")
        patch.setattr(compare, "ROOT", root)
        patch.chdir(root)
        current = version_of(root)
        self.edit(VERSION, f'"{current}"', f'"{released}"')
        self.edit(CHANGELOG, f"## {current}", f"## {released}")
        self.release(released)

    def release(self, version: str) -> None:
        """Commit everything, and tag it."""
        commit(self.root)
        git(self.root, "tag", f"v{version}")

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one place of a file."""
        text = (self.root / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def carry(self, before: str, version: str) -> None:
        """Give the client a version, and its CHANGELOG an entry."""
        self.edit(VERSION, f'"{before}"', f'"{version}"')
        self.edit(CHANGELOG, "## ", f"## {version}\n\n- `Insight.linked_at`.\n\n## ")

    def run(self, name: str, *arguments: str) -> tuple[int, str]:
        """Run a command on this repository; its exit status, and what it printed."""
        if name == "regenerate":
            arguments += ("--fragment", FRAGMENT, "--target", TREE)
        main: dict[str, Callable[[Sequence[str]], int]] = {
            "check-docs": check_docs.main,
            "regenerate": regenerate.main,
            "compare": compare.main,
        }
        return main[name](arguments), self._read()


@pytest.fixture
def day(
    rendered: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str], Day]:
    """What makes a day after the release of a version."""
    root = shutil.copytree(rendered, tmp_path / "root")
    return lambda released: Day(root, released, monkeypatch, lambda: capsys.readouterr().out)


def page_of(root: Path, *, shown: bool) -> str:
    """The fragment's page with a row more, in the middle, and its value in the example or not."""
    draft = Draft(write_page(Fragment.read(root / FRAGMENT).document))
    cells = ("insights", "linked_at", "date-time", "When it was linked.")
    row_added(("200", "insights", "ref"), *cells)(draft)
    if shown:
        draft.insert(draft.value("200", '"resource_id"') - 1, f'"linked_at": "{TIME}",')
    return draft.text


@pytest.mark.parametrize(
    ("released", "shown"), [("1.0.0", True), ("1.1.0", False), ("2.0.0", True)]
)
def test_the_day(day: Callable[[str], Day], released: str, shown: bool) -> None:
    """Each line of the README prints what it says, after any release, with an example or none."""
    today, minor = day(released), next_version(released, Step.MINOR)
    (today.root / "page.md").write_text(page_of(today.root, shown=shown), encoding="utf-8")
    for command, arguments, expected in told():
        if command == "$EDITOR" and "openapi" in arguments[0]:
            for edit in (SCHEMA, EXAMPLE)[: 1 + shown]:
                today.edit(FRAGMENT, *edit)
        elif command == "$EDITOR":
            today.carry(released, minor)
        elif command not in {"conformance", "test"}:  # what adopt and CI run on a whole tree
            status, said = today.run(command, *arguments)
            assert all(
                each.strip().replace("1.1.0", minor).replace("1.0.0", released) in said
                for each in expected
            ), (command, expected, said)
            assert status == int("field-added" in said or "refused" in said)


def test_the_other_day(day: Callable[[str], Day]) -> None:
    """Had the page lost a member, a major version is needed, and a minor one refused."""
    today, draft = day("1.0.0"), Draft(write_page(Fragment.read(FILE).document))
    draft.remove(draft.value("200", '"key"'))
    draft.remove(draft.row("200", "attributes", "key"))
    (today.root / "page.md").write_text(draft.text, encoding="utf-8")
    status, said = today.run("check-docs", "page.md")
    assert (status, {"field-removed", "example-removed"} <= set(said.split())) == (1, True)
    for gone in KEY:
        today.edit(FRAGMENT, gone, "")
    assert today.run("check-docs", "page.md")[0] == 0
    today.carry("1.0.0", "1.1.0")
    status, said = today.run("compare")
    assert (status, "breaks the reader: what is read there is gone" in said) == (1, True)
    assert "a major step from 1.0.0 is needed" in said
    today.edit(VERSION, '"1.1.0"', '"2.0.0"')
    today.edit(CHANGELOG, "## 1.1.0", "## 2.0.0")
    assert "2.0.0 fits." in today.run("compare")[1]
