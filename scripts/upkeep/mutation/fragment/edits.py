"""Edits of the fragment, one fact at a time."""

from collections.abc import Callable, Iterator
from typing import Any

from servicenow_contract.contract.fragment import Fragment

Document = dict[str, Any]
Edit = Callable[[Document], None]


Made = Iterator[tuple[str, str, str, Edit]]


def at(document: Any, where: str) -> Any:
    """The value at a JSON Pointer."""
    return Fragment(document, "").at(where)


def split(where: str) -> tuple[str, Any]:
    """Where the holder of a value stands, and the value's name there."""
    head, _, last = where.rpartition("/")
    return head, last.replace("~1", "/").replace("~0", "~")


def setting(where: str, value: Any) -> Edit:
    """An edit that puts a value at a place."""

    def edit(document: Document) -> None:
        head, last = split(where)
        holder = at(document, head)
        holder[int(last) if isinstance(holder, list) else last] = value

    return edit


def dropping(where: str) -> Edit:
    """An edit that takes away what is at a place."""

    def edit(document: Document) -> None:
        head, last = split(where)
        holder = at(document, head)
        del holder[int(last) if isinstance(holder, list) else last]

    return edit


def renaming(where: str, name: str) -> Edit:
    """An edit that gives a member another name, in its own place."""

    def edit(document: Document) -> None:
        head, last = split(where)
        holder = at(document, head)
        members = {name if key == last else key: value for key, value in holder.items()}
        holder.clear()
        holder.update(members)

    return edit
