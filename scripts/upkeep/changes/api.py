"""Compares the public Python names of two packages: what breaks code that uses them, what is new.

Whether a call still fits is griffe's judgement; names, types, bases and values are compared here.
"""

from collections.abc import Iterator

import griffe
from attrs import frozen

from upkeep.changes.change import Changes
from upkeep.changes.names import PACKAGE, Found, Names
from upkeep.changes.usage import Usage, is_text

_KINDS = griffe.BreakageKind
_CALLS = {
    _KINDS.PARAMETER_ADDED_REQUIRED: ("python-parameter-added-required", "is new"),
    _KINDS.PARAMETER_REMOVED: ("python-parameter-removed", "is gone"),
    _KINDS.PARAMETER_CHANGED_REQUIRED: ("python-parameter-required", "no longer has a default"),
    _KINDS.PARAMETER_MOVED: ("python-parameter-moved", "has another position"),
    _KINDS.PARAMETER_CHANGED_KIND: ("python-parameter-kind-changed", "is passed in another way"),
    _KINDS.PARAMETER_CHANGED_DEFAULT: ("python-default-changed", "has another default"),
}
_HOW_CALLED = {"async", "classmethod", "staticmethod"}


def compare_names(old: Names, new: Names, changes: Changes) -> None:
    """Note every difference between the public names of two packages."""
    comparison = _NamesComparison(old, new, changes, Usage.of(old, new))
    comparison.names()
    comparison.calls()


@frozen
class _NamesComparison:
    old: Names
    new: Names
    changes: Changes
    usage: Usage

    def names(self) -> None:
        """Compare what is there, and each thing that is on both sides once."""
        for name in _alone(self.old, self.new):
            self.changes.add("name-removed", name, f"`{_short(name)}` is gone")
        for name in _alone(self.new, self.old):
            self.changes.add("name-added", name, f"`{_short(name)}` is new")
        for name, before in self.old.public.items():
            after = self.new.public.get(name)
            if after is None or self.old.homes[before.canonical_path] != name:
                continue
            if before.kind is not after.kind:
                said = f"`{_short(name)}` was a {before.kind.value}, and is a {after.kind.value}"
                self.changes.add("name-became-another-kind", name, said)
            elif before.is_attribute:
                self._attribute(name, before, after)
            elif before.is_function:
                self._function(name, before, after)
            elif before.is_class:
                self._bases(name, before, after)

    def calls(self) -> None:
        """Compare what callables take, as griffe does."""
        for breakage in griffe.find_breaking_changes(self.old.package, self.new.package):
            name = self.new.name_of(breakage.obj.canonical_path)
            if breakage.kind not in _CALLS or name not in self.new.public:
                continue
            rule, said = _CALLS[breakage.kind]
            parameter = (breakage.old_value or breakage.new_value).name
            holder, _, last = name.rpartition(".")
            made = last == "__init__"
            if made and rule == "python-parameter-removed" and self._is_told(holder, parameter):
                continue
            if made and not self.usage.is_written(name) and self._is_model(holder):
                rule = "answer-constructor-changed"
            self.changes.add(rule, name, f"the parameter `{parameter}` {said}")

    def _is_told(self, holder: str, parameter: str) -> bool:
        """Whether the attribute that a parameter sets is new or gone; of a model, all it holds."""
        name = f"{holder}.{parameter}"
        before, after = self.old.public.get(name), self.new.public.get(name)
        if before is None or after is None:
            return before is not after
        if not self._is_model(holder):
            return False
        return _types(_annotation(before)) != _types(_annotation(after))

    def _is_model(self, holder: str) -> bool:
        return holder.startswith(f"{PACKAGE}.models.")

    def _attribute(self, name: str, before: Found, after: Found) -> None:
        was, becomes = _types(_annotation(before)), _types(_annotation(after))
        if was != becomes:
            written, read = self.usage.is_written(name), self.usage.is_read(name)
            fits = (not read or _fits(becomes, was, self.new)) and (
                not written or _fits(was, becomes, self.old)
            )
            rule = "attribute-type-compatible" if fits else "attribute-type-changed"
            said = f"the type {_spoken(was)} became {_spoken(becomes)}"
            self.changes.add(rule, name, said)
        if _is_enumeration(before) and str(before.value) != str(after.value):
            said = f"the value {before.value} became {after.value}"
            self.changes.add("enum-member-value-changed", name, said)

    def _function(self, name: str, before: Found, after: Found) -> None:
        if (before.labels ^ after.labels) & _HOW_CALLED:
            said = "it is awaited or bound in another way"
            self.changes.add("call-changed", name, said)
        was, becomes = _types(before.returns), _types(after.returns)
        if was != becomes:
            fits = _fits(becomes, was, self.new)
            rule = "return-type-narrowed" if fits else "return-type-changed"
            said = f"the returned type was {_spoken(was)}, and is now {_spoken(becomes)}"
            self.changes.add(rule, name, said)
        known = {each.name: each for each in before.parameters}
        holder = name.rpartition(".")[0]
        for parameter in after.parameters:
            if not (name.endswith(".__init__") and self._is_told(holder, parameter.name)):
                self._parameter(name, known.get(parameter.name), parameter)

    def _parameter(
        self, name: str, before: griffe.Parameter | None, after: griffe.Parameter
    ) -> None:
        said = f"the parameter `{after.name}`"
        if before is None:
            if not after.required:
                self.changes.add("python-parameter-added", name, f"{said} is new")
            return
        if before.required and not after.required:
            self.changes.add("python-parameter-optional", name, f"{said} has a default now")
        was, becomes = _types(before.annotation), _types(after.annotation)
        if was != becomes:
            fits = _fits(was, becomes, self.old)
            rule = f"python-parameter-type-{'widened' if fits else 'changed'}"
            said = f"{said} was {_spoken(was)}, and is {_spoken(becomes)}"
            self.changes.add(rule, name, said)

    def _bases(self, name: str, before: Found, after: Found) -> None:
        was, becomes = set(_bases(before, self.old)), set(_bases(after, self.new))
        for base in sorted(was - becomes):
            self.changes.add("base-class-removed", name, f"it is no longer a `{_short(base)}`")
        for base in sorted(becomes - was):
            self.changes.add("base-class-added", name, f"it is now a `{_short(base)}`")


def _alone(these: Names, those: Names) -> Iterator[str]:
    """Names of one side only; once each, and without the members of what is alone itself."""
    told = set[str]()
    for name, found in these.public.items():
        if name in those.public or name.rpartition(".")[0] in {*told, *_gone(name, these, those)}:
            continue
        home = these.homes[found.canonical_path]
        if home == name or home in those.public:
            told.add(name)
            yield name


def _gone(name: str, these: Names, those: Names) -> Iterator[str]:
    """The holder of a name, where the other side lacks it."""
    holder = name.rpartition(".")[0]
    if holder in these.public and holder not in those.public:
        yield holder


def _short(name: str) -> str:
    return name.removeprefix(f"{PACKAGE}.")


def _annotation(found: Found) -> object:
    """The type of an attribute, or else of the parameter that it is set from."""
    holder = found.parent
    if found.annotation is None and holder is not None and "__init__" in holder.members:
        made: Found = holder.members["__init__"]
        return next((p.annotation for p in made.parameters if p.name == found.name), None)
    return found.annotation


def _types(annotation: object) -> frozenset[str]:
    """The members of a union, as they are written."""
    if annotation is None:
        return frozenset({"Any"})
    found, depth, start = [], 0, 0
    text = str(annotation)
    for at, c in enumerate(text):
        depth += (c in "[(") - (c in "])")
        if c == "|" and not depth:
            found.append(text[start:at])
            start = at + 1
    return frozenset(each.strip().strip("'\"") for each in (*found, text[start:]))


def _fits(these: frozenset[str], those: frozenset[str], names: Names) -> bool:
    """Whether whatever is of these types is of those: an enumeration of strings is a string."""
    if "Any" in those:
        return True
    return all(each in those or ("str" in those and is_text(names, each)) for each in these)


def _spoken(types: frozenset[str]) -> str:
    return f"`{' | '.join(sorted(types))}`"


def _is_enumeration(found: Found) -> bool:
    """Whether an attribute is a member of an enumeration."""
    holder = (found.final_target if isinstance(found, griffe.Alias) else found).parent
    return isinstance(holder, griffe.Class) and any(str(b).endswith("Enum") for b in holder.bases)


def _bases(found: Found, names: Names) -> Iterator[str]:
    """All that a class inherits from, by its path; what is not public is passed through."""
    target = found.final_target if isinstance(found, griffe.Alias) else found
    if not isinstance(target, griffe.Class):
        return
    for base in target.bases:
        path = base.canonical_path if isinstance(base, griffe.Expr) else str(base)
        if not path.startswith(f"{PACKAGE}."):
            yield path
        elif path in names.homes:
            yield names.homes[path]
    for each in target.resolved_bases:
        yield from _bases(each, names)
