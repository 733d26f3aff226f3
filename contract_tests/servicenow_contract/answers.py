"""What an answer shows, and what it owes by itself, whatever was asked before."""

import functools
import json
from typing import Any, NoReturn

import httpx
import pytest
from attrs import define

from servicenow_contract import fragment


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


@functools.cache
def validator(where: str) -> fragment.Validator:
    """The contract's validator for the schema at a JSON Pointer; making one takes a while."""
    return fragment.load().validator(where)


def hold_model(response: httpx.Response) -> None:
    """The body of a documented answer satisfies its model; an error says at least one thing.

    Raises AssertionError with one line that names every field that does not.
    """
    contract = fragment.load()
    status = response.status_code
    try:
        body = json.loads(response.content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        pytest.fail(f"the body of a {status} is not JSON in UTF-8: {response.text[:200]!r}")
    problems = validator(contract.response_schema(status)).problems(body)
    wrong = [f"{each.at or '/'}: {each.message}" for each in problems]
    if wrong:
        pytest.fail("; ".join(wrong))
    if status != 200 and not any(each.strip() for each in body["errors"]):
        pytest.fail(f"the list of errors of a {status} says nothing: {body['errors']!r}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def hold_media_type(response: httpx.Response) -> None:
    """The answer says that it is what the page documents. Raises AssertionError."""
    found = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found != fragment.load().media_type:
        pytest.fail(f"the media type of a {response.status_code} is {found!r}")
