"""Servers whose validator follows a fragment in which one keyword is dropped or bent."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve

from servicenow_contract.contract.fragment import Fragment, Validator, escape
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Mutant, asked, own_contract, refusal
from servicenow_contract.mutants.patterns import bends
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

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


def family(contract: Fragment | None = None) -> list[Mutant]:
    """One mutant for each way to drop or bend a keyword of the request's schemas."""
    contract = contract or own_contract()
    return [
        Mutant(_name(verb, where, label), sentence, _bent(where, edit))
        for where in schemas(contract, contract.request_schema)
        for verb, label, sentence, edit in _edits(contract.at(where), where)
    ]


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
    return "_".join(part for part in (verb, label, "in", short(where)) if part)


def _edits(schema: Mapping[str, Any], where: str) -> _Bends:
    """Verb, label, sentence and edit of each change of one schema's keywords."""
    for keyword, bend in _BENDS.items():
        if keyword in schema:
            yield from bend(schema, where)


def _required(schema: Mapping[str, Any], where: str) -> _Bends:
    for name in schema["required"]:
        rest = [each for each in schema["required"] if each != name]
        yield "demands_no", name, f"Takes {where} without {name}.", _set("required", rest)


def _limits(schema: Mapping[str, Any], where: str) -> _Bends:
    limit = schema["maxItems"]
    for other in (limit - 1, limit + 1):
        told = f"Takes {other} entries at {where}, where {limit} is the limit."
        yield "takes", f"{other}_entries", told, _set("maxItems", other)
    yield "takes", "any_number", f"Knows no limit at {where}.", _drop("maxItems")


def _patterns(schema: Mapping[str, Any], where: str) -> _Bends:
    yield "takes", "any_string", f"Knows no pattern at {where}.", _drop("pattern")
    for label, told, pattern in bends(schema["pattern"]):
        yield "bends", label, f"{told}, at {where}.", _set("pattern", pattern)


def _formats(_schema: Mapping[str, Any], where: str) -> _Bends:
    yield "takes", "any_format", f"Knows no format at {where}.", _drop("format")


def _types(schema: Mapping[str, Any], where: str) -> _Bends:
    own = str(schema["type"])
    yield "takes", "any_type", f"Takes a value of any type at {where}.", _drop("type")
    for other, sample in SAMPLES.items():
        if other != own:
            told = f"Takes {other} beside {own} at {where}."
            yield "takes", other, told, _also(other, sample)


def _also(other: str, sample: Any) -> Edit:
    """Another type too; where values are listed, one of that type is listed with them."""

    def edit(schema: dict[str, Any]) -> None:
        schema["type"] = [schema["type"], other]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], sample]

    return edit


def _enums(schema: Mapping[str, Any], where: str) -> _Bends:
    values: list[str] = schema["enum"]
    yield "takes", "any_value", f"Takes any value at {where}.", _drop("enum")
    for value in values:
        singular = value.removesuffix("s")
        told = f"Takes {singular!r} beside {value!r} at {where}."
        yield "takes", singular, told, _set("enum", [*values, singular])
        other = value.replace("_", "-").upper()
        told = f"Takes {other!r} for {value!r} at {where}."
        rest = [each for each in values if each != value]
        yield "confuses", value, told, _set("enum", [*rest, other])


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


def _bent(where: str, edit: Edit) -> Callable[[Fragment, World], Respond]:
    """The service behind a validator of the edited fragment."""

    def make(contract: Fragment, world: World) -> Respond:
        document = copy.deepcopy(dict(contract.document))
        other = Fragment(document, contract.digest)
        edit(other.at(where))
        validator = other.validator(other.request_schema)
        own = contract.validator(contract.request_schema)
        state = State(contract, world)

        def respond(request: Request) -> Response:
            body = _parsed(request)
            if body is _NO_JSON:
                return handle(state, request)
            accepted, right = _accepts(validator, body), _accepts(own, body)
            if right and not accepted:
                refused = handle(State(contract, world), request)
                return refusal() if refused.status == 200 else refused
            if accepted and not right:
                return _answer_anyway(state, request, body)
            return handle(state, request)

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


def _answer_anyway(state: State, request: Request, body: Any) -> Response:
    """Answer a body that is wrong as if it were right, by what can be used of it."""
    limit = state.contract.max_findings
    found = [str(_get(each, "id")) for each in _list(_get(body, *_FINDINGS))]
    found = [each if state.knows_finding(each) else "a-finding" for each in found]
    url = _get(body, "data", "attributes", "servicenow_ticket_url")
    project = str(_get(body, "data", "relationships", "project", "data", "id"))
    project = project if state.knows_project(project) else state.world.project
    response = refusal()
    for start in range(0, max(len(found), 1), limit):
        usable = attach_body(_usable(url), found[start : start + limit], project)
        response = handle(state, evolve(request, body=json.dumps(usable).encode()))
    return response


_FINDINGS = ("data", "relationships", "findings", "data")


def _get(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _usable(url: Any) -> str:
    """The address, if it names a record; else one that stands for whatever was sent."""
    probe = json.dumps(attach_body(str(url), (), "p")).encode()
    if asked(Request("", "", {}, probe)) is not None:
        return str(url)
    return f"https://any.service-now.com/incident.do?sys_id={abs(hash(str(url))):032x}"
