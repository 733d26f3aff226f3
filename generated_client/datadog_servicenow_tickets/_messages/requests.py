"""What is written: strictly what the contract documents, and every problem at once."""

import json
import re
from collections.abc import Iterable, Iterator, Sized
from typing import Any

from datadog_servicenow_tickets import models
from datadog_servicenow_tickets._generated.api.security_monitoring import (
    attach_service_now_ticket as operation,
)
from datadog_servicenow_tickets._generated.contract import MAX_FINDINGS
from datadog_servicenow_tickets.errors import InvalidRequestError, Problem

from .ticket_url import problem as address_problem

# What holds itself ends in a RecursionError; looking for it beforehand takes a third of the time.
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode

_URL = ("data", "attributes", "servicenow_ticket_url")
_PROJECT_ID = ("data", "relationships", "project", "data", "id")
_FINDINGS = ("data", "relationships", "findings", "data")
_FINDING = models.FindingsType.FINDINGS.value
_PROJECT = models.ProjectsType.PROJECTS.value
_TICKET = models.TicketsType.SERVICENOW_TICKETS.value
_FINDING_TYPES = [each.value for each in models.FindingsType]
_TYPES = {
    ("data", "type"): [each.value for each in models.TicketsType],
    ("data", "relationships", "project", "data", "type"): [
        each.value for each in models.ProjectsType
    ],
}
_BEFORE_ID, _BEHIND_ID = '{"id":"', f'","type":"{_FINDING}"}}'
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
"""What JSON does not take as it is within a string (RFC 8259, section 7)."""
_NO_ID = "expected an id: a string that is not empty"
_NO_LIST = "expected a list of finding ids"


def content_with(ticket_url: str, project_id: str, finding_ids: Iterable[str]) -> bytes:
    """The JSON text that attaches findings; of ids that are the same only the first is in it.

    Raises InvalidRequestError with every problem.
    """
    if isinstance(finding_ids, str | bytes) or not isinstance(finding_ids, Iterable):
        raise InvalidRequestError([_problem(_FINDINGS, _NO_LIST)])
    ids = list(finding_ids)
    problems = [*_value_problems(ticket_url, project_id), *_id_problems(ids)]
    if problems:
        raise InvalidRequestError(problems)
    document = {
        "data": {
            "attributes": {"servicenow_ticket_url": ticket_url},
            "relationships": {
                "findings": {"data": []},
                "project": {"data": {"id": project_id, "type": _PROJECT}},
            },
            "type": _TICKET,
        }
    }
    return _written(document, _findings(dict.fromkeys(ids)))


def content_of(body: models.AttachRequest) -> bytes:
    """The JSON text of a request; of findings with the same id only the first is in it.

    Raises InvalidRequestError with every problem.
    """
    try:
        document: dict[str, Any] = operation.get_kwargs(body=body)["json"]
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        problem = Problem("", f"expected models of this package ({error})")
    else:
        problems = list(_problems(document))
        if problems:
            raise InvalidRequestError(problems)
        return _written(document)
    raise InvalidRequestError([problem])


def _written(document: dict[str, Any], findings: str = "") -> bytes:
    """The JSON text of a request, with `findings` where its list of them is empty."""
    try:
        # Within a string a quotation mark has a backslash before it, so that this is found in none.
        return _encode(document).replace('"data":[]', f'"data":[{findings}]').encode()
    except (TypeError, ValueError, RecursionError) as error:
        problem = Problem("", f"cannot be written as JSON ({error})")
    raise InvalidRequestError([problem])


def _findings(ids: Iterable[str]) -> str:
    """The items of the list of findings; fifty dictionaries would take a tenth of a call."""
    if _ESCAPED.search("".join(ids)):
        ids = [_encode(each)[1:-1] for each in ids]
    return _BEFORE_ID + f"{_BEHIND_ID},{_BEFORE_ID}".join(ids) + _BEHIND_ID


def _value_problems(ticket_url: Any, project_id: Any) -> Iterator[Problem]:
    wrong = address_problem(ticket_url)
    if wrong is not None:
        yield _problem(_URL, wrong)
    if not isinstance(project_id, str) or not project_id:
        yield _problem(_PROJECT_ID, _NO_ID)


def _id_problems(ids: list[Any]) -> Iterator[Problem]:
    if not ids:
        yield _count_problem("none")
    good = {each for each in ids if isinstance(each, str) and each}
    if len(good) != len(ids):  # ids that are twice there, or no ids
        for index, each in enumerate(ids):
            if not isinstance(each, str) or not each:
                yield _problem((*_FINDINGS, str(index), "id"), _NO_ID)
    if _are_too_many(good):
        yield _count_problem(len(good))


def _problems(document: dict[str, Any]) -> Iterator[Problem]:
    yield from _value_problems(_at(document, _URL), _at(document, _PROJECT_ID))
    for path, values in _TYPES.items():
        if _at(document, path) not in values:
            yield _problem(path, _expected(values))
    yield from _findings_problems(document)


def _findings_problems(document: dict[str, Any]) -> Iterator[Problem]:
    """Problems of the findings; afterwards each id is in `document` once, where it was first."""
    findings = _at(document, _FINDINGS)
    if not isinstance(findings, list) or not findings:
        yield _count_problem("none")
        return
    unique: dict[str, Any] = {}
    for index, finding in enumerate(findings):
        members: dict[str, Any] = finding if isinstance(finding, dict) else {}
        id_: Any = members.get("id")
        if not isinstance(id_, str) or not id_:
            yield _problem((*_FINDINGS, str(index), "id"), _NO_ID)
        elif members.get("type") not in _FINDING_TYPES:
            yield _problem((*_FINDINGS, str(index), "type"), _expected(_FINDING_TYPES))
        else:
            unique.setdefault(id_, finding)
    if _are_too_many(unique):
        yield _count_problem(len(unique))
    document["data"]["relationships"]["findings"]["data"] = list(unique.values())


def _are_too_many(findings: Sized) -> bool:
    return MAX_FINDINGS is not None and len(findings) > MAX_FINDINGS


def _count_problem(found: object) -> Problem:
    allowed = "1 or more" if MAX_FINDINGS is None else f"1 to {MAX_FINDINGS}"
    return _problem(_FINDINGS, f"expected {allowed} findings, found {found}")


def _expected(values: Iterable[str]) -> str:
    return f"expected {' or '.join(map(repr, values))}"


def _problem(path: Iterable[str], message: str) -> Problem:
    return Problem("".join(f"/{name}" for name in path), message)


def _at(value: Any, path: Iterable[str]) -> Any:
    """What these member names lead to; None when they lead nowhere."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
