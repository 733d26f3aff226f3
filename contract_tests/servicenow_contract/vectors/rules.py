"""Requests that break exactly one rule of the contract each, derived from the fragment.

A new line in the request's schemas brings its vectors with it. `proof` shows with the validator
that a vector breaks its own rule, at its own place, and no other.
"""

import copy
import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
from servicenow_contract.contract.world import World
from servicenow_contract.text import head
from servicenow_contract.vectors.keywords import DERIVE, different

_MUST = {
    "type": "be of the type {}",
    "required": "have the members {}",
    "enum": "be one of {}",
    "maxItems": "have at most {} items",
    "pattern": "be the address of an incident record on service-now.com",
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
        # In ASCII, since a letter may look like another one.
        sent, wanted = (
            json.dumps(each) for each in (at(self.body, self.at), contract.at(self.rule))
        )
        sent = head(sent, 40 if self.keyword == "maxItems" else 200)
        must = _MUST[self.keyword].format(head(wanted, 100))
        place = self.at or "/"
        label = self.name.removeprefix(f"{self.keyword} {place} ")
        return f"a wrong value at {place} ({label}: {sent}), which must {must} ({self.rule}),"

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
    if not (ids := different(world, count)):
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

    for keyword, derive in DERIVE.items():
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
