"""The page for people: every text as text, nothing from elsewhere, and notes where it is cut."""

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from servicenow_contract.report.page import (
    BODY_LIMIT,
    BODY_LINES,
    MANY,
    environment,
    indented,
    page,
    short,
)
from servicenow_contract.text import shown
from tests.contract import CONTRACT
from tests.kit.report_records import (
    BODIES,
    MIXED,
    RECORDS,
    TEXT,
    URL,
    exchange,
    outcome,
    record,
    whole,
)

TAGS = re.compile(
    "html|head|meta|title|style|body|header|main|footer|section|article|div|span|p|ul|li|dl|dt|dd|"
    "h[1-5]|a|b|br|code|pre|time|table|caption|thead|tbody|tr|th|td|details|summary"
)
ATTRIBUTES = re.compile(
    "lang|charset|http-equiv|content|name|class|id|href|scope|open|aria-hidden|aria-labelledby"
)


class Reader(HTMLParser):
    """Takes a page apart, and refuses whatever this kit does not write."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.parts: dict[str, str] = {"title": "", "style": "", "": ""}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.policy = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of ours."""
        assert TAGS.fullmatch(tag)
        given = dict(attrs)
        assert all(map(ATTRIBUTES.fullmatch, given))
        if tag not in ("br", "meta"):
            self.open.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""

    def handle_endtag(self, tag: str) -> None:
        """It closes what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text."""
        place = self.open[-1] if self.open and self.open[-1] in self.parts else ""
        self.parts[place] += data

    def handle_comment(self, data: str) -> None:
        """The kit writes none."""
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        """The kit writes none."""
        raise AssertionError(f"an instruction: {data}")

    @property
    def text(self) -> str:
        """Everything between the elements, but title and style."""
        return self.parts[""]


def texts(record: Mapping[str, Any]) -> Iterator[str]:
    """Every text of a record that the page owes its reader."""
    yield from (record["sentence"], record["target"]["name"], record["target"]["url"] or "")
    yield from (record["tool"]["name"], record["started"], record["fragment"]["sha256"])
    yield from record["trouble"]
    for left in record["written"]:
        yield from (left["ticket"], ", ".join(left["findings"]))
    for each in record["requirements"]:
        yield from (each["id"], each["statement"], each["at"] or "the whole fragment")
        yield from () if each["verdict"] == "pass" else each["reasons"]
        if each["verdict"] in ("fail", "error", "deviates"):
            yield from (each["deviation"] or {}).values()
            yield from exchanged(each)


def exchanged(requirement: Mapping[str, Any]) -> Iterator[str]:
    """What the tests that did not pass say."""
    for each in requirement["outcomes"]:
        if each["verdict"] == "pass":
            continue
        yield from (each["test"], each["reason"])
        for one in each["exchanges"]:
            yield from (one["request"]["method"], one["request"]["url"])
            for message in filter(None, (one["request"], one["response"])):
                yield from message["headers"]
                yield from message["headers"].values()


@given(RECORDS)
def test_page_holds_every_text_as_text(record: dict[str, Any]) -> None:
    """Whatever a server or a record says is text on the page, never an element of it."""
    reader = Reader(page(record))
    page(record).encode()
    for each in texts(record):
        assert shown(short(each)) in reader.text


@given(BODIES)
def test_page_holds_every_body(body: str) -> None:
    """A body that is not cut stands on the page as it was sent, but for the layout of JSON."""
    assume(len(body) <= BODY_LIMIT and indented(body).count("\n") < BODY_LINES)
    said = outcome("fail", "", [exchange(body, body)])
    broken = record({"answer-400-model": "fail"})
    for each in broken["requirements"]:
        each["outcomes"] = [said] if each["verdict"] == "fail" else []
    assert _bare(shown(body)) in _bare(Reader(page(broken)).text)


def _bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("kind", [{}, MIXED])
def test_links_lead_to_places_on_the_page(kind: Mapping[str, str]) -> None:
    """Each requirement has one place, each link leads to one, and none leads off the page."""
    reader = Reader(page(record(kind)))
    assert len(set(reader.ids)) == len(reader.ids)
    assert {f"r-{name}" for name in CONTRACT.requirements} <= set(reader.ids)
    assert {link.removeprefix("#") for link in reader.links} <= set(reader.ids)


def test_policy_allows_this_style_alone() -> None:
    """The page's policy loads nothing, runs nothing, and takes no other style than its own."""
    reader = Reader(page(record(MIXED)))
    digest = base64.b64encode(hashlib.sha256(reader.parts["style"].encode()).digest()).decode()
    assert reader.policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "url(" not in reader.parts["style"]
    assert "@import" not in reader.parts["style"]


def test_huge_bodies_are_cut_with_a_note() -> None:
    """A huge body is cut, and the page says how much is left out and where it is whole."""
    broken = record({"answer-400-model": "fail"})
    lined, long = "<p>gateway</p>\n" * 900, "x" * 10_000_000
    for each in broken["requirements"]:
        each["outcomes"] = [outcome("fail", "", [exchange(lined, long)])]
    text = Reader(page(broken)).text
    assert f"… {900 - BODY_LINES + 1} more lines, whole in verdict.json" in text
    assert f"… {10_000_000 - BODY_LIMIT:,} more characters, whole in verdict.json" in text
    assert len(page(broken)) < 200_000


def test_many_exchanges_are_cut_with_a_note() -> None:
    """Of many exchanges and tests the page shows some, and says how many it leaves out."""
    broken = record({"answer-400-model": "fail"})
    many = [exchange(str(number), "") for number in range(100)]
    for each in broken["requirements"]:
        each["outcomes"] = [outcome("fail", "one", many), *[outcome("fail", "", [])] * 20]
    text = Reader(page(broken)).text
    assert f"… {100 - MANY} earlier exchanges in verdict.json" in text
    assert f"… {21 - MANY} more tests in verdict.json" in text


def test_run_that_judged_nothing_says_why() -> None:
    """Without any requirement the page still holds the sentence and the trouble."""
    sentence, trouble = "The suite could not finish its work.", "https://a.test refuses connections"
    broken = whole([], exit_code=2, sentence=sentence, trouble=[trouble])
    text = Reader(page(broken)).text
    assert all(each in text for each in (sentence, trouble, "No requirement was judged."))


def test_request_without_answer_says_so() -> None:
    """Where no answer came, the page says so in words."""
    text = Reader(page(record({"answer-400-model": "error"}))).text
    assert f"PATCH {URL} → no answer" in text
    assert "No answer came" in text


@given(st.recursive(st.none() | st.integers() | TEXT, st.lists))
def test_laid_out_json_keeps_its_tokens(value: Any) -> None:
    """Laying out JSON changes the space between its tokens and nothing else."""
    text = json.dumps({"outer": value, "number": 0}).replace(": 0", ": 1.000e0")
    assert json.loads(indented(text)) == json.loads(text)
    assert "1.000e0" in indented(text)
    assert _bare(indented(text)) == _bare(text)


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 900, "{} x", "[1,", "[" * 60 + "]" * 60, "7"])
def test_other_text_is_not_laid_out(text: str) -> None:
    """What is not JSON object or list, or too deep to be read, stays as it was sent."""
    assert indented(text) == text


ELEMENT = environment().from_string('<p class="{{ text }}">{{ text }}</p>')


@given(TEXT)
def test_elements_escape_text_and_attributes(text: str) -> None:
    """Text in an element or an attribute comes back as it was, invisible characters named."""
    found = ET.fromstring(ELEMENT.render(text=text))  # noqa: S314 - this kit wrote it
    assert (found.text or "") == shown(text)
    assert found.attrib.get("class", "") == shown(text).replace("\n", " ").replace("\t", " ")
