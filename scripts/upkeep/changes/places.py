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
_PARTS = {"allOf", "anyOf", "oneOf"}
_NULL: tuple[Json, ...] = ({"type": "null"}, {"type": ["null"]}, {"enum": [None]}, {"const": None})
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
        """Follow what only leads to another schema; what is written beside it comes on top.

        That is a `$ref`, `allOf` around one schema, and `oneOf` or `anyOf` of one schema and null.
        """
        schema = _mapping(schema)
        above: dict[str, Any] = {}
        places: dict[str, str] = {}
        passed: set[str] = set()
        is_nullable = False
        while where not in passed and (way := _way(fragment, where, schema)):
            passed.add(where)
            places = dict.fromkeys(way.beside, where) | places
            above = _on_top(way.beside, above)
            is_nullable = is_nullable or way.is_nullable
            where, schema = way.where, _mapping(way.schema)
        said = _on_top(schema, above)
        if "const" in said:
            said["enum"] = [said["const"]]
        if is_nullable:
            said = _or_null(said)
        return cls(where, _plain(said), fragment, places)

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for nodes that say the same: the schema, and what is beside it.

        Nodes that say nothing are alike wherever they stand: else a schema that contains itself
        would be compared with them for ever.
        """
        nulls = str([self.schema.get(keyword) for keyword in ("type", "enum")])
        return self.where if self.schema else "", *sorted(self._beside.items()), nulls

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


@frozen
class _Way:
    """From a schema that only leads to another one, to that one."""

    where: str
    schema: Any
    beside: Json
    is_nullable: bool = False


def _way(fragment: Fragment, where: str, schema: Json) -> _Way | None:
    if "$ref" in schema:
        target = schema["$ref"].removeprefix("#")
        return _Way(target, fragment.at(target), _but(schema, "$ref"))
    for keyword in _PARTS & schema.keys():
        parts = dict(enumerate(schema[keyword]))
        words = [at for at, each in parts.items() if keyword == "allOf" and _is_words(each)]
        beside = _but(schema, keyword)
        for at in words:
            beside = {**beside, **parts.pop(at)}
        if not _is_words(beside):
            continue
        nulls = [at for at, each in parts.items() if keyword != "allOf" and _is_null(each)]
        for at in nulls:
            parts.pop(at)
        if len(parts) == 1:
            [(at, part)] = parts.items()
            return _Way(f"{where}/{keyword}/{at}", part, beside, bool(nulls))
    return None


def _but(schema: Json, keyword: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != keyword}


def _is_words(schema: Any) -> bool:
    """Whether a schema demands nothing."""
    return isinstance(schema, Mapping) and schema.keys() <= _SAID


def _is_null(schema: Any) -> bool:
    """Whether a schema allows null, and nothing else."""
    said = _but(schema, "description") if isinstance(schema, Mapping) else schema
    return any(same(said, each) for each in _NULL)


def _or_null(schema: Json) -> dict[str, Any]:
    """The schema, with null allowed beside what it allows."""
    said = {**schema}
    types = said.get("type")
    if types is not None:
        said["type"] = [*dict.fromkeys([*([types] if isinstance(types, str) else types), "null"])]
    if "enum" in said and None not in said["enum"]:
        said["enum"] = [*said["enum"], None]
    return _but(said, "const")


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
