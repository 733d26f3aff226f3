"""A body laid out in lines, with what is wrong marked in it, and cut to what a reader needs."""

import html
import json
import re
from collections.abc import Collection, Sequence

from attrs import define, field
from markupsafe import Markup

from servicenow_contract.contract.documents import pointer
from servicenow_contract.text import counted, head, shown

LINES = 60
"""How many lines of a body the page shows, unless it is told otherwise."""
LENGTH = 1_200
"""How many characters of a line."""
SIZE = 8_000
"""How many characters of a body it shows, but for what is marked."""
MARKS = 8
"""How many marks it shows at most, each with the lines around it."""
_AROUND = 3
_LONGEST = 30_000
"""How long a text is at most that is laid out."""
_DEEPEST = 32
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_INDENT = "  "

Piece = tuple[str, bool]
"""A part of a line, and whether it is marked."""


def body(text: str, marks: Collection[str] = (), most: int = LINES) -> Markup:
    """A body as it was sent, JSON laid out, its members at these JSON Pointers marked."""
    lines = laid_out(text, marks)
    written, last, size = list[str](), -1, 0
    for number in [*_kept(lines, most), len(lines)]:
        line = lines[number] if number < len(lines) else ()
        if size > SIZE and line and not any(marked for _, marked in line):
            continue
        if number - last > 1:
            written.append(f"<i>… {counted(number - last - 1, 'line')} left out</i>")
        if line:
            written.append("".join(map(_piece, line)))
        size += sum(min(len(each), LENGTH) for each, _ in line)
        last = number
    # html.escape and nothing else stands between a server's text and the page.
    return Markup("\n".join(written))  # noqa: S704


def laid_out(text: str, marks: Collection[str] = ()) -> Sequence[Sequence[Piece]]:
    """JSON over several lines, each token as it was sent; any other text by its own lines."""
    plain = [[(line, "" in marks)] for line in text.split("\n")]
    if len(text) > _LONGEST or not text.lstrip().startswith(("{", "[")):
        return plain
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return plain
    writer = _Writer(frozenset(marks))
    for token in _TOKEN.findall(text):
        writer.take(token)
    return plain if writer.deepest > _DEEPEST else writer.lines


@define
class _Writer:
    """Writes the tokens of JSON line by line, and knows where it is."""

    marks: frozenset[str]
    lines: list[list[Piece]] = field(factory=lambda: [[]])
    deepest: int = 0
    _open: list[list[str | int]] = field(factory=list)
    """The pointer of each object or array that is open, and the member or item that comes."""
    _before: str = ""
    _key: bool = False
    """Whether a member's name stands, and its value comes."""

    def take(self, token: str) -> None:
        """Write the next token."""
        if token in "}]":
            self._open.pop()
            if self._before not in ("{", "["):  # an empty one stays on its line
                self._new_line()
            self._write(token, marked=False)
        elif token == ",":
            if isinstance(self._open[-1][1], int):
                self._open[-1][1] += 1
            self._key = False
            self._write(token, marked=False)
            self._new_line()
        elif token == ":":
            self._key = True
            self._write(": ", marked=self._here in self.marks)
        else:
            self._value(token)
        self._before = token

    @property
    def _here(self) -> str:
        """The pointer of the member or item that is written."""
        return f"{self._open[-1][0]}{pointer(self._open[-1][1])}" if self._open else ""

    def _value(self, token: str) -> None:
        """A member's name, a scalar, or what opens an object or an array."""
        if self._before in ("{", "["):
            self._new_line()
        if self._open and isinstance(self._open[-1][1], str) and not self._key:
            self._open[-1][1] = json.loads(token)
        self._write(token, marked=self._here in self.marks)
        if token in ("{", "["):
            self._open.append([self._here, "" if token == "{" else 0])
            self.deepest = max(self.deepest, len(self._open))
            self._key = False

    def _new_line(self) -> None:
        self.lines.append([(_INDENT * len(self._open), False)])

    def _write(self, text: str, *, marked: bool) -> None:
        line = self.lines[-1]
        if line and line[-1][1] == marked:
            text = line.pop()[0] + text
        line.append((text, marked))


def _kept(lines: Sequence[Sequence[Piece]], most: int) -> Sequence[int]:
    """The lines that are shown: all, or the first ones and those around what is marked."""
    if len(lines) <= most:
        return range(len(lines))
    marked = [number for number, line in enumerate(lines) if any(flag for _, flag in line)]
    around = {
        near
        for number in marked[:MARKS]
        for near in range(max(0, number - _AROUND), min(len(lines), number + _AROUND + 1))
    }
    return sorted({*range(max(0, most - len(around))), *around})


def _piece(piece: Piece) -> str:
    text = html.escape(shown(head(piece[0], LENGTH)), quote=False)
    return f"<mark>{text}</mark>" if piece[1] and text.strip() else text
