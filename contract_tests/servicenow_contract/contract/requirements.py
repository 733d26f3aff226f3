"""The catalogue of requirements: every promise of the page, by id."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import frozen

from servicenow_contract.contract import documents

FILE = Path(__file__).with_name("requirements.yaml")
_SCHEMA = Path(__file__).with_name("requirements.schema.json")


class Level(StrEnum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


@frozen
class Requirement:
    """One promise."""

    id: str
    level: Level
    of: str
    """Who keeps it: `fragment`, `client` or `server`."""
    statement: str
    at: str
    """JSON Pointer into the fragment to what makes the promise."""
    words: str | None = None
    """The words of the page that it rests on; a MUST has some."""


_STATUS = "<status>"
"""In an entry, it stands for each status that the contract documents."""


def answer_model(status: int) -> str:
    """The requirement that the answers of a status satisfy their model."""
    return f"answer-{status}-model"


def read(path: Path, statuses: Sequence[int]) -> Mapping[str, Requirement]:
    """Read a catalogue, in its own order, for a contract that documents these statuses.

    Raises ContractError for one that cannot be read, breaks its schema, names an id twice, or has a
    MUST that quotes no words.
    """
    document = documents.read(path)
    document.check(_SCHEMA)
    entries: list[dict[str, Any]] = document.value
    catalogue: dict[str, Requirement] = {}
    for index, entry in enumerate(entries):
        for each in _written_out(entry, statuses):
            if each["id"] in catalogue:
                raise document.error(f"/{index}", f"{each['id']} appears twice; keep one")
            catalogue[each["id"]] = Requirement(**{**each, "level": Level(each["level"])})
    return catalogue


def _written_out(entry: dict[str, Any], statuses: Sequence[int]) -> Iterable[dict[str, Any]]:
    if _STATUS not in entry["id"]:
        return [entry]
    return [
        {name: text.replace(_STATUS, str(status)) for name, text in entry.items()}
        for status in statuses
    ]
