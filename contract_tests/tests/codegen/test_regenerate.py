"""The rendered tree is what the fragment gives; a run that fails leaves it as it was."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.specimen import FILE
from upkeep.codegen import command as regenerate
from upkeep.codegen import rendering
from upkeep.paths import FRAGMENT, TARGET

Edit = Callable[[str], str]


@pytest.fixture
def fragment(tmp_path: Path) -> Path:
    """A copy of the fragment, to be edited."""
    return Path(shutil.copy(FRAGMENT, tmp_path / "fragment.yaml"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A copy of the rendered tree."""
    return Path(
        shutil.copytree(
            TARGET, tmp_path / "_generated", ignore=shutil.ignore_patterns("__pycache__")
        )
    )


def _run(fragment: Path, target: Path, *options: str) -> int:
    return regenerate.main(["--fragment", str(fragment), "--target", str(target), *options])


def test_up_to_date(fragment: Path, target: Path) -> None:
    """The tree in the repository is what its fragment gives, and checking it writes nothing."""
    before = rendering.files(target)
    assert _run(fragment, target, "--check") == 0
    assert rendering.files(target) == before


def test_two_runs_are_identical(fragment: Path, target: Path) -> None:
    """Rendering again, in another process, gives the same bytes."""
    before = rendering.files(target)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "upkeep.codegen.command",
            "--fragment",
            fragment,
            "--target",
            target,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert rendering.files(target) == before


def test_header() -> None:
    """Every module says that it is not to be edited, and which command renders it."""
    modules = [*TARGET.rglob("*.py")]
    assert len(modules) > 25
    for module in modules:
        assert module.read_text(encoding="utf-8").startswith(rendering.HEADER), module
    assert "./scripts/regenerate" in rendering.HEADER
    assert "Do not edit" in rendering.HEADER


def test_stale_files_go(fragment: Path, target: Path) -> None:
    """What an earlier fragment gave and this one does not is gone after a run."""
    (target / "models" / "of_yesterday.py").write_text(rendering.HEADER, encoding="utf-8")
    (target / "models" / "__pycache__").mkdir()
    (target / "models" / "__pycache__" / "of_yesterday.cpython-311.pyc").touch()
    assert _run(fragment, target) == 0
    assert not (target / "models" / "of_yesterday.py").exists()
    assert sorted(path.name for path in target.parent.iterdir()) == ["_generated", "fragment.yaml"]


def _foreign_targets(folder: Path, rendered: Path) -> Iterator[tuple[Path, str]]:
    """Targets in which something would be lost, and what is said of each."""
    document = folder / "document"
    document.write_text("mine", encoding="utf-8")
    yield document, "it is not a folder"
    empty = folder / "empty"
    empty.mkdir()
    for name, to in (("link", empty), ("link-to-rendered", rendered), ("leads-nowhere", "gone")):
        (folder / name).symlink_to(to)
        yield folder / name, "it is a symbolic link"
    yield folder, "was not rendered"
    for name, content in (
        ("models/mine.py", "mine"),
        ("notes.txt", "mine"),
        ("empty.py", ""),
        ("__pycache__/notes.txt", "mine"),
        (".git/HEAD", "mine"),
    ):
        tree = Path(shutil.copytree(rendered, folder / name.replace("/", "-")))
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(content, encoding="utf-8")
        yield tree, f"{name} in it was not rendered"
    tree = Path(shutil.copytree(rendered, folder / "with-link"))
    (tree / "linked.py").symlink_to(rendered / "types.py")
    yield tree, "linked.py in it was not rendered"
    yield folder / "absent" / "deeper", "there is no folder"


def test_foreign_target_stays(
    fragment: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A target that holds anything that was not rendered here is refused and not touched."""
    place = target.parent / "place"
    place.mkdir()
    for path, told in _foreign_targets(place, target):
        before = sorted(place.rglob("*")), rendering.files(place)
        assert _run(fragment, path) == 2, path
        error = capsys.readouterr().err
        assert told in error
        assert str(path) in error
        assert error.count("\n") == 1
        assert (sorted(place.rglob("*")), rendering.files(place)) == before


@pytest.mark.parametrize("make", [lambda _path: None, Path.mkdir])
def test_new_target(make: Callable[[Path], None], fragment: Path, target: Path) -> None:
    """A folder that is absent or empty becomes the rendered tree."""
    make(target.parent / "new")
    assert _run(fragment, target.parent / "new") == 0
    assert rendering.files(target.parent / "new") == rendering.files(target)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda tree: (tree / "models" / "case.py").unlink(), "missing: models/case.py"),
        (lambda tree: (tree / "models" / "more.py").touch(), "stray: models/more.py"),
        (lambda tree: (tree / "types.py").write_text("#"), "differs: types.py"),
    ],
)
def test_check_names_differences(
    fragment: Path,
    target: Path,
    spoil: Callable[[Path], None],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing, a stray and an edited file are each named, and left as they are."""
    spoil(target)
    before = rendering.files(target)
    assert _run(fragment, target, "--check") == 1
    assert told in capsys.readouterr().out
    assert rendering.files(target) == before


def _replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (_replaced("openapi: 3.1.0", "openapi: [3.1.0"), ":5: not usable YAML"),
        (
            _replaced("servers:\n", "info: {}\nservers:\n"),
            ":11: /info: appears twice",
        ),
        (
            _replaced("schemas/CasesType'", "schemas/CaseType'"),
            "/components/schemas/Case/properties/type: $ref '#/components/schemas/CaseType'",
        ),
        (
            _replaced("'#/components/schemas/CasesType'", "'other.yaml#/CasesType'"),
            "/components/schemas/Case/properties/type: $ref 'other.yaml#/CasesType' leaves",
        ),
        (_replaced("type: string\n", "type: text\n"), '"text" is not valid'),
        (_replaced("operationId: A", "operationId: [1]\n      x-a: A"), "not OpenAPI 3.1"),
        (_replaced("enum: [cases]", "enum: [cases, 1]"), "/CasesType/enum/1: a value of another"),
        (_replaced("in: header", "in: head"), "/components/securitySchemes/apiKeyAuth"),
        (
            _replaced(
                "      responses:\n",
                "      parameters: [{name: q, in: query, schema: {}}]\n      responses:\n",
            ),
            "extend generated_client/codegen/templates",
        ),
        (
            _replaced("          appKeyAuth: []\n", "        - appKeyAuth: []\n"),
            "/security: this has more than 1 item; the contract has one alternative",
        ),
        (lambda _text: "", ":1: the file is empty"),
        (lambda _text: "- a list", ':1: this is not of type "object"'),
    ],
)
def test_bad_fragment(
    fragment: Path, target: Path, edit: Edit, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unusable fragment stops the run with its place, and the tree stays as it was."""
    before = rendering.files(target)
    fragment.write_text(edit(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    for options in ([], ["--check"]):
        assert _run(fragment, target, *options) == 2
        error = capsys.readouterr().err
        assert told in error
        assert str(fragment) in error
        assert "Traceback" not in error
    assert rendering.files(target) == before


def test_missing_fragment(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fragment that is not there is named."""
    assert _run(Path("nowhere.yaml"), target) == 2
    assert "nowhere.yaml: cannot be read" in capsys.readouterr().err


def test_strings_stay_strings(fragment: Path, target: Path) -> None:
    """Quotes, backslashes and line breaks in the fragment's prose and patterns are never code."""
    hostile = 'A \\" \'\'\' """ {{ 7*7 }} \\N \\n\n        import os; os.abort() #'
    text = FILE.read_text(encoding="utf-8").replace(
        "description: A case.\n", f"description: |\n        {hostile}\n"
    )
    fragment.write_text(
        text.replace("version: 1.0.0", "version: '1.0.0\" + boom() + \"'"), encoding="utf-8"
    )
    assert _run(fragment, target) == 0
    for module in target.rglob("*.py"):
        compile(module.read_text(encoding="utf-8"), str(module), "exec")
    contract: dict[str, object] = {}
    exec((target / "contract.py").read_text(encoding="utf-8"), contract)  # noqa: S102 - it is the fact
    assert contract["FRAGMENT_VERSION"] == '1.0.0" + boom() + "'
