"""What breaks a JSON Schema keyword: wrong values that are made of a right one."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import World, finding_id
from servicenow_contract.vectors.look_alikes import look_alikes

_SAMPLES: Mapping[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "number": (7, 0, 1.5),
    "string": ("a string", ""),
    "array": ([],),
    "object": ({},),
}
_Wrong = Iterator[tuple[str, Any]]


def _wrong_types(schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    for name, samples in _SAMPLES.items():
        if name not in allowed and not (name == "number" and "integer" in allowed):
            for sample in samples:
                yield name if sample is samples[0] else f"{name} {sample!r}", sample
    yield from _wrapped(allowed, value)


def _wrapped(allowed: Sequence[str], value: Any) -> _Wrong:
    """The right value, as a generous reader would unwrap it."""
    if "array" not in allowed:
        yield "inside an array", [value]
    if "object" not in allowed:
        yield "inside an object", {"value": value}
    if "string" not in allowed:
        yield "its JSON as a string", json.dumps(value)
    if isinstance(value, list):
        yield "only its first item", value[0]
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        yield "only its id", value["id"]


def _missing(schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    for name in schema["required"]:
        rest = {key: member for key, member in value.items() if key != name}
        yield f"without {name}", rest
        if isinstance(value.get(name), dict):
            yield f"the members of {name} instead of it", {**value[name], **rest}


def _other_values(schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    text = str(value)
    variants = ("", f"{text}s", text[:-1], text.upper(), text.capitalize(), f" {text}", f"{text} ")
    cut = (text[1:], f"x{text}", text.replace("_", "-"), text.replace("s", ""), f"{text}\n")
    kinds = ("findings", "projects", "servicenow_tickets", "users", "cases", "jira_issues")
    for other in dict.fromkeys((*variants, *cut, *kinds, "security_findings", "issues", "*")):
        if other not in schema["enum"]:
            yield repr(other), other


def _too_many(schema: Mapping[str, Any], value: Any, world: World) -> _Wrong:
    limit = schema["maxItems"]
    for count in (limit + 1, 2 * limit, 20 * limit):
        if ids := different(world, count):
            yield f"{count} items", [{**value[0], "id": each} for each in ids]


def different(world: World, count: int) -> Sequence[str]:
    """Ids of so many findings that exist; none when the world is too small."""
    made_up = [finding_id(f"finding-more-{n}") for n in range(count)] if world.open else []
    found = [*world.findings, *made_up][:count]
    return found if len(found) == count else []


def _no_address(schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    """What a hurried check takes for a ticket's address, as far as a pattern can tell it."""
    seen = set[str]()
    # Not Python's `re`: its `$` also stands before a line break at the end.
    pattern = jsonschema_rs.Draft202012Validator({"pattern": schema["pattern"]})
    for label, address in look_alikes(value):
        if address not in seen and not pattern.is_valid(address):
            seen.add(address)
            yield label, address


DERIVE: Mapping[str, Callable[[Mapping[str, Any], Any, World], _Wrong]] = {
    "type": _wrong_types,
    "required": _missing,
    "enum": _other_values,
    "maxItems": _too_many,
    "pattern": _no_address,
}
"""For each keyword, the wrong values that a right one gives, each with what is wrong."""


OF_KEYWORD: Mapping[str, str] = {
    "required": "required-members-demanded",
    "type": "types-demanded",
    "enum": "resource-types-demanded",
    "pattern": "ticket-url-rule-demanded",
    "maxItems": "findings-over-the-limit-refused",
}
"""The requirement that a request breaks together with a JSON Schema keyword."""


def underived(contract: Fragment) -> set[str]:
    """Keywords of the request's schemas that bind and have no vectors: none, unless this lags."""
    binding = {
        *("const", "minItems", "uniqueItems", "minLength", "maxLength", "format", "minimum"),
        *("maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "additionalProperties"),
        *("minProperties", "maxProperties", "oneOf", "anyOf", "allOf", "not", "dependentRequired"),
    }
    found: set[str] = set()
    seen: set[str] = set()

    def visit(schema: Mapping[str, Any]) -> None:
        if "$ref" in schema:
            if schema["$ref"] in seen:
                return
            seen.add(schema["$ref"])
            schema = contract.resolve(schema)
        found.update(binding & schema.keys())
        for member in schema.get("properties", {}).values():
            visit(member)
        if "items" in schema:
            visit(schema["items"])

    visit(contract.at(contract.request_schema))
    return found
