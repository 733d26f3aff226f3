"""Nothing on a page changes in silence, and two statements of one fact are both read."""

import json
from pathlib import Path

import pytest
import yaml

from tests.page.drafts import Draft
from tests.page.newer import newer
from tests.page.test_check_docs import SMALL, differences, run, source_page, text_of, the_contract
from upkeep.drift import command as docs_check
from upkeep.drift.command import against_page
from upkeep.drift.wording import fingerprints
from upkeep.page import prose, reader
from upkeep.page.model import PageError

_BESIDE = [
    (
        "an arguments table",
        "### Request",
        ["### Arguments", "", "| Name | Type |", "| - | - |", "| a | VALUE |"],
    ),
    (
        "a second example",
        "### Code Example",
        ['{% tab title="201" %}', "```json", '{"a": "VALUE"}', "```", "{% /tab %}"],
    ),
    ("a second unread line", "### Request", ["#### Query Strings", "the first", "", "VALUE"]),
    (
        "a header tab",
        "### Code Example",
        ['{% tab title="Headers" %}', "VALUE", "{% /tab %}"],
    ),
]


@pytest.mark.parametrize(("name", "before", "lines"), _BESIDE, ids=[each[0] for each in _BESIDE])
def test_what_is_not_read_is_compared_whole(name: str, before: str, lines: list[str]) -> None:
    """One changed word of an unread part is told by --against; none is told of none."""
    texts = []
    for value in ("one", "two"):
        draft = Draft(text_of("written"))
        draft.insert(draft.find(before) - 1, *[line.replace("VALUE", value) for line in lines])
        texts.append(reader.read(draft.text))
    old, new = texts
    assert against_page(new, old, the_contract()), name
    assert against_page(old, old, the_contract()) == []


def test_text_below_a_table_is_not_passed_over() -> None:
    """What follows the rows of a Model table is told as unread, at its line."""
    draft = Draft(text_of("written"))
    last = draft.row("404", "", "errors")
    line = draft.insert(last, "", "Words below the rows.") + 1
    [found] = differences(draft.text)
    assert (found.kind, found.line) == ("unread-added", line)


def test_two_limits_are_both_read() -> None:
    """A row and the Overview that name two limits contradict each other; the same one does not."""
    same = ("up to 50", "up to fifty", "up\u00a0to 50")
    for said, kinds in (("up to 25", ["contradiction-added"]), *((each, []) for each in same)):
        draft = Draft(text_of("written"))
        line = draft.row("request", "findings", "data")
        draft.sub(line, r" \|$", f" Takes {said} findings. |")
        found = differences(draft.text)
        assert [each.kind for each in found] == kinds
        for each in found:
            assert (each.page, each.line, each.pointer.endswith("/maxItems")) == (
                [25, 50],
                line,
                True,
            )


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("up to 10 requests per minute", False),
        ("limit of 10 findings per minute", False),
        ("up to 255 characters", False),
        ("at most 30 seconds", False),
        ("up to 50 security findings per ticket", True),
        ("no more than twenty-five findings", True),
        ("a limit of one hundred findings", True),
        ("at most 5 items", True),
    ],
)
def test_a_rate_or_a_length_limits_no_list(text: str, items: bool) -> None:
    """Only a number of things is a list's limit, not a rate, a length or a time."""
    [limit] = prose.limits(text, 1)
    assert limit.of_items is items


def test_a_rate_in_the_overview_is_told_as_words() -> None:
    """A rate in the Overview is no maxItems, yet it is told."""
    draft = Draft(text_of("written"))
    draft.sub(draft.find("up to 50"), "^", "Takes up to 10 requests per minute. ")
    assert [each.kind for each in differences(draft.text)] == ["wording-added"]


def test_a_length_on_a_list_is_no_limit_of_it() -> None:
    """A list whose description speaks of characters has no other limit."""
    draft = Draft(text_of("written"))
    draft.sub(draft.row("400", "", "errors"), r" \|$", " Each has up to 255 characters. |")
    assert differences(draft.text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Allowed values: `a` or `b`", ("a", "b")),
        ("Allowed enum values: `a`, `b` and `c`.", ("a", "b", "c")),
        ("Allowed enum values: `a,b`", ("a", "b")),
        ("Allowed value: `a`. Default: `b`.", ("a",)),
    ],
)
def test_each_allowed_value_is_read(text: str, values: tuple[str, ...]) -> None:
    """Values are read whichever way they are listed, and a default is none of them."""
    assert prose.enum_values(text) == values
    assert prose.plain(f"Words. {text}") == "Words."


def test_two_hosts_in_a_rule_are_both_read() -> None:
    """A rule of two domains names both; an example below one of them is no second one."""
    rule = prose.url_rule("Must be a one.com or two.com URL of an incident record.", 1)
    assert rule is not None
    assert (rule.host, rule.record) == ("one.com or two.com", "incident")
    rule = prose.url_rule("Must be a one.com URL, such as x.one.com.", 1)
    assert rule is not None
    assert rule.host == "one.com"


@pytest.mark.parametrize(
    ("need", "operator"),
    [("every one of", "AND"), ("all of", "AND"), ("any of", "OR"), ("one of", "OR")],
)
def test_each_wording_of_permissions_is_read(need: str, operator: str) -> None:
    """Whether all permissions are needed or one is read from each wording."""
    draft = Draft(text_of("written"))
    line = draft.find("requires any of")
    draft.lines[line - 1] = draft.lines[line - 1].replace("any of", need)
    permissions = reader.read(draft.text).permissions
    assert permissions is not None
    assert permissions.operator == operator


def test_an_ambiguous_row_names_both_places() -> None:
    """A member before the root's `type` may be the project's too; a clear one is not."""
    draft = Draft(text_of("written"))
    last = draft.row("request", "data", "type", 2)
    draft.insert(last - 1, "| data | extra | string | Words. |")
    [found] = differences(draft.text)
    assert found.kind == "field-added"
    for schema in ("ProjectIdentifier", "TicketAttachment"):
        assert f"{schema}/properties/extra" in found.message + found.pointer
    draft = Draft(text_of("written"))
    draft.insert(
        draft.row("200", "attributes", "title"), "| attributes | extra | string | Words. |"
    )
    [found] = differences(draft.text)
    assert "may as well" not in found.message


def test_columns_are_told_with_what_was_expected() -> None:
    """A table with other columns is refused, with those columns and the known ones."""
    draft = Draft(text_of("written"))
    line = draft.find("| Field | Type", draft.part("404"))
    draft.sub(line, "Type", "Kind")
    with pytest.raises(
        PageError, match="Field, Kind, Description; expected are Parent field, Field, Type"
    ):
        reader.read(draft.text)


@pytest.mark.parametrize(("new", "shift"), [('"a": 1,\n"a": 2', 1), ('"a": 1,\n"b": NaN', 1)])
def test_an_error_in_json_has_its_own_line(new: str, shift: int) -> None:
    """A name that stands twice and a word that is no number are told at their own lines."""
    draft = Draft(text_of("written"))
    line = draft.value("404", '"errors"')
    draft.lines[line - 1 : line + 2] = new.split("\n")
    with pytest.raises(PageError) as caught:
        reader.read(draft.text)
    assert caught.value.line == line + shift


OTHER = [
    ("another operation", SMALL.read_text(encoding="utf-8")),
    ("half a page", text_of("written")[: len(text_of("written")) // 2]),
    ("half a newer page", newer(text_of("written"))[: len(text_of("written")) // 2]),
    ("HTML", "<!DOCTYPE html>\n<html><body># A page</body></html>"),
    ("empty", ""),
]


@pytest.mark.parametrize(("name", "text"), OTHER, ids=[each[0] for each in OTHER])
def test_a_bad_page_is_one_sentence(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page of another operation, half a page, HTML and an empty file end with 2 and one line."""
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    status, out, err = run(capsys, page)
    assert (status, out, err.count("\n")) == (2, "", 1), name
    assert "line " in err


def test_changed_words_are_told_with_the_weighty_ones_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known page has no new words; an altered one lists them, deprecation first."""
    page, sources = tmp_path / "page.md", tmp_path / "sources.yaml"
    page.write_text(text_of("written"), encoding="utf-8")
    entry = {"sha256": "0", "words": " ".join(fingerprints(reader.read_file(page)))}
    sources.write_text(yaml.safe_dump([entry]))
    monkeypatch.setattr(docs_check, "SOURCES", sources)
    status, out, _ = run(capsys, page)
    assert (status, "head and layout" in out) == (0, True)
    draft = Draft(text_of("written"))
    draft.sub(draft.row("200", "attributes", "key"), r" \|$", " More words. |")
    draft.sub(draft.row("200", "attributes", "title"), r" \|$", " It is deprecated. |")
    page.write_text(draft.text, encoding="utf-8")
    status, out, _ = run(capsys, page, "--json")
    words = json.loads(out)["words"]
    said = [each["about"].split(" ")[0] for each in words["new"]]
    assert (status, said, words["gone"]) == (0, ["deprecation", "description"], 2)
    assert f"{page}:{words['new'][0]['line']}  deprecation" in run(capsys, page)[1]


def test_the_sources_know_the_words_of_the_page() -> None:
    """sources.yaml holds the digest of each text of the saved page."""
    page = reader.read(source_page())
    [entry] = yaml.safe_load(docs_check.SOURCES.read_text(encoding="utf-8"))
    assert entry["words"].split() == fingerprints(page)
