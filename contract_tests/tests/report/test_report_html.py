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

from servicenow_contract.report.layout import LENGTH, LINES, SIZE, body, laid_out
from servicenow_contract.report.page import MOST, environment, page, short
from servicenow_contract.text import shown
from tests.contract import CONTRACT
from tests.report.records import (
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
    "h[1-5]|a|b|i|br|code|pre|time|mark|table|caption|thead|tbody|tr|th|td|details|summary"
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


_CUT = 120
"""Characters that are kept of every text, wherever it stands."""


@given(RECORDS)
def test_page_holds_every_text_as_text(record: dict[str, Any]) -> None:
    """Whatever a server or a record says is text on the page, never an element of it.

    A failure that is like another is cut earlier than the first one.
    """
    reader = Reader(page(record))
    page(record).encode()
    for each in texts(record):
        assert shown(short(each))[:_CUT] in reader.text


@given(BODIES)
def test_page_holds_every_body(body: str) -> None:
    """A body that is not cut stands on the page as it was sent, but for the layout of JSON."""
    assume(len(body) <= SIZE and len(laid_out(body)) <= LINES)
    assume(max(map(len, _laid(body).split("\n"))) <= LENGTH)
    broken = _broken(outcome("fail", "", [exchange(body, body)]))
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


def _broken(*outcomes: dict[str, Any]) -> dict[str, Any]:
    """A run in which one requirement fails, by these outcomes."""
    broken = record({"answer-400-model": "fail"})
    for each in broken["requirements"]:
        each["outcomes"] = list(outcomes) if each["verdict"] == "fail" else []
    return broken


def test_huge_bodies_are_cut_with_a_note() -> None:
    """A huge body is cut, and the page says how much is left out."""
    lined, long = "<p>gateway</p>\n" * 900, "x" * 10_000_000
    broken = page(_broken(outcome("fail", "", [exchange(lined, long)])))
    text = Reader(broken).text
    assert f"… {900 - LINES + 1} lines left out" in text
    assert f"x … ({10_000_000 - LENGTH:,} more characters)" in text
    assert len(broken) < 100_000


def test_what_is_left_out_is_counted() -> None:
    """Of many failures alike and many exchanges some are shown, and the others are counted."""
    many = [exchange(str(number), "") for number in range(100)]
    alike = [outcome("fail", f"it is {number}", many[:1]) for number in range(50)]
    first = {**outcome("fail", "it is 0", many), "left_out": 7}
    text = Reader(page(_broken(first, *alike))).text
    assert "51 times: it is …. The first: " in text
    assert "… 89 of its exchanges are only in verdict.json" in text
    assert "… 7 earlier exchanges are not kept" in text
    assert "… 30 more like this are in verdict.json" in text
    kinds = [outcome("fail", chr(97 + number) * 3, []) for number in range(20)]
    assert "… 8 failures of other kinds are in verdict.json" in Reader(page(_broken(*kinds))).text


@pytest.mark.parametrize("words", ["it is not {}", "{} is not it: " + "long " * 400])
def test_page_of_the_poorest_server_is_small(words: str) -> None:
    """However much fails, the page has at most so many bytes, and every requirement is on it."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    poor = record(dict.fromkeys(CONTRACT.requirements, "fail"))
    big = [exchange(json.dumps({"data": ["x" * 99] * 99}), "<br>\n" * 500)] * 30
    for each in poor["requirements"]:
        kinds = [words.format(letters[number % 26] * 9) for number in range(30)]
        each["outcomes"] = [outcome("fail", kind, big) for kind in kinds]
        each["reasons"] = kinds
    made = page(poor)
    assert 200_000 < len(made.encode()) <= MOST
    text = Reader(made).text
    for each in poor["requirements"]:
        assert each["statement"] in text
        assert each["outcomes"][0]["reason"][:200] in text


@pytest.mark.parametrize("size", [LINES // 4, LINES * 9])
def test_marks_are_at_their_members(size: int) -> None:
    """A member is marked, its name with it, wherever it stands in however long a body."""
    items = [{"id": number, "a/b": [f"<{number}>"]} for number in range(size)]
    text = json.dumps({"data": items, "none": {}, "": [[], 7]})
    last = f"/data/{size - 1}"
    for marked, shows in {
        f"{last}/id": f'"id": {size - 1}',
        f"{last}/a~1b/0": f'"&lt;{size - 1}&gt;"',
        f"{last}": "{",
        "/none": '"none": {',
        "//1": "7",
        "//0": "[",
        "/": '"": [',
    }.items():
        laid = body(text, {marked})
        assert re.findall("<mark>(.*?)</mark>", laid) == [shows], marked
    assert "<mark>" not in body(text, {"/data/x", f"/data/{size}"})


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
    laid = _laid(text)
    assert json.loads(laid) == json.loads(text)
    assert "1.000e0" in laid
    assert _bare(laid) == _bare(text)


def _laid(text: str) -> str:
    return "\n".join("".join(part for part, _ in line) for line in laid_out(text))


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 900, "{} x", "[1,", "[" * 60 + "]" * 60, "7"])
def test_other_text_is_not_laid_out(text: str) -> None:
    """What is not JSON object or list, or too deep to be read, stays as it was sent."""
    assert _laid(text) == text


ELEMENT = environment().from_string('<p class="{{ text }}">{{ text }}</p>')


@given(TEXT)
def test_elements_escape_text_and_attributes(text: str) -> None:
    """Text in an element or an attribute comes back as it was, invisible characters named."""
    found = ET.fromstring(ELEMENT.render(text=text))  # noqa: S314 - this kit wrote it
    assert (found.text or "") == shown(text)
    assert found.attrib.get("class", "") == shown(text).replace("\n", " ").replace("\t", " ")
