"""Every row of a page, edited in every way that has a meaning: reported at its place and alone.

The twins are edits without a meaning: they report nothing.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests.page.drafts import Draft
from tests.page.newer import newer
from tests.page.test_check_docs import differences, text_of
from tests.page.writer import Row, model_rows, schemas
from tests.specimen import FRAGMENT
from upkeep.page import reader


class RowEdit(NamedTuple):
    """What is done to the cells of a row, which rows have the sense for it, and what is told."""

    name: str
    fits: Callable[[Row], bool]
    make: Callable[[str, Row], str]
    kind: str


def leaf(row: Row) -> bool:
    """Whether the row is a plain text, a number or a time, with a description."""
    return row.word in {"string", "date-time", "int64"} and row.path[-1] != "<any-key>"


def worded(row: Row) -> bool:
    """Whether the row has a description."""
    return row.path[-1] != "<any-key>"


def marked(line: str, row: Row) -> str:
    """The row with its required mark added, or taken away."""
    first = f"| {row.parent} " if line.count("|") > 4 else ""
    name, mark = f"{first}| {row.path[-1]}", " [*required*]"
    return line.replace(
        f"{name}{mark if row.required else ''} |", f"{name}{'' if row.required else mark} |", 1
    )


def deprecated(line: str, row: Row) -> str:
    """The row with a mark after the name of the field."""
    first = f"| {row.parent} " if line.count("|") > 4 else ""
    return line.replace(f"{first}| {row.path[-1]} ", f"{first}| {row.path[-1]} [*deprecated*] ", 1)


def listed(line: str, row: Row) -> str:
    """The row with one pair of brackets more, or without those that it has."""
    word = row.word.strip("[]") if row.word.startswith("[") else f"[{row.word}]"
    return line.replace(f"| {row.word} |", f"| {word} |", 1)


def said(words: str) -> Callable[[str, Row], str]:
    """The row with further words in its description."""
    return lambda line, _: f"{line.rstrip(' |')} {words} |"


EDITS = [
    RowEdit("required mark", worded, marked, "required-differs"),
    RowEdit("brackets", worded, listed, "array-differs"),
    RowEdit("boolean", leaf, lambda line, row: line.replace(f"| {row.word} |", "| boolean |", 1),
            "type-differs"),
    RowEdit("deprecated", worded, deprecated, "deprecated-added"),
    RowEdit("default", worded, said("default: `x`"), "default-added"),
    RowEdit("enum value", lambda row: bool(row.enum),
            lambda line, row: line.replace(f"{row.enum[-1]}`", f"{row.enum[-1]}` or `zz`"),
            "enum-differs"),
]  # fmt: skip

TWINS = [
    RowEdit("words", worded, said("Words of our own."), ""),
    RowEdit("padding", lambda _: True, lambda line, _: line.replace(" | ", "      |   "), ""),
    RowEdit("characters", worded, said("It has up to 255 characters."), ""),
    RowEdit("a line break", worded, said("Words<br>of our own."), ""),
]


def rows() -> Iterator[tuple[str, Row, int]]:
    """Each row of the written page: its part, itself, its line."""
    document, draft = FRAGMENT.document, Draft(text_of("written"))
    for part, schema in schemas(document):
        start = draft.find("| ---", draft.part(part)) + 1
        for number, row in enumerate(model_rows(document, schema)):
            yield part, row, start + number


def edited(edit: RowEdit) -> Iterator[tuple[str, Row, int, str]]:
    """Each page with one row edited: part, row, line and text."""
    for part, row, line in rows():
        if edit.fits(row):
            draft = Draft(text_of("written"))
            before = draft.lines[line - 1]
            draft.lines[line - 1] = edit.make(before, row)
            assert draft.lines[line - 1] != before, (edit.name, before)
            yield part, row, line, draft.text


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name.replace(" ", "-"))
def test_an_edit_of_any_row_is_told_at_its_place_and_alone(edit: RowEdit) -> None:
    """Whichever row is edited, its field and its line are told, and nothing else."""
    count = 0
    for part, row, line, text in edited(edit):
        found = [(each.kind, each.subject, each.line) for each in differences(text)]
        assert found == [(edit.kind, f"{part} {'.'.join(row.path)}", line)], (edit.name, row.path)
        count += 1
    assert count


@pytest.mark.parametrize("edit", TWINS, ids=lambda edit: edit.name.replace(" ", "-"))
def test_an_edit_without_a_meaning_is_not_told(edit: RowEdit) -> None:
    """Words, padding, a length and a line break in any row are no difference of facts."""
    for _, row, _, text in edited(edit):
        assert differences(text) == [], (edit.name, row.path)


def test_a_row_below_any_row_is_told_at_its_line() -> None:
    """A new member after any simple row is told once, with each place that it may have."""
    for part, row, line in rows():
        if not worded(row) or "object" in row.word:
            continue  # between an object and its members, a row is the object's
        draft = Draft(text_of("written"))
        cells = (
            [row.parent]
            if "Parent" in draft.lines[draft.find("| ---", draft.part(part)) - 2]
            else []
        )
        draft.insert(line, f"| {' | '.join([*cells, 'extra', 'string', 'Words.'])} |")
        [found] = differences(draft.text)
        place = f"{part} {'.'.join((*row.path[:-1], 'extra'))}"
        assert (found.kind, found.line) == ("field-added", line + 1)
        assert place == found.subject or place.replace(" ", ".") in found.message, row.path


def test_an_edit_of_the_newer_form_is_told_alike() -> None:
    """The same edit of a row gives the same difference in both forms, apart from the line."""
    for edit in EDITS:
        part, row, _, text = next(edited(edit))
        reader.read(text)
        told = [
            [(each.kind, each.subject, each.pointer, each.page) for each in differences(page)]
            for page in (text, newer(text))
        ]
        assert told[0] == told[1], (edit.name, part, row.path)
