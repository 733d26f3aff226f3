"""Compares two schemas, keyword by keyword, as a request or as an answer uses them.

References are followed on both sides, so that moving a schema behind a `$ref` changes nothing.
"""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract.fragment import pointer
from upkeep.changes.change import Changes, same, shown
from upkeep.changes.patterns import Relation, relation
from upkeep.changes.places import EXAMPLES, TEXTS, Node, expanded
from upkeep.changes.rules import LOWER, PLAIN, UPPER, kebab

_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
_TYPED_FORMATS = {"binary", "date", "date-time", "uuid"}
"""The formats whose values the generator makes another type of than text."""
_STRUCTURE = {"type", "enum", "const", "properties", "required", "items", "additionalProperties"}


@frozen
class SchemaComparison:
    """Walks two schemas at once; what differs goes to `changes`."""

    changes: Changes
    _seen: set[tuple[object, ...]] = field(factory=set, init=False)

    def compare(self, old: Node, new: Node, side: str) -> None:
        """Note every difference for one side, down to the last member."""
        key = (old.key, new.key, side)
        if key in self._seen:
            return
        self._seen.add(key)
        if not self._types(old, new, side):
            return
        self._enums(old, new, side)
        self._members(old, new, side)
        self._extras(old, new, side)
        if "items" in old.schema or "items" in new.schema:
            self.compare(
                old.below("items", schema=old.schema.get("items", {})),
                new.below("items", schema=new.schema.get("items", {})),
                side,
            )
        for keyword in sorted({*old.schema, *new.schema} - _STRUCTURE):
            _KEYWORDS.get(keyword, _unjudged)(self.changes, keyword, old, new, side)

    def _types(self, old: Node, new: Node, side: str) -> bool:
        """Compare what type a value is of; false where nothing below can be compared."""
        before, after = _types_of(old), _types_of(new)
        if before == after:
            return True
        how = "widened" if before < after else "narrowed" if before > after else "changed"
        said = f"the type {_type_words(old)} became {_type_words(new)}"
        self.changes.add(f"type-{how}", new.place("type"), said, side)
        return how != "changed"

    def _enums(self, old: Node, new: Node, side: str) -> None:
        before, after = _values_of(old), _values_of(new)
        if before is None and after is not None:
            said = f"only {shown(after)} are allowed"
            self.changes.add("enum-added", new.place("enum"), said, side)
        elif before is not None and after is None:
            said = f"other values than {shown(before)} are allowed now"
            self.changes.add("enum-dropped", old.place("enum"), said, side)
        elif before is not None and after is not None:
            for value in _missing(after, before):
                said = f"{shown(value)} is a new value"
                self.changes.add("enum-value-added", new.place("enum"), said, side)
            for value in _missing(before, after):
                said = f"{shown(value)} is no longer a value"
                self.changes.add("enum-value-removed", new.place("enum"), said, side)

    def _members(self, old: Node, new: Node, side: str) -> None:
        before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
        asked, asks = old.schema.get("required", ()), new.schema.get("required", ())
        for name in dict.fromkeys((*after, *before, *asks, *asked)):
            if name in before and name in after:
                was = old.below("properties", name, schema=before[name])
                self.compare(was, new.below("properties", name, schema=after[name]), side)
            if (name in before) == (name in after):
                if (name in asked) != (name in asks):
                    how, now = ("added", "now") if name in asks else ("removed", "no longer")
                    said = f"`{name}` is {now} required"
                    where = new.where + "/required"
                    self.changes.add(f"required-mark-{how}", where, said, side)
                continue
            node, marks, how, now = (
                (new, asks, "added", "new") if name in after else (old, asked, "removed", "gone")
            )
            rule = f"{'required-' * (name in marks)}member-{how}"
            where = node.where + pointer("properties", name)
            self.changes.add(rule, where, f"the member `{name}` is {now}", side)

    def _extras(self, old: Node, new: Node, side: str) -> None:
        keyword = "additionalProperties"
        before, after = old.schema.get(keyword, {}), new.schema.get(keyword, {})
        if before is not False and after is not False:
            if before or after:
                was = old.below(keyword, schema=before)
                self.compare(was, new.below(keyword, schema=after), side)
        elif before is not False:
            said = "members that the schema does not name are refused"
            self.changes.add("additional-members-refused", new.place(keyword), said, side)
        elif after is not False:
            said = "members that the schema does not name are allowed"
            self.changes.add("additional-members-allowed", new.place(keyword), said, side)


def _types_of(node: Node) -> frozenset[str]:
    said = node.schema.get("type")
    names = _TYPES if said is None else frozenset([said] if isinstance(said, str) else said)
    return names | {"integer"} if "number" in names else names


def _values_of(node: Node) -> list[Any] | None:
    """The values of an enumeration; whether null is allowed is the type's matter, where it says."""
    values: list[Any] | None = node.schema.get("enum")
    if values is None or "null" not in node.schema.get("type", ()):
        return values
    return [each for each in values if each is not None]


def _type_words(node: Node) -> str:
    return shown(node.schema["type"]) if "type" in node.schema else "anything"


def _missing(values: list[Any], among: list[Any]) -> Iterator[Any]:
    return (value for value in values if not any(same(value, other) for other in among))


Handler = Callable[[Changes, str, Node, Node, str], None]


def _came_or_went(changes: Changes, keyword: str, old: Node, new: Node, side: str) -> bool:
    """Note a keyword that only one side has; false where both have it, and it differs."""
    was, is_there = keyword in old.schema, keyword in new.schema
    if was and is_there:
        return same(old.schema[keyword], new.schema[keyword])
    if is_there:
        said = f"`{keyword}` is new: {shown(new.schema[keyword])}"
        changes.add(f"{_rule_name(keyword, old, new)}-added", new.place(keyword), said, side)
    else:
        said = f"`{keyword}` is gone; it was {shown(old.schema[keyword])}"
        changes.add(f"{_rule_name(keyword, old, new)}-removed", old.place(keyword), said, side)
    return True


def _became(keyword: str, old: Node, new: Node) -> str:
    return f"`{keyword}` became {shown(new.schema[keyword])}; it was {shown(old.schema[keyword])}"


def _bound(changes: Changes, keyword: str, old: Node, new: Node, side: str) -> None:
    if not _came_or_went(changes, keyword, old, new, side):
        how = "lowered" if new.schema[keyword] < old.schema[keyword] else "raised"
        said = _became(keyword, old, new)
        changes.add(f"{kebab(keyword)}-{how}", new.place(keyword), said, side)


def _value(changes: Changes, keyword: str, old: Node, new: Node, side: str) -> None:
    if not _came_or_went(changes, keyword, old, new, side):
        said = _became(keyword, old, new)
        changes.add(f"{_rule_name(keyword, old, new)}-changed", new.place(keyword), said, side)


def _rule_name(keyword: str, old: Node, new: Node) -> str:
    """How the rules of a keyword begin; most formats stay text in Python, and have their own."""
    formats = {old.schema.get("format"), new.schema.get("format")}
    is_text = keyword == "format" and not formats & _TYPED_FORMATS
    return "text-format" if is_text else kebab(keyword)


def _pattern(changes: Changes, keyword: str, old: Node, new: Node, side: str) -> None:
    if not _came_or_went(changes, keyword, old, new, side):
        how, only = relation(old.schema[keyword], new.schema[keyword])
        said = _became(keyword, old, new)
        if only is not None:
            verb = "accepts" if how is Relation.WIDER else "refuses"
            said = f"{said}; it now {verb} {shown(only)}"
        changes.add(f"pattern-{how}", new.place(keyword), said, side)


def _deprecated(changes: Changes, keyword: str, old: Node, new: Node, side: str) -> None:
    if keyword not in old.schema:
        changes.add("deprecated", new.place(keyword), "it is deprecated", side)
    elif keyword not in new.schema:
        said = "it is no longer deprecated"
        changes.add("no-longer-deprecated", old.place(keyword), said, side)


def _words(changes: Changes, keyword: str, old: Node, new: Node, side: str) -> None:
    if not same(old.schema.get(keyword), new.schema.get(keyword)):
        rule = "example-changed" if keyword in EXAMPLES else "text-changed"
        where = new.place(keyword) if keyword in new.schema else old.place(keyword)
        changes.add(rule, where, f"the {keyword} changed", side)


def _unjudged(changes: Changes, keyword: str, old: Node, new: Node, side: str) -> None:
    before, after = (
        expanded(node.fragment, node.schema.get(keyword)) if keyword in node.schema else None
        for node in (old, new)
    )
    if not same(before, after):
        where = new.place(keyword) if keyword in new.schema else old.place(keyword)
        said = f"`{keyword}` changed, and no rule judges it"
        changes.add("unjudged", where, said, side)


_KEYWORDS: dict[str, Handler] = {
    **dict.fromkeys((*UPPER, *LOWER), _bound),
    **dict.fromkeys((*PLAIN, "format", "default"), _value),
    "pattern": _pattern,
    **dict.fromkeys((*TEXTS, *EXAMPLES), _words),
    "deprecated": _deprecated,
}
