"""Edits of the fragment, one fact at a time."""

import copy
from collections.abc import Callable
from typing import Any

from servicenow_contract.contract.fragment import Fragment

Document = dict[str, Any]
Edit = Callable[[Document], None]


def at(document: Any, where: str) -> Any:
    """The value at a JSON Pointer."""
    return Fragment(document, "").at(where)


def _held(document: Document, where: str) -> tuple[Any, Any]:
    """What holds the value at a place, and the value's name or index there."""
    head, _, last = where.rpartition("/")
    holder = at(document, head)
    name = last.replace("~1", "/").replace("~0", "~")
    return holder, int(name) if isinstance(holder, list) else name


def setting(where: str, value: Any) -> Edit:
    """An edit that puts a value at a place."""

    def edit(document: Document) -> None:
        holder, name = _held(document, where)
        holder[name] = value

    return edit


def dropping(where: str) -> Edit:
    """An edit that takes away what is at a place."""

    def edit(document: Document) -> None:
        holder, name = _held(document, where)
        del holder[name]

    return edit


def renaming(where: str, new: str) -> Edit:
    """An edit that gives a member another name, in its own place."""

    def edit(document: Document) -> None:
        holder, name = _held(document, where)
        members = {new if key == name else key: value for key, value in holder.items()}
        holder.clear()
        holder.update(members)

    return edit


def copying(where: str, to: str) -> Edit:
    """An edit that puts what is at one place at another one, too."""
    return lambda document: setting(to, copy.deepcopy(at(document, where)))(document)


def many(*edits: Edit) -> Edit:
    """Several edits as one."""

    def edit(document: Document) -> None:
        for each in edits:
            each(document)

    return edit
