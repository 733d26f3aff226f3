"""What is written: strictly what the contract documents, and every problem at once."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from . import models
from ._generated.api.security_monitoring.attach_service_now_ticket import get_kwargs
from ._generated.contract import MAX_FINDINGS, TICKET_URL_PATTERN
from .errors import InvalidRequestError, Problem

_TICKET_URL = re.compile(TICKET_URL_PATTERN)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

_URL = ("data", "attributes", "servicenow_ticket_url")
_PROJECT_ID = ("data", "relationships", "project", "data", "id")
_FINDINGS = ("data", "relationships", "findings", "data")
_CONSTANTS = {
    ("data", "type"): models.TicketsType.SERVICENOW_TICKETS,
    ("data", "relationships", "project", "data", "type"): models.ProjectsType.PROJECTS,
}
_FINDING = models.FindingIdentifier(id="").to_dict()
_NO_URL = (
    "expected the https address of an incident on a service-now.com host, such as "
    "https://example.service-now.com/incident.do?sys_id=… with 32 hexadecimal digits"
)
_NO_ID = "expected an id: a string that is not empty"
_NO_LIST = "expected a list of finding ids"
_COUNT = f"expected 1 to {MAX_FINDINGS} findings, found "


def content_with(ticket_url: str, project_id: str, finding_ids: Iterable[str]) -> bytes:
    """The JSON text that attaches findings; of ids that are the same only the first is in it.

    Raises InvalidRequestError with every problem.
    """
    if isinstance(finding_ids, str | bytes) or not isinstance(finding_ids, Iterable):
        raise InvalidRequestError([_problem(_FINDINGS, _NO_LIST)])
    body = models.AttachRequest(
        data=models.TicketAttachment(
            attributes=models.TicketAttributes(servicenow_ticket_url=ticket_url),
            relationships=models.TicketRelationships(
                findings=models.FindingsRelationship(data=[]),
                project=models.ProjectRelationship(data=models.ProjectIdentifier(id=project_id)),
            ),
        )
    )
    document: dict[str, Any] = get_kwargs(body=body)["json"]
    # A model for each of fifty findings would take longer than to write them all.
    _put_findings(document, [{**_FINDING, "id": id_} for id_ in finding_ids])
    return _written(document)


def content_of(body: models.AttachRequest) -> bytes:
    """The JSON text of a request; of findings with the same id only the first is in it.

    Raises InvalidRequestError with every problem.
    """
    try:
        document: dict[str, Any] = get_kwargs(body=body)["json"]
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        problem = Problem("", f"expected models of this package ({error})")
    else:
        return _written(document)
    raise InvalidRequestError([problem])


def _written(document: dict[str, Any]) -> bytes:
    problems = list(_problems(document))
    if not problems:
        try:
            return _encode(document).encode()
        except (TypeError, ValueError, RecursionError) as error:
            problems = [Problem("", f"cannot be written as JSON ({error})")]
    raise InvalidRequestError(problems)


def _problems(document: dict[str, Any]) -> Iterator[Problem]:
    url = _at(document, _URL)
    if not isinstance(url, str) or not _TICKET_URL.fullmatch(url):
        yield _problem(_URL, _NO_URL)
    project = _at(document, _PROJECT_ID)
    if not isinstance(project, str) or not project:
        yield _problem(_PROJECT_ID, _NO_ID)
    for path, only in _CONSTANTS.items():
        if _at(document, path) != only:
            yield _problem(path, f"expected {only.value!r}")
    yield from _findings_problems(document)


def _findings_problems(document: dict[str, Any]) -> Iterator[Problem]:
    """Problems of the findings; afterwards each id is in `document` once, where it was first."""
    findings = _at(document, _FINDINGS)
    if not isinstance(findings, list) or not findings:
        yield _problem(_FINDINGS, f"{_COUNT}none")
        return
    unique: dict[str, Any] = {}
    kind = _FINDING["type"]
    for index, finding in enumerate(findings):
        members: dict[str, Any] = finding if isinstance(finding, dict) else {}
        id_: Any = members.get("id")
        if not isinstance(id_, str) or not id_:
            yield _problem((*_FINDINGS, str(index), "id"), _NO_ID)
        elif members.get("type") != kind:
            yield _problem((*_FINDINGS, str(index), "type"), "expected 'findings'")
        else:
            unique.setdefault(id_, finding)
    if len(unique) > MAX_FINDINGS:
        yield _problem(_FINDINGS, f"{_COUNT}{len(unique)}")
    _put_findings(document, list(unique.values()))


def _put_findings(document: dict[str, Any], findings: list[Any]) -> None:
    document["data"]["relationships"]["findings"]["data"] = findings


def _problem(path: Iterable[str], message: str) -> Problem:
    return Problem("".join(f"/{name}" for name in path), message)


def _at(value: Any, path: Iterable[str]) -> Any:
    """What these member names lead to; None when they lead nowhere."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
