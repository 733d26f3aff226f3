"""An answer, what it shows, and what is known of the request that it answers."""

import functools
from typing import Any

import httpx
from attrs import field, frozen

from servicenow_contract.contract.addresses import Standing, host, records, standing, sys_id
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.verdict import NotShown
from servicenow_contract.text import head


def told(response: httpx.Response) -> str:
    """An answer's status and the beginning of its body, for a failure's text."""
    return f"{response.status_code}: {head(repr(response.text), 200)}"


def media_type(value: str) -> str:
    """What a Content-Type names, without its parameters, in small letters (RFC 9110, 8.3.1)."""
    return value.partition(";")[0].strip().lower()


FINDING = (None, "SECURITY_FINDING")
"""The types of an insight that stands for a finding; the page does not mark the member."""


@frozen
class Attach:
    """What a request asked for that satisfies the contract."""

    ticket: str
    project: str
    findings: tuple[str, ...]

    @classmethod
    def of(cls, body: Any) -> "Attach":
        """What a body asks for that satisfies the contract."""
        related = body["data"]["relationships"]
        return cls(
            body["data"]["attributes"]["servicenow_ticket_url"],
            related["project"]["data"]["id"],
            tuple(each["id"] for each in related["findings"].get("data", [])),
        )


@frozen(slots=False)
class Shown:
    """What a 200 shows. What it leaves out cannot be observed: asking for it raises NotShown."""

    response: httpx.Response

    def get(self, *path: str) -> Any:
        """The member at a path of names below `data`."""
        value = self.get_or_none(*path)
        if value is None:
            raise NotShown(f"the answer does not show {'.'.join(('data', *path))}")
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

    def text(self, *path: str) -> str:
        """The string at a path of names below `data`; another value shows nothing either."""
        value = self.get(*path)
        if not isinstance(value, str):
            raise NotShown(f"{'.'.join(('data', *path))} is not a string")
        return value

    @property
    def errors(self) -> list[str]:
        """The errors of a refusal, which are strings."""
        errors = self._body.get("errors") if isinstance(self._body, dict) else None
        if not isinstance(errors, list) or not all(isinstance(each, str) for each in errors):
            raise NotShown("the answer shows no list of errors that are strings")
        return errors

    @property
    def case(self) -> str:
        """The id of the case."""
        return self.text("id")

    @property
    def project(self) -> str:
        """The id of the case's project."""
        return self.text("relationships", "project", "data", "id")

    @property
    def insights(self) -> list[dict[str, Any]]:
        """The insights of the case."""
        insights = self.insights_or_none()
        if insights is None:
            raise NotShown("the answer shows no list of insights that are objects")
        return insights

    def insights_or_none(self) -> list[dict[str, Any]] | None:
        """The insights of the case, or None when they are no list of objects."""
        insights = self.get_or_none("attributes", "insights")
        if isinstance(insights, list) and all(isinstance(each, dict) for each in insights):
            return insights
        return None

    @property
    def of_findings(self) -> list[dict[str, Any]]:
        """The insights that stand for findings; all, where a server calls none of them so."""
        return [each for each in self.insights if each.get("type") in FINDING] or self.insights

    @property
    def findings(self) -> list[str]:
        """The ids of the findings that the case holds. Raises NotShown where one is not named."""
        named = [each.get("resource_id") for each in self.of_findings]
        if not all(isinstance(each, str) for each in named):
            raise NotShown("an insight of a finding does not name it")
        return [str(each) for each in named]


@frozen(slots=False)
class Answer:
    """An answer to this operation, and what whoever saw it knows of the request."""

    contract: Fragment = field(repr=False)
    response: httpx.Response
    attach: Attach | None = None
    """What was asked for; None when that is not known, or breaks the contract."""
    says_json: bool = True
    """Whether the request says that it is JSON, as far as is known."""
    recorded: bool = False
    """Whether others recorded it: then it may lack headers, and the keys may have been wrong."""
    alone: bool = True
    """Whether it is known that no other request was on its way meanwhile."""
    created: bool = False
    """Whether it is known that the project was named when the case was created."""
    missing: str = ""
    """Why the body of the answer is not known; empty when it is."""
    unknown: str = ""
    """Why it is not known what was asked for; empty when it is known, or breaks the contract."""

    @property
    def status(self) -> int:
        """The status."""
        return self.response.status_code

    @functools.cached_property
    def shown(self) -> Shown:
        """What a 200 shows."""
        return Shown(self.response)

    @property
    def sent(self) -> Attach:
        """What was asked for. Raises NotShown when that is not known."""
        if self.attach is None:
            raise NotShown(self.unknown)
        return self.attach


def leads_to(address: str, ticket: str) -> bool:
    """Whether an address, in whatever form, is one of this incident.

    Raises NotShown for one that names it by a number, which only ServiceNow can tell.
    """
    if standing(address) is Standing.NONE or host(address) != host(ticket):
        return False
    named = records(address)
    if not named and "number" in address:
        raise NotShown("the address names the incident by its number")
    return named == {sys_id(ticket).lower()}
