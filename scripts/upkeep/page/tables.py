"""The rows of a Model table: names, marks, types and what the descriptions rule."""

import re

from upkeep.page import prose
from upkeep.page.blocks import SAVE_AGAIN, Table
from upkeep.page.model import Field, PageError
from upkeep.page.nesting import Row

_COLUMNS = {"Parent field", "Field", "Type", "Description"}
_NAME = re.compile(r"([^\s\[\]]{1,200})((?: ?\[[^\[\]]{1,40}\]){0,4})")
_MARK = re.compile(r"\[([^\[\]]+)\]")
_TYPE = re.compile(r"(\[{0,4})([^\s\[\]]{1,40})(\]{0,4})")


def model_rows(table: Table) -> list[Row]:
    """The rows of a Model table.

    Raises PageError for other columns, and for a row whose name or type has another form.
    """
    columns = set(table.columns)
    if not {"Field", "Type"} <= columns <= _COLUMNS or len(columns) < len(table.columns):
        what = f"a table of fields has other columns than {', '.join(table.columns)}"
        raise PageError(table.line, what, SAVE_AGAIN)
    return [_row(line, dict(zip(table.columns, cells, strict=True))) for line, cells in table.rows]


def _row(line: int, cells: dict[str, str]) -> Row:
    named = _NAME.fullmatch(cells["Field"])
    if named is None:
        what = f"{cells['Field']!r} is no field name with marks in brackets"
        raise PageError(line, what, "write one name, then [*required*] if it is")
    typed = _TYPE.fullmatch(cells["Type"])
    if typed is None or len(typed[1]) != len(typed[3]):
        what = f"{cells['Type']!r} is no type of one word, in brackets or not"
        raise PageError(line, what, "name one type, in brackets for a list")
    marks = [mark.strip("*_ ") for mark in _MARK.findall(named[2])]
    text = cells.get("Description", "")
    limits = prose.limits(text, line)
    field = Field(
        line=line,
        name=named[1],
        type=typed[2],
        depth=len(typed[1]),
        required="required" in marks,
        marks=tuple(mark for mark in marks if mark != "required"),
        description=prose.plain(text),
        enum=prose.enum_values(text),
        default=prose.default_value(text),
        limit=limits[0] if limits else None,
        url_rule=prose.url_rule(text, line),
    )
    return Row(cells.get("Parent field", ""), field)
