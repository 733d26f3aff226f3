"""The fragment's schemas as facts about the fields that a page shows in its Model tables."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from servicenow_contract.contract.fragment import Fragment, pointer
from upkeep.command import CommandError
from upkeep.drift.page_facts import Fact
from upkeep.page.model import ANY_KEY

MAX_DEPTH = 24

_READ = {"type", "format", "enum", "const", "default", "properties", "required", "items"}
_READ |= {"additionalProperties", "maxItems", "pattern", "$ref", "deprecated"}
_NO_RULES = {"title", "description", "example", "examples", "$comment", "externalDocs", "xml"}
_ALIKE = {
    "format": "format",
    "default": "default",
    "deprecated": "deprecated",
    "url-rule": "pattern",
}


class FragmentError(CommandError):
    """The fragment has a form that no page shows. The message says where, and what it is."""


class Schemas:
    """Walks schemas; keeps where each field's own schema stands."""

    def __init__(self, fragment: Fragment) -> None:
        self._fragment = fragment
        self.inner: dict[tuple[str, ...], str] = {}
        """The schema of each field; of a list's items where the field is a list."""
        self.outer: dict[tuple[str, ...], str] = {}
        """The same, but of the list itself."""
        self.users: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        """The fields that each schema describes: more than one where it is shared."""

    def follow(self, where: str) -> str:
        """The pointer at the end of the references. Raises FragmentError for a circle."""
        for _ in range(MAX_DEPTH):
            value = self._fragment.at(where)
            if not (isinstance(value, Mapping) and "$ref" in value):
                return where
            where = value["$ref"].removeprefix("#")
        raise FragmentError(f"{where}: references lead in a circle")

    def facts(self, where: str, subject: tuple[str, ...]) -> Iterator[Fact]:
        """What the schema there says of the subject, and of every field below it.

        Raises FragmentError for a schema that contains itself.
        """
        if len(subject) > MAX_DEPTH:
            raise FragmentError(f"{where}: schemas are nested deeper than {MAX_DEPTH}")
        places = [self.follow(where)]
        while (schema := self._fragment.at(places[-1])).get("type") == "array":
            places.append(self.follow(places[-1] + "/items"))
        outer, inner = places[0], places[-1]
        self.outer[subject], self.inner[subject] = outer, inner
        self.users[inner].append(subject)
        for place in places:
            yield from _rules(place, self._fragment.at(place), subject)
        limit = self._fragment.at(outer).get("maxItems")
        if limit is not None:
            yield Fact("limit", subject, limit, pointer=outer + "/maxItems")
        if len(subject) > 1:
            word = "[" * (len(places) - 1) + _type(schema) + "]" * (len(places) - 1)
            yield Fact("array", subject, word, pointer=outer + "/type")
            yield Fact("type", subject, _type(schema), pointer=inner + "/type")
        yield from _statements(schema, inner, subject)
        yield from self._below(schema, inner, subject)

    def _below(
        self, schema: Mapping[str, Any], where: str, subject: tuple[str, ...]
    ) -> Iterator[Fact]:
        required, properties = schema.get("required", ()), schema.get("properties", {})
        places = {name: where + pointer("properties", name) for name in properties}
        for name in set(required) - set(properties):
            yield Fact("rule", (*subject, "required", name), name, pointer=where + "/required")
        more = schema.get("additionalProperties")
        if isinstance(more, Mapping) and more:
            places[ANY_KEY] = where + "/additionalProperties"
        for name, place in places.items():
            below = (*subject, name)
            yield Fact("field", below, pointer=place)
            yield Fact("required", below, name in required, pointer=where + "/required")
            yield from self.facts(place, below)


def _type(schema: Mapping[str, Any]) -> str:
    """The type as a page's word for it, without brackets."""
    if "enum" in schema or "const" in schema:
        return "enum"
    word = schema.get("type", "object" if "properties" in schema else "any")
    return word if isinstance(word, str) else "|".join(word)


def _statements(schema: Mapping[str, Any], where: str, subject: tuple[str, ...]) -> Iterator[Fact]:
    for keyword in ("enum", "const"):
        if keyword in schema:
            values = schema[keyword] if keyword == "enum" else [schema[keyword]]
            yield Fact("enum", subject, sorted(map(str, values)), pointer=f"{where}/{keyword}")
    for topic, keyword in _ALIKE.items():
        if keyword in schema and schema[keyword] is not False:
            value = schema[keyword]
            if topic == "default" and not isinstance(value, str):
                value = json.dumps(value)
            yield Fact(topic, subject, value, pointer=f"{where}/{keyword}")


def _rules(where: str, schema: Mapping[str, Any], subject: tuple[str, ...]) -> Iterator[Fact]:
    """The keywords that demand something for which a page has no word."""
    for keyword, value in schema.items():
        known = keyword in _READ or keyword in _NO_RULES or keyword.startswith("x-")
        if not known or (keyword == "additionalProperties" and value is False):
            yield Fact("rule", (*subject, keyword), value, pointer=where + pointer(keyword))
