"""What the conformance tests act with: tickets and findings of the world, and what answers show."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from attrs import define, field

from servicenow_contract import fragment
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
        except ValueError:
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


def hold_model(response: httpx.Response) -> None:
    """The body of a documented answer satisfies its model; an error says at least one thing.

    Raises AssertionError with one line that names every field that does not.
    """
    contract = fragment.load()
    status = response.status_code
    try:
        body = response.json()
    except (ValueError, RecursionError):
        pytest.fail(f"the body of a {status} is not JSON: {response.text[:200]!r}")
    problems = contract.validator(contract.response_schema(status)).problems(body)
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
