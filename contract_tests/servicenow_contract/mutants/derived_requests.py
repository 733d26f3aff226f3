"""Servers whose validator follows a fragment in which one keyword is dropped or bent."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema_rs
from attrs import evolve

from servicenow_contract.contract.addresses import address_of, addresses
from servicenow_contract.contract.fragment import Fragment, Validator, escape
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Make, Mutant, others, phrase
from servicenow_contract.mutants.original import Original, refusal, value_at
from servicenow_contract.mutants.patterns import bends
from servicenow_contract.service import Request, Response, handle
from servicenow_contract.service.handler import Respond
from servicenow_contract.vectors.look_alikes import look_alikes

SAMPLES: Mapping[str, Any] = {
    "null": None,
    "boolean": True,
    "number": 7,
    "string": "a string",
    "array": [],
    "object": {},
}
_NO_JSON = object()
Edit = Callable[[dict[str, Any]], None]
_Bends = Iterator[tuple[str, str, str, Edit]]


def mutants(contract: Fragment) -> list[Mutant]:
    """One mutant for each way to drop or bend a keyword of the request's schemas."""
    group = "derived requests"
    return [
        Mutant(_name(verb, where, label), sentence, _bent(where, edit), group=group)
        for where in schemas(contract, contract.request_schema)
        for verb, label, sentence, edit in _edits(contract.at(where), where)
    ]


def equivalents(contract: Fragment) -> dict[str, str]:
    """The mutants of these that no request tells from the service, each with its reason."""
    reason = "Every allowed value is of the type, so `enum` refuses all that `type` refuses."
    return {
        _name("takes", where, "any_type"): reason
        for where in schemas(contract, contract.request_schema)
        if _lists_its_type_alone(contract.at(where))
    }


def _lists_its_type_alone(schema: Mapping[str, Any]) -> bool:
    if not {"type", "enum"} <= schema.keys():
        return False
    return all(
        map(jsonschema_rs.Draft202012Validator({"type": schema["type"]}).is_valid, schema["enum"])
    )


def schemas(contract: Fragment, start: str) -> list[str]:
    """Where each schema stands that can be reached from one, references followed."""
    found: dict[str, None] = {}

    def visit(where: str) -> None:
        schema = contract.at(where)
        if "$ref" in schema:
            where = schema["$ref"].removeprefix("#")
            schema = contract.at(where)
        if where in found:
            return
        found[where] = None
        for name in schema.get("properties", {}):
            visit(f"{where}/properties/{escape(name)}")
        for keyword in ("items", "additionalProperties"):
            if isinstance(schema.get(keyword), Mapping):
                visit(f"{where}/{keyword}")

    visit(start)
    return list(found)


def short(where: str) -> str:
    """A place in the fragment as part of a mutant's name."""
    words = where.removeprefix("/components/schemas/").replace("/properties", "")
    letters = "".join(f"_{each.lower()}" if each.isupper() else each for each in words)
    return "_".join(part for part in letters.replace("/", "_").split("_") if part)


def _name(verb: str, where: str, label: str) -> str:
    return phrase(verb, label, "in", short(where))


def _edits(schema: Mapping[str, Any], where: str) -> _Bends:
    """Verb, label, sentence and edit of each change of one schema's keywords."""
    for keyword, bend in _BENDS.items():
        if keyword in schema:
            yield from bend(schema, where)


def _required(schema: Mapping[str, Any], where: str) -> _Bends:
    for name in schema["required"]:
        rest = [each for each in schema["required"] if each != name]
        yield "demands_no", name, f"Accepts {where} without {name}.", _set("required", rest)


def _limits(schema: Mapping[str, Any], where: str) -> _Bends:
    limit = schema["maxItems"]
    for other in (limit - 1, limit + 1):
        what = f"Accepts up to {other} entries at {where}, where the limit is {limit}."
        yield "takes", f"{other}_entries", what, _set("maxItems", other)
    yield "takes", "any_number", f"Ignores the limit at {where}.", _drop("maxItems")


def _patterns(schema: Mapping[str, Any], where: str) -> _Bends:
    yield "takes", "any_string", f"Ignores the pattern at {where}.", _drop("pattern")
    for label, what, pattern in bends(schema["pattern"]):
        if _decides(pattern):
            yield "bends", label, f"{what} at {where}.", _set("pattern", pattern)


def _decides(pattern: str) -> bool:
    """Whether a pattern errs about an address that is certain; the others are free."""
    # Not Python's `re`: what is bent may make it go back and forth for hours.
    takes = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    ticket = address_of("acme-it", f"{0xABC:032x}")
    right = all(map(takes, addresses(ticket).values()))
    return not right or any(takes(each) for _, each in look_alikes(ticket))


def _formats(_schema: Mapping[str, Any], where: str) -> _Bends:
    yield "takes", "any_format", f"Ignores the format at {where}.", _drop("format")


def _types(schema: Mapping[str, Any], where: str) -> _Bends:
    own = str(schema["type"])
    yield "takes", "any_type", f"Accepts a value of any type at {where}.", _drop("type")
    for other, sample in SAMPLES.items():
        if other != own:
            what = f"Accepts {other} as well as {own} at {where}."
            yield "takes", other, what, _also(other, sample)


def _also(other: str, sample: Any) -> Edit:
    """Another type too; where values are listed, one of that type is listed with them."""

    def edit(schema: dict[str, Any]) -> None:
        schema["type"] = [schema["type"], other]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], sample]

    return edit


def _enums(schema: Mapping[str, Any], where: str) -> _Bends:
    values: list[str] = schema["enum"]
    yield "takes", "any_value", f"Accepts any value at {where}.", _drop("enum")
    for value, singular in zip(values, others(values), strict=True):
        what = f"Accepts {singular!r} as well as {value!r} at {where}."
        yield "takes", singular, what, _set("enum", [*values, singular])
        other = value.replace("_", "-").upper()
        what = f"Accepts {other!r} instead of {value!r} at {where}."
        rest = [each for each in values if each != value]
        yield "confuses", value, what, _set("enum", [*rest, other])


_BENDS: Mapping[str, Callable[[Mapping[str, Any], str], _Bends]] = {
    "type": _types,
    "required": _required,
    "enum": _enums,
    "maxItems": _limits,
    "pattern": _patterns,
    "format": _formats,
}


def _set(keyword: str, value: Any) -> Edit:
    return lambda schema: schema.update({keyword: value})


def _drop(keyword: str) -> Edit:
    def edit(schema: dict[str, Any]) -> None:
        del schema[keyword]

    return edit


def _bent(where: str, edit: Edit) -> Make:
    """The service behind a validator of the edited fragment."""

    def make(contract: Fragment, world: World) -> Respond:
        other = Fragment(copy.deepcopy(dict(contract.document)), contract.digest)
        edit(other.at(where))
        validator = other.validator(other.request_schema)
        own = contract.validator(contract.request_schema)
        original = Original(contract, world)

        def respond(request: Request) -> Response:
            body = _parsed(request)
            if body is _NO_JSON:
                return original.answer(request)
            accepted, right = _accepts(validator, body), _accepts(own, body)
            if right and not accepted:
                refused = handle(original.fresh(), request)
                return refusal() if refused.status == 200 else refused
            if accepted and not right:
                return _answer_anyway(original, request, body)
            return original.answer(request)

        return respond

    return make


def _parsed(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return _NO_JSON


def _accepts(validator: Validator, body: Any) -> bool:
    try:
        return validator.accepts(body)
    except ValueError:
        return False


def _answer_anyway(original: Original, request: Request, body: Any) -> Response:
    """Answer a body that is wrong as if it were right, by what can be used of it."""
    state, limit = original.state, original.contract.max_findings
    found = [str(value_at(each, "id")) for each in _list(value_at(body, *_FINDINGS))]
    found = [each if state.knows_finding(each) else "a-finding" for each in found]
    url = value_at(body, "data", "attributes", "servicenow_ticket_url")
    project = str(value_at(body, "data", "relationships", "project", "data", "id"))
    project = project if state.knows_project(project) else original.world.project
    response = refusal()
    for start in range(0, max(len(found), 1), limit):
        usable = attach_body(_usable(original, url), found[start : start + limit], project)
        response = original.answer(evolve(request, body=json.dumps(usable).encode()))
    return response


_FINDINGS = ("data", "relationships", "findings", "data")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _usable(original: Original, url: Any) -> str:
    """The address, if it names a record; else one that stands for whatever was sent."""
    probe = json.dumps(attach_body(str(url), (), "p")).encode()
    if original.sent(Request("", "", {}, probe)) is not None:
        return str(url)
    return address_of("any", f"{abs(hash(str(url))):032x}")
