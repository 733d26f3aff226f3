"""Conforming servers, each using one freedom that the page leaves: none of them may be accused."""

import datetime
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from servicenow_contract.contract.addresses import Standing, address_of, addresses, standing
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import made_up_id
from servicenow_contract.mutants.kinds import (
    Mutant,
    Row,
    Rows,
    When,
    answered,
    changed,
    fixed,
    passed,
    serving,
    shown,
)
from servicenow_contract.mutants.original import Original, Sent, refusal, rewritten, with_body
from servicenow_contract.mutants.showing import INSIGHTS, RESULT
from servicenow_contract.service import Request, Response, handle
from servicenow_contract.service.state import Ticket

TABLE = Rows("freedoms")
_TIMES = ("created_at", "modified_at")
_NEEDED = ("created_at", "insights", "key", "modified_at", "servicenow_ticket", "type")
_LATE = 2
"""How many answers about a ticket pass before what was done shows."""


def _erring(sentence: str, errors: Callable[[list[str]], list[str]]) -> Row:
    """Gives other reasons with its refusals."""

    def act(original: Original, request: Request) -> Response:
        response = original.answer(request)
        if response.status not in (400, 404):
            return response
        return with_body(response, {"errors": errors(["The request was refused"])})

    return serving(sentence, act)


def _unwilling(sentence: str, when: When, status: int = 400) -> Row:
    """Refuses some of the requests that are right in themselves."""

    def act(original: Original, request: Request) -> Response:
        sent = original.sent(request)
        right = sent is not None and handle(original.fresh(), request).status == 200
        return refusal(status) if sent and right and when(sent) else original.answer(request)

    return serving(sentence, act)


def _timing(sentence: str, form: Callable[[datetime.datetime, Sent], str]) -> Row:
    """Writes the times of a case in another form."""

    def times(attributes: Any, sent: Sent) -> Any:
        read = {name: datetime.datetime.fromisoformat(attributes[name]) for name in _TIMES}
        return {**attributes, **{name: form(each, sent) for name, each in read.items()}}

    return changed(sentence, "attributes", times)


def _in_zone(moment: datetime.datetime, hours: int) -> str:
    return moment.astimezone(datetime.timezone(datetime.timedelta(hours=hours))).isoformat()


def _in_another_project(sent: Sent) -> bool:
    """Whether a ticket was sent with another project the first time."""
    first = sent.original.memory.setdefault(sent.ticket.key, sent.project)
    return bool(first != sent.project)


def _different(sent: Sent, held: Iterable[str] = ()) -> int:
    """How many findings a ticket is to hold, each counted once."""
    return len({*sent.findings, *held})


def _own_instance(sent: Sent) -> str:
    """The instance of the tickets that the world names."""
    return Ticket.from_url(sent.original.world.tickets[0]).instance.lower()


def _of_the_world(original: Original) -> set[object]:
    """The tickets that the world names."""
    return {Ticket.from_url(each).key for each in original.world.tickets}


def _once_each(original: Original, request: Request) -> Request:
    """A list that is too long, with each finding named once."""
    sent = original.sent(request)
    if sent is None or sent.over <= 0:
        return request
    body = attach_body(sent.url, list(dict.fromkeys(sent.findings)), sent.project)
    return evolve(request, body=json.dumps(body).encode())


def _certain_address(data: Any) -> None:
    """Another address for one of which nobody can tell what it is."""
    address = data["attributes"]["servicenow_ticket_url"]
    if standing(address) is Standing.OPEN:
        record = made_up_id(address)
        data["attributes"]["servicenow_ticket_url"] = address_of("open", record)


def _in_utf_8(_original: Original, request: Request) -> Request:
    marked = request.body[:2] in (b"\xff\xfe", b"\xfe\xff")
    body = request.body.decode("utf-16", "replace").encode() if marked else request.body
    return evolve(request, body=body)


def _late(value: Any, sent: Sent) -> Any:
    """What was true of the ticket some answers ago; at first, what is true."""
    history = sent.original.memory.setdefault(sent.ticket.key, [])
    history.append(value)
    return history[-1 - _LATE] if len(history) > _LATE else history[0]


def _late_case(attributes: Any, sent: Sent) -> Any:
    """What was true of the case some answers ago; what came at once is in the order of time."""
    late = _late(attributes, sent)
    sent.original.memory[sent.ticket.key].sort(key=lambda each: each["modified_at"])
    return late


def _late_insights(insights: list[Any], sent: Sent) -> list[Any]:
    """What the ticket held some answers ago; at first, nothing."""
    late: list[Any] = _late(insights, sent)
    return late if len(sent.original.memory[sent.ticket.key]) > _LATE else []


def _without_member(sentence: str, path: str) -> Row:
    """Leaves a member out that the page does not mark; it may be missing above already."""
    *parents, last = path.split(".")

    def edit(data: Any, _: Sent) -> None:
        inside = [data]
        for name in parents:
            inside = [each[name] for each in inside if name in each]
            inside = [
                item for each in inside for item in (each if isinstance(each, list) else [each])
            ]
        for each in inside:
            each.pop(last, None)

    return shown(sentence, edit)


def _unmarked(contract: Fragment) -> Iterator[str]:
    """The members of a case that the page does not mark, each by its path below `data`."""

    def visit(schema: Mapping[str, Any], path: str) -> Iterator[str]:
        schema = contract.resolve(schema)
        schema = contract.resolve(schema["items"]) if "items" in schema else schema
        for name, member in schema.get("properties", {}).items():
            here = f"{path}.{name}".lstrip(".")
            if name not in schema.get("required", ()):
                yield here
            yield from visit(member, here)

    answer = contract.resolve(contract.at(contract.response_schema(200)))
    yield from visit(answer["properties"]["data"], "")


def freedoms(contract: Fragment) -> Mapping[str, Mutant]:
    """All conforming servers by name: the table, and one for each member that is not marked."""
    rows = Rows("freedoms")
    rows |= {
        f"shows_no_{path.replace('.', '_')}": _without_member(f"Leaves out data.{path}.", path)
        for path in _unmarked(contract)
    }
    return {each.name: each for each in (*TABLE, *rows)}


TABLE |= {
    # Answers.
    "gives_no_reason": _erring("Refuses with an empty list of errors.", lambda _: []),
    "gives_an_empty_reason": _erring(
        "Refuses with an error that is an empty string.", lambda _: [""]
    ),
    "gives_many_reasons": _erring("Refuses with several errors.", lambda errors: errors * 5),
    "writes_times_of_another_zone": _timing(
        "Shows times in a zone nine hours ahead of UTC.", lambda moment, _: _in_zone(moment, 9)
    ),
    "writes_times_of_many_zones": _timing(
        "Shows times in a different zone from answer to answer.",
        lambda moment, sent: _in_zone(moment, next(sent.original.turns) % 5),
    ),
    "writes_whole_seconds": _timing(
        "Shows times without fractions of a second.",
        lambda moment, _: f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    ),
    "writes_fractions_now_and_then": _timing(
        "Shows times with fractions of a second in some answers only.",
        lambda moment, sent: (
            f"{moment:%Y-%m-%dT%H:%M:%S}{'' if len(sent.findings) > 1 else f'.{moment:%f}'}Z"
        ),
    ),
    "lists_insights_in_another_order": changed(
        "Shows the latest insight first.", INSIGHTS, lambda insights, _: insights[::-1]
    ),
    "lists_signals_too": changed(
        "Also shows an insight of another kind.",
        INSIGHTS,
        lambda insights, _: [
            *insights,
            {"ref": "/signals/1", "resource_id": "signal-1", "type": "SECURITY_SIGNAL"},
        ],
    ),
    "lists_insights_without_an_id": changed(
        "Shows an insight of another kind that has no id.",
        INSIGHTS,
        lambda insights, _: [*insights, {"ref": "/notes/1", "type": "NOTE"}],
    ),
    "lists_nothing_when_empty": shown(
        "Leaves out the insights when the case has none.",
        lambda data, _: data["attributes"]["insights"] or data["attributes"].pop("insights"),
    ),
    "shows_findings_late": changed(
        "Shows what it attached only some answers later.", INSIGHTS, _late_insights
    ),
    "answers_from_a_copy_that_lags": changed(
        "Shows the whole case as it was some answers before.", "attributes", _late_case
    ),
    "works_on_the_ticket_still": fixed(
        "Shows a ticket status other than the two that the page names.",
        "attributes.servicenow_ticket.status",
        "IN_PROGRESS",
    ),
    "shows_what_matters_only": changed(
        "Leaves out members of the case that are not required and that no requirement needs.",
        "attributes",
        lambda all_, _: {name: value for name, value in all_.items() if name in _NEEDED},
    ),
    "shows_the_kind_only": shown(
        "Leaves out every member of the case that is not required.",
        lambda data, _: [data.pop(name) for name in list(data) if name != "type"],
    ),
    "shows_more_than_documented": shown(
        "Shows members that the page does not list.",
        lambda data, _: data["attributes"].update(linear_issue={"status": "OPEN"}, count=7),
    ),
    "names_its_charset": answered(
        "Answers with a charset after the media type.",
        lambda response: evolve(
            response,
            headers={**response.headers, "content-type": "application/json; charset=utf-8"},
        ),
    ),
    "answers_501_to_another_method": answered(
        "Answers 501 to a method that the page does not list.",
        lambda response: evolve(response, status=501),
        405,
    ),
    # Requests.
    "refuses_to_change_the_project": _unwilling(
        "Answers 400 when a linked ticket is sent with another project.", _in_another_project
    ),
    "misses_the_ticket_in_another_project": _unwilling(
        "Answers 404 when a linked ticket is sent with another project.", _in_another_project, 404
    ),
    "refuses_doubles": _unwilling(
        "Refuses a request that names a finding twice.",
        lambda sent: _different(sent) < len(sent.findings),
    ),
    "counts_doubles_once": passed(
        "Applies the limit to different findings: one that is named twice counts once.",
        _once_each,
    ),
    "holds_no_more_in_all": _unwilling(
        "Refuses what would give a ticket more findings than one request may name.",
        lambda sent: _different(sent, sent.held or ()) > sent.original.contract.max_findings,
    ),
    "knows_ids_without_blanks": _unwilling(
        "Answers 404 to a finding whose id has a space, since it knows none like it.",
        lambda sent: any(re.search(r"\s", each) for each in sent.findings),
        404,
    ),
    "knows_one_instance": _unwilling(
        "Answers 404 to a ticket of a ServiceNow instance that it does not know.",
        lambda sent: sent.ticket.instance.lower() != _own_instance(sent),
        404,
    ),
    "knows_the_tickets_of_its_world": _unwilling(
        "Answers 404 to a ticket that the world file does not name.",
        lambda sent: sent.ticket.key not in _of_the_world(sent.original),
        404,
    ),
    "takes_what_may_be_an_address": passed(
        "Accepts every address that may be an incident's, as far as the page tells.",
        lambda _, request: rewritten(request, _certain_address),
    ),
    "takes_the_form_of_the_page_only": _unwilling(
        "Refuses every form of an address except the one that the page shows.",
        lambda sent: sent.url != addresses(sent.url)["the page's own"],
    ),
    "misses_records_by_other_forms": _unwilling(
        "Answers 404 to every form of an address except the one that the page shows.",
        lambda sent: sent.url != addresses(sent.url)["the page's own"],
        404,
    ),
    "refuses_long_addresses": _unwilling(
        "Refuses an address of more than 255 characters.", lambda sent: len(sent.url) > 255
    ),
    "links_over_plain_http": changed(
        "Shows a direct link with http:// instead of https://.",
        f"{RESULT}.sys_target_link",
        lambda link, _: link.replace("https:", "http:"),
    ),
    "links_to_the_workspace": changed(
        "Shows a direct link to the record's page in a workspace.",
        f"{RESULT}.sys_target_link",
        lambda link, _: link.replace("incident.do?sys_id=", "now/sow/record/incident/"),
    ),
    "reads_utf_16": passed("Accepts JSON in UTF-16.", _in_utf_8),
}
