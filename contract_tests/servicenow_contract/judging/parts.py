"""What the parts of an answer have to be; what does not show it raises NotShown, else Broken."""

import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from servicenow_contract.contract import strict
from servicenow_contract.contract.addresses import instance, sys_id
from servicenow_contract.judging.answers import FINDING, Answer, leads_to, media_type, told
from servicenow_contract.judging.moments import Moment
from servicenow_contract.judging.verdict import Broken, NotShown


def hold_model(answer: Answer) -> None:
    """The body satisfies the model of its status.

    What is broken is one line that names every field that breaks the model.
    """
    contract, status, text = answer.contract, answer.status, answer.response.text[:200]
    try:
        body = strict.parsed(answer.response.content)
        problems = list(contract.validator(contract.response_schema(status)).problems(body))
    except (ValueError, RecursionError):
        # Also what JSON allows and no schema can judge, such as half of a surrogate pair.
        raise Broken(f"the body of a {status} is not usable JSON in UTF-8: {text!r}") from None
    if problems:
        raise Broken("; ".join(f"{each.at or '/'}: {each.message}" for each in problems))


def hold_reasons(answer: Answer) -> None:
    """The errors of a refusal say at least one thing."""
    errors = answer.shown.errors
    if not any(each.strip() for each in errors):
        raise Broken(f"the errors of a {answer.status} say nothing: {errors!r}")


def hold_media_type(answer: Answer) -> None:
    """The answer says that it is what the page documents."""
    found = media_type(answer.response.headers.get("content-type", ""))
    if found != (expected := answer.contract.response_media_type(answer.status)):
        raise Broken(f"the media type of a {answer.status} is {found!r}; expected {expected!r}")


def hold_status(answer: Answer) -> None:
    """The status is a documented one."""
    if answer.status not in answer.contract.statuses:
        raise Broken(f"the page does not document the status: {told(answer.response)}")


INSIGHTS = ("attributes", "insights")
"""Where the findings of a case stand below `data`."""
CASE_PARTS = (
    ("id",),
    INSIGHTS,
    ("attributes", "servicenow_ticket", "result"),
    ("relationships", "project", "data", "id"),
)
"""What the operation creates or changes, by its path below `data`."""
TICKET_PARTS = (
    *("instance_name", "sys_id", "sys_target_link", "sys_target_sys_id", "table_name", "url"),
)
"""The parts of the ticket block that follow from the ticket's address."""
_TICKET = ("attributes", "servicenow_ticket")


def hold_case_part(answer: Answer, path: Sequence[str]) -> None:
    """A part of the case is in the answer."""
    if answer.shown.get_or_none(*path) is None:
        raise Broken(f"data.{'.'.join(path)} is not in the answer")


def hold_ticket_part(answer: Answer, part: str) -> None:
    """A part of the ticket in the answer is that of the ticket that was sent."""
    ticket = answer.sent.ticket
    found = answer.shown.text(*_TICKET, "result", part)
    if part in ("url", "sys_target_link"):
        if not leads_to(found, ticket):
            raise Broken(
                f"{part} is {found!r}, which is not an address of the incident at {ticket!r}"
            )
        return
    # Of several labels the first may stand for all: the page shows an instance of one.
    names = {instance(ticket), instance(ticket).partition(".")[0]}
    expected = {"instance_name": names, "table_name": {"incident"}}.get(part, {sys_id(ticket)})
    if found.lower() not in {each.lower() for each in expected}:
        raise Broken(f"{part} is {found!r}, not {max(expected, key=len)!r}")


def _ticket_status(answer: Answer) -> Any:
    found = answer.shown.get(*_TICKET, "status")
    if answer.recorded and found != "COMPLETED":
        raise NotShown  # ServiceNow may have been at work still, or have failed
    return found


def hold_ticket_success(answer: Answer) -> None:
    """A ticket that was attached with success is not called FAILED."""
    if _ticket_status(answer) == "FAILED":
        raise Broken("the attach succeeded, but the ticket's status is 'FAILED'")


def hold_ticket_status(answer: Answer) -> None:
    """A ticket that was attached with success has the status COMPLETED."""
    if (found := _ticket_status(answer)) != "COMPLETED":
        raise Broken(f"the attach succeeded, but the ticket's status is {found!r}")


def hold_address(answer: Answer) -> None:
    """The address in the answer is the very one that was sent."""
    found = answer.shown.get(*_TICKET, "result", "url")
    if found != answer.sent.ticket:
        raise Broken(f"url is {found!r}, but {answer.sent.ticket!r} was sent")


def hold_times(answer: Answer) -> None:
    """A case is not modified before it is created."""
    created, modified = (
        Moment.read(answer.shown.get("attributes", f"{what}_at"))
        for what in ("created", "modified")
    )
    if created is None or modified is None:
        raise NotShown("the times of the case are not timestamps")
    if modified.precedes(created):
        raise Broken(f"modified_at {modified.text} is before created_at {created.text}")


_FOUNDED = Moment.read("2010-01-01T00:00:00Z")
"""Nothing of Datadog is older than its company."""
_SKEW = {True: 600, False: 1800}
"""The seconds by which clocks may differ: those of one server, and a server's and ours."""


def hold_possible_times(answer: Answer) -> None:
    """A case shows no time that lies ahead of its answer, or before Datadog was founded."""
    if answer.recorded:  # times are often replaced in what is kept
        raise NotShown
    date = answer.response.headers.get("date")
    now = _seconds(date) or time.time()
    for name in ("created_at", "modified_at"):
        shown = Moment.read(answer.shown.get_or_none("attributes", name))
        if shown is not None and _FOUNDED is not None and shown.precedes(_FOUNDED):
            raise Broken(f"{name} is {shown.text}, before Datadog was founded")
        if shown is not None and shown.at > now + _SKEW[_seconds(date) is not None]:
            raise Broken(f"{name} is {shown.text}, which is in the future")


def _seconds(date: str | None) -> float | None:
    """The time of an HTTP date in seconds since 1970; None for what is none."""
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None


def hold_project(answer: Answer) -> None:
    """The case is in the project that was named when it was created."""
    found, sent = answer.shown.project, answer.sent.project
    if found != sent and not answer.created:
        raise NotShown("the project is not the one that was sent; the case may be older")
    if found != sent:
        raise Broken(f"the case is in the project {found!r}, but was created in {sent!r}")


def _insights(answer: Answer) -> Mapping[str, list[Any]]:
    """The types of the insights that name a finding, by its id."""
    held: dict[str, list[Any]] = {}
    for each in answer.shown.insights:
        if isinstance(each.get("resource_id"), str):
            held.setdefault(each["resource_id"], []).append(each.get("type"))
    return held


def hold_findings(answer: Answer) -> None:
    """No finding is two insights, and none that was sent is one of another type alone.

    What is not shown may show later: hold_findings_at_once.
    """
    held = _insights(answer)
    for finding, types in held.items():
        if sum(each in FINDING for each in types) > 1:
            raise Broken(f"the case shows finding {finding!r} more than once")
        if finding in answer.sent.findings and not any(each in FINDING for each in types):
            raise Broken(
                f"the case shows finding {finding!r} with the type {types[0]!r}; expected "
                "SECURITY_FINDING"
            )
    if missing := [each for each in answer.sent.findings if each not in held]:
        raise NotShown(f"finding {missing[0]!r} is not shown, or not yet")


def hold_findings_at_once(answer: Answer) -> None:
    """Every finding that was sent is shown.

    An attach at the same time may take a finding away before this answer is written.
    """
    shown = set(answer.shown.findings)
    missing = [each for each in answer.sent.findings if each not in shown]
    if missing and not answer.alone:
        raise NotShown(f"another attach may have taken {missing[0]!r} away")
    if missing:
        raise Broken(f"finding {missing[0]!r} was sent, but the case does not show it")


def hold_insights_named(answer: Answer) -> None:
    """Each insight that stands for a finding names it."""
    if any(not isinstance(each.get("resource_id"), str) for each in answer.shown.of_findings):
        raise Broken("an insight of the type SECURITY_FINDING does not name its finding")


def hold_security_case(answer: Answer) -> None:
    """The case is of the type SECURITY."""
    if (found := answer.shown.get("attributes", "type")) != "SECURITY":
        raise Broken(f"the type of the case is {found!r}; expected SECURITY")
