"""The report's page as a person sees it, in real Chromium: wide, narrow, dark and on paper."""

import hashlib
import os
import re
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.report import write
from servicenow_contract.report.layout import LENGTH
from servicenow_contract.report.page import SIGNS
from servicenow_contract.text import head, shown
from tests.report.browser import Browser, browser, missing
from tests.report.records import HOSTILE, MIXED, exchange, outcome, record, whole
from upkeep.paths import KIT, TESTS

WIDE, NARROW = (1280, 800), (360, 740)
PAPER = (688, 1016)
"""A4 within the page's margins, in CSS pixels."""

PAGES: Mapping[str, Any] = {
    "mixed": record(MIXED),
    "kept": record(),
    "broken off": whole(
        [],
        exit_code=2,
        sentence="The suite could not finish its work.",
        trouble=["https://api.example.test/: the connection was refused"],
    ),
    "hostile": record(
        {
            "answer-400-model": "fail",
            "answer-404-model": "error",
            "media-type-demanded": "deviates",
        },
        target={"name": HOSTILE[-1], "url": HOSTILE[-2]},
        written=[{"ticket": HOSTILE[-1], "findings": list(HOSTILE)}],
    ),
}
_FAILED_FIRST = sorted(PAGES["hostile"]["requirements"], key=lambda each: each["verdict"] == "pass")
for _number, _each in enumerate(_FAILED_FIRST):
    _texts = HOSTILE[:7] if _number % 2 else HOSTILE[7:]
    _each["reasons"] = list(_texts)
    if _each["verdict"] == "pass":
        continue
    _each["outcomes"] = [
        outcome("fail", text, [exchange("x" * 9000, "y\n" * 500), exchange(text, text * 9)])
        for text in _texts
    ]


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    """One Chromium for this module; without one, the reason stands in pytest's summary."""
    if why := missing():
        if os.environ.get("CONTRACT_BROWSER") == "required":
            pytest.fail(f"no browser: {why}")
        pytest.skip(f"the report was not looked at in a browser: {why}")
    # Not in pytest's folder: Chromium puts a socket there, whose address has to be a short one.
    with tempfile.TemporaryDirectory(dir="/tmp") as place, browser(Path(place)) as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of each kind of run, written once."""
    folder = tmp_path_factory.mktemp("reports")
    for name, each in PAGES.items():
        write.write(each, folder / name)
    return folder


# Every place where something sticks out to the right, or is cut off within its own box.
OVERFLOW = """
const wide = document.documentElement.clientWidth + 0.5;
const hidden = (each) => getComputedStyle(each).clipPath !== 'none';
return [...document.body.querySelectorAll('*')]
  .filter((each) => each.checkVisibility({contentVisibilityAuto: true}) && !hidden(each))
  .filter((each) => each.getBoundingClientRect().right > wide
    || (getComputedStyle(each).display !== 'inline' && each.scrollWidth > each.clientWidth + 1))
  .map((each) => each.outerHTML.slice(0, 200));
"""


@pytest.mark.parametrize("media", ["wide", "narrow", "paper"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off(window: Browser, folder: Path, name: str, media: str) -> None:
    """In a wide and a narrow window and on paper, everything fits between the margins."""
    width, height = {"wide": WIDE, "narrow": NARROW, "paper": PAPER}[media]
    window.show(width, height, media="print" if media == "paper" else "screen")
    window.open(folder / name / "report.html")
    window.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert window.run(OVERFLOW) == []
    assert window.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_without_complaint(window: Browser, folder: Path, name: str) -> None:
    """The page breaks no policy, loads nothing but itself, and its style holds."""
    window.complaints()
    window.show(*WIDE)
    window.open(folder / name / "report.html")
    assert window.complaints() == []
    assert window.run("return performance.getEntriesByType('resource').length") == 0
    assert window.run("return document.styleSheets[0].cssRules.length") > 50
    assert window.run("return document.scripts.length + document.images.length") == 0


def test_verdict_and_matrix_are_seen_first(window: Browser, folder: Path) -> None:
    """In a wide window the sentence and every tile of the matrix are seen without scrolling."""
    window.show(*WIDE)
    window.open(folder / "mixed" / "report.html")
    lowest = window.run(
        "return Math.max(...[...document.querySelectorAll('h1, .counts, .tile')]"
        ".map((each) => each.getBoundingClientRect().bottom))"
    )
    assert lowest < WIDE[1]
    assert window.run("return document.querySelector('h1').innerText").endswith(
        PAGES["mixed"]["sentence"]
    )
    tiles = window.run("return document.querySelectorAll('.tile').length")
    assert tiles == len(PAGES["mixed"]["requirements"])


def test_verdict_is_seen_first_on_a_phone(window: Browser, folder: Path) -> None:
    """On a phone the sentence, the counts and the first tiles are seen without scrolling."""
    window.show(*NARROW)
    window.open(folder / "mixed" / "report.html")
    for selector in ("h1", ".counts", ".tile"):
        box = f"document.querySelector('{selector}').getBoundingClientRect()"
        assert window.run(f"return {box}.bottom") < NARROW[1]


def test_each_verdict_has_its_sign_word_and_colour(window: Browser, folder: Path) -> None:
    """A tile tells its verdict by sign and word too, and no two verdicts look the same."""
    window.show(*WIDE)
    window.open(folder / "mixed" / "report.html")
    seen = window.run(
        "return [...document.querySelectorAll('.tile')].map((each) => ["
        "each.querySelector('.name').innerText, each.querySelector('.word').textContent,"
        "each.querySelector('.sign').innerText,"
        "getComputedStyle(each.querySelector('.sign')).color])"
    )
    words = {name: word for name, word, _sign, _colour in seen}
    assert words == {each["id"]: each["verdict"] for each in PAGES["mixed"]["requirements"]}
    assert all(sign == SIGNS[Verdict(word)] for _name, word, sign, _colour in seen)
    assert len({sign for *_, sign, _colour in seen}) == len(Verdict)
    assert len({colour for *_, colour in seen}) == len(Verdict)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", MIXED)
def test_tile_leads_to_what_is_behind_it(
    window: Browser, folder: Path, name: str, size: tuple[int, int]
) -> None:
    """A click on a tile shows the requirement: statement, rule, and for a failure the curl line."""
    window.show(*size)
    window.open(folder / "mixed" / "report.html")
    window.click(f".tile[href='#r-{name}']")
    place = f"document.getElementById('r-{name}')"
    top = window.run(f"return {place}.getBoundingClientRect().top")
    assert 0 <= top < size[1] - 100
    text = window.run(f"return {place}.innerText")
    (entry,) = [each for each in PAGES["mixed"]["requirements"] if each["id"] == name]
    assert entry["statement"] in text
    assert entry["at"] in text
    assert all(reason in text for reason in entry["reasons"])
    assert ("curl -X PATCH" in text) == (MIXED[name] != "not-run")


def test_folded_exchange_opens(window: Browser, folder: Path) -> None:
    """A folded exchange is hidden until its summary is clicked."""
    window.show(*NARROW)
    window.open(folder / "mixed" / "report.html")
    seen = "return document.querySelector('.exchange pre').checkVisibility()"
    assert not window.run(seen)
    window.click(".exchange:not([open]) > summary")
    assert window.run(seen)


# Each text's colour and the ground it stands on, as [r, g, b] each.
COLOURS = """
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const ground = (each) => {
  for (; each; each = each.parentElement) {
    const colour = numbers(getComputedStyle(each).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
return [...document.body.querySelectorAll('*')]
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((each) => [each.className || each.localName,
    numbers(getComputedStyle(each).color), ground(each)]);
"""


@pytest.mark.parametrize("look", ["light", "dark", "paper"])
def test_every_text_stands_out(window: Browser, folder: Path, look: str) -> None:
    """Every text, the verdicts' signs among them, has a contrast of at least 4.5 to 1."""
    scheme = "light" if look == "light" else "dark"
    window.show(*WIDE, scheme=scheme, media="print" if look == "paper" else "screen")
    window.open(folder / "mixed" / "report.html")
    found = window.run(COLOURS)
    assert {"sign", "word", "name"} <= {name for name, *_ in found}
    assert [each for each in found if _contrast(each[1], each[2]) < 4.5] == []
    assert (_luminance(found[0][2]) < 0.1) == (look == "dark")


def _contrast(one: list[float], other: list[float]) -> float:
    """The contrast ratio of WCAG 2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: list[float]) -> float:
    shares = [each / 255 for each in colour[:3]]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_paper_shows_what_is_folded(window: Browser, folder: Path) -> None:
    """On paper, where nothing can be clicked, every folded body is laid out."""
    window.show(*PAPER, media="print")
    window.open(folder / "mixed" / "report.html")
    folded = window.run(
        "return [...document.querySelectorAll('details:not([open]) pre')].map((each) =>"
        " each.checkVisibility({contentVisibilityAuto: true}) && each.clientHeight > 0"
        " && each.scrollHeight <= each.clientHeight + 1)"
    )
    assert len(folded) > 5
    assert all(folded)


@pytest.mark.parametrize("paper", [(21.0, 29.7), (21.59, 27.94)], ids=["A4", "Letter"])
def test_page_prints(window: Browser, folder: Path, paper: tuple[float, float]) -> None:
    """The page prints on several sheets of the paper that is in the printer."""
    window.show(*NARROW)
    window.open(folder / "mixed" / "report.html")
    pdf = window.pdf(*paper)
    assert pdf.startswith(b"%PDF-")
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert 3 <= len(boxes) < 30
    for box in boxes:
        for points, centimetres in zip(box, paper, strict=True):
            assert float(points) == pytest.approx(centimetres / 2.54 * 72, abs=1)


def test_hostile_text_makes_no_element(window: Browser, folder: Path) -> None:
    """Chromium finds no element, handler or address in what a server said, and all of its text."""
    window.open(folder / "hostile" / "report.html")
    tags = window.run("return [...document.querySelectorAll('*')].map((each) => each.localName)")
    assert not {"script", "img", "svg", "iframe"} & set(tags)
    names = window.run(
        "return [...document.querySelectorAll('*')].flatMap((each) => each.getAttributeNames())"
    )
    assert not [name for name in names if name.startswith("on") or name == "src"]
    texts = window.run(
        "return [...document.querySelectorAll('pre')].map((each) => each.textContent)"
    )
    assert {shown(head(each, LENGTH)) for each in HOSTILE} <= set(texts)


PICTURE = TESTS.parent / "report.png"
"""What the front page of the repository shows of a report."""


def _templates() -> str:
    """The digest of what a page is made of."""
    parts = [
        KIT / "report" / name for name in ("base.jinja", "page.jinja", "parts.jinja", "report.css")
    ]
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def _with_text(png: bytes, text: str) -> bytes:
    """A PNG with a chunk tEXt behind its header (PNG, section 11.3.4.3)."""
    chunk = b"tEXt" + f"Templates\0{text}".encode("latin-1")
    told = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:33] + told + png[33:]


def test_picture_is_made(window: Browser, folder: Path, tmp_path: Path) -> None:
    """The picture on the front page can be made; CONTRACT_PICTURE=write puts it there."""
    window.open(folder / "mixed" / "report.html")
    window.show(720, 420)
    picture = _with_text(window.picture(), _templates())
    assert len(picture) <= 60_000
    place = PICTURE if os.environ.get("CONTRACT_PICTURE") == "write" else tmp_path / "report.png"
    place.write_bytes(picture)


def test_picture_is_of_these_templates() -> None:
    """The picture on the front page was made from the templates as they are."""
    assert _templates().encode() in PICTURE.read_bytes(), (
        "the report's templates have changed: CONTRACT_PICTURE=write .venv/bin/python -m pytest "
        "contract_tests/tests/report/test_report_browser.py -k picture_is_made"
    )
