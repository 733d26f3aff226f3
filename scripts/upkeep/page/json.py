"""JSON on a page: the value, and the line of every member and item."""

import json
import re
from collections.abc import Iterator, Sequence

from upkeep.page.model import Example, PageError, Text

MAX_DEPTH = 64

_MARK = re.compile(r'"(?:[^"\\\n]|\\.)*"|[\[\]{},:\n]|[^\s\[\]{},:"]+')
_REMEDY = "correct the JSON, or save the page again"


def read_json(lines: Sequence[Text], line: int) -> Example:
    """Read JSON that stands on these lines; `line` is where the block starts.

    Raises PageError for what is not JSON, for a name that appears twice in one object, and for
    nesting beyond MAX_DEPTH.
    """
    text = "\n".join(each.text for each in lines)
    first = lines[0].line if lines else line
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise PageError(
            first + error.lineno - 1, f"not valid JSON ({error.msg})", _REMEDY
        ) from None
    except (ValueError, RecursionError) as error:
        what = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise PageError(first, f"not usable JSON ({what})", _REMEDY) from None
    places: dict[tuple[str, ...], int] = {}
    for path, place in _places(text, first):
        if path in places:
            raise PageError(place, f"the name {path[-1]!r} appears twice in one object", _REMEDY)
        places[path] = place
    return Example(line, value, places)


def _places(text: str, line: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The path and line of each value of a valid JSON text."""
    stack: list[str] = []  # the member names and indices down to the next value
    in_list: list[bool] = []
    name_comes = False
    for match in _MARK.finditer(text):
        mark = match[0]
        if mark == "\n":
            line += 1
        elif mark == ",":
            name_comes = not in_list[-1]
            if in_list[-1]:
                stack[-1] = str(int(stack[-1]) + 1)
        elif mark in "]}":
            stack.pop()
            in_list.pop()
            name_comes = False
        elif name_comes:
            stack[-1], name_comes = json.loads(mark), False
        elif mark != ":":
            _refuse_word(mark, line)
            yield tuple(stack), line
            if mark in "[{":
                stack.append("0")
                in_list.append(mark == "[")
                name_comes = mark == "{"
                if len(stack) > MAX_DEPTH:
                    raise PageError(line, "JSON is nested too deep", _REMEDY)


def _refuse_word(mark: str, line: int) -> None:
    if mark in {"NaN", "Infinity", "-Infinity"}:
        raise PageError(line, f"not usable JSON ({mark} is not a JSON number)", _REMEDY)
