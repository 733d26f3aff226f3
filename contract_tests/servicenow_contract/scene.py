"""What the conformance tests act with: tickets and findings of the world, and what answers show."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from attrs import define, field

from servicenow_contract import fragment
from servicenow_contract.addresses import host, sys_id
from servicenow_contract.target import Target
from servicenow_contract.world import World


@define
class Scene:
    """Hands out the world's tickets and findings in turn, each as seldom as can be."""

    target: Target
    _tickets: Iterator[str] = field(init=False)
    _findings: Iterator[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._tickets = itertools.cycle(self.world.tickets)
        self._findings = itertools.cycle(self.world.findings)

    @property
    def world(self) -> World:
        """What the target knows."""
        return self.target.world

    def tickets(self, count: int) -> list[str]:
        """Addresses of different tickets. The requirement is not run when there are too few."""
        if count > len(self.world.tickets):
            pytest.skip(f"the world is too small: {count} tickets are needed")
        return [next(self._tickets) for _ in range(count)]

    def findings(self, count: int) -> list[str]:
        """Ids of different findings. The requirement is not run when there are too few."""
        if count > len(self.world.findings):
            pytest.skip(f"the world is too small: {count} findings are needed")
        return [next(self._findings) for _ in range(count)]

    def attach(self, ticket: str, findings: Sequence[str]) -> "Shown":
        """Attach findings, which succeeds, and return what the answer shows."""
        response = self.target.attach(ticket, findings)
        assert response.status_code == 200, f"a valid request was answered {told(response)}"
        return Shown(response)

    def look(self, ticket: str, anchor: str) -> "Shown":
        """What a ticket shows when a finding that it holds already is attached once more."""
        return self.attach(ticket, [anchor])


def told(response: httpx.Response) -> str:
    """An answer's status and the beginning of its body, for a failure's text."""
    return f"{response.status_code}: {response.text[:200]!r}"


@define
class Shown:
    """What a 200 shows. What it leaves out cannot be observed, so the requirement is not run."""

    response: httpx.Response

    def get(self, *path: str) -> Any:
        """The member at a path of names below `data`."""
        value = self.get_or_none(*path)
        if value is None:
            pytest.skip(f"the answer does not show {'.'.join(('data', *path))}")
        return value

    def get_or_none(self, *path: str) -> Any:
        """The member at a path of names below `data`, or None."""
        try:
            value = self.response.json()
        except (ValueError, RecursionError):
            return None
        for name in ("data", *path):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    @property
    def case(self) -> Any:
        """The id of the case."""
        return self.get("id")

    @property
    def project(self) -> Any:
        """The id of the case's project."""
        return self.get("relationships", "project", "data", "id")

    @property
    def insights(self) -> list[dict[str, Any]]:
        """The insights of the case."""
        insights = self.get("attributes", "insights")
        if not isinstance(insights, list) or not all(isinstance(each, dict) for each in insights):
            pytest.skip("the answer's insights are no list of objects")
        return insights

    @property
    def findings(self) -> list[Any]:
        """The ids of the findings that the case holds."""
        return [each.get("resource_id") for each in self.insights]


CASE_PARTS = (
    ("id",),
    ("attributes", "insights"),
    ("attributes", "servicenow_ticket", "result"),
    ("relationships", "project", "data", "id"),
)
"""What the operation creates or changes, by its path below `data`."""
TICKET_PARTS = ("instance_name", "sys_id", "sys_target_sys_id", "table_name", "url")
"""The parts of the ticket block that follow from the ticket's address."""


def hold_case_part(shown: Shown, path: Sequence[str]) -> None:
    """A part of the case is in the answer. Raises AssertionError, as all of these do."""
    if shown.get_or_none(*path) is None:
        pytest.fail(f"data.{'.'.join(path)} is not in the answer")


def hold_security_case(shown: Shown) -> None:
    """The case is of the type SECURITY."""
    if (found := shown.get("attributes", "type")) != "SECURITY":
        pytest.fail(f"the type of the case is {found!r}")


def hold_ticket_part(shown: Shown, ticket: str, part: str) -> None:
    """A part of the ticket in the answer is that of the ticket that was sent."""
    expected = {
        "instance_name": host(ticket).removesuffix(".service-now.com"),
        "sys_id": sys_id(ticket),
        "sys_target_sys_id": sys_id(ticket),
        "table_name": "incident",
        "url": ticket,
    }[part]
    found = shown.get("attributes", "servicenow_ticket", "result", part)
    if str(found).lower() != expected.lower():
        pytest.fail(f"{part} is {found!r}, not {expected!r}")


def hold_ticket_link(shown: Shown, ticket: str) -> None:
    """The direct link leads to the record that was sent, on its own host."""
    link = shown.get("attributes", "servicenow_ticket", "result", "sys_target_link")
    parts = ("https://", host(ticket), "incident", sys_id(ticket))
    if not all(part.lower() in str(link).lower() for part in parts):
        pytest.fail(f"the link is {link!r}")


def hold_ticket_status(shown: Shown) -> None:
    """A ticket that was attached with success has the status COMPLETED."""
    if (found := shown.get("attributes", "servicenow_ticket", "status")) != "COMPLETED":
        pytest.fail(f"the status of the ticket is {found!r}")


def hold_findings(shown: Shown, findings: Sequence[str]) -> None:
    """Every finding that was sent is one insight, of the documented type."""
    for finding in dict.fromkeys(findings):
        own = [each for each in shown.insights if each.get("resource_id") == finding]
        if len(own) != 1:
            pytest.fail(f"finding {finding!r} is {len(own)} insights of the case")
        if own[0].get("type", "SECURITY_FINDING") != "SECURITY_FINDING":
            pytest.fail(f"finding {finding!r} is an insight of the type {own[0]['type']!r}")


def hold_model(response: httpx.Response) -> None:
    """The body of a documented answer satisfies its model; an error says at least one thing.

    Raises AssertionError with one line that names every field that does not.
    """
    contract = fragment.load()
    status = response.status_code
    validator = contract.validator(contract.response_schema(status))
    try:
        body = response.json()
        problems = list(validator.problems(body))
    except (ValueError, RecursionError):
        # Also what JSON allows and no schema can judge, such as half of a surrogate pair.
        pytest.fail(f"the body of a {status} is not usable JSON: {response.text[:200]!r}")
    wrong = [f"{each.at or '/'}: {each.message}" for each in problems]
    if wrong:
        pytest.fail("; ".join(wrong))
    if status != 200 and not body["errors"]:
        pytest.fail(f"the list of errors of a {status} is empty")


def hold_media_type(response: httpx.Response) -> None:
    """The answer says that it is what the page documents. Raises AssertionError."""
    found = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found != fragment.load().media_type:
        pytest.fail(f"the media type of a {response.status_code} is {found!r}")
