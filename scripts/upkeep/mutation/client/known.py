"""The mutants of the client that nothing kills, each with its reason."""

import functools
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from attrs import frozen

from upkeep.mutation.client.places import ClientMutant

FILE = Path(__file__).with_name("known.yaml")


class Kind(StrEnum):
    """What a mutant is that survives."""

    EQUIVALENT = "equivalent"
    """No caller and no server can tell it from the client."""
    SURVIVOR = "survivor"
    """Somebody could tell; the reason says why no test does."""


@frozen
class Entry:
    """A reason, and what it is the reason for."""

    kind: Kind
    reason: str
    where: str
    """Module and name, such as `retry:STATUSES`, with an asterisk for anything; or one mutant."""
    change: str
    """What becomes what, as the mutant tells it."""

    def __str__(self) -> str:
        return f"{self.where}: {self.change}"


@functools.cache
def entries() -> tuple[Entry, ...]:
    """Every entry of the file. Raises ValueError or LookupError for one that is none."""
    return tuple(_entries(yaml.safe_load(FILE.read_text(encoding="utf-8"))))


def _entries(groups: list[dict[str, object]]) -> Iterator[Entry]:
    for group in groups:
        kind, reason, mutants = Kind(str(group["kind"])), str(group["reason"]), group["mutants"]
        if not re.fullmatch(r"[A-Z].{20,}\.", reason.strip(), re.DOTALL):
            raise ValueError(f"not a reason in a sentence: {reason!r}")
        if not isinstance(mutants, dict):
            raise ValueError(f"not a mapping of places to changes: {mutants!r}")
        for where, changes in mutants.items():
            for change in changes:
                yield Entry(kind, reason.strip(), str(where), str(change))


def match(mutants: Mapping[str, ClientMutant]) -> dict[Entry, list[str]]:
    """The names of the mutants that each entry means; none for one that is out of date."""
    found: dict[Entry, list[str]] = {entry: [] for entry in entries()}
    by_change: dict[str, list[Entry]] = {}
    for entry in found:
        by_change.setdefault(entry.change, []).append(entry)
    for name, mutant in mutants.items():
        for entry in by_change.get(mutant.change, ()):
            place = f"{mutant.place.module}:{mutant.place.within}"
            if fnmatchcase(place, entry.where) or name == entry.where:
                found[entry].append(name)
    return found


def reasons(mutants: Mapping[str, ClientMutant], kind: Kind) -> dict[str, str]:
    """The reason for each mutant of a kind, by name."""
    return {
        name: entry.reason
        for entry, names in match(mutants).items()
        if entry.kind is kind
        for name in names
    }
