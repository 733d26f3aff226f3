"""The catalogue of requirements: every promise of the page, by id."""

from collections.abc import Mapping
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


def read(path: Path) -> Mapping[str, Requirement]:
    """Read a catalogue, in its own order.

    Raises ContractError for one that cannot be read, breaks its schema, or names an id twice.
    """
    document = documents.read(path)
    document.check(_SCHEMA)
    entries: list[dict[str, Any]] = document.value
    catalogue: dict[str, Requirement] = {}
    for index, entry in enumerate(entries):
        if entry["id"] in catalogue:
            raise document.error(f"/{index}", f"{entry['id']} stands there twice; keep one")
        catalogue[entry["id"]] = Requirement(**{**entry, "level": Level(entry["level"])})
    return catalogue
