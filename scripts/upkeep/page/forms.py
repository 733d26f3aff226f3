"""The newer form of a page, line by line, in the older form that `blocks` cuts.

Line numbers stay those of the file. A mark that neither form has is refused, never guessed at.
"""

import re
from collections.abc import Iterator, Sequence

from upkeep.page.model import PageError, Text

MAX_BREAKS = 30
"""So many line breaks may stand in one row of a table."""

NEWER = "a newer form than this reader knows"
TEACH = "teach scripts/upkeep/page/forms.py this form, or compare the page by eye"

_ANCHOR = re.compile(r" ?\{% #[^%{}]{1,200} %\}$")
_VERSION = re.compile(r"## (v\d{1,3})(?: \([a-z]{1,20}\))?")
_ALERT = re.compile(r"\{% alert( [a-z]{1,20}=\"[^\"]{0,100}\"){0,4} %\}")
_LABEL = re.compile(r"\{% tab label=\"([^\"]{1,200})\" %\}")
_TAG = re.compile(r"<[a-z_]{1,40}(?:=[^<>]{0,100})?>")
_BREAK = re.compile(r"<br ?/?>")
_CELL = "<cell_type=markdown>"
_BODY = "### Request Body"
_INDEX = "> For the complete documentation index, see [llms.txt]("
_NOTE = "**Note**:"


def older(text: str) -> Iterator[Text]:
    """The lines of the page in the older form.

    Raises PageError for a mark that this reader does not know, and for one that is not closed.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    at, fenced, version, tabs = 0, False, 0, [0]
    while at < len(lines):
        number, line, at = at + 1, lines[at], at + 1
        if line.strip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            line = line.replace(_CELL, "")
            if line.startswith("|"):
                line, at = _row(lines, at - 1)
            elif _ALERT.fullmatch(line.strip()):
                line, at = _alert(lines, at)
            elif line.startswith("## "):
                if version:
                    yield Text(number, "{% /tab %}")
                version = number
            line = _mark(number, line, tabs)
        yield Text(number, line)
    if tabs[1:]:
        raise PageError(tabs[-1], "{% tabs %} is not closed", "save the page again as Markdown")
    if version:
        yield Text(len(lines), "{% /tab %}")


def _mark(number: int, line: str, tabs: list[int]) -> str:
    """The line with its mark in the older form; `tabs` holds where groups of tabs were opened."""
    mark = line.strip()
    if mark in {"{% tabs %}", "{% /tabs %}"}:
        _group(number, mark, tabs)
        return ""
    if mark.startswith("#"):
        line = _ANCHOR.sub("", line.rstrip())
    titled = _VERSION.fullmatch(line) or _LABEL.fullmatch(mark)
    if titled:
        return f'{{% tab title="{titled[1]}" %}}'
    known = mark.startswith("{% tab ") or mark == "{% /tab %}"
    if _TAG.fullmatch(mark) or line.startswith("## ") or ("{%" in line and not known):
        raise PageError(number, f"{mark[:80]!r} is {NEWER}", TEACH)
    if line.startswith(_INDEX):
        return ""
    return f"#### Body Data{line.removeprefix(_BODY)}" if line.startswith(_BODY) else line


def _group(number: int, mark: str, tabs: list[int]) -> None:
    if mark == "{% tabs %}":
        tabs.append(number)
    elif tabs[1:]:
        tabs.pop()
    else:
        raise PageError(number, f"{mark} closes nothing", "save the page again as Markdown")


def _row(lines: Sequence[str], at: int) -> tuple[str, int]:
    """The row that starts there, without the line breaks inside it, and where the lines go on."""
    row, after = lines[at], at + 1
    for end in range(at, min(at + 1 + MAX_BREAKS, len(lines))):
        part = lines[end].strip()
        if end > at and part.startswith(("|", "#", "{%", "```")):
            break
        if part.endswith("|") and not part.endswith("\\|"):
            row, after = " ".join(" ".join(lines[at : end + 1]).split()), end + 1
            break
    return _BREAK.sub(" ", row).replace(_CELL, ""), after


def _alert(lines: Sequence[str], at: int) -> tuple[str, int]:
    """What an alert says, as one note, and where the lines go on."""
    for end in range(at, len(lines)):
        if lines[end].strip() == "{% /alert %}":
            said = " ".join(" ".join(lines[at:end]).replace(_CELL, "").split())
            return f"{_NOTE} {said.removeprefix(_NOTE).strip()}", end + 1
    raise PageError(at, "{% alert %} is not closed", "save the page again as Markdown")
