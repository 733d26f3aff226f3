"""Both forms of a page give the same facts, and what neither form has is refused."""

from pathlib import Path

import pytest

from tests.page.drafts import Draft
from tests.page.newer import INDEX, newer
from tests.page.test_check_docs import SAVED, text_of
from upkeep.drift.page_facts import page_facts
from upkeep.page import reader
from upkeep.page.model import PageError

SMALL = Path(__file__).parent / "pages" / "small.md"


@pytest.mark.parametrize("which", ["written", "saved"])
def test_both_forms_give_the_same_facts(which: str) -> None:
    """A page written anew in the newer form has all the facts of the older."""
    old, new = (
        {key: fact.value for key, fact in page_facts(page, descriptions=True).items()}
        for page in (reader.read(text_of(which)), reader.read(newer(text_of(which))))
    )
    assert old == new
    marks = (
        "{% tabs %}",
        "{% tab label=",
        "{% alert",
        "## v2 (latest)",
        "### Request Body",
        "| **",
    )
    assert all(mark in newer(text_of(which)) for mark in (*marks, "llms.txt", "Allowed values:"))


def test_lines_are_those_of_the_file() -> None:
    """Line breaks, alerts and dropped lines move no line number: each row stands where it is."""
    text = newer(text_of("written"))
    lines = text.split("\n")
    for (topic, subject), fact in page_facts(reader.read(text)).items():
        if topic == "field":
            assert f"| {subject[-1]} " in lines[fact.line - 1]


UNKNOWN = [
    '{% stepper kind="x" %}',
    "{% /stepper %}",
    "Words {% icon %} and words.",
    "## Another heading",
    "<cell_type=code>",
]


@pytest.mark.parametrize("mark", UNKNOWN)
@pytest.mark.parametrize("form", ["older", "newer"])
def test_an_unknown_mark_is_refused(mark: str, form: str) -> None:
    """A mark of a form that the reader does not know is refused as such, with its line."""
    draft = Draft(text_of("written") if form == "older" else newer(text_of("written")))
    line = draft.insert(draft.find("### Overview") + 1, mark)
    with pytest.raises(PageError, match="a newer form than this reader knows") as caught:
        reader.read(draft.text)
    assert caught.value.line == line


def test_an_unknown_mark_in_a_code_block_is_text() -> None:
    """What stands between fences is an example, never a mark."""
    draft = Draft(text_of("written"))
    draft.sub(draft.value("200", '"priority"'), "P4", "{% icon %}")
    assert reader.read(draft.text).unread == ()


@pytest.mark.parametrize(("old", "new"), [("| string |", "| <anyOf> |"), ("| key |", "| <key> |")])
def test_an_unknown_tag_in_a_row_is_refused(old: str, new: str) -> None:
    """A tag in place of a name or a type is refused with its line; `[<oneOf>]` is known."""
    draft = Draft(text_of("written"))
    line = draft.row("200", "attributes", "key")
    draft.sub(line, old.replace("|", r"\|"), new)
    with pytest.raises(PageError, match="newer form") as caught:
        reader.read(draft.text)
    assert caught.value.line == line


def test_one_of_is_read_with_its_options() -> None:
    """A member of one of several forms keeps its type, and each option is a field below it."""
    draft = Draft(text_of("written"))
    line = draft.row("200", "attributes", "title")
    draft.insert(
        line,
        "| attributes | parts | [<oneOf>] | Parts. |",
        "| parts | Option 1 | object | One. |",
        "| Option 1 | size | int64 | Of it. |",
    )
    facts = page_facts(reader.read(draft.text))
    where = ("200", "data", "attributes", "parts")
    assert facts["array", where].value == "[<oneOf>]"
    assert facts["type", (*where, "Option 1", "size")].value == "integer"


@pytest.mark.parametrize("mark", ["{% tabs %}", "{% /tabs %}", '{% alert level="info" %}'])
def test_what_is_not_closed_is_refused(mark: str) -> None:
    """A group of tabs or an alert that is not closed, or closes nothing, is refused at its line."""
    draft = Draft(text_of("written"))
    line = draft.insert(draft.find("### Overview") + 1, mark)
    with pytest.raises(PageError, match="clos") as caught:
        reader.read(draft.text)
    assert caught.value.line == line


def test_the_saved_page_is_read_like_yesterday_with_the_new_line_on_top() -> None:
    """The line of the index under the front matter is furniture in the older form, too."""
    text = text_of("saved" if SAVED.exists() else "written")
    draft = Draft(text)
    draft.insert(draft.find("---", 1), "", INDEX)
    assert reader.read(draft.text).unread == ()
