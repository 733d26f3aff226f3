"""What an answer shows, and what it owes by itself, whatever was asked before."""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import unquote

import httpx
import pytest
from attrs import frozen

from servicenow_contract.contract.addresses import host, instance, sys_id
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.moments import Moment


def told(response: httpx.Response) -> str:
    """An answer's status and the beginning of its body, for a failure's text."""
    return f"{response.status_code}: {response.text[:200]!r}"


def media_type(value: str) -> str:
    """What a Content-Type names, without its parameters, in small letters (RFC 9110, 8.3.1)."""
    return value.partition(";")[0].strip().lower()


@frozen(slots=False)
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
        value = self._body
        for name in ("data", *path):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    @functools.cached_property
    def _body(self) -> Any:
        """The JSON of the answer, read once for all that is asked of it; None for what is none."""
        try:
            return self.response.json()
        except (ValueError, RecursionError):
            return None

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
        insights = self.insights_or_none()
        if insights is None:
            pytest.skip("the answer shows no list of insights that are objects")
        return insights

    def insights_or_none(self) -> list[dict[str, Any]] | None:
        """The insights of the case, or None when they are no list of objects."""
        insights = self.get_or_none("attributes", "insights")
        if isinstance(insights, list) and all(isinstance(each, dict) for each in insights):
            return insights
        return None

    @property
    def findings(self) -> list[Any]:
        """The ids of the findings that the case holds."""
        return [each.get("resource_id") for each in self.insights]


def hold_model(contract: Fragment, response: httpx.Response) -> None:
    """The body of a documented answer satisfies its model; an error says at least one thing.

    Raises AssertionError with one line that names every field that does not.
    """
    status = response.status_code
    try:
        body = json.loads(response.content.decode("utf-8"), parse_constant=_no_constant)
        problems = list(contract.validator(contract.response_schema(status)).problems(body))
    except (ValueError, RecursionError):
        # Also what JSON allows and no schema can judge, such as half of a surrogate pair.
        pytest.fail(f"the body of a {status} is not usable JSON in UTF-8: {response.text[:200]!r}")
    wrong = [f"{each.at or '/'}: {each.message}" for each in problems]
    if wrong:
        pytest.fail("; ".join(wrong))
    if status != 200 and not any(each.strip() for each in body["errors"]):
        pytest.fail(f"the list of errors of a {status} says nothing: {body['errors']!r}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def hold_media_type(contract: Fragment, response: httpx.Response) -> None:
    """The answer says that it is what the page documents. Raises AssertionError."""
    found = media_type(response.headers.get("content-type", ""))
    if found != contract.media_type:
        pytest.fail(f"the media type of a {response.status_code} is {found!r}")


CASE_PARTS = (
    ("id",),
    ("attributes", "insights"),
    ("attributes", "servicenow_ticket", "result"),
    ("relationships", "project", "data", "id"),
)
"""What the operation creates or changes, by its path below `data`."""
TICKET_PARTS = (
    *("instance_name", "sys_id", "sys_target_link", "sys_target_sys_id", "table_name", "url"),
)
"""The parts of the ticket block that follow from the ticket's address."""


def hold_case_part(shown: Shown, path: Sequence[str]) -> None:
    """A part of the case is in the answer. Raises AssertionError, as all of these do."""
    if shown.get_or_none(*path) is None:
        pytest.fail(f"data.{'.'.join(path)} is not in the answer")


def hold_security_case(shown: Shown) -> None:
    """The case is of the type SECURITY."""
    if (found := shown.get("attributes", "type")) != "SECURITY":
        pytest.fail(f"the type of the case is {found!r}")


def hold_ticket_status(shown: Shown) -> None:
    """A ticket that was attached with success has the status COMPLETED."""
    if (found := shown.get("attributes", "servicenow_ticket", "status")) != "COMPLETED":
        pytest.fail(f"the ticket was attached, and its status is {found!r}")


def hold_ticket_part(shown: Shown, ticket: str, part: str) -> None:
    """A part of the ticket in the answer is that of the ticket that was sent."""
    found = shown.get("attributes", "servicenow_ticket", "result", part)
    hold_ticket(ticket, {part: found})


def hold_ticket(ticket: str, result: Mapping[str, Any]) -> None:
    """Each part of a ticket's block that is shown describes this ticket. Raises AssertionError."""
    expected = {
        "sys_id": sys_id(ticket),
        "sys_target_sys_id": sys_id(ticket),
        "table_name": "incident",
    }
    # Of several labels the first may stand for all: the page shows an instance of one.
    names = {instance(ticket), instance(ticket).partition(".")[0]}
    found = result.get("instance_name")
    if found is not None and str(found).lower() not in names:
        pytest.fail(f"instance_name is {found!r}, not {instance(ticket)!r}")
    for part, value in expected.items():
        found = result.get(part)
        if found is not None and str(found).lower() != value.lower():
            pytest.fail(f"{part} is {found!r}, not {value!r}")
    for part in ("url", "sys_target_link"):
        found = result.get(part)
        if found is not None and not leads_to(str(found), ticket):
            pytest.fail(f"{part} is {found!r}, which is no address of the incident at {ticket!r}")


def leads_to(address: str, ticket: str) -> bool:
    """Whether an address, in whatever form, is one of this incident."""
    try:
        same_host = host(address) == host(ticket)
    except ValueError:
        return False
    text, record = unquote(address).lower(), sys_id(ticket).lower()
    named = re.search(f"(?<![0-9a-f]){record}(?![0-9a-f])", text)
    # The classic page, or a record of the workspaces: /now/sow/record/incident/….
    table = re.search("(?<![a-z_])incident(?:[.]do|/)", text)
    return same_host and text.startswith("https://") and bool(table) and bool(named)


def hold_findings(shown: Shown, findings: Sequence[str]) -> None:
    """Every finding that was sent is one insight, of the documented type, and none is two."""
    held: dict[str, list[Any]] = {}
    for each in shown.insights:
        if isinstance(each.get("resource_id"), str):
            held.setdefault(each["resource_id"], []).append(each.get("type"))
    for finding in findings:
        own = held.get(finding, [])
        if len(own) != 1:
            pytest.fail(f"finding {finding!r} was sent and is {len(own)} insights of the case")
        if own[0] is not None and own[0] != "SECURITY_FINDING":
            pytest.fail(f"finding {finding!r} is an insight of the type {own[0]!r}")
    twice = [name for name, types in held.items() if types.count("SECURITY_FINDING") > 1]
    if twice:
        pytest.fail(f"finding {twice[0]!r} is several insights of the case")


def hold_times(shown: Shown) -> None:
    """A case is not modified before it is created, where both are shown."""
    created = Moment.read(shown.get_or_none("attributes", "created_at"))
    modified = Moment.read(shown.get_or_none("attributes", "modified_at"))
    if created is not None and modified is not None and modified.precedes(created):
        pytest.fail(f"modified_at {modified.text} lies before created_at {created.text}")
