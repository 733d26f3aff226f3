"""The fragment with one fact changed: the mutants that the contract's own guards notice."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment, pointer
from servicenow_contract.mutants.patterns import bends
from upkeep.mutation.fragment.edits import (
    Document,
    Edit,
    copying,
    dropping,
    many,
    renaming,
    setting,
)

Made = Iterator[tuple[str, Edit]]
"""A sentence for each mutant, and its edit."""
_SCHEMAS = "/components/schemas"
_OTHER_TYPE = {"string": "integer", "array": "object"}
"""What a type becomes; any other becomes a string."""
_OTHER_MEDIA_TYPE = "application/problem+json"


@frozen
class FragmentMutant:
    """The fragment with one fact changed."""

    name: str
    sentence: str
    edit: Edit = field(repr=False)

    def document(self, contract: Fragment) -> Document:
        """The changed fragment."""
        changed: Document = copy.deepcopy(dict(contract.document))
        self.edit(changed)
        return changed


def family(contract: Fragment) -> Mapping[str, FragmentMutant]:
    """Every mutant of the fragment by its name: the words of its sentence, up to a colon."""
    found: dict[str, FragmentMutant] = {}
    for of in (_of_schemas, _of_operation, _of_keys, _of_answers, _of_servers, _of_examples):
        for sentence, edit in of(contract):
            name = _words(sentence.replace(contract.operation_pointer, "").partition(": ")[0])
            while name in found:
                name += "_again"
            found[name] = FragmentMutant(name, sentence, edit)
    return found


def _words(sentence: str) -> str:
    """A sentence in snake case, with places in the fragment shortened."""
    text = sentence.replace(_SCHEMAS, "").replace("/properties/", "/").replace("~1", "/")
    text = re.sub("([a-z0-9])([A-Z])", r"\1_\2", text).lower()
    return re.sub("[^a-z0-9]+", "_", text).strip("_")


def _drops(where: str) -> tuple[str, Edit]:
    return f"Drops {where}.", dropping(where)


def _says(where: str, value: Any) -> tuple[str, Edit]:
    return f"Says {value!r} at {where}.", setting(where, value)


def _calls(where: str, name: str) -> tuple[str, Edit]:
    return f"Calls {where} {name}.", renaming(where, name)


def _of_schemas(contract: Fragment) -> Made:
    components = contract.at(_SCHEMAS)
    for name, schema in components.items():
        yield from _of_schema(schema, f"{_SCHEMAS}/{name}", components)


def _of_schema(schema: Any, where: str, components: Mapping[str, Any]) -> Made:
    required, marks = schema.get("required", []), f"{where}/required"
    for name, member in schema.get("properties", {}).items():
        place, new = f"{where}/properties/{name}", f"{name}_2"
        others = [each for each in required if each != name]
        is_required = name in required
        renamed = setting(marks, [*others, new] if is_required else others)
        yield f"Calls {place} {new}.", many(renaming(place, new), renamed)
        yield f"Leaves {place} out.", many(dropping(place), setting(marks, others))
        yield (
            f"Flips the mark of {place}.",
            setting(marks, others if is_required else [*others, name]),
        )
        yield from _of_schema(member, place, components)
    if "$ref" in schema:
        own = schema["$ref"].rpartition("/")[2]
        kind = components[own]["type"]
        other = next(
            each for each in components if each != own and components[each]["type"] == kind
        )
        yield _says(f"{where}/$ref", f"#{_SCHEMAS}/{other}")
    yield from _of_keywords(schema, where)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _of_schema(schema[keyword], f"{where}/{keyword}", components)


def _of_keywords(schema: Any, where: str) -> Made:
    for keyword in ("enum", "format", "maxItems", "additionalProperties", "pattern"):
        if keyword in schema:
            yield _drops(f"{where}/{keyword}")
    if "type" in schema:
        yield _says(f"{where}/type", _OTHER_TYPE.get(schema["type"], "string"))
    for index, value in enumerate(schema.get("enum", [])):
        yield _says(f"{where}/enum/{index}", f"{value}_2")
        yield _says(f"{where}/enum", [*schema["enum"], f"{value}_2"])
    if "format" in schema:
        yield _says(f"{where}/format", "date")
    elif schema.get("type") == "string" and "enum" not in schema:
        yield _says(f"{where}/format", "date-time")
    for step in (-1, 1) if "maxItems" in schema else ():
        yield _says(f"{where}/maxItems", schema["maxItems"] + step)
    for label, told, pattern in bends(schema.get("pattern", "")):
        yield f"Bends {label} at {where}: {told}.", setting(f"{where}/pattern", pattern)


def _of_operation(contract: Fragment) -> Made:
    where = contract.operation_pointer
    item = where.rpartition("/")[0]
    yield _calls(item, contract.path.replace("_tickets", "_ticket"))
    yield _calls(where, "post")
    yield _calls(where, "put")
    yield "Documents POST too.", copying(where, f"{item}/post")
    yield _says(f"{where}/operationId", "Attach")
    yield _says(f"{where}/tags", ["Else"])
    rule = f"{where}/x-permission"
    yield _drops(f"{where}/x-unstable")
    yield _drops(rule)
    yield _says(f"{rule}/operator", {"OR": "AND"}.get(contract.at(f"{rule}/operator"), "OR"))
    for index, name in enumerate(contract.at(f"{rule}/permissions")):
        yield _drops(f"{rule}/permissions/{index}")
        yield _says(f"{rule}/permissions/{index}", f"{name}_2")
    body = f"{where}/requestBody"
    yield _says(f"{body}/required", False)
    yield _calls(body + pointer("content", contract.media_type), _OTHER_MEDIA_TYPE)
    yield _says("/info/version", "9.9.9")


def _of_keys(contract: Fragment) -> Made:
    needed = f"{contract.operation_pointer}/security"
    yield _says(needed, [])
    for scheme, header in contract.key_headers.items():
        place = f"/components/securitySchemes/{scheme}"
        yield _drops(f"{needed}/0/{scheme}")
        yield _says(f"{place}/name", f"X-{header}")
        yield _says(f"{place}/in", "query")
        others = [name for name in contract.key_headers if name != scheme]
        yield _says(needed, [{name: [] for name in others}, {scheme: []}])


def _of_answers(contract: Fragment) -> Made:
    where = f"{contract.operation_pointer}/responses"
    places = {status: contract.response_schema(status) for status in contract.statuses}
    models = {status: contract.at(place) for status, place in places.items()}
    for status, model in places.items():
        place, media = f"{where}/{status}", model.rpartition("/")[0]
        yield _drops(place)
        yield _calls(place, str(status + 1))
        yield _calls(media, _OTHER_MEDIA_TYPE)
        other = next(each for each in models if models[each] != models[status])
        yield f"Answers {status} with the model of {other}.", setting(model, models[other])
        yield _drops(f"{place}/content")
    new = next(each for each in (403, 409, 410) if each not in contract.statuses)
    yield f"Documents {new} too.", copying(f"{where}/{contract.statuses[-1]}", f"{where}/{new}")


def _of_servers(contract: Fragment) -> Made:
    site = "/servers/0/variables/site"
    for url in ("http://api.{site}", "https://{site}", "https://api.{site}/v2"):
        yield _says("/servers/0/url", url)
    values = contract.at(f"{site}/enum")
    yield _says(f"{site}/default", values[-1])
    yield _says(f"{site}/enum", [*values, "another.datadoghq.com"])
    for index, value in enumerate(values):
        others = [each for each in values if each != value]
        default = contract.at(f"{site}/default")
        kept = setting(f"{site}/default", others[0] if value == default else default)
        yield f"Lists {value} no longer.", many(setting(f"{site}/enum", others), kept)
        yield _says(f"{site}/enum/{index}", f"x{value}")


def _of_examples(contract: Fragment) -> Made:
    schemas = [contract.request_schema, *map(contract.response_schema, contract.statuses)]
    for place in (each.removesuffix("schema") + "example" for each in schemas):
        yield _drops(place)
        for where, value in _leaves(contract.at(place), place):
            yield _says(where, f"{value}x" if isinstance(value, str) else ["x"])


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    members = dict(enumerate(value)) if isinstance(value, list) else value
    if not (members and isinstance(members, dict)):
        yield where, value
        return
    for name, member in members.items():
        yield from _leaves(member, where + pointer(name))
