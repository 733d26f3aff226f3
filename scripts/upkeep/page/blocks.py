"""The outer form of a saved page: tabs, code blocks, sections and tables.

A page is untrusted: sizes are bounded, and each line is looked at a fixed number of times.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from upkeep.page.forms import older
from upkeep.page.model import PageError, Text

MAX_BYTES = 1_000_000
MAX_TAB_DEPTH = 6
MAX_ROWS = 400
SAVE_AGAIN = "save the page again as Markdown"

_OPEN, _CLOSE, _END = '{% tab title="', "{% /tab %}", '" %}'


@frozen
class Code:
    """A fenced code block; `lines` is what stands between the fences."""

    line: int
    language: str
    lines: tuple[Text, ...]


@frozen
class Tab:
    """A tab and what is in it."""

    line: int
    title: str
    content: tuple["Block", ...]


@frozen
class Section:
    """A heading of the third or fourth level, and what follows it; the first one has no title."""

    line: int
    title: str
    content: tuple["Block", ...]


@frozen
class Table:
    """A table's column names and its rows; every row is as long as the header."""

    line: int
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


Block: TypeAlias = Text | Code | Tab


def read_text(path: Path) -> str:
    """The text of a saved page.

    Raises PageError for a file that is missing, too large, or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PageError(
            1, f"the file cannot be opened ({error.strerror})", "name the saved page"
        ) from None
    if len(data) > MAX_BYTES:
        raise PageError(1, f"more than {MAX_BYTES} bytes are not a page", "name the saved page")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PageError(line, "a byte here is not UTF-8 text", SAVE_AGAIN) from None


def blocks(text: str) -> tuple[Block, ...]:
    """The page's lines, code blocks and tabs. Raises PageError where one is not closed."""
    found: list[list[Block]] = [[]]
    titles: list[Text] = []
    numbered = older(text)
    for line in numbered:
        mark = line.text.strip()
        if mark.startswith("```"):
            found[-1].append(_code(line.line, mark.removeprefix("```").strip(), numbered))
        elif mark.startswith("{% tab"):
            titles.append(_tab_title(line.line, mark))
            found.append([])
            if len(titles) > MAX_TAB_DEPTH:
                raise PageError(line.line, "tabs are nested too deep", SAVE_AGAIN)
        elif mark == _CLOSE:
            if not titles:
                raise PageError(line.line, f"{_CLOSE} closes no tab", SAVE_AGAIN)
            title, content = titles.pop(), found.pop()
            found[-1].append(Tab(title.line, title.text, tuple(content)))
        else:
            found[-1].append(line)
    if titles:
        raise PageError(titles[-1].line, f"the tab {titles[-1].text!r} is not closed", SAVE_AGAIN)
    return tuple(found[0])


def _code(start: int, language: str, lines: Iterator[Text]) -> Code:
    content: list[Text] = []
    for line in lines:
        if line.text.strip() == "```":
            return Code(start, language, tuple(content))
        content.append(line)
    raise PageError(start, "the code block is not closed", SAVE_AGAIN)


def _tab_title(line: int, mark: str) -> Text:
    if not (mark.startswith(_OPEN) and mark.endswith(_END)):
        raise PageError(line, f"a tab starts with {_OPEN}NAME{_END}", SAVE_AGAIN)
    return Text(line, mark.removeprefix(_OPEN).removesuffix(_END))


def sections(content: Sequence[Block], line: int) -> tuple[Section, ...]:
    """The content cut at its headings; `line` is given to what stands before the first."""
    found: list[tuple[Text, list[Block]]] = [(Text(line, ""), [])]
    for block in content:
        if isinstance(block, Text) and block.text.startswith(("### ", "#### ")):
            found.append((Text(block.line, block.text.strip("# ")), []))
        else:
            found[-1][1].append(block)
    return tuple(Section(head.line, head.text, tuple(below)) for head, below in found)


def take_table(content: Sequence[Block]) -> tuple[Table | None, tuple[Block, ...]]:
    """The first table among the lines, and everything else. Raises PageError for a broken one."""
    rows: list[Text] = []
    rest: list[Block] = []
    last = -1  # a row may take several lines of the page, so places count, not line numbers
    for at, block in enumerate(content):
        follows = not rows or at == last + 1
        if isinstance(block, Text) and block.text.startswith("|") and follows:
            rows.append(block)
            last = at
        else:
            rest.append(block)
    return (_table(rows) if rows else None), tuple(rest)


def _table(lines: Sequence[Text]) -> Table:
    head = _cells(lines[0].text)
    if len(lines) < 2 or any(cell.strip("-: ") or not cell for cell in _cells(lines[1].text)):
        raise PageError(lines[0].line, "no line of dashes follows the column names", SAVE_AGAIN)
    if len(lines) - 2 > MAX_ROWS:
        raise PageError(lines[0].line, f"the table has more than {MAX_ROWS} rows", SAVE_AGAIN)
    rows = []
    for line in lines[2:]:
        cells = _cells(line.text)
        if len(cells) > len(head):
            what = f"{len(cells)} cells are under {len(head)} columns"
            raise PageError(line.line, what, "write a bar inside a cell as \\|")
        rows.append((line.line, cells + ("",) * (len(head) - len(cells))))
    return Table(lines[0].line, head, tuple(rows))


def _cells(line: str) -> tuple[str, ...]:
    """The cells between the bars; a bar after a backslash belongs to its cell."""
    cells = [part.replace("\0", "|").strip() for part in line.replace("\\|", "\0").split("|")]
    return tuple(cells[1:-1] if not cells[-1] else cells[1:])
