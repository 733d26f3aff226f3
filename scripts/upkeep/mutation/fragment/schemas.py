"""The fragment with one fact changed: the mutants that the contract's own guards notice."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.mutants.patterns import bends
from upkeep.mutation.fragment.edits import Document, Edit, Made, at, dropping, renaming, setting
from upkeep.mutation.fragment.operation import of_answers, of_examples, of_operation, of_servers

_SCHEMAS = "/components/schemas"
_OTHER_TYPE = {"string": "integer", "object": "string", "array": "object"}


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
    """Every mutant of the fragment, by name. Raises ValueError when two have one name."""
    found: dict[str, FragmentMutant] = {}
    for verb, where, sentence, edit in (
        *_of_schemas(contract),
        *of_operation(contract),
        *of_answers(contract),
        *of_servers(contract),
        *of_examples(contract),
    ):
        name = f"{verb}_{_words(where)}"
        if name in found:
            raise ValueError(f"two mutants of the fragment are called {name}")
        found[name] = FragmentMutant(name, sentence, edit)
    return found


def _words(where: str) -> str:
    """A place in the fragment in snake case."""
    text = where.replace(_SCHEMAS, "").replace("/properties/", "/").replace("~1", "/")
    text = re.sub("([a-z0-9])([A-Z])", r"\1_\2", text).lower()
    return re.sub("[^a-z0-9]+", "_", text).strip("_")


def _of_schemas(contract: Fragment) -> Made:
    for name, schema in contract.at(_SCHEMAS).items():
        yield from _of_schema(schema, f"{_SCHEMAS}/{name}", contract.at(_SCHEMAS))


def _of_schema(schema: Any, where: str, components: Mapping[str, Any]) -> Made:
    for name, member in schema.get("properties", {}).items():
        place = f"{where}/properties/{name}"
        yield "renames", place, f"Calls {place} {name}_2.", _renamed(where, name)
        yield "drops", place, f"Leaves {place} out.", _dropped(where, name)
        yield "flips_required_of", place, f"Flips the mark of {place}.", _flipped(where, name)
        yield from _of_schema(member, place, components)
    if "$ref" in schema:
        own = schema["$ref"].rpartition("/")[2]
        other = next(
            each
            for each in components
            if each != own and components[each]["type"] == components[own]["type"]
        )
        told = f"Takes {other} for {own} at {where}."
        yield "redirects", where, told, setting(f"{where}/$ref", f"#{_SCHEMAS}/{other}")
    yield from _of_keywords(schema, where)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _of_schema(schema[keyword], f"{where}/{keyword}", components)


def _of_keywords(schema: Any, where: str) -> Made:
    if "type" in schema:
        other = _OTHER_TYPE[schema["type"]]
        told = f"Says {other} for {schema['type']} at {where}."
        yield "retypes", where, told, setting(f"{where}/type", other)
    for index, value in enumerate(schema.get("enum", [])):
        place = f"{where}/enum"
        told = f"Says {value}_2 for {value} at {where}."
        yield "replaces_value_of", where, told, setting(f"{place}/{index}", f"{value}_2")
        more = setting(place, [*schema["enum"], f"{value}_2"])
        yield "adds_value_to", where, f"Lists {value}_2 at {where} too.", more
    if "enum" in schema:
        yield "opens_the_enum_of", where, f"Knows no values at {where}.", dropping(f"{where}/enum")
    if "format" in schema:
        yield "drops_format_of", where, f"Knows no format at {where}.", dropping(f"{where}/format")
        yield "reformats", where, f"Says date at {where}.", setting(f"{where}/format", "date")
    elif schema.get("type") == "string" and "enum" not in schema:
        dated = setting(f"{where}/format", "date-time")
        yield "adds_format_to", where, f"Says date-time at {where}.", dated
    yield from _of_bounds(schema, where)


def _of_bounds(schema: Any, where: str) -> Made:
    for keyword in ("maxItems", "additionalProperties"):
        if keyword in schema:
            told = f"Drops {keyword} at {where}."
            yield f"drops_{keyword}_of", where, told, dropping(f"{where}/{keyword}")
    if "maxItems" in schema:
        for number in (schema["maxItems"] - 1, schema["maxItems"] + 1):
            told = f"Says {number} at {where}."
            yield f"says_{number}_at", where, told, setting(f"{where}/maxItems", number)
    if "pattern" in schema:
        place = f"{where}/pattern"
        yield "drops_pattern_of", where, f"Knows no pattern at {where}.", dropping(place)
        for label, told, pattern in bends(schema["pattern"]):
            yield f"bends_{label}_of", where, f"{told}, at {where}.", setting(place, pattern)


def _renamed(where: str, name: str) -> Edit:
    def edit(document: Document) -> None:
        renaming(f"{where}/properties/{name}", f"{name}_2")(document)
        schema = at(document, where)
        if name in schema.get("required", []):
            schema["required"] = [
                f"{each}_2" if each == name else each for each in schema["required"]
            ]

    return edit


def _dropped(where: str, name: str) -> Edit:
    def edit(document: Document) -> None:
        schema = at(document, where)
        del schema["properties"][name]
        _unmark(schema, name)

    return edit


def _flipped(where: str, name: str) -> Edit:
    def edit(document: Document) -> None:
        schema = at(document, where)
        if name in schema.get("required", []):
            _unmark(schema, name)
        else:
            schema["required"] = [*schema.get("required", []), name]

    return edit


def _unmark(schema: Document, name: str) -> None:
    left = [each for each in schema.get("required", []) if each != name]
    if left:
        schema["required"] = left
    else:
        schema.pop("required", None)
