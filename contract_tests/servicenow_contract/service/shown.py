"""Answers that show every member that the contract documents, and no other.

What the service knows stands where the contract has a place for it; the rest is the page's example,
or made from the schema where the example lacks it.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from servicenow_contract.contract.fragment import Fragment, pointer

_UNKNOWN: Any = object()
_MADE = {
    "date-time": "2025-01-01T00:00:00.000Z",
    "date": "2025-01-01",
    "uuid": "00000000-0000-0000-2345-000000000000",
    "uri": "https://example.com/",
    "email": "somebody@example.com",
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}
"""A value of each format and type."""

_WORDS = {"type", "description", "title", "deprecated", "example"}
"""Keywords that leave a text free."""
Fill = Callable[[Any], Any]
"""Makes a whole value of what is known of it."""


@functools.cache
def filling(contract: Fragment, status: int) -> Fill:
    """What makes the body of a documented status of what is known; made once for each contract."""
    where = contract.response_schema(status)
    return _filling(contract, where, contract.response_example(status), ())


def _filling(contract: Fragment, where: str, example: Any, above: tuple[str, ...]) -> Fill:
    schema = contract.at(where)
    while "$ref" in schema:
        where = schema["$ref"].removeprefix("#")
        schema = contract.at(where)
    above = (*above, where)
    if "properties" in schema:
        members = {
            name: _filling(contract, place, _member(example, name), above)
            for name in schema["properties"]
            for place in [where + pointer("properties", name)]
            if contract.at(place).get("$ref", "").removeprefix("#") not in above
        }
        return functools.partial(_object, members)
    if "items" in schema:
        examples = example if isinstance(example, list) and example else [_UNKNOWN]
        items = [_filling(contract, f"{where}/items", each, above) for each in examples]
        usual = example if example == [] else [fill(_UNKNOWN) for fill in items]
        return functools.partial(_list, items[0], usual)
    accepts = contract.validator(where).accepts
    if schema.get("type") == "string" and schema.keys() <= _WORDS:
        accepts = _is_text
    usual = example if example is not _UNKNOWN and accepts(example) else _made(schema)
    return functools.partial(_value, accepts, usual)


def _is_text(value: Any) -> bool:
    """Whether it is text, which may hold what no validator reads, such as half a surrogate pair."""
    return isinstance(value, str)


def _member(example: Any, name: str) -> Any:
    return example.get(name, _UNKNOWN) if isinstance(example, dict) else _UNKNOWN


def _made(schema: Mapping[str, Any]) -> Any:
    for keyword in ("const", "default", "example"):
        if keyword in schema:
            return schema[keyword]
    if "enum" in schema:
        return schema["enum"][0]
    word = schema.get("type", "object")
    word = word[0] if isinstance(word, list) else word
    return _MADE.get(str(schema.get("format")), _MADE.get(word, {}))


def _object(members: Mapping[str, Fill], known: Any) -> Any:
    return {name: fill(_member(known, name)) for name, fill in members.items()}


def _list(fill: Fill, usual: Any, known: Any) -> Any:
    return [fill(each) for each in known] if isinstance(known, list) else usual


def _value(accepts: Callable[[Any], bool], usual: Any, known: Any) -> Any:
    return known if known is not _UNKNOWN and accepts(known) else usual
