"""Differences for people and for machines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import asdict, frozen

from servicenow_contract.text import visible
from upkeep.drift.differences import Contrast
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.page_facts import Fact, Key
from upkeep.drift.wording import Wording
from upkeep.drift.words import TOPICS
from upkeep.page.model import Page

VERSION = 1
"""Of the JSON: raised when a member goes or changes its meaning."""

_LONGEST = 300
_NEAR = ("field", "example", "model", "body", "status")


@frozen
class Difference:
    """One difference, in the shape that `--json` prints."""

    kind: str
    """A topic of `words.TOPICS` and how it changed, such as `field-added`."""
    pointer: str
    """JSON Pointer into the fragment: what to edit, or where to add."""
    line: int
    """Of the page; the line above the gap where the page lacks something."""
    subject: str
    """Whose fact it is: `200 data.attributes.key`, or empty for the operation."""
    page: Any
    """What the page says; null where it lacks the fact."""
    other: Any
    """What the fragment says, or the old page; null where it lacks the fact."""
    message: str
    edit: str


def differences(
    changes: Sequence[Contrast],
    page: Page,
    facts: Mapping[Key, Fact],
    contract: Facts,
    other: str,
) -> list[Difference]:
    """The changes in words, by line; `other` names the side that the page is compared with."""
    lines = _Lines(page, facts)
    found = [_difference(change, lines, contract, other) for change in changes]
    return sorted(found, key=lambda each: (each.line, each.pointer, each.kind))


def _difference(change: Contrast, lines: "_Lines", contract: Facts, other: str) -> Difference:
    fact, topic = change.fact, TOPICS[change.fact.topic]
    base = change.old if change.how in {"differs", "moved"} and change.old else fact
    pointer = base.pointer or contract.pointer_for(base.topic, base.subject)
    words = {
        "name": f"`{fact.subject[-1]}`" if fact.subject else "",
        "new": _show(change, change.new),
        "old": _show(change, change.old),
        "pointer": pointer,
        "required": "required in" if fact.value else "optional: take it out of",
        "target": contract.pointer_for(fact.topic, fact.subject) if change.how == "moved" else "",
    }
    shown = change.how == "moved"
    page_says = _says(change.new, words["new"], shown=shown)
    other_says = _says(change.old, words["old"], shown=shown)
    message = f"{topic.noun.format(**words)}: the page {page_says}, the {other} {other_says}"
    if change.new and change.how in {"added", "moved"}:
        for other_place in change.new.also:
            place = contract.pointer_for(fact.topic, other_place)
            message += f"; the row may as well mean {'.'.join(other_place)} ({place})"
    edit = topic.edit(change.how).format(**words) + _shared(fact, contract)
    return Difference(
        kind=f"{fact.topic}-{change.how}",
        pointer=pointer,
        line=change.new.line if change.new else lines.near(fact),
        subject=_subject(fact),
        page=_plain(change.new),
        other=_plain(change.old),
        message=message,
        edit=edit,
    )


def _says(fact: Fact | None, value: str, *, shown: bool) -> str:
    if fact is None:
        return "lacks it"
    has_value = fact.value is not True or fact.topic in {"required", "body-required"}
    return f"says {value}" if shown or has_value else "has it"


def _plain(fact: Fact | None) -> Any:
    if fact is None:
        return None
    return ".".join(fact.subject[1:]) if fact.topic == "field" else fact.shown


def _show(change: Contrast, fact: Fact | None) -> str:
    """The value as JSON, cut to a readable length; the subject where that is what changed."""
    if fact is None:
        return "nothing"
    value = fact.shown
    became = change.new and change.old and change.new.subject != change.old.subject
    if became and fact.topic in {"site", "header", "field"}:
        value = ".".join(fact.subject)
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + " …"


def _subject(fact: Fact) -> str:
    if not fact.subject or fact.topic in {"sentence", "note", "unread", "wording"}:
        return ""
    part, *path = fact.subject
    return f"{part} {'.'.join(path)}".strip()


def _shared(fact: Fact, contract: Facts) -> str:
    """A warning where the schema to edit describes other fields too."""
    if fact.topic in {"example", "curl-body", "status", "model"}:
        return ""
    inside = fact.topic in {"field", "required"}
    users = contract.users(fact.subject[:-1] if inside else fact.subject)
    itself = {fact.subject, fact.subject[:-1]}
    names = sorted(".".join(user) for user in users if user not in itself)
    if not names:
        return ""
    return f" This schema also describes {', '.join(names[:4])}{', …' if len(names) > 4 else ''}."


class _Lines:
    """Finds the line for a fact that the page lacks: that of the nearest thing above it."""

    def __init__(self, page: Page, facts: Mapping[Key, Fact]) -> None:
        self._facts = facts
        top = page.line
        curl = page.curl.line if page.curl else top
        overview = page.sentences[0].line if page.sentences else page.overview_line
        permission = page.permissions.line if page.permissions else overview
        self._fixed = {
            "site": page.sites[0].line,
            "permission": permission,
            **dict.fromkeys(("limit", "body"), overview),
            **dict.fromkeys(("accept", "content-type", "header", "curl-body"), curl),
            "status": page.responses[0].line,
        }
        self._top = top

    def near(self, fact: Fact) -> int:
        for topic in (fact.topic, *_NEAR):
            for length in range(len(fact.subject), -1, -1):
                known = self._facts.get((topic, fact.subject[:length]))
                if known and topic in {"example", "curl-body"} and fact.topic != topic:
                    continue
                if known:
                    return known.line
            if topic in self._fixed and topic == fact.topic:
                return self._fixed[topic]
        return self._top


def as_json(
    found: Sequence[Difference],
    page: str,
    fragment: str,
    against: str | None,
    words: Wording | None,
) -> str:
    """The report for machines; `compared_with` is the fragment or the old page.

    `words` is null for the page of sources.yaml, and where two pages are compared.
    """
    report = {
        "version": VERSION,
        "page": page,
        "fragment": fragment,
        "compared_with": against or fragment,
        "differences": [asdict(each) for each in found],
        "words": asdict(words) if words else None,
    }
    return json.dumps(report, indent=2, default=str)


def as_text(found: Sequence[Difference], page: str, other: str) -> Iterator[str]:
    """The report for people, line by line; characters that could steer a terminal are escaped."""
    for each in found:
        head = f"{each.kind}  {each.subject}".rstrip()
        for text in (head, f"  {page}:{each.line}", f"  {each.message}", f"  {each.edit}", ""):
            yield visible(text)
    count = f"{len(found)} differences" if len(found) != 1 else "1 difference"
    yield visible(f"{count if found else 'No difference'} between {page} and {other}.")
