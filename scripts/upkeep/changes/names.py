"""The public names of a package, as griffe reads them: nothing is imported or run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import griffe
from attrs import frozen

from upkeep.changes.constructors import add_constructors
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
