"""What `regenerate` renders is used before it says so; what it refuses, it refuses at its place."""

import copy
import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servicenow_contract.contract import documents
from tests.codegen.rendered_edits import REFUSED, TOGETHER, WORKING, Refused, member
from tests.specimen import FILE, FRAGMENT
from upkeep.codegen import command as regenerate
from upkeep.codegen import generator, names, rendering, source
from upkeep.mutation.fragment.edits import Edit, many, setting
from upkeep.mutation.fragment.judges import write
from upkeep.paths import TARGET

PACKAGE = TARGET.parent.name
TRIED = 3
"""So many of the results are tried again, in a process that knows nothing of `regenerate`."""
USE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from datadog_servicenow_tickets import models
from datadog_servicenow_tickets._generated.contract import MAX_FINDINGS
example = json.load(sys.stdin)
case = models.CaseResponse.from_dict(example)
assert case.to_dict() == example
assert case.data.attributes.title == "A title for the case."
print(json.dumps([models.__file__, MAX_FINDINGS]))
"""


class Place:
    """A fragment to be edited, and a package with its rendered tree."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.fragment = folder / "fragment.yaml"
        self.package = folder / PACKAGE
        self.target = self.package / "_generated"
        self._capsys = capsys
        shutil.copytree(TARGET.parent, self.package)  # compiled as it is

    def run(self, edit: Edit) -> tuple[int, str]:
        """Regenerate from the edited fragment; the status, and what was said of a failure."""
        write(_edited(edit), self.fragment)
        status = regenerate.main(["--fragment", str(self.fragment), "--target", str(self.target)])
        return status, self._capsys.readouterr().err

    def refusal(self, where: str) -> str:
        """How a refusal of something in the fragment begins."""
        return f"regenerate: {documents.read(self.fragment).error(where, '')}"


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    """A place of the test's own."""
    return Place(tmp_path, capsys)


@pytest.mark.parametrize("number", range(len(TOGETHER)))
def test_what_can_be_rendered_is(number: int, place: Place) -> None:
    """The edits give a tree that was used: all of it imported, examples read, requests sent."""
    assert place.run(many(*(WORKING[name] for name in TOGETHER[number]))) == (0, "")
    if number < TRIED:
        _can_be_used(place)


def test_everything_that_can_be_rendered_is() -> None:
    """Each edit is in one of the trees, and no two of a tree are of one place."""
    assert sorted(itertools.chain(*TOGETHER)) == sorted(WORKING)
    for names_of_edits in TOGETHER:
        ways = (names_of_edits, names_of_edits[::-1])
        one, other = (_edited(many(*(WORKING[name] for name in names))) for names in ways)
        assert one == other


def _edited(edit: Edit) -> Any:
    document = copy.deepcopy(dict(FRAGMENT.document))
    edit(document)
    return document


def _can_be_used(place: Place) -> None:
    """A process that knows nothing of `regenerate` reads and writes the example with the result."""
    fragment = source.read(place.fragment)
    example = fragment.response_example(200)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(place.package.parent)],
        input=json.dumps(example),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    file, found = json.loads(done.stdout)
    assert Path(file).is_relative_to(place.package)
    assert found == fragment.limit


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_rendered_is_refused_at_its_place(refused: Refused, place: Place) -> None:
    """The edit is one sentence with line and pointer, exit status 2, and not a byte changes."""
    before = rendering.files(place.package)
    status, said = place.run(refused.edit)
    assert status == 2
    assert said.startswith(place.refusal(refused.where))
    assert refused.words in said
    assert said.count("\n") == 1
    assert "UntrustedString" not in said
    assert rendering.files(place.package) == before
    assert sorted(each.name for each in place.package.parent.iterdir()) == [
        PACKAGE,
        place.fragment.name,
    ]


def _without_names(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(names, "free", lambda *_: None)


def _with_the_tag(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(generator, "_NAMES", {})


@pytest.mark.parametrize(
    ("spoil", "edit", "told"),
    [
        (_without_names, member("to_dict"), "the example cannot be read and written: TypeError"),
        (_without_names, member("field_dict"), "the example cannot be read and written: ValueErr"),
        (
            _without_names,
            setting("/components/schemas/CustomAttributes/properties", {"prop": {}}),
            "the model of the example writes another",
        ),
        (_without_names, member("from_dict"), "the example cannot be read"),
        (_with_the_tag, WORKING["another tag"], "it cannot be imported: ModuleNotFoundError"),
        (_with_the_tag, WORKING["another operationId"], "it cannot be imported: ImportError"),
    ],
)
def test_a_tree_that_does_not_work_is_noticed(
    spoil: Callable[[pytest.MonkeyPatch], None],
    edit: Edit,
    told: str,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were the rendering at fault, using the result would show it, and the old tree would stay."""
    spoil(monkeypatch)
    before = rendering.files(place.package)
    status, said = place.run(edit)
    assert status == 2
    assert f"the client does not work with this: {told}" in said
    assert said.count("\n") == 1
    assert rendering.files(place.package) == before


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (("_messages/answers.py", "raise RuntimeError('mine')"), "RuntimeError: mine (answers.py:"),
        (("_messages/answers.py", "import os; os._exit(3)"), "its process ended with 3"),
        (("_messages/answers.py", "raise SystemExit(0)"), "its process ended with 0"),
        (("client.py", "Client.attach_detailed = lambda *_, **__: 1/0"), "ZeroDivisionError"),
        (("client.py", "del Client.attach_findings_detailed"), "AttributeError"),
    ],
)
def test_the_policy_beside_the_target_is_used(
    spoil: tuple[str, str], told: str, place: Place
) -> None:
    """The hand-written modules around the target are part of what has to work."""
    module = place.package / spoil[0]
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{spoil[1]}\n", encoding="utf-8")
    status, said = place.run(setting("/info/version", "1.0.1"))
    assert (status, told in said) == (2, True), said
    assert said.count("\n") == 1


def test_what_the_client_prints_is_no_verdict(place: Place) -> None:
    """A client that prints while it is imported works."""
    module = place.package / "_messages/answers.py"
    module.write_text(f"{module.read_text(encoding='utf-8')}\nprint('null')\n", encoding="utf-8")
    assert place.run(setting("/info/version", "1.0.1")) == (0, "")


def test_a_plain_date_in_an_example_is_its_text(place: Place) -> None:
    """A date without quotes is the text that stands there, and comes back as it."""
    text = FILE.read_text(encoding="utf-8")
    assert "due_date: '2025-01-01'" in text
    place.run(setting("/info/version", "1.0.1"))
    place.fragment.write_text(text.replace("due_date: '2025-01-01'", "due_date: 2025-01-01"))
    options = ["--fragment", str(place.fragment), "--target", str(place.target)]
    assert regenerate.main(options) == 0
    example: Any = documents.read(place.fragment).value
    assert "datetime" not in repr(example)


def test_what_a_site_is_called() -> None:
    """A site has the name that Datadog gives it, a new one too; of another domain, its own."""
    called = {
        "datadoghq.com": "US1",
        "datadoghq.eu": "EU",
        "ddog-gov.com": "US1_FED",
        "uk1.datadoghq.com": "UK1",
        "us3.ddog-gov.com": "US3_FED",
        "eu2.datadoghq.eu": "EU2",
        "dog-1.example.org": "DOG_1_EXAMPLE_ORG",
        "7.datadoghq.com": "SITE_7",
        ".": "SITE",
    }
    assert {site: name for name, site in names.of_sites(called)} == called
