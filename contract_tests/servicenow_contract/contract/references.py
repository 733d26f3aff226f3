"""What stands at a JSON Pointer of a document, and where a `$ref` leads."""

from collections.abc import Iterator, Mapping
from typing import Any

from servicenow_contract.contract.documents import pointer


def at(document: Mapping[str, Any], where: str) -> Any:
    """The value at a JSON Pointer, without following references. Raises KeyError."""
    value: Any = document
    for token in where.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (LookupError, ValueError, TypeError):
            raise KeyError(f"the fragment has nothing at {where}") from None
    return value


def dangling(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The place of each reference that leads to nothing in the document, and what is wrong."""
    for where, target in _references(document):
        if not target.startswith("#/"):
            yield where, f"$ref {target!r} leaves this file; define it under #/components instead"
            continue
        try:
            _follow(document, target)
        except KeyError:
            yield where, f"$ref {target!r} points to nothing; define it, or name what exists"
        except RecursionError:
            yield where, f"$ref {target!r} leads back to itself; name a schema instead"


def _references(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str):
            yield where, target
        for key, member in value.items():
            yield from _references(member, where + pointer(str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, where + pointer(index))


def _follow(document: Mapping[str, Any], target: str) -> None:
    """Follow a reference to its end. Raises KeyError, and RecursionError where it has none."""
    value = at(document, target.removeprefix("#"))
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        _follow(document, value["$ref"])
