"""A schema where it is used: its references followed, without what says nothing."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment, pointer
from upkeep.changes.change import same

Json = Mapping[str, Any]

TEXTS = {"title", "description", "$comment", "externalDocs"}
EXAMPLES = {"example", "examples"}
_SAID = TEXTS | EXAMPLES | {"deprecated", "default"}
"""Keywords that demand nothing."""
_SAYS_NOTHING: Json = {
    "additionalProperties": ({}, True),
    "deprecated": (False,),
    "items": ({}, True),
    "minItems": (0,),
    "minLength": (0,),
    "minProperties": (0,),
    "properties": ({},),
    "required": ([],),
    "uniqueItems": (False,),
}
"""Values that are the same as leaving the keyword out."""


@frozen
class Node:
    """A schema with its references followed, and where it stands in the fragment."""

    where: str
    schema: Json
    fragment: Fragment = field(repr=False)
    _beside: Mapping[str, str] = field(factory=dict, repr=False)
    """Where the keywords stand that are written beside a reference."""

    @classmethod
    def at(cls, fragment: Fragment, where: str, schema: Any) -> "Node":
        """Follow the references; what is written beside one comes on top of what it names."""
        schema = _mapping(schema)
        above: dict[str, Any] = {}
        places: dict[str, str] = {}
        passed: set[str] = set()
        while "$ref" in schema and where not in passed:
            passed.add(where)
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            places = dict.fromkeys(beside, where) | places
            above = _on_top(beside, above)
            where = schema["$ref"].removeprefix("#")
            schema = _mapping(fragment.at(where))
        said = _on_top(schema, above)
        if "const" in said:
            said["enum"] = [said["const"]]
        return cls(where, _plain(said), fragment, places)

    def below(self, *tokens: str, schema: Any) -> "Node":
        """A schema inside this one."""
        return Node.at(self.fragment, self.where + pointer(*tokens), schema)

    def place(self, keyword: str) -> str:
        """Where a keyword stands, or the schema that lacks it."""
        if keyword not in self.schema:
            return self.where
        written = "const" if keyword == "enum" and "const" in self.schema else keyword
        return self._beside.get(written, self.where) + pointer(written)


def _mapping(schema: Any) -> Json:
    """The schema; `true` allows everything, and `false` nothing."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return dict(schema)


def _on_top(schema: Json, above: Json) -> dict[str, Any]:
    """Both schemas in one; where both demand something of one keyword, neither is forgotten."""
    said = {**schema, **above}
    if any(keyword in schema and keyword not in _SAID for keyword in above):
        said["allOf"] = [schema, above]
    return said


def _plain(schema: Json) -> Json:
    return {
        keyword: value
        for keyword, value in schema.items()
        if not any(same(value, idle) for idle in _SAYS_NOTHING.get(keyword, ()))
    }


def expanded(fragment: Fragment, value: Any, inside: tuple[str, ...] = ()) -> Any:
    """A value with everything that it refers to in it, as far as it does not contain itself."""
    if isinstance(value, list):
        return [expanded(fragment, each, inside) for each in value]
    if not isinstance(value, Mapping):
        return value
    target = value.get("$ref")
    if isinstance(target, str) and target not in inside:
        beside = {key: each for key, each in value.items() if key != "$ref"}
        found = expanded(fragment, fragment.at(target.removeprefix("#")), (*inside, target))
        return {**found, **expanded(fragment, beside, inside)}
    return {key: expanded(fragment, each, inside) for key, each in value.items()}
