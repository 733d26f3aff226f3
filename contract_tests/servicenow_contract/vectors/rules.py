"""Requests that break exactly one rule of the contract each, derived from the fragment.

A new line in the request's schemas brings its vectors with it. `proof` shows with the validator
that a vector breaks its own rule, at its own place, and no other.
"""

import copy
import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs
from attrs import evolve, field, frozen

from servicenow_contract.contract.fragment import (
    Fragment,
    SchemaProblem,
    Validator,
    escape,
    pointer,
)
from servicenow_contract.contract.references import at
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import World, finding_id
from servicenow_contract.text import head
from servicenow_contract.vectors.look_alikes import look_alikes

_SAMPLES: Mapping[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "number": (7, 0, 1.5),
    "string": ("a string", ""),
    "array": ([],),
    "object": ({},),
}


_MUST = {
    "type": "be of the type {}",
    "required": "have the members {}",
    "enum": "be one of {}",
    "maxItems": "have at most {} items",
    "pattern": "match the pattern {}",
}
"""What a keyword asks for, with its value."""


@frozen
class Vector:
    """A request body that breaks one rule."""

    name: str
    keyword: str
    """The JSON Schema keyword that is broken."""
    rule: str
    """JSON Pointer into the fragment to that keyword."""
    at: str
    """JSON Pointer into the body to what is wrong."""
    body: Any = field(repr=False)

    def told(self, contract: Fragment) -> str:
        """What is sent where, and the rule that it breaks, in words and with its value."""
        sent, wanted = (
            head(json.dumps(each, ensure_ascii=False), 200)
            for each in (at(self.body, self.at), contract.at(self.rule))
        )
        must = _MUST[self.keyword].format(wanted)
        return f"{self.name} (sent: {sent}), which must {must} by {self.rule},"

    def proof(self, contract: Fragment) -> list[SchemaProblem]:
        """What the validator finds wrong with the body: one problem, the intended one."""
        return wrongs(contract.validator(contract.request_schema), self.body)


def wrongs(validator: Validator, body: Any) -> list[SchemaProblem]:
    """What is wrong with a body, each thing once.

    A value of another type is none of the listed ones either; that is one thing, not two.
    """
    found = list(validator.problems(body))
    mistyped = {each.at for each in found if each.keyword == "type"}
    return [each for each in found if each.keyword != "enum" or each.at not in mistyped]


def vectors(contract: Fragment, world: World) -> list[Vector]:
    """Every vector that the request's schemas give, with ids that the world knows."""
    base = attach_body(world.tickets[0], world.findings[:2], world.project)
    schema = contract.at(contract.request_schema)
    return list(_walk(contract, schema, contract.request_schema, (), base, world))


@functools.cache
def by_name(contract: Fragment, world: World) -> Mapping[str, Vector]:
    """The vectors of this world, to be sent and not to be changed."""
    return {each.name: each for each in vectors(contract, world)}


@functools.cache
def crowded(contract: Fragment, world: World) -> Sequence[Vector]:
    """The vectors of one finding among as many as a request takes, at every place there.

    The rules take the places in turn, in one way after the other, and each has the first, the tenth
    and the last besides: a server that skips a place, or all from one on, does so for every rule.
    """
    count = contract.max_findings
    if not (ids := _different(world, count)):
        return []
    base = attach_body(world.tickets[0], ids, world.project)
    places = "data", "relationships", "findings", "data"
    alone = f"{pointer(*places)}/1"
    rules: dict[str, list[Vector]] = {}
    for vector in by_name(contract, world).values():
        if vector.at == alone or vector.at.startswith(f"{alone}/"):
            rules.setdefault(vector.rule, []).append(vector)
    return [
        evolve(
            vector,
            name=vector.name.replace(alone, f"{pointer(*places)}/{place}"),
            at=vector.at.replace(alone, f"{pointer(*places)}/{place}"),
            body=_put(base, (*places, place), _get(vector.body, (*places, 1))),
        )
        for turn, ways in enumerate(rules.values())
        for nth, place in enumerate(
            sorted({0, min(9, count - 1), count - 1, *range(turn, count, len(rules))})
        )
        for vector in [ways[nth % len(ways)]]
    ]


def _walk(
    contract: Fragment,
    schema: Mapping[str, Any],
    where: str,
    path: tuple[str | int, ...],
    base: Any,
    world: World,
) -> Iterator[Vector]:
    if "$ref" in schema:
        where = schema["$ref"].removeprefix("#")
        schema = contract.at(where)
    value = _get(base, path)
    at = pointer(*path)

    def vector(keyword: str, label: str, body: Any, place: str = at) -> Vector:
        return Vector(
            f"{keyword} {place or '/'} {label}", keyword, f"{where}/{keyword}", place, body
        )

    for keyword, derive in _DERIVE.items():
        if keyword in schema:
            for label, wrong in derive(schema, value, world):
                yield vector(keyword, label, _put(base, path, wrong))
    for name, member in schema.get("properties", {}).items():
        if isinstance(value, dict) and name in value:
            below = f"{where}/properties/{escape(name)}"
            yield from _walk(contract, member, below, (*path, name), base, world)
    if "items" in schema and isinstance(value, list):
        item = str(schema["items"].get("$ref", f"#{where}/items")).removeprefix("#")
        if "type" in contract.at(item):
            first = pointer(*path, 0)
            label, body = "all in one array", _put(base, path, [value])
            yield Vector(f"type {first} {label}", "type", f"{item}/type", first, body)
        last = (*path, len(value) - 1)
        yield from _walk(contract, schema["items"], f"{where}/items", last, base, world)


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
        yield "array around it", [value]
    if "object" not in allowed:
        yield "object around it", {"value": value}
    if "string" not in allowed:
        yield "string of its JSON", json.dumps(value)
    if isinstance(value, list):
        yield "its first item alone", value[0]
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        yield "its id alone", value["id"]


def _missing(schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    for name in schema["required"]:
        rest = {key: member for key, member in value.items() if key != name}
        yield f"without {name}", rest
        if isinstance(value.get(name), dict):
            yield f"what {name} holds in its place", {**value[name], **rest}


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
        if ids := _different(world, count):
            yield f"{count} items", [{**value[0], "id": each} for each in ids]


def _different(world: World, count: int) -> Sequence[str]:
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


_DERIVE: Mapping[str, Callable[[Mapping[str, Any], Any, World], _Wrong]] = {
    "type": _wrong_types,
    "required": _missing,
    "enum": _other_values,
    "maxItems": _too_many,
    "pattern": _no_address,
}


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


def _get(value: Any, path: tuple[str | int, ...]) -> Any:
    for token in path:
        value = value[token]
    return value


def _put(base: Any, path: tuple[str | int, ...], wrong: Any) -> Any:
    """`base` with another value at `path`; what is not on the way there is shared with `base`."""
    if not path:
        return wrong
    changed = copy.copy(base)
    changed[path[0]] = _put(base[path[0]], path[1:], wrong) if path[1:] else wrong
    return changed
