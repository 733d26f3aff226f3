"""The public names of a package, as griffe reads them: nothing is imported or run."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import griffe
from attrs import frozen

from upkeep.command import CommandError

PACKAGE = "datadog_servicenow_tickets"

_OPERATORS = {"__init__", "__call__", "__len__", "__iter__"}
_OPERATORS |= {"__getitem__", "__setitem__", "__delitem__", "__contains__"}
_OPERATORS |= {"__enter__", "__exit__", "__aenter__", "__aexit__"}
"""The special names that other code relies on; the rest every object has, or only Python calls."""

Found = Any
"""An object or an alias of griffe's; which attributes it has follows from its kind."""


class NamesError(CommandError):
    """The package cannot be read. The message says what is wrong, and where."""


@frozen
class Names:
    """A package, and its public names."""

    package: griffe.Module
    public: Mapping[str, Found]
    """What each public dotted name stands for, those of its public members included."""
    homes: Mapping[str, str]
    """The public name of what is defined elsewhere, by its path there."""

    def name_of(self, path: str) -> str:
        """The public name for the path of an object or of a member of one."""
        head, tail = path, ""
        while head and head not in self.homes:
            head, _, last = head.rpartition(".")
            tail = f".{last}{tail}"
        return f"{self.homes[head]}{tail}" if head else path

    def constant(self, where: str) -> str | None:
        """The value of a constant below the package, as it is written."""
        try:
            found: Found = self.package[where]
        except KeyError:
            return None
        return str(found.value) if found.is_attribute else None


def read_names(folder: Path) -> Names:
    """Read the package in a folder. Raises NamesError."""
    try:
        package = griffe.load(
            PACKAGE,
            search_paths=[folder],
            allow_inspection=False,
            resolve_aliases=True,
            resolve_external=False,
        )
    except (ImportError, griffe.GriffeError, SyntaxError) as error:
        raise NamesError(f"the package {PACKAGE} cannot be read: {error}") from None
    if not isinstance(package, griffe.Module) or package.exports is None:
        raise NamesError(f"the package {PACKAGE} has no __all__, so that nothing of it is public")
    add_constructors(package)
    public = dict(_walk(package, PACKAGE))
    homes: dict[str, str] = {}
    for name, found in public.items():
        homes.setdefault(found.canonical_path, name)
    return Names(package, public, homes)


def _walk(holder: Found, name: str) -> Iterator[tuple[str, Found]]:
    for each, member in holder.all_members.items():
        if not _is_public(holder, member):
            continue
        path = f"{name}.{each}"
        yield path, member
        if member.is_class or member.is_module:
            yield from _walk(member, path)


def _is_public(holder: Found, member: Found) -> bool:
    """Whether other code may use a member: `__all__` says so, where there is one."""
    if holder.is_module and holder.exports is not None:
        return member.name in holder.exports and not _lost(member)
    special = member.name.startswith("__") and member.name.endswith("__")
    if special:
        return member.name in _OPERATORS
    return bool(member.is_public) and not _lost(member)


def _lost(member: Found) -> bool:
    """Whether a name stands for something that is not in this package."""
    if not isinstance(member, griffe.Alias):
        return False
    try:
        return member.final_target is None
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return True


_DEFINED = {"attrs.define", "attrs.frozen", "attrs.mutable"}
_KIND = griffe.ParameterKind


def add_constructors(holder: griffe.Module | griffe.Class) -> None:
    """Add `__init__` to every class below that has none of its own, and is made of its fields."""
    for member in list(holder.members.values()):
        if isinstance(member, griffe.Class):
            if "__init__" not in member.members and _is_made_of_fields(member):
                member.set_member("__init__", _constructor(member))
            add_constructors(member)
        elif isinstance(member, griffe.Module):
            add_constructors(member)


def _is_made_of_fields(cls: griffe.Class) -> bool:
    if {str(each.callable_path) for each in cls.decorators} & _DEFINED:
        return True
    return any(str(base).rpartition(".")[2] == "NamedTuple" for base in cls.bases)


def _constructor(cls: griffe.Class) -> griffe.Function:
    itself = griffe.Parameter("self", kind=_KIND.positional_or_keyword)
    fields = {each.name: each for each in _parameters(cls)}.values()
    by_place = [each for each in fields if each.kind is not _KIND.keyword_only]
    by_name = [each for each in fields if each.kind is _KIND.keyword_only]
    parameters = griffe.Parameters(itself, *by_place, *by_name)
    return griffe.Function("__init__", parameters=parameters, parent=cls, returns="None")


def _parameters(cls: griffe.Class) -> Iterator[griffe.Parameter]:
    """The fields of the bases, then those of the class."""
    for base in reversed(cls.resolved_bases):
        target = base.final_target if isinstance(base, griffe.Alias) else base
        if isinstance(target, griffe.Class) and _is_made_of_fields(target):
            yield from _parameters(target)
    decorators = " ".join(str(each.value) for each in cls.decorators)
    kind = _KIND.keyword_only if "kw_only=True" in decorators else _KIND.positional_or_keyword
    for name, member in cls.members.items():
        if not isinstance(member, griffe.Attribute) or member.annotation is None:
            continue
        constant = "class-attribute" in member.labels and "instance-attribute" not in member.labels
        if "property" in member.labels or constant:
            continue
        default, is_given = _default(member)
        if is_given:
            yield griffe.Parameter(
                name.lstrip("_"), annotation=member.annotation, kind=kind, default=default
            )


def _default(field: griffe.Attribute) -> tuple[str | griffe.Expr | None, bool]:
    """The default of a field, and whether the constructor takes it."""
    if not re.match(r"(\w+\.)?\w*field\(", str(field.value)):
        return field.value, True
    said = str(field.value)
    default = re.search(r"\b(?:default|factory)=([^,)]+)", said)
    return default[1] if default else None, "init=False" not in said
