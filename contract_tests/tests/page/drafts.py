"""Ways to edit a documentation page, each with the line on which the difference is reported.

The same edits are made to a page that `page_writer.py` writes and to the saved page, so they find
their lines by facts (part, parent, field, value), never by a sentence.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

S = "/components/schemas"
OP = "/paths/~1api~1v2~1security~1findings~1servicenow_tickets/patch"
BODY = f"{OP}/requestBody/content/application~1json"
OK = f"{OP}/responses/200/content/application~1json"
SITES = "/servers/0/variables/site/enum"


class Draft:
    """The lines of a page while it is edited. Line numbers count from 1."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    @property
    def text(self) -> str:
        """The edited page."""
        return "\n".join(self.lines)

    def find(self, words: str, after: int = 0) -> int:
        """The first line after another one that contains these words."""
        return next(n for n, line in enumerate(self.lines, 1) if n > after and words in line)

    def part(self, part: str) -> int:
        """The line on which the request or a status starts."""
        return self.find("#### Body Data" if part == "request" else f'title="{part}"')

    def row(self, part: str, parent: str, name: str, nth: int = 0) -> int:
        """The line of a row of a Model table; `nth` counts rows with the same two names."""
        start = self.find("|", self.find('title="Model"', self.part(part)))
        nested = "Parent" in self.lines[start - 1]
        for number, line in enumerate(self.lines[start:], start + 1):
            cells = [cell.strip() for cell in line.split("|")[1:]]
            found = (cells[0], cells[1]) if nested else ("", cells[0])
            if found[0] == parent and found[1].split(" ")[0] == name:
                nth -= 1
                if nth < 0:
                    return number
        raise AssertionError(f"no row {parent}|{name}")

    def value(self, part: str, words: str, nth: int = 0) -> int:
        """The line of the part's example that contains these words."""
        line = self.find("```json", self.part(part))
        for _ in range(nth + 1):
            line = self.find(words, line)
        return line

    def sub(self, line: int, pattern: str, new: str) -> int:
        """Change one line."""
        text = self.lines[line - 1]
        self.lines[line - 1] = re.sub(pattern, new, text, count=1)
        assert self.lines[line - 1] != text, f"{pattern} changes nothing in {text}"
        return line

    def remove(self, first: int, last: int = 0) -> None:
        """Remove lines."""
        del self.lines[first - 1 : last or first]

    def insert(self, after: int, *new: str) -> int:
        """Put lines after a line; gives the first new one."""
        self.lines[after:after] = new
        return after + 1


Make: TypeAlias = Callable[[Draft], int]
RowKey: TypeAlias = tuple[str, str, str] | tuple[str, str, str, int]


class Edit(NamedTuple):
    """An edit; `make` gives the line on which the difference is to be reported."""

    name: str
    make: Make
    kind: str
    pointer: str


def row_removed(row: RowKey, above: RowKey, rows: int = 1) -> Make:
    """Remove a row, or several from it on; reported at the row of its parent."""

    def make(draft: Draft) -> int:
        line = draft.row(*row)
        draft.remove(line, line + rows - 1)
        return draft.row(*above)

    return make


def row_added(after: RowKey, *cells: str) -> Make:
    """Add a row below another one."""
    return lambda draft: draft.insert(draft.row(*after), f"| {' | '.join(cells)} |")


def in_row(row: RowKey, pattern: str, new: str) -> Make:
    """Change a row."""
    return lambda draft: draft.sub(draft.row(*row), pattern, new)


def typed(row: RowKey, old: str, new: str) -> Make:
    """Change the Type cell of a row."""
    return in_row(row, rf"\| {re.escape(old)} +(?=\|)", f"| {new} ")


def in_example(part: str, words: str, old: str, new: str, nth: int = 0) -> Make:
    """Change a line of an example."""
    return lambda draft: draft.sub(draft.value(part, words, nth), old, new)


def in_curl(words: str, old: str, new: str) -> Make:
    """Change a line of the curl block."""
    return lambda draft: draft.sub(draft.find(words, draft.find("### Code")), old, new)


def in_line(words: str, old: str, new: str) -> Make:
    """Change the first line with these words."""
    return lambda draft: draft.sub(draft.find(words), old, new)


def in_sites(old: str, new: str) -> Make:
    """Change every row of the site table; reported at the first."""

    def make(draft: Draft) -> int:
        first = line = draft.find("| Datadog site") + 2
        while draft.lines[line - 1].startswith("|"):
            line = draft.sub(line, old, new) + 1
        return first

    return make


def line_removed(words: str, reported: str) -> Make:
    """Remove the first line with these words; reported at the first line with the others."""

    def make(draft: Draft) -> int:
        draft.remove(draft.find(words))
        return draft.find(reported)

    return make


def site_removed(draft: Draft) -> int:
    """Remove a row of the site table; reported at its first row."""
    draft.remove(draft.find("| ap2.datadoghq.com"))
    return draft.find("| Datadog site") + 2


def status_added(draft: Draft) -> int:
    """Add a status like 429."""
    first = draft.part("429")
    last = draft.find("### Code") - 1
    copy = draft.lines[first - 1 : last]
    line = draft.insert(last, *copy)
    return draft.sub(line, "429", "503")


def status_removed(draft: Draft) -> int:
    """Remove 404; reported at the first status."""
    draft.remove(draft.part("404"), draft.part("429") - 1)
    return draft.part("200")


def tab_removed(title: str, part: str) -> Make:
    """Remove the Model or the Example; reported at the table, or else at the status."""

    def make(draft: Draft) -> int:
        first = draft.find(f'title="{title}"', draft.part(part))
        draft.remove(first, draft.find("{% /tab %}", first))
        return draft.find("|", draft.part(part)) if title == "Example" else draft.part(part)

    return make


def table_removed(part: str) -> Make:
    """Remove the only row of an error; reported where the table starts."""

    def make(draft: Draft) -> int:
        line = draft.row(part, "", "errors")
        draft.remove(line)
        return line - 2

    return make


def key_removed(draft: Draft) -> int:
    """Remove a member of an example; reported at the object that it was in."""
    line = draft.value("200", '"priority"')
    draft.remove(line)
    return draft.value("200", '"attributes"')


def item_added(draft: Draft) -> int:
    """Add an item to a list in an example."""
    line = draft.value("400", '"Bad Request"')
    draft.sub(line, "$", ",")
    return draft.insert(line, '"Another"')


def curl_removed(draft: Draft) -> int:
    """Remove the curl block; reported at the title."""
    first = draft.find("### Code")
    draft.remove(first, draft.find("EOF ", first))
    return draft.find("# ")
