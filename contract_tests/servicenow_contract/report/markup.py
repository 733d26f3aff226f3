"""A small builder of HTML: text is always escaped, and what cannot be seen is named."""

import html
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from servicenow_contract.text import shown

_VOID = ("br", "meta")


class Markup(str):
    """HTML that this module made; every other string is text."""

    __slots__ = ()


Row: TypeAlias = Sequence[str]


def tag(name: str, /, *children: str, **attributes: str | bool) -> Markup:
    """One element; a child that is no Markup is text.

    A trailing underscore in an attribute's name is dropped and others become hyphens; True stands
    for an attribute without a value, and False or an empty text for none.
    """
    listed = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_text(value)}"')
        for key, value in attributes.items()
        if value
    )
    end = "" if name in _VOID else f"{join(children)}</{name}>"
    return Markup(f"<{name}{listed}>{end}")


def join(children: Iterable[str], between: str = "") -> Markup:
    """Several nodes in a row."""
    return Markup(
        _text(between).join(
            child if isinstance(child, Markup) else _text(child) for child in children
        )
    )


def pre(text: str, class_: str = "") -> Markup:
    """Preformatted text; the line feed that HTML drops after the opening tag is given to it."""
    return tag("pre", "\n", text, class_=class_)


def items(name: str, entries: Iterable[str], class_: str = "") -> Markup:
    """A list (`ul` or `ol`) with one item for each entry."""
    return tag(name, *(tag("li", entry) for entry in entries), class_=class_)


def table(caption: str, head: Row, rows: Iterable[Row], class_: str = "") -> Markup:
    """A table; the first cell of each row is its heading."""
    columns = [tag("th", each, scope="col") for each in head]
    body = [
        tag("tr", tag("th", first, scope="row"), *(tag("td", each) for each in rest))
        for first, *rest in rows
    ]
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", *columns)),
        tag("tbody", *body),
        class_=class_,
    )


def _text(value: str | bool) -> str:
    return html.escape(shown(str(value)))
