"""Two places of two fragments side by side, and what is compared alike in many of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment, pointer
from upkeep.changes.change import REQUEST, Changes, same
from upkeep.changes.places import Node, expanded
from upkeep.changes.schemas import SchemaComparison

Json = Mapping[str, Any]

EXAMPLES = ("example", "examples", "x-own-example")


@frozen
class Side:
    """One of the two fragments, and a place in it."""

    fragment: Fragment = field(repr=False)
    where: str
    value: Json = field(repr=False)

    @classmethod
    def of(cls, fragment: Fragment) -> "Side":
        """The whole fragment."""
        return cls(fragment, "", fragment.document)

    def above(self) -> "Side":
        """What this stands in."""
        where = self.where.rpartition("/")[0]
        return Side(self.fragment, where, self.fragment.at(where))

    def members(self) -> dict[str, "Side"]:
        """All that stands right below, by name."""
        return {name: self.below(name) for name in self.value}

    def below(self, *tokens: str | int) -> "Side":
        """What stands below, with references followed; empty where there is nothing."""
        value: Any = self.value
        for token in tokens:
            value = value.get(token) if isinstance(value, Mapping) else None
        where = self.where + pointer(*tokens)
        while isinstance(value, Mapping) and "$ref" in value:
            where = value["$ref"].removeprefix("#")
            value = self.fragment.at(where)
        return Side(self.fragment, where, value if isinstance(value, Mapping) else {})


@frozen
class Basis:
    """Compares words, marks, values, and whatever no rule knows."""

    changes: Changes
    schemas: SchemaComparison

    def pairs(
        self,
        sides: tuple[Mapping[str, Side], Mapping[str, Side]],
        rule: str,
        what: str,
        side: str = REQUEST,
        added: Callable[[str, Side], str] = lambda _name, _side: "",
    ) -> Iterator[tuple[Side, Side]]:
        """What both fragments have; what came or went is noted, in words with {} for its name.

        `added` is what stands before the rule of what came.
        """
        old, new = sides
        for name in dict.fromkeys((*new, *old)):
            if name in old and name in new:
                yield old[name], new[name]
            elif name in new:
                rule_of = f"{added(name, new[name])}{rule}-added"
                self.changes.add(rule_of, new[name].where, f"{what.format(name)} is new", side)
            else:
                said = f"{what.format(name)} is gone"
                self.changes.add(f"{rule}-removed", old[name].where, said, side)

    def listed(
        self, old: Iterable[str], new: Iterable[str], where: str, what: str, rules: tuple[str, str]
    ) -> None:
        """Note which values of a list came, by the first rule, and which went, by the second."""
        for value in [each for each in new if each not in old]:
            self.changes.add(rules[0], where, f"{what} {value} is new")
        for value in [each for each in old if each not in new]:
            self.changes.add(rules[1], where, f"{what} {value} is gone")

    def note(self, old: Side, new: Side, name: str, rule: str, said: str) -> None:
        """Note a member that differs, whatever it is on either side."""
        if not same(old.value.get(name), new.value.get(name)):
            where = (new if name in new.value else old).where
            self.changes.add(rule, where + pointer(name), said)

    def words(self, old: Side, new: Side, names: Sequence[str] = ("description",)) -> None:
        """Compare descriptions and examples."""
        for name in names:
            rule = "example-changed" if name in EXAMPLES else "text-changed"
            self.note(old, new, name, rule, f"the {name} changed")

    def bookkeeping(self, old: Side, new: Side, name: str) -> None:
        """Compare what the fragment says of itself."""
        self.note(old, new, name, "bookkeeping-changed", f"`{name}` changed")

    def deprecated(self, old: Side, new: Side) -> None:
        """Compare the mark that something is not to be used any more."""
        was, becomes = (bool(side.value.get("deprecated")) for side in (old, new))
        if was != becomes:
            rule = "deprecated" if becomes else "no-longer-deprecated"
            said = "it is deprecated" if becomes else "it is no longer deprecated"
            self.changes.add(rule, new.where + "/deprecated", said)

    def marked(self, added: str, removed: str, old: Side, new: Side, what: str) -> None:
        """Compare a `required` mark."""
        was, becomes = (bool(side.value.get("required")) for side in (old, new))
        if was != becomes:
            said = f"{what} is {'now' if becomes else 'no longer'} required"
            self.changes.add(added if becomes else removed, new.where + "/required", said)

    def described(self, old: Side, new: Side, side: str, known: Set[str] = frozenset()) -> None:
        """Compare a parameter, a header or a media type: words, schema, and the rest."""
        self.words(old, new, ("description", *EXAMPLES))
        if "schema" in old.value or "schema" in new.value:
            before, after = (
                Node.at(each.fragment, each.where + "/schema", each.value.get("schema", {}))
                for each in (old, new)
            )
            self.schemas.compare(before, after, side)
        self.rest(old, new, known | {"description", *EXAMPLES, "schema"})

    def rest(self, old: Side, new: Side, known: Set[str]) -> None:
        """Whatever is not known and differs is said to be unjudged."""
        for name in sorted({*old.value, *new.value} - known):
            has = [side for side in (new, old) if name in side.value]
            found = [expanded(each.fragment, each.value.get(name)) for each in (old, new)]
            if len(has) == 1 or not same(*found):
                said = f"`{name}` changed, and no rule judges it"
                self.changes.add("unjudged", has[0].where + pointer(name), said)
