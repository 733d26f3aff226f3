"""The rows of a Model table: names, marks, types and what the descriptions rule."""

import re

from upkeep.page import prose
from upkeep.page.blocks import SAVE_AGAIN, Table
from upkeep.page.forms import NEWER, TEACH
from upkeep.page.model import Field, PageError
from upkeep.page.nesting import Row

_COLUMNS = ("Parent field", "Field", "Type", "Description")
_TAGS = {"<any-key>", "<oneOf>"}
_NAME = re.compile(r"(Option \d{1,3}|[^\s\[\]]{1,200})((?: ?\[[^\[\]]{1,40}\]){0,4})")
_MARK = re.compile(r"\[([^\[\]]+)\]")
_TYPE = re.compile(r"(\[{0,4})([^\s\[\]]{1,40})(\]{0,4})")


def model_rows(table: Table) -> list[Row]:
    """The rows of a Model table.

    Raises PageError for other columns, and for a row whose name or type has another form.
    """
    columns = set(table.columns)
    if not {"Field", "Type"} <= columns <= set(_COLUMNS) or len(columns) < len(table.columns):
        has = ", ".join(table.columns)
        what = f"the columns are {has}; expected are {', '.join(_COLUMNS)}"
        raise PageError(table.line, what, SAVE_AGAIN)
    return [_row(line, dict(zip(table.columns, cells, strict=True))) for line, cells in table.rows]


def _row(line: int, cells: dict[str, str]) -> Row:
    named = _NAME.fullmatch(cells["Field"])
    if named is None:
        what = f"{cells['Field']!r} is not a field name with marks in brackets"
        raise PageError(line, what, "write one name, then [*required*] if it is")
    typed = _TYPE.fullmatch(cells["Type"])
    if typed is None or len(typed[1]) != len(typed[3]):
        what = f"{cells['Type']!r} is not a type of one word, in brackets or not"
        raise PageError(line, what, "name one type, in brackets for a list")
    marks = [mark.strip("*_ ") for mark in _MARK.findall(named[2])]
    text = prose.spaced(cells.get("Description", ""))
    for word in (named[1], typed[2]):
        if word.startswith("<") and word not in _TAGS:
            raise PageError(line, f"{word!r} is {NEWER}", TEACH)
    limits = prose.limits(text, line) if typed[1] else ()
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
        limits=tuple(limit for limit in limits if limit.of_items),
        url_rule=prose.url_rule(text, line),
    )
    return Row(cells.get("Parent field", ""), field)
