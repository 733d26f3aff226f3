"""The whole command `adopt`: a page becomes a change of a repository, or nothing changes."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.page.drafts import Draft, row_added
from tests.page.test_check_docs import SMALL
from tests.page.writer import write_page
from tests.release.snapshot import commit, git, snapshot
from tests.specimen import FILE, FRAGMENT
from upkeep.adopt import command as adopt
from upkeep.adopt.records import carry_sites, write_sources
from upkeep.adopt.tree import Copy
from upkeep.changes.command import compare
from upkeep.codegen import rendering
from upkeep.drift import command as check_docs
from upkeep.page import reader
from upkeep.paths import KIT, ROOT
from upkeep.release.version import CHANGELOG

ADOPTED = "openapi/servicenow_tickets.yaml"
TREE = "generated_client/datadog_servicenow_tickets/_generated"
PAGE = write_page(FRAGMENT.document)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit of this repository, its fragment the specimen, written from a page of ours.

    Each requirement rests on words of that page.
    """
    folder = tmp_path_factory.mktemp("adopt")
    root, saved = snapshot(folder / "root"), folder / "page.md"
    shutil.copy(FILE, root / ADOPTED)
    shutil.rmtree(root / TREE)
    rendering.render(root / ADOPTED, root / TREE)
    saved.write_text(PAGE, encoding="utf-8")
    write_sources(root / "openapi/sources.yaml", reader.read(PAGE), saved)
    carry_sites(root / ".github/workflows/live.yml", FRAGMENT)
    catalogue = root / KIT.relative_to(ROOT) / "contract/requirements.yaml"
    words = re.sub("(?m)^  words: .*$", "  words: A page of our own", catalogue.read_text())
    catalogue.write_text(words)
    commit(root)
    return root


@pytest.fixture
def root(repository: Path) -> Iterator[Path]:
    """The repository, which is a commit again afterwards."""
    yield repository
    git(repository, "reset", "--quiet", "--hard")
    git(repository, "clean", "--quiet", "--force", "-d")


@pytest.fixture
def agreeing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that agrees at once."""
    monkeypatch.setattr(Copy, "run", lambda *_: (0, "The contract is kept (all of it)."))


def page_with_a_member() -> str:
    """The page with a new member, and what its example shows of it."""
    draft = Draft(PAGE)
    cells = ("insights", "linked_at", "date-time", "When it was linked.")
    row_added(("200", "insights", "ref"), *cells)(draft)
    draft.insert(draft.value("200", '"resource_id"') - 1, '"linked_at": "2025-01-01T00:00:00Z",')
    return draft.text


def test_an_added_member(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One command carries it to a tree that says the same as the page, rendered and judged."""
    page = tmp_path / "page.md"
    page.write_text(page_with_a_member(), encoding="utf-8")
    assert adopt.main([str(page), "--root", str(root)]) == 0
    said, err = capsys.readouterr()
    assert err == ""
    assert "field-added  200 data.attributes.insights.linked_at" in said
    assert "\nconformance: The contract is kept (" in said
    assert "A description is missing; write it." in said
    changed = set(git(root, "diff", "--name-only", "HEAD").split())
    assert {ADOPTED, "openapi/sources.yaml", CHANGELOG, f"{TREE}/models/insight.py"} <= changed
    assert "- The member `linked_at` is new, in `Insight`." in (root / CHANGELOG).read_text()
    assert rendering.differing(root / ADOPTED, root / TREE) == []
    assert not compare(root, None).problems
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check_docs, "FRAGMENT", root / ADOPTED)
        patch.setattr(check_docs, "SOURCES", root / "openapi/sources.yaml")
        assert check_docs.main([str(page)]) == 0
    assert capsys.readouterr().out.startswith("No difference between ")


@pytest.mark.usefixtures("agreeing")
def test_a_dry_run(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A patch is printed that applies, with the rest beside it, and not a byte is changed."""
    page, draft = tmp_path / "page.md", Draft(PAGE)
    draft.sub(draft.row("200", "attributes", "key"), r" \|$", " Words of our own. |")
    page.write_text(draft.text, encoding="utf-8")
    assert adopt.main([str(page), "--dry-run", "--root", str(root)]) == 0
    patch, told = capsys.readouterr()
    assert "1 new or altered" in told
    assert git(root, "status", "--porcelain") == ""
    (tmp_path / "a.patch").write_text(patch)
    git(root, "apply", str(tmp_path / "a.patch"))
    assert git(root, "diff", "--name-only").split() == ["README.md", "openapi/sources.yaml"]
    git(root, "checkout", "--quiet", ".")
    assert adopt.main([str(page), "--root", str(root)]) == 0
    assert git(root, "diff").splitlines() == patch.splitlines()


@pytest.mark.usefixtures("agreeing")
def test_what_names_the_contract_follows(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A member is called otherwise in code and tests too; a site is offered, or named as gone."""
    page, draft = tmp_path / "page.md", Draft(PAGE)
    draft.sub(draft.row("200", "insights", "resource_id"), "resource_id", "linked_id")
    draft.sub(draft.value("200", '"resource_id"'), "resource_id", "linked_id")
    site = f"| uk1.datadoghq.com | PATCH https://api.uk1.datadoghq.com{FRAGMENT.path} |"
    draft.sub(draft.find("| app.datadoghq.eu"), ".*", site)
    page.write_text(draft.text, encoding="utf-8")
    assert adopt.main([str(page), "--root", str(root)]) == 1
    said = capsys.readouterr().out
    assert "field-moved  200 data.attributes.insights.linked_id" in said
    assert "`Site.EU` is gone, but still named in generated_client/README.md:" in said
    kit = root / KIT.relative_to(ROOT)
    for file in ("judging/answers.py", "service/case.py", "../tests/service/test_service.py"):
        text = (kit / file).read_text()
        assert ("resource_id" in text, "linked_id" in text) == (False, True), file
    live = (root / ".github/workflows/live.yml").read_text()
    assert (live.count("uk1.datadoghq.com"), "datadoghq.eu" in live) == (1, False)
    assert 'UK1 = "uk1.datadoghq.com"' in (root / TREE / "contract.py").read_text()


def test_the_page_that_is_known(root: Path, tmp_path: Path) -> None:
    """The page that the fragment was written from changes nothing."""
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert adopt.main([str(page), "--root", str(root)]) == 0
    assert git(root, "status", "--porcelain") == ""


def _dirty(root: Path) -> str:
    (root / "stray").write_text("mine")
    return page_with_a_member()


def _broken(root: Path) -> str:
    (root / ADOPTED).write_text((root / ADOPTED).read_text().replace("paths:\n", "paths: [\n"))
    git(root, "commit", "--quiet", "--all", "--message=A broken fragment")
    return page_with_a_member()


def _cut() -> str:
    draft = Draft(PAGE)
    first = draft.row("200", "data", "attributes")
    draft.remove(first + 1, draft.row("200", "data", "type", 4))
    return draft.text


REFUSED: dict[str, tuple[Callable[[Path], str], str]] = {
    "another operation": (lambda _: SMALL.read_text(), "this is the page of POST /boxes"),
    "half a page": (lambda _: PAGE[: len(PAGE) // 2], "line "),
    "a page without most of its fields": (lambda _: _cut(), "fields of the fragment are on this"),
    "HTML": (lambda _: "<!DOCTYPE html>\n<html><body># A page</body></html>", "line 1"),
    "nothing": (lambda _: "", "line 1"),
    "no commit": (_dirty, "has changes that are not committed (stray); commit them first"),
    "a fragment with an error": (_broken, "not usable YAML"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_what_cannot_be_adopted(
    name: str, dry: list[str], root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is one sentence that says where, with exit status 2, and not a byte changes."""
    make, told = REFUSED[name]
    head = git(root, "rev-parse", "HEAD").strip()
    page = tmp_path / "page.md"
    page.write_text(make(root), encoding="utf-8")
    before = git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD")
    try:
        assert adopt.main([str(page), *dry, "--root", str(root)]) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n"), told in said.err) == ("", 1, True), said.err
        assert before == (git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD"))
    finally:
        git(root, "reset", "--quiet", "--hard", head)
