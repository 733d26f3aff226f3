"""A branch that lacks its rendered tree gets it as a pull request, with the comparison as text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.release.snapshot import commit, git, snapshot
from upkeep.codegen import propose, rendering

FRAGMENT = "openapi/servicenow_tickets.yaml"
TREE = "generated_client/datadog_servicenow_tickets/_generated"
TOKEN = "a-token-that-is-secret"
# Notes its arguments and the body, and answers as gh does; $GH_OPEN is the open pull request.
GH = """#!/bin/sh
echo "$@" >>"$GH_LOG"
for argument; do case $argument in --body-file=*) cat "${argument#*=}" >>"$GH_LOG" ;; esac; done
case "$1 $2" in
    "pr list") echo "$GH_OPEN" ;;
    "pr create") echo "pull/7" ;;
    "pr edit" | "workflow run") ;;
    *) echo "gh: no such command" >&2; exit 1 ;;
esac
"""
ADOPT = """#!/bin/sh
echo "# A comment of ours." >>"${0%/scripts/adopt}/openapi/servicenow_tickets.yaml"
echo "adopted $1"
exit 1
"""
COMPARE = """#!/bin/sh
echo "compared with $1, $2"
exit 1
"""


class Place:
    """A repository with a remote, and a `gh` that notes what it is asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = snapshot(folder / "root", "openapi", "generated_client", "scripts/build")
        self.log = folder / "log"
        self.git("init", "--quiet", "--bare", str(folder / "remote"))
        self.git("remote", "add", "origin", str(folder / "remote"))
        self.script(self.root / "scripts" / "compare", COMPARE)
        commit(self.root)
        (folder / "bin").mkdir()
        self.script(folder / "bin" / "gh", GH)
        monkeypatch.setenv("PATH", str(folder / "bin"), prepend=":")
        for name, value in {"GH_LOG": str(self.log), "GH_OPEN": "", "GH_TOKEN": TOKEN}.items():
            monkeypatch.setenv(name, value)

    @staticmethod
    def script(path: Path, text: str) -> None:
        """Write an executable."""
        path.write_text(text)
        path.chmod(0o755)

    def git(self, *arguments: str) -> str:
        """What git prints in the repository."""
        return git(self.root, *arguments)

    def edit(self) -> None:
        """Commit a change of the fragment without its rendered tree."""
        path = self.root / FRAGMENT
        path.write_text(f"{path.read_text()}# A comment of ours.\n")
        commit(self.root)

    def propose(self, branch: str = "a/topic", *more: str) -> int:
        """Run the command."""
        return propose.main(["--root", str(self.root), f"--branch={branch}", *more])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A repository that could propose."""
    return Place(tmp_path, monkeypatch)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendering, without the time that it takes."""

    def replace(fragment: Path, target: Path) -> int:
        (target / "contract.py").write_text(fragment.read_text())
        return 1

    monkeypatch.setattr(rendering, "replace", replace)


def test_proposal(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """What regenerate gives is pushed as one commit, and opened with what compare says."""
    place.edit()
    before = place.git("rev-parse", "HEAD").strip()
    assert place.propose() == 0
    assert capsys.readouterr().out == "proposed to a/topic: pull/7\n"
    pushed = place.git("ls-remote", "origin").split()
    assert pushed[1:] == ["refs/heads/regenerate/a/topic"]
    assert place.git("rev-parse", f"{pushed[0]}^").strip() == before
    changed = place.git("diff", "--name-only", before, pushed[0]).split()
    assert f"{TREE}/contract.py" in changed
    assert all(name.startswith(f"{TREE}/") for name in changed)
    assert rendering.differing(place.root / FRAGMENT, place.root / TREE) == []
    said = place.log.read_text()
    assert "pr create --head=regenerate/a/topic --base=a/topic" in said
    assert "--markdown" in said
    assert said.splitlines()[-1] == "workflow run check.yml --ref=regenerate/a/topic"
    assert "close and reopen this" in said
    assert TOKEN not in said


def test_adopted_page(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A page is adopted, and goes into no commit; what adopt says is part of the text."""
    place.script(place.root / "scripts" / "adopt", ADOPT)
    commit(place.root)
    page = place.root / "page.md"
    page.write_text("The page.")
    assert place.propose("main", f"--page={page}") == 0
    assert capsys.readouterr().out == "proposed to main: pull/7\n"
    assert place.git("diff", "--name-only", "HEAD~1", "HEAD").split() == [FRAGMENT]
    assert place.git("log", "-1", "--format=%s").strip() == propose.ADOPTED
    said = place.log.read_text()
    assert f"adopted {page}" in said
    assert f"--title={propose.ADOPTED}" in said
    assert page.read_text() == "The page."


def test_page_that_cannot_be_adopted(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """What adopt refuses is told in its own sentence, and nothing is proposed."""
    place.script(place.root / "scripts" / "adopt", "#!/bin/sh\necho 'adopt: no page' >&2\nexit 2\n")
    commit(place.root)
    assert place.propose("main", "--page=page.md") == 2
    assert capsys.readouterr().err == "propose: adopt: no page\n"
    assert not place.log.exists()


@pytest.mark.usefixtures("rendered")
def test_base_is_the_last_release(place: Place) -> None:
    """The comparison is with the newest release; before one, with the last rendered commit."""
    assert place.propose() == 0
    rendered = place.git("rev-list", "--max-parents=0", "HEAD").strip()
    assert f"compared with {rendered}, --markdown" in place.log.read_text()
    place.git("tag", "v1.0.0")
    place.edit()
    assert place.propose() == 0
    assert "compared with v1.0.0, --markdown" in place.log.read_text()


@pytest.mark.usefixtures("rendered")
def test_open_proposal_is_renewed(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second change renews the pull request that is open, and replaces its branch."""
    assert place.propose() == 0
    monkeypatch.setenv("GH_OPEN", "7")
    place.git("switch", "--quiet", "--detach", "HEAD~1")
    place.edit()
    assert place.propose() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "pull request 7 to a/topic was updated"
    assert "pr edit 7" in place.log.read_text()
    [head, _] = place.git("ls-remote", "origin").split()
    assert head == place.git("rev-parse", "HEAD").strip()


def test_nothing_to_propose(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A branch that holds its rendered tree gets nothing, and gh is not asked."""
    monkeypatch.setattr(rendering, "replace", lambda *_: 1)
    assert place.propose() == 0
    assert "nothing to propose" in capsys.readouterr().out
    assert not place.log.exists()
    assert place.git("ls-remote", "origin") == ""


@pytest.mark.usefixtures("rendered")
@pytest.mark.parametrize(
    ("branch", "spoil", "told"),
    [
        ("regenerate/a", lambda _: None, "regenerate/a is itself a proposal"),
        ("--force", lambda _: None, "check-ref-format"),
        ("a", lambda place: (place.root / "stray").touch(), "not committed (stray)"),
        ("a", lambda place: place.git("remote", "remove", "origin"), "push"),
        (
            "a",
            lambda place: place.script(place.log.parent / "bin" / "gh", "#!/bin/sh\nexit 4\n"),
            "gh pr list: exit status 4",
        ),
    ],
)
def test_refusals(
    place: Place,
    branch: str,
    spoil: Callable[[Place], object],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What cannot be proposed ends with the reason, and 2."""
    spoil(place)
    assert place.propose(branch) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert TOKEN not in error


@pytest.mark.usefixtures("rendered")
def test_no_comparison(place: Place) -> None:
    """Where compare cannot compare, the proposal says so and is made."""
    place.script(place.root / "scripts" / "compare", "#!/bin/sh\necho no base >&2\nexit 2\n")
    commit(place.root)
    assert place.propose() == 0
    assert "No comparison: no base" in place.log.read_text()
