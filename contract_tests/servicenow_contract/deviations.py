"""The register of known differences between the service and its page (openapi/deviations.yaml)."""

import datetime
import functools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from attrs import frozen

from servicenow_contract import fragment, requirements

_SCHEMA = Path(__file__).parent / "deviations.schema.json"


@frozen
class Deviation:
    """One way in which the service is known to break a requirement."""

    requirement: str
    statement: str
    failure: re.Pattern[str]
    """What the failure says when it is this deviation, and nothing else is wrong."""
    evidence: str
    since: datetime.date

    def explains(self, requirement: str, reason: str) -> bool:
        """Whether a failure of a requirement is this known difference, wholly."""
        return requirement == self.requirement and bool(self.failure.fullmatch(reason))


def parse(text: str, catalogue: Mapping[str, Any]) -> Sequence[Deviation]:
    """Read a register.

    Raises ValueError, with the place, for one that breaks its schema, names a requirement that the
    catalogue lacks, or holds an expression that is none.
    """
    entries: list[dict[str, Any]] = yaml.safe_load(text)
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    # YAML reads a date; the schema, which is JSON's, wants its text.
    plain = json.loads(json.dumps(entries, default=str))
    for error in jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(
        plain
    ):
        where = fragment.pointer(*error.instance_path)
        raise ValueError(f"deviations.yaml: {where or 'the whole file'}: {error.message}")
    deviations = []
    for index, entry in enumerate(plain):
        if entry["requirement"] not in catalogue:
            raise ValueError(f"deviations.yaml: /{index}: no requirement {entry['requirement']!r}")
        try:
            failure = re.compile(entry["failure"], re.DOTALL)
        except re.error as error:
            raise ValueError(f"deviations.yaml: /{index}/failure: {error}") from None
        since = datetime.date.fromisoformat(entry["since"])
        deviations.append(Deviation(**{**entry, "failure": failure, "since": since}))
    return deviations


@functools.cache
def load() -> Sequence[Deviation]:
    """The register."""
    text = (fragment.folder() / "deviations.yaml").read_text(encoding="utf-8")
    return parse(text, requirements.load())
