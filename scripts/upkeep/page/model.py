"""What a documentation page says, as plain frozen data.

`reader.py` makes it from the text of a saved page; nothing here knows Markdown. Every part carries
the line of the page that it stands on.
"""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from upkeep.command import CommandError

ANY_KEY = "<any-key>"
"""The page's name for the values of a map, in its tables and in its examples."""


class PageError(CommandError):
    """The page cannot be read. The message says on which line, why, and what to do."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        self.line = line
        super().__init__(f"line {line}: {what}; {remedy}")


@frozen
class Text:
    """A sentence or a short text."""

    line: int
    text: str


@frozen
class StatedLimit:
    """A number that prose calls the most, with the words after it."""

    line: int
    value: int
    words: str
    of_items: bool = True
    """False for a rate, a length or a time: they limit no list."""


@frozen
class UrlRule:
    """What a description demands of a URL: its domain, and the kind of record behind it."""

    line: int
    host: str
    record: str


@frozen
class Field:
    """A row of a Model table, with the rows below it."""

    line: int
    name: str
    type: str
    """The word of the Type column without its brackets."""
    depth: int
    """How many pairs of brackets stood around that word: 1 for a list, 2 for a list of lists."""
    required: bool = False
    marks: tuple[str, ...] = ()
    """Further words in brackets after the name, such as `deprecated`."""
    description: str = ""
    """The description without its enum values and its default."""
    enum: tuple[str, ...] = ()
    default: str | None = None
    limits: tuple[StatedLimit, ...] = ()
    """Of a list: how many items its description allows; more than one where it says so twice."""
    url_rule: UrlRule | None = None
    children: tuple["Field", ...] = ()
    also: tuple[tuple[str, ...], ...] = ()
    """Further paths at which the row may stand just as well."""
    implied: bool = False
    """The table has no such row, yet other rows name it as their parent."""

    @property
    def type_word(self) -> str:
        """The type as the page writes it."""
        return "[" * self.depth + self.type + "]" * self.depth


@frozen
class Model:
    """A Model table: the description above it, and the fields without a parent."""

    line: int
    description: str
    fields: tuple[Field, ...]


@frozen
class Example:
    """A JSON value, with the line of each member and item by its path."""

    line: int
    value: Any
    lines: Mapping[tuple[str, ...], int] = field(repr=False)


@frozen
class SiteRow:
    """A row of the site table: `name | method base+path`."""

    line: int
    name: str
    method: str
    base: str
    path: str


@frozen
class Permissions:
    """The permissions, and whether any (`OR`) or all (`AND`) of them are needed."""

    line: int
    operator: str
    names: tuple[str, ...]


@frozen
class RequestSection:
    """The request body."""

    line: int
    required: bool
    model: Model | None
    example: Example | None


@frozen
class StatusSection:
    """What the page shows for one status."""

    line: int
    status: str
    summary: str
    model: Model | None
    example: Example | None


@frozen
class Header:
    """A header of the curl block; `variable` is set when its value is `${variable}`."""

    line: int
    name: str
    value: str
    variable: str | None


@frozen
class Curl:
    """The curl block."""

    line: int
    method: str
    url: str
    headers: tuple[Header, ...]
    body: Example | None


@frozen
class Page:
    """One documented operation."""

    line: int
    """Of the title."""
    title: str
    notes: tuple[Text, ...]
    sites: tuple[SiteRow, ...]
    overview_line: int
    sentences: tuple[Text, ...]
    """The Overview's prose."""
    limits: tuple[StatedLimit, ...]
    """The limits in that prose; those in descriptions are at their fields."""
    permissions: Permissions | None
    body: RequestSection | None
    responses: tuple[StatusSection, ...]
    curl: Curl | None
    unread: tuple[Text, ...]
    """Whatever has no place above: nothing on a page is passed over in silence."""

    @property
    def preview(self) -> Text | None:
        """The note that says that the operation is in preview."""
        said = (note for note in self.notes if "is in preview" in note.text.lower())
        return next(said, None)
