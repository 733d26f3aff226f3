"""Requests that break exactly one rule of the contract each, derived from the fragment.

A new line in the request's schemas brings its vectors with it. `proof` shows with the validator
that a vector breaks its own rule, at its own place, and no other.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from servicenow_contract import fragment
from servicenow_contract.addresses import host, sys_id
from servicenow_contract.target import attach_body
from servicenow_contract.world import World

_SAMPLES: Mapping[str, Any] = {
    "null": None,
    "boolean": True,
    "number": 7,
    "string": "a string",
    "array": [],
    "object": {},
}


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

    def proof(self) -> list[fragment.Problem]:
        """What the validator finds wrong with the body: one problem, the intended one."""
        contract = fragment.load()
        return list(contract.validator(contract.request_schema).problems(self.body))


@frozen
class RawVector:
    """A request that is wrong before its JSON can be judged: its bytes or its media type."""

    name: str
    content: bytes = field(repr=False)
    content_type: str | None


def vectors(world: World, contract: fragment.Fragment | None = None) -> list[Vector]:
    """Every vector that the request's schemas give, with ids that the world knows."""
    contract = contract or fragment.load()
    base = attach_body(world.tickets[0], world.findings[:2], world.project)
    schema = contract.at(contract.request_schema)
    return list(_walk(contract, schema, contract.request_schema, (), base, world))


def _walk(
    contract: fragment.Fragment,
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
    at = fragment.pointer(*path)

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
            below = f"{where}/properties/{fragment.escape(name)}"
            yield from _walk(contract, member, below, (*path, name), base, world)
    if "items" in schema and isinstance(value, list):
        last = (*path, len(value) - 1)
        yield from _walk(contract, schema["items"], f"{where}/items", last, base, world)


_Wrong = Iterator[tuple[str, Any]]


def _wrong_types(schema: Mapping[str, Any], _value: Any, _world: World) -> _Wrong:
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "enum" in schema or "const" in schema:
        return  # a value of another type would break that rule too
    for name, sample in _SAMPLES.items():
        if name not in allowed and not (name == "number" and "integer" in allowed):
            yield name, sample


def _missing(schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    for name in schema["required"]:
        yield f"without {name}", {key: member for key, member in value.items() if key != name}


def _other_values(schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    for other in ("", f"{value}s", str(value)[:-1], str(value).upper(), f" {value}", "users"):
        if other not in schema["enum"]:
            yield repr(other), other


def _too_many(schema: Mapping[str, Any], value: Any, world: World) -> _Wrong:
    count = schema["maxItems"] + 1
    ids = [*world.findings, *(f"{world.unknown_finding}-{n}" for n in range(count))][:count]
    yield f"{count} items", [{**value[0], "id": each} for each in ids]


def _look_alikes(_schema: Mapping[str, Any], value: Any, _world: World) -> _Wrong:
    """Addresses that a hurried check takes for a ticket's."""
    here, record = host(value), sys_id(value)
    tail = f"/incident.do?sys_id={record}"
    yield "empty", ""
    yield "no address", "incident"
    yield "plain http", f"http://{here}{tail}"
    yield "no scheme", f"{here}{tail}"
    yield "another scheme", f"ftp://{here}{tail}"
    yield "another domain", f"https://service-now.com.evil.example{tail}"
    yield "another domain behind the instance", f"https://{here}.evil.example{tail}"
    yield "a domain that ends alike", f"https://evilservice-now.com{tail}"
    yield "a dot replaced", f"https://{here.replace('service-now.com', 'service-nowXcom')}{tail}"
    yield "no instance", f"https://service-now.com{tail}"
    yield "user info", f"https://{here}@evil.example{tail}"
    yield "user info before the host", f"https://user:word@{here}{tail}"
    yield "a port", f"https://{here}:443{tail}"
    yield "a port trick", f"https://{here}:443@evil.example{tail}"
    yield "the host in the path", f"https://evil.example/{here}{tail}"
    yield "the host in the query", f"https://evil.example/?{here}{tail}"
    yield "the host in the fragment", f"https://evil.example/#{here}{tail}"
    yield "a backslash", f"https://evil.example\\.{here}{tail}"
    yield "another table", f"https://{here}/problem.do?sys_id={record}"
    yield "a table that ends alike", f"https://{here}/sn_incident.do?sys_id={record}"
    yield "a list of incidents", f"https://{here}/incident_list.do?sys_id={record}"
    yield (
        "another table in the frame",
        (f"https://{here}/now/nav/ui/classic/params/target/problem.do%3Fsys_id%3D{record}"),
    )
    yield "another table behind nav_to", f"https://{here}/nav_to.do?uri=problem.do?sys_id={record}"
    yield "no record", f"https://{here}/incident.do"
    yield "an empty sys_id", f"https://{here}/incident.do?sys_id="
    yield "a short sys_id", f"https://{here}{tail[:-1]}"
    yield "a long sys_id", f"https://{here}{tail}0"
    yield "a sys_id that is not hexadecimal", f"https://{here}{tail[:-1]}g"
    yield "text before", f"see https://{here}{tail}"
    yield "a line break after", f"https://{here}{tail}\n"
    yield "a line break and text after", f"https://{here}{tail}\nhttps://evil.example/"
    yield "a space after", f"https://{here}{tail} "


_DERIVE: Mapping[str, Callable[[Mapping[str, Any], Any, World], _Wrong]] = {
    "type": _wrong_types,
    "required": _missing,
    "enum": _other_values,
    "maxItems": _too_many,
    "pattern": _look_alikes,
}


OF_KEYWORD: Mapping[str, str] = {
    "required": "required-members-demanded",
    "type": "types-demanded",
    "enum": "resource-types-demanded",
    "pattern": "ticket-url-rule-demanded",
    "maxItems": "findings-at-most-50",
}
"""The requirement that a request breaks together with a JSON Schema keyword."""


def underived(contract: fragment.Fragment) -> set[str]:
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


def malformed(world: World) -> list[RawVector]:
    """Bodies that are not JSON."""
    media_type = fragment.load().media_type
    good = json.dumps(attach_body(world.tickets[0], world.findings[:1], world.project)).encode()
    wrong = {
        "no body": b"",
        "white space": b"  \n",
        "cut off": good[:-1],
        "something after": good + b"x",
        "two documents": good + good,
        "single quotes": good.replace(b'"', b"'"),
        "a trailing comma": good[:-1] + b",}",
        "a comment": good + b"// a comment",
        "a bare word": b"findings",
        "NaN": b'{"data": NaN}',
        "form data": b"data=1",
        "not UTF-8": good.replace(b'"findings"', b'"\xff\xfe"', 1),
        "UTF-16": good.decode().encode("utf-16"),
        "a null byte": good + b"\x00",
        "a control character in a string": good.replace(b"projects", b"pro\njects"),
    }
    return [RawVector(name, content, media_type) for name, content in wrong.items()]


def other_media_types(world: World) -> list[RawVector]:
    """A good body under a media type that is not JSON."""
    good = json.dumps(attach_body(world.tickets[0], world.findings[:1], world.project)).encode()
    types = ("text/plain", "text/html", "application/xml", "application/x-www-form-urlencoded")
    return [RawVector(f"{each} instead of JSON", good, each) for each in types]


def _get(value: Any, path: tuple[str | int, ...]) -> Any:
    for token in path:
        value = value[token]
    return value


def _put(base: Any, path: tuple[str | int, ...], wrong: Any) -> Any:
    """A copy of `base` with another value at `path`."""
    if not path:
        return wrong
    changed = copy.deepcopy(base)
    _get(changed, path[:-1])[path[-1]] = wrong
    return changed
