"""The words of a page that are new since the fragment was written from it.

`openapi/sources.yaml` keeps a digest of the page and, in `words`, a short digest of each of its
texts, so that a changed text is found without storing what the page says.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from upkeep.drift.page_facts import Fact, page_facts
from upkeep.page.model import Page

_TEXTS = {"description", "note", "sentence", "summary", "title", "unread", "wording"}
_FIRST = ("deprecat", "preview", "permission")
"""What is told first: words that change whether and by whom the operation may be used."""

_LONGEST, _MOST = 160, 25


@frozen
class NewText:
    """A text that the known page lacks."""

    line: int
    about: str
    """`deprecation`, `preview`, `permission`, or the kind of text."""
    text: str


@frozen
class Wording:
    """How the words of a page differ from those of the known one."""

    new: tuple[NewText, ...]
    gone: int
    """So many texts of the known page are not there any more."""


def fingerprints(page: Page) -> list[str]:
    """The digest of each text of the page, sorted: what `words` in sources.yaml holds."""
    return sorted({_fingerprint(fact) for fact in _texts(page)})


def wording(page: Page, file: Path, sources: Path) -> Wording | None:
    """What is new in the page's words; None for a page whose digest sources.yaml has.

    Texts about deprecation, preview and permissions come first, then the rest by line.
    """
    entries = _entries(sources)
    if hashlib.sha256(file.read_bytes()).hexdigest() in {each.get("sha256") for each in entries}:
        return None
    known = {word for each in entries for word in str(each.get("words", "")).split()}
    texts = {_fingerprint(fact): fact for fact in _texts(page)}
    new = [_new(fact) for key, fact in texts.items() if key not in known]
    new.sort(key=lambda each: (_rank(each.text), each.line))
    return Wording(tuple(new), len(known - set(texts)))


def as_lines(found: Wording, page: str) -> Iterator[str]:
    """What changed in words, for people."""
    if not (found.new or found.gone):
        yield "Each text that this program reads is the same; look at the page's head and layout."
        return
    yield f"Words changed: {len(found.new)} new or altered, {found.gone} gone."
    for each in found.new[:_MOST]:
        text = each.text if len(each.text) <= _LONGEST else each.text[: _LONGEST - 2] + " …"
        yield f"  {page}:{each.line}  {each.about}: {' '.join(text.split())}"
    if len(found.new) > _MOST:
        yield f"  and {len(found.new) - _MOST} more; --json has them all"


def _entries(sources: Path) -> list[Mapping[str, Any]]:
    found = yaml.safe_load(sources.read_text(encoding="utf-8"))
    return [each for each in found if isinstance(each, Mapping)]


def _texts(page: Page) -> Iterator[Fact]:
    for fact in page_facts(page, descriptions=True).values():
        if fact.topic in _TEXTS:
            yield fact


def _fingerprint(fact: Fact) -> str:
    """Of the place and the words; a text that is its own subject has no other place."""
    data = json.dumps([fact.topic, fact.subject, fact.value]).encode()
    return hashlib.sha256(data).hexdigest()[:12]


def _rank(text: str) -> int:
    lower = text.lower()
    return next((at for at, word in enumerate(_FIRST) if word in lower), len(_FIRST))


def _new(fact: Fact) -> NewText:
    text = str(fact.value)
    about = (*("deprecation", "preview", "permission"), fact.topic)[_rank(text)]
    where = ".".join(fact.subject) if fact.topic in {"description", "summary"} else ""
    return NewText(fact.line, f"{about} {where}".strip(), text)
