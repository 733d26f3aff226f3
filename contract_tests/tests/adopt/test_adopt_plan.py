"""Every single edit of a page is carried into the fragment, or named as left to a person."""

import itertools
from pathlib import Path

import pytest

from servicenow_contract.contract.fragment import Fragment
from tests.adopt.row_edits import PageEdit, edits
from tests.page.drafts import OP, Draft, Edit, S, row_added
from tests.page.edits import EDITS
from tests.page.test_check_docs import text_of
from tests.specimen import FILE
from upkeep.adopt.plan import Plan
from upkeep.codegen import source
from upkeep.drift.command import against_fragment
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.report import Difference
from upkeep.page import reader
from upkeep.paths import GAP

GOOD = FILE.read_text(encoding="utf-8")
SAMPLED = [*itertools.islice(edits(), 0, None, 29)]
"""One in 29 of the edits by table; all of them take minutes."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of the fragment."""
    path = tmp_path / "fragment.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def hold(text: str, file: Path) -> Plan:
    """What is not carried is named, the fragment can be used, and no comment is lost or moved."""
    found = differences(text, file)
    plan = Plan(reader.read(text), file)
    plan.work()
    assert plan.carried or plan.left or not found
    left, remain = (
        {each.subject for each in some}
        for some in ((each.difference for each in plan.left), differences(text, file))
    )
    assert left <= remain
    assert bool(left) == bool(remain)
    assert all(each.why for each in plan.left)
    Fragment.read(file)
    _hold_comments(file.read_text(encoding="utf-8"))
    return plan


def differences(text: str, file: Path) -> list[Difference]:
    """What check-docs says of a page and a fragment."""
    return against_fragment(reader.read(text), Facts(source.read(file)))


def _hold_comments(now: str) -> None:
    lines, before = now.split("\n"), GOOD.split("\n")
    for at, line in enumerate(before):
        below = before[at + 1] if at + 1 < len(before) else ""
        if line.lstrip().startswith("#") and before.count(below) == 1 and below in lines:
            assert lines[lines.index(below) - 1] == line


@pytest.mark.parametrize("edit", SAMPLED, ids=[each.name.replace(" ", "-") for each in SAMPLED])
def test_an_edit_by_table(edit: PageEdit, file: Path) -> None:
    """Whichever row is edited, and how: carried, or left with a reason."""
    hold(edit.text, file)


CARRIED = [
    *("row removed", "row added", "row added below", "row added to an error", "row moved down"),
    *("row removed that the next one resembles", "type changed", "type with another format"),
    *("list becomes one", "one becomes a list", "format removed", "format added", "format changed"),
    *("required mark added", "required mark removed", "field marked deprecated", "site added"),
    *("enum value changed", "enum value added", "text gains values", "example altered"),
    *("example gains a member", "example removed"),
    *("example loses a member", "status added", "status removed", "site removed", "limit changed"),
    *("permission changed", "permission added", "permission removed", "all permissions needed"),
    *("header renamed", "media type of the answer", "media type of the request"),
]
"""What is mechanical for certain."""


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name.replace(" ", "-"))
def test_an_edit_by_hand(edit: Edit, file: Path) -> None:
    """Every kind of edit of a page: carried whole where it is mechanical, else left, and why."""
    draft = Draft(text_of("written"))
    edit.make(draft)
    plan = hold(draft.text, file)
    if edit.name in CARRIED:
        assert (bool(plan.carried), plan.left) == (True, [])


def test_the_words_of_the_page_stay_on_the_page(file: Path) -> None:
    """A new member has a gap where its description will be, and nothing that the page says."""
    draft = Draft(text_of("written"))
    cells = ("insights", "linked_at", "date-time", "A sentence of somebody else.")
    row_added(("200", "insights", "type"), *cells)(draft)
    hold(draft.text, file)
    member = Fragment.read(file).at(f"{S}/Insight/properties/linked_at")
    assert member == {"description": GAP, "type": "string", "format": "date-time"}
    assert "somebody else" not in file.read_text(encoding="utf-8")


def test_a_member_that_is_called_otherwise(file: Path) -> None:
    """Where type, place and example agree, a member is renamed, and keeps its words."""
    draft = Draft(text_of("written"))
    draft.sub(draft.row("200", "insights", "ref"), r"\| ref ", "| link ")
    draft.sub(draft.value("200", '"ref"'), '"ref"', '"link"')
    plan = hold(draft.text, file)
    assert [each.difference.kind for each in plan.carried] == ["field-moved"]
    before, after = (Fragment.read(each).at(f"{S}/Insight/properties") for each in (FILE, file))
    assert [*after] == ["link" if name == "ref" else name for name in before]
    assert after["link"] == before["ref"]


def test_a_member_whose_example_is_another_is_another(file: Path) -> None:
    """Its twin: with another value in the example, one member goes and another comes."""
    draft = Draft(text_of("written"))
    draft.sub(draft.row("200", "insights", "ref"), r"\| ref ", "| link ")
    draft.sub(draft.value("200", '"ref"'), '"ref": "', '"link": "of ours ')
    plan = hold(draft.text, file)
    kinds = [each.difference.kind for each in plan.carried]
    assert kinds[:2] == ["field-added", "field-removed"]
    assert Fragment.read(file).at(f"{S}/Insight/properties/link/description") == GAP


def test_what_one_of_several_places_says_is_said_of_that_one(file: Path) -> None:
    """A schema that several fields share is copied for the one that the page tells apart."""
    draft = Draft(text_of("written"))
    draft.sub(draft.row("200", "data", "id", 2), r"\| id \[\*required\*\]", "| id")
    hold(draft.text, file)
    contract = Fragment.read(file)
    marks = [
        contract.resolve(contract.resolve(contract.at(f"{place}/{name}"))["properties"]["data"])[
            "required"
        ]
        for place, name in (
            (f"{S}/CaseAttributes/properties", "assigned_to"),
            (f"{S}/CaseRelationships/properties", "created_by"),
            (f"{S}/CaseRelationships/properties", "modified_by"),
        )
    ]
    assert sorted(marks) == [["id", "type"], ["id", "type"], ["type"]]


def test_a_value_of_one_of_several_places(file: Path) -> None:
    """A value that only the request's project may have is no value of the answer's."""
    draft = Draft(text_of("written"))
    draft.sub(draft.row("request", "data", "type", 1), "`projects`", "`projects,teams`")
    assert hold(draft.text, file).left == []
    contract = Fragment.read(file)
    place = contract.resolve(contract.at(f"{S}/CaseRelationships/properties/project"))
    for part in ("data", "type"):
        place = contract.resolve(place["properties"][part])
    assert place["enum"] == ["projects"]


def test_an_example_that_is_gone_stays_as_our_own(file: Path) -> None:
    """The suite needs an example, so it is kept with a mark; when the page shows one, that goes."""
    draft = Draft(text_of("written"))
    first = draft.find('title="Example"', draft.part("429"))
    draft.remove(first, draft.find("{% /tab %}", first))
    assert hold(draft.text, file).left == []
    media = Fragment.read(file).at(f"{OP}/responses/429/content/application~1json")
    assert (media["x-own-example"], media["example"]) == (True, {"errors": ["Bad Request"]})
    plan = Plan(reader.read(text_of("written")), file)
    plan.work()
    assert plan.left == []
    assert "x-own-example" not in file.read_text(encoding="utf-8")


def test_a_limit_is_set_in_our_own_words_too(file: Path) -> None:
    """The number of the limit changes wherever a description names it."""
    draft = Draft(text_of("written"))
    limit = Fragment.read(FILE).max_findings
    draft.sub(draft.find(f"up to {limit}"), str(limit), "77")
    hold(draft.text, file)
    now = file.read_text(encoding="utf-8")
    assert Fragment.read(file).max_findings == 77
    assert (f" {limit} at the most" in now, now.count(" 77 at the most")) == (False, 2)


def test_a_limit_that_is_gone_is_gone_from_our_words(file: Path) -> None:
    """The fragment can be used without a limit, and each description that names it wants words."""
    draft = Draft(text_of("written"))
    draft.sub(draft.find("up to 50"), "up to 50", "all")
    assert hold(draft.text, file).left == []
    assert Fragment.read(file).limit is None
    assert file.read_text(encoding="utf-8").count(GAP) == 2
