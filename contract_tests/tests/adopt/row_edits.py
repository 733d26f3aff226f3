"""Single edits of a page, made by table: whichever row, member of an example, site or status."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.page import test_rows
from tests.page.drafts import Draft
from tests.page.test_check_docs import text_of
from tests.page.writer import Row


class PageEdit(NamedTuple):
    """An edited page: what was done, and where."""

    name: str
    text: str


def _cells(line: str) -> list[str]:
    return [each.strip() for each in line.strip().strip("|").split("|")]


def _is_leaf(row: Row) -> bool:
    return "object" not in row.word and row.path[-1] != "<any-key>"


def _in_example(draft: Draft, part: str, row: Row) -> list[int]:
    """The lines of the part's example on which a member of this name stands."""
    first = draft.find("```json", draft.part(part))
    last = draft.find("```", first)
    name = f'"{row.path[-1]}":'
    return [n for n in range(first, last) if draft.lines[n - 1].strip().startswith(name)]


def _written() -> Draft:
    return Draft(text_of("written"))


def edits() -> Iterator[PageEdit]:
    """Each edit of one place."""
    for edit in test_rows.EDITS:
        for part, row, _, text in test_rows.edited(edit):
            yield PageEdit(f"{edit.name}: {part} {'.'.join(row.path)}", text)
    for part, row, line in test_rows.rows():
        where = f"{part} {'.'.join(row.path)}"
        if not _is_leaf(row):
            continue
        draft = _written()
        draft.remove(line)
        yield PageEdit(f"removed: {where}", draft.text)
        draft = _written()
        parent = [row.parent] if len(_cells(draft.lines[line - 1])) > 3 else []
        draft.insert(line, f"| {' | '.join([*parent, 'zone', 'string', 'Of ours.'])} |")
        yield PageEdit(f"added after: {where}", draft.text)
        draft = _written()
        shown = _in_example(draft, part, row)
        draft.sub(line, rf"\| {row.path[-1]} ", f"| {row.path[-1]}_now ")
        if len(shown) == 1:
            draft.sub(shown[0], f'"{row.path[-1]}"', f'"{row.path[-1]}_now"')
        yield PageEdit(f"renamed: {where}", draft.text)
        for number in shown:
            draft = _written()
            if draft.lines[number - 1].rstrip(",").endswith('"'):
                draft.sub(number, r'"(,?)$', r' of ours"\1')
                yield PageEdit(f"example in line {number}: {where}", draft.text)
