"""The catalogue of requirements: every promise of the page, by id."""

import functools
import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from attrs import frozen

from servicenow_contract import fragment

_HERE = Path(__file__).parent


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


def parse(text: str) -> Mapping[str, Requirement]:
    """Read a catalogue. Raises ValueError for one that breaks its schema or names an id twice."""
    entries: list[dict[str, Any]] = yaml.safe_load(text)
    schema = json.loads((_HERE / "requirements.schema.json").read_text(encoding="utf-8"))
    for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(entries):
        where = fragment.pointer(*error.instance_path)
        raise ValueError(f"requirements.yaml: {where}: {error.message}")
    catalogue: dict[str, Requirement] = {}
    for entry in entries:
        if entry["id"] in catalogue:
            raise ValueError(f"requirements.yaml: {entry['id']} stands there twice")
        catalogue[entry["id"]] = Requirement(**{**entry, "level": Level(entry["level"])})
    return catalogue


@functools.cache
def load() -> Mapping[str, Requirement]:
    """The catalogue, in its own order."""
    return parse((_HERE / "requirements.yaml").read_text(encoding="utf-8"))
