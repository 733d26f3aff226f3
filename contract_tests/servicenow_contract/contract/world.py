"""What a target knows: the ids that a run may use, and two that nobody has.

The reference service knows every finding and project but the two unknown ones, unless its world is
not open: then it knows the listed ones only.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen

from servicenow_contract.contract import documents
from servicenow_contract.contract.addresses import Standing, address_of, standing, sys_id
from servicenow_contract.text import counted

_SCHEMA = Path(__file__).parent / "world.schema.json"


def finding_id(name: str) -> str:
    """An id made of a name: Base64 for URLs, like that of the page, which a strict server takes."""
    return base64.urlsafe_b64encode(name.encode()).decode()


def made_up_id(name: str) -> str:
    """An id made of any text: 32 hexadecimal digits, which are Base64 and a UUID's digits, too."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@frozen
class World:
    """The project, findings and tickets that a target knows."""

    project: str
    findings: tuple[str, ...]
    tickets: tuple[str, ...]
    unknown_finding: str
    unknown_project: str
    open: bool = False
    """Whether every other id exists too, so that ids can be made up."""
    wrong_api_key: str = field(default="", repr=False)
    """An API key that opens nothing; empty when none is known to."""
    wrong_app_key: str = field(default="", repr=False)
    """An application key that opens nothing; empty when none is known to."""

    def wrong_keys(self) -> dict[str, str]:
        """The keys that are known to open nothing, by security scheme."""
        wrong = {"apiKeyAuth": self.wrong_api_key, "appKeyAuth": self.wrong_app_key}
        return {scheme: key for scheme, key in wrong.items() if key}

    def elsewhere(self) -> "World":
        """The same as another server knows it, which never heard of the made-up key."""
        known = {NOBODYS: ""}
        return attrs.evolve(
            self,
            wrong_api_key=known.get(self.wrong_api_key, self.wrong_api_key),
            wrong_app_key=known.get(self.wrong_app_key, self.wrong_app_key),
        )

    @property
    def told(self) -> str:
        """What a run takes for granted, in words."""
        others = "other ids are made up" if self.open else "no other id is used"
        findings = counted(len(self.findings), "finding")
        tickets = counted(len(self.tickets), "ticket")
        return (
            f"project {self.project!r}, {findings} (the first: {self.findings[0]!r}), {tickets} "
            f"(the first: {self.tickets[0]}); the finding {self.unknown_finding!r} and the project "
            f"{self.unknown_project!r} must not exist; {others}"
        )

    def for_worker(self, number: int) -> "World":
        """An open world of the same kind whose tickets and findings no other worker uses."""
        if not self.open:
            raise ValueError("ids can be made up in an open world only")
        return attrs.evolve(
            self,
            findings=tuple(finding_id(f"{each} of worker {number}") for each in self.findings),
            tickets=tuple(_shifted(each, number) for each in self.tickets),
        )


def _shifted(ticket: str, number: int) -> str:
    """The address of another record on the same instance."""
    record = sys_id(ticket)
    return ticket.replace(record, f"{int(record, 16) + (number + 1) * 0x1000000:032x}")


NOBODYS = "stand-in-that-nobody-issued"
"""A key that is made up; the reference service refuses it."""
DEFAULT_WORLD = World(
    project="aeadc05e-98a8-11ec-ac2c-da7ad0900001",
    findings=tuple(finding_id(f"finding-{number:03}") for number in range(1, 121)),
    tickets=tuple(address_of("example", f"{number:032x}") for number in range(1, 41)),
    unknown_finding=finding_id("finding-that-nobody-has"),
    unknown_project="aeadc05e-98a8-11ec-ac2c-da7ad0ffffff",
    open=True,
    wrong_api_key=NOBODYS,
    wrong_app_key=NOBODYS,
)
"""What `serve` starts with and the embedded run assumes."""


def read(path: Path) -> World:
    """Read a world from a JSON or YAML file, whose tickets have addresses of an incident.

    Raises ContractError for one that cannot be read, and whose content breaks world.schema.json or
    itself.
    """
    document = documents.read(path)
    document.check(_SCHEMA)
    content = document.value
    for where, what in _contradictions(content):
        raise document.error(where, what)
    lists = {name: tuple(content[name]) for name in ("findings", "tickets")}
    return World(**{**content, **lists})


def _contradictions(content: Any) -> Iterator[tuple[str, str]]:
    for index, ticket in enumerate(content["tickets"]):
        if standing(ticket) is not Standing.CERTAIN:
            yield (
                f"/tickets/{index}",
                f"{ticket[:200]!r} is not an address of an incident; name one",
            )
    if content["unknown_finding"] in content["findings"]:
        yield "/unknown_finding", "is among the findings that exist; name another"
    if content["unknown_project"] == content["project"]:
        yield "/unknown_project", "is the project that exists; name another"
