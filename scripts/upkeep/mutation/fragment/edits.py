"""Edits of the fragment, one fact at a time."""

import copy
from collections.abc import Callable
from typing import Any

from servicenow_contract.contract.references import at, holder

Document = dict[str, Any]
Edit = Callable[[Document], None]


def setting(where: str, value: Any) -> Edit:
    """An edit that puts a value at a place."""

    def edit(document: Document) -> None:
        held, name = holder(document, where)
        held[name] = value

    return edit


def dropping(where: str) -> Edit:
    """An edit that takes away what is at a place."""

    def edit(document: Document) -> None:
        held, name = holder(document, where)
        del held[name]

    return edit


def renaming(where: str, new: str) -> Edit:
    """An edit that gives a member another name, in its own place."""

    def edit(document: Document) -> None:
        held, name = holder(document, where)
        members = {new if key == name else key: value for key, value in held.items()}
        held.clear()
        held.update(members)

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
