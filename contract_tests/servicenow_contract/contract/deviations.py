"""The register of known differences between the service and its page (openapi/deviations.yaml)."""

import datetime
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from servicenow_contract.contract import documents

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


def read(path: Path, catalogue: Mapping[str, Any]) -> Sequence[Deviation]:
    """Read a register.

    Raises ContractError for one that cannot be read, breaks its schema, names a requirement that
    the catalogue lacks, or holds an expression that is none.
    """
    document = documents.read(path)
    document.check(_SCHEMA)
    deviations = []
    for index, entry in enumerate(document.value):
        if entry["requirement"] not in catalogue:
            said = f"no requirement is called {entry['requirement']!r}; requirements.yaml has all"
            raise document.error(f"/{index}/requirement", said)
        try:
            failure = re.compile(entry["failure"], re.DOTALL)
        except re.error as error:
            said = f"not a regular expression of Python's re: {error}; correct it"
            raise document.error(f"/{index}/failure", said) from None
        since = datetime.date.fromisoformat(entry["since"])
        deviations.append(Deviation(**{**entry, "failure": failure, "since": since}))
    return deviations
