"""`check-docs` reports each difference between a page and the fragment, and no other."""

import copy
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import tests.contract
from servicenow_contract.contract import documents
from servicenow_contract.contract.fragment import Fragment
from tests.page.drafts import OK, OP, Draft, Edit, S
from tests.page.edits import EDITS
from tests.page.writer import model_rows, schemas, write_page
from tests.specimen import FILE, FRAGMENT, PAGE_SHA256
from upkeep.drift import command as docs_check
from upkeep.drift.command import against_fragment, against_page
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.report import Difference
from upkeep.drift.schema_facts import FragmentError
from upkeep.drift.words import TOPICS
from upkeep.page import reader

HERE = Path(__file__).parent
URL = f"{S}/TicketAttributes/properties/servicenow_ticket_url"
SMALL = HERE / "pages" / "small.md"
SMALL_FRAGMENT = HERE / "pages" / "small.yaml"
SAVED = HERE.parents[3] / "shared/documentation/attach-security-findings-to-a-servicenow-ticket.md"


@cache
def the_contract() -> Facts:
    """The specimen's facts."""
    return Facts(FRAGMENT)


@cache
def text_of(which: str) -> str:
    """The page that the writer makes of the specimen, or the saved one that says the same."""
    if which == "written":
        return write_page(FRAGMENT.document)
    if not SAVED.exists():
        pytest.skip(f"the page is not here: {SAVED}")
    if hashlib.sha256(SAVED.read_bytes()).hexdigest() != PAGE_SHA256:
        pytest.skip(f"the specimen says what another page than {SAVED} says")
    return SAVED.read_text(encoding="utf-8")


def source_page() -> str:
    """The saved page that sources.yaml names, where it is."""
    [known] = yaml.safe_load(docs_check.SOURCES.read_text(encoding="utf-8"))
    if not SAVED.exists() or hashlib.sha256(SAVED.read_bytes()).hexdigest() != known["sha256"]:
        pytest.skip(f"the page that the fragment was written from is not here: {SAVED}")
    return SAVED.read_text(encoding="utf-8")


def differences(text: str) -> list[Difference]:
    """What check-docs finds on a page."""
    return against_fragment(reader.read(text), the_contract())


@pytest.mark.parametrize("which", ["written", "saved"])
def test_an_unedited_page_has_no_difference(which: str) -> None:
    """The specimen says what its page says, and nothing on the page stays unread."""
    assert differences(text_of(which)) == []
    assert reader.read(text_of(which)).unread == ()


def test_the_fragment_says_what_its_page_says() -> None:
    """The fragment agrees with the page that it was written from, and with one written of it."""
    ours = Facts(tests.contract.FRAGMENT)
    assert against_fragment(reader.read(write_page(tests.contract.FRAGMENT.document)), ours) == []
    assert against_fragment(reader.read(source_page()), ours) == []


@pytest.mark.parametrize("which", ["written", "saved"])
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name.replace(" ", "-"))
def test_an_edit_is_reported_at_its_place_and_alone(which: str, edit: Edit) -> None:
    """One edit of a page gives the difference of its kind, at its pointer and line."""
    draft = Draft(text_of(which))
    line = edit.make(draft)
    found = differences(draft.text)
    assert sorted(each.kind for each in found) == edit.kind.split()
    assert sorted(each.pointer for each in found) == edit.pointer.split()
    assert line in {each.line for each in found}


def test_every_row_can_go() -> None:
    """Whichever row is removed, the field of that row is reported, and no other."""
    document = FRAGMENT.document
    draft = Draft(text_of("written"))
    for part, schema in schemas(document):
        start = draft.find("| ---", draft.part(part)) + 1
        for number, row in enumerate(model_rows(document, schema)):
            shorter = Draft(draft.text)
            shorter.remove(start + number)
            found = differences(shorter.text)
            assert [(each.kind, each.subject) for each in found] == [
                ("field-removed", f"{part} {'.'.join(row.path)}")
            ]


def test_a_small_page_has_no_difference() -> None:
    """Maps of lists, lists of lists, defaults, marks and a limit in prose agree with small.yaml."""
    small = Facts(Fragment.of_any_shape(documents.read(SMALL_FRAGMENT)))
    assert against_fragment(reader.read_file(SMALL), small) == []


def changed_fragment(*edits: tuple[str, str, Any]) -> Facts:
    """The contract with some members set: where they stand, their name, their value."""
    document = copy.deepcopy(dict(FRAGMENT.document))
    for where, name, value in edits:
        Fragment(document, "").at(where)[name] = value
    return Facts(Fragment(document, ""))


@pytest.mark.parametrize(
    ("where", "name", "value", "kind"),
    [
        (f"{S}/FindingsRelationship/properties/data", "minItems", 1, "rule-removed"),
        (f"{S}/CaseAttributes/properties/title", "maxLength", 9, "rule-removed"),
        (f"{S}/CaseAttributes/properties/title", "type", ["string", "null"], "type-differs"),
        (f"{S}/Insight", "additionalProperties", False, "rule-removed"),
        (f"{S}/Insight", "required", ["nowhere"], "rule-removed"),
        (OP, "parameters", [{"name": "x", "in": "query"}], "rule-removed"),
        (f"{OP}/responses/429", "headers", {"Retry-After": {}}, "rule-removed"),
        (URL, "pattern", "^https://.*service-now[.]com/.*incident", "url-rule-differs"),
        (URL, "pattern", "^https://x[.]service-now[.]com/incident$", "url-example-differs"),
        ("/components/securitySchemes/apiKeyAuth", "name", "DD-KEY", "header-differs"),
        (f"{OK}/example/data", "id", 1, "example-differs"),
    ],
)  # fmt: skip
def test_what_only_the_fragment_says_is_reported(
    where: str, name: str, value: Any, kind: str
) -> None:
    """A rule of the fragment that the page does not state is a difference, at its own pointer."""
    [found] = against_fragment(
        reader.read(text_of("written")), changed_fragment((where, name, value))
    )
    assert found.kind == kind
    assert found.pointer.startswith(where)


def test_a_fragment_in_a_circle_is_refused() -> None:
    """A schema that contains itself has no table; the error says where."""
    itself = {"$ref": f"#{S}/Insight"}
    with pytest.raises(FragmentError, match="deeper"):
        changed_fragment((f"{S}/Insight/properties", "ref", itself))
    with pytest.raises(FragmentError, match="circle"):
        changed_fragment((S, "Insight", itself))


def test_two_pages_are_compared_with_descriptions() -> None:
    """Between two pages, altered descriptions and sentences count too, by pointer and line."""
    old = text_of("written")
    draft = Draft(old)
    line = draft.sub(draft.row("200", "insights", "ref"), r"\| [^|]+ \|$", "| Another. |")
    draft.sub(draft.find("up to 50"), "Attaches", "Adds")
    draft.sub(draft.find("# A page"), "A page", "The page")
    draft.insert(draft.row("200", "insights", "type"), "| insights | when | string | Of it. |")
    found = against_page(reader.read(draft.text), reader.read(old), the_contract())
    assert {(each.kind, each.pointer) for each in found} == {
        ("description-differs", f"{S}/Insight/properties/ref/description"),
        ("sentence-differs", f"{OP}/description"),
        ("title-differs", f"{OP}/summary"),
        ("field-added", f"{S}/Insight/properties/when"),
    }
    assert line in {each.line for each in found}
    assert against_page(reader.read(old), reader.read(old), the_contract()) == []


def test_each_kind_has_its_words() -> None:
    """Each edit's message and advice are whole sentences of a known topic."""
    for edit in EDITS:
        draft = Draft(text_of("written"))
        edit.make(draft)
        for found in differences(draft.text):
            assert found.kind.rpartition("-")[0] in TOPICS
            assert not re.search(r"\{[a-z]+\}", found.message + found.edit)
            assert found.edit.startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of the command, on the specimen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(docs_check, "FRAGMENT", FILE)
        status = docs_check.main([str(each) for each in arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 0 or 1; people get file, line and advice, machines the same as JSON."""
    same, other = tmp_path / "same.md", tmp_path / "other.md"
    same.write_text(text_of("written"))
    draft = Draft(text_of("written"))
    line = draft.sub(draft.find("up to 50"), "50", "60\x1b[2J")
    other.write_text(draft.text)
    status, out, err = run(capsys, same)
    assert (status, out.startswith(f"No difference between {same} and "), err) == (0, True, "")
    status, out, _ = run(capsys, other)
    assert status == 1
    assert f"{other}:{line}" in out
    assert "/maxItems to 60" in out
    status, out, _ = run(capsys, other, "--json")
    report = json.loads(out)
    assert (status, report["version"], report["page"]) == (1, 1, str(other))
    [found] = report["differences"]
    assert (found["kind"], found["line"], found["page"], found["other"]) == (
        "limit-differs", line, 60, 50
    )  # fmt: skip
    status, out, _ = run(capsys, other, "--against", same)
    assert status == 1
    assert "\x1b" not in out
    assert run(capsys, same, "--against", same)[0] == 0


def test_the_command_refuses_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 2, with one sentence that names file and line."""
    bad = tmp_path / "bad.md"
    bad.write_bytes(b"# A title\n\xff\n")
    for arguments in ([bad], [tmp_path], [tmp_path / "none.md"], [SMALL, "--against", bad]):
        status, out, err = run(capsys, *arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "line " in err
    assert run(capsys, bad)[2].startswith(f"check-docs: {bad}: line 2: ")
    status, out, _ = run(capsys, bad, "--json")
    assert (status, "line 2" in json.loads(out)["error"]) == (2, True)
    assert run(capsys, SMALL, "--fragment", bad)[0] == 2
    assert run(capsys, SMALL, "--unknown")[0] == 2
