"""What stands at a JSON Pointer of a document, and where a `$ref` leads."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from servicenow_contract.contract.documents import pointer

_PARTS = re.compile(r"(/(allOf|anyOf|oneOf)/\d+)+$")


def at(document: Mapping[str, Any], where: str) -> Any:
    """The value at a JSON Pointer, without following references. Raises KeyError."""
    value: Any = document
    for token in where.split("/")[1:]:
        try:
            value = value[_key(value, token)]
        except (LookupError, ValueError, TypeError):
            raise KeyError(f"the fragment has nothing at {where}") from None
    return value


def holder(document: Mapping[str, Any], where: str) -> tuple[Any, Any]:
    """What holds a place, and the name or index of the place in it. Raises KeyError."""
    above, _, token = where.rpartition("/")
    found = at(document, above)
    return found, _key(found, token)


def _key(holder: Any, token: str) -> str | int:
    """The name or index that a token of a JSON Pointer stands for (RFC 6901, section 4)."""
    name = token.replace("~1", "/").replace("~0", "~")
    return int(name) if isinstance(holder, list) else name


def has(document: Mapping[str, Any], where: str) -> bool:
    """Whether something stands at a JSON Pointer, or where a reference leads."""
    try:
        at(document, where)
    except KeyError:
        return False
    return True


def dangling(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The place of each reference that leads to no schema of the document, and what is wrong."""
    for where, target in _references(document):
        if not target.startswith("#/"):
            yield where, f"$ref {target!r} leaves this file; define it under #/components instead"
        elif not has(document, target):
            yield where, f"$ref {target!r} points to nothing; define it, or name what exists"
        elif f"#{_PARTS.sub('', where)}" in _made_of(document, target):
            said = "leads back to itself with no member between; name another schema instead"
            yield where, f"$ref {target!r} {said}"


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


def _made_of(document: Mapping[str, Any], target: str) -> set[str]:
    """The references that make up what a reference names, itself included."""
    found, todo = set[str](), [target]
    while todo:
        each = todo.pop()
        if each not in found and has(document, each):
            found.add(each)
            todo += _parts(at(document, each.removeprefix("#")))
    return found


def _parts(schema: Any) -> Iterator[str]:
    """The references in a schema that have no member between."""
    if isinstance(schema, dict):
        yield from [schema["$ref"]] if isinstance(schema.get("$ref"), str) else ()
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in schema[keyword] if isinstance(schema.get(keyword), list) else ():
                yield from _parts(part)
