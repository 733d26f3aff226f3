"""Servers that show another case, ticket or list of findings than they should."""

import datetime
from collections.abc import Callable
from typing import Any

from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.mutants.kinds import Row, Rows, changed, fixed, shown
from servicenow_contract.mutants.original import Sent

TABLE = Rows("showing")
INSIGHTS = "attributes.insights"
RESULT = "attributes.servicenow_ticket.result"
_PROJECT = "relationships.project.data.id"
_LINK = f"{RESULT}.sys_target_link"
_STATUS = "attributes.servicenow_ticket.status"
_ZEROS = 32 * "0"


def _each(sentence: str, member: str, change: Callable[[Any], str]) -> Row:
    """Shows another value of a member of each insight."""
    return changed(
        sentence,
        INSIGHTS,
        lambda insights, _: [{**each, member: change(each)} for each in insights],
    )


def _some(sentence: str, pick: Callable[[list[Any]], list[Any]]) -> Row:
    """Shows another choice of insights."""
    return changed(sentence, INSIGHTS, lambda insights, _: pick(insights))


_STRANGER = {"ref": "/x", "resource_id": "finding-of-somebody-else", "type": "SECURITY_FINDING"}


def several(sent: Sent) -> bool:
    """Whether more than one finding was sent."""
    return len(sent.findings) > 1


def _moment(text: str, **shift: float) -> str:
    moment = datetime.datetime.fromisoformat(text) + datetime.timedelta(**shift)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


# The case.
TABLE |= {
    "names_the_project_of_the_page": fixed(
        "Shows the same project for every case.", _PROJECT, DEFAULT_WORLD.project
    ),
    "names_another_project": fixed(
        "Shows another project than the one that was sent.",
        _PROJECT,
        "aeadc05e-98a8-11ec-ac2c-da7ad0900002",
    ),
    "names_the_latest_project": changed(
        "Shows the project of the request instead of the one that the case was created in.",
        _PROJECT,
        lambda _, sent: sent.project,
    ),
    "names_the_project_in_capitals": changed(
        "Shows the project's id in capital letters.", _PROJECT, lambda project, _: project.upper()
    ),
    "calls_the_case_standard": fixed(
        "Shows a case of the type STANDARD.", "attributes.type", "STANDARD"
    ),
    "calls_the_case_security_in_small_letters": fixed(
        "Shows a case of the type `security`.", "attributes.type", "security"
    ),
    "calls_the_case_standard_later": fixed(
        "Shows another type of case when the case holds more findings than the request names.",
        "attributes.type",
        "STANDARD",
        lambda sent: len(sent.held or ()) > len(sent.findings),
    ),
    "names_the_case_by_its_key": fixed(
        "Shows the same key for every case.", "attributes.key", "CASE-1"
    ),
    "dates_cases_now": changed(
        "Shows the time of the request as created_at.",
        "attributes.created_at",
        lambda *_: _moment(datetime.datetime.now(datetime.UTC).isoformat()),
    ),
    "dates_cases_in_1970": fixed(
        "Shows a created_at in 1970.",
        "attributes.created_at",
        "1970-01-01T00:00:00Z",
    ),
    "dates_cases_in_the_future": changed(
        "Shows times that are two hours in the future.",
        "attributes",
        lambda all_, _: {
            **all_,
            **{name: _moment(all_[name], hours=2) for name in ("created_at", "modified_at")},
        },
    ),
    "dates_changes_in_the_future": changed(
        "Shows a modified_at that is a day in the future.",
        "attributes.modified_at",
        lambda time, _: _moment(time, days=1),
    ),
    "dates_changes_before_creation": changed(
        "Shows a modified_at that is an hour before created_at.",
        "attributes",
        lambda all_, _: {**all_, "modified_at": _moment(all_["created_at"], hours=-1)},
    ),
    "dates_changes_before_the_creation": fixed(
        "Says that every case was last modified before it was created.",
        "attributes.modified_at",
        "2001-01-01T00:00:00Z",
    ),
    "turns_the_clock_back": changed(
        "Says at each attach that the case was last modified a day earlier than said before.",
        "attributes",
        lambda all_, sent: {
            **all_,
            "created_at": "2011-01-01T00:00:00Z",
            "modified_at": f"2020-02-{29 - next(sent.original.turns) % 28:02}T00:00:00Z",
        },
    ),
    "leaves_the_zone_out": changed(
        "Shows times without an offset from UTC.",
        "attributes.created_at",
        lambda time, _: time.rstrip("Z"),
    ),
    "dates_in_seconds": fixed(
        "Shows times as seconds since 1970.", "attributes.modified_at", 1700000000
    ),
    "dates_with_a_space": changed(
        "Shows times with a space instead of the T.",
        "attributes.created_at",
        lambda time, _: time.replace("T", " "),
    ),
    "closes_cases_with_a_blank": fixed(
        "Shows an empty string instead of a time that is not known.", "attributes.closed_at", ""
    ),
    "sends_null_for_absent_members": shown(
        "Shows null for every member that the case lacks.",
        lambda data, _: data["attributes"].update(
            archived_at=None, assigned_to=None, jira_issue=None
        ),
    ),
    "puts_strings_into_custom_attributes": fixed(
        "Shows custom attributes whose values are strings, not lists.",
        "attributes.attributes",
        {"team": "security"},
    ),
    "assigns_cases_to_nobody": fixed(
        "Shows an assignee without an id.", "attributes.assigned_to", {"data": {"type": "users"}}
    ),
    "names_the_resource_type_in_the_singular": fixed(
        "Shows the resource type `case` instead of `cases`.", "type", "case"
    ),
    "changes_the_case_id_letters": changed(
        "Shows the id of the case in capital letters when several findings are sent.",
        "id",
        lambda identity, _: identity.upper(),
        several,
    ),
}

# The findings.
TABLE |= {
    "loses_the_last_finding": _some("Shows all findings but the last.", lambda all_: all_[:-1]),
    "loses_the_first_finding_of_three": _some(
        "Leaves the first finding out when there are three or more.",
        lambda all_: all_[1:] if len(all_) > 2 else all_,
    ),
    "shows_ten_findings_at_most": _some(
        "Shows the first ten findings of a case.", lambda all_: all_[:10]
    ),
    "shows_fewer_findings_than_allowed": changed(
        "Shows at most one finding fewer than a request may name.",
        INSIGHTS,
        lambda all_, sent: all_[: sent.original.contract.max_findings - 1],
    ),
    "shows_no_more_than_a_request": changed(
        "Shows at most as many findings as a request may name, though a case can hold more.",
        INSIGHTS,
        lambda all_, sent: all_[: sent.original.contract.max_findings],
    ),
    "shows_the_findings_sent_only": changed(
        "Shows only the findings of the request, without those that the ticket held before.",
        INSIGHTS,
        lambda all_, sent: [each for each in all_ if each["resource_id"] in sent.findings],
    ),
    "shows_one_finding_twice": _some(
        "Shows the first finding again at the end.", lambda all_: [*all_, *all_[:1]]
    ),
    "shows_a_finding_that_nobody_sent": _some(
        "Shows one finding that the case does not hold.", lambda all_: [*all_, _STRANGER]
    ),
    "shows_a_stranger_among_ten": changed(
        "Shows one finding that the case does not hold, when ten or more are sent.",
        INSIGHTS,
        lambda all_, _: [*all_, _STRANGER],
        lambda sent: len(sent.findings) >= 10,
    ),
    "shows_no_findings": _some("Shows an empty list of insights.", lambda _: []),
    "names_findings_in_small_letters": _each(
        "Shows the ids of findings in lower case, whatever was sent.",
        "resource_id",
        lambda each: each["resource_id"].lower(),
    ),
    "cuts_finding_ids_at_40_letters": _each(
        "Shows only the first 40 characters of a finding's id.",
        "resource_id",
        lambda each: each["resource_id"][:40],
    ),
    "strips_padding_from_finding_ids": _each(
        "Shows the id of a finding without the equals signs at its end.",
        "resource_id",
        lambda each: each["resource_id"].rstrip("="),
    ),
    "names_no_findings": _some(
        "Shows insights without the ids of their findings.",
        lambda all_: [{"ref": each["ref"], "type": each["type"]} for each in all_],
    ),
    "names_findings_by_their_path": _each(
        "Shows the path of a finding instead of its id.", "resource_id", lambda each: each["ref"]
    ),
    "calls_findings_signals": _each(
        "Shows findings as insights of the type SECURITY_SIGNAL.",
        "type",
        lambda _: "SECURITY_SIGNAL",
    ),
    "calls_findings_by_their_resource_type": _each(
        "Shows findings as insights of the type `findings`.", "type", lambda _: "findings"
    ),
    "calls_the_second_finding_a_signal": _some(
        "Shows another type for the second insight only.",
        lambda all_: [
            {**each, "type": "SECURITY_SIGNAL"} if place == 1 else each
            for place, each in enumerate(all_)
        ],
    ),
}

# The ticket.
TABLE |= {
    "swaps_instance_and_sys_id": changed(
        "Shows the instance as sys_id and the sys_id as instance.",
        RESULT,
        lambda all_, _: {
            **all_,
            "instance_name": all_["sys_id"],
            "sys_id": all_["instance_name"],
        },
    ),
    "shows_the_host_as_instance": changed(
        "Shows the whole host as the instance's name.",
        f"{RESULT}.instance_name",
        lambda name, _: f"{name}.service-now.com",
    ),
    "shows_a_fixed_instance": fixed(
        "Shows the instance of the page's example, whatever was sent.",
        f"{RESULT}.instance_name",
        "example",
    ),
    "shows_another_record": fixed("Shows a sys_id of zeros.", f"{RESULT}.sys_id", _ZEROS),
    "shows_another_target_record": fixed(
        "Shows a sys_target_sys_id of zeros.", f"{RESULT}.sys_target_sys_id", _ZEROS
    ),
    "shows_the_table_task": fixed(
        "Shows the table that incidents inherit from.", f"{RESULT}.table_name", "task"
    ),
    "shows_the_page_as_table": fixed(
        "Shows incident.do as the table's name.", f"{RESULT}.table_name", "incident.do"
    ),
    "links_to_the_list": changed(
        "Shows a direct link that opens the list of incidents.",
        _LINK,
        lambda link, _: f"{link.partition('incident.do')[0]}incident_list.do",
    ),
    "links_to_another_record": changed(
        "Shows a direct link to another record.", _LINK, lambda link, _: link[:-32] + 32 * "f"
    ),
    "links_relatively": changed(
        "Shows a direct link without a host.", _LINK, lambda link, _: "/" + link.rpartition("/")[2]
    ),
    "calls_the_ticket_failed": fixed("Shows the ticket's status as FAILED.", _STATUS, "FAILED"),
    "calls_the_ticket_pending": fixed(
        "Shows the ticket's status as IN_PROGRESS, which the page does not list.",
        _STATUS,
        "IN_PROGRESS",
    ),
    "calls_the_ticket_completed_in_small_letters": fixed(
        "Shows the ticket's status as `completed`.", _STATUS, "completed"
    ),
    "calls_the_ticket_failed_without_findings": fixed(
        "Shows the ticket as FAILED when more than one finding was attached.",
        _STATUS,
        "FAILED",
        several,
    ),
    "mistakes_nav_to_for_the_table": fixed(
        "Shows nav_to as the table for addresses of that form.",
        f"{RESULT}.table_name",
        "nav_to",
        lambda sent: "nav_to.do" in sent.url,
    ),
    "loses_the_record_of_encoded_addresses": changed(
        "Shows no sys_id when the address is percent-encoded.",
        RESULT,
        lambda all_, _: {**all_, "sys_id": "", "sys_target_sys_id": ""},
        lambda sent: "%3" in sent.url,
    ),
    "keeps_encoding_in_the_link": changed(
        "Shows a direct link to the frame, not the record, for addresses in the classic frame.",
        _LINK,
        lambda _, sent: f"https://{sent.ticket.instance}.service-now.com/now/nav",
        lambda sent: "/classic/" in sent.url,
    ),
    "shows_the_earlier_ticket": changed(
        "Shows the ticket of the previous request.",
        RESULT,
        lambda result, sent: sent.original.previous(result),
    ),
}
# The page leaves open which address of the incident is shown.
TABLE.add(
    {
        "shows_the_link_as_address": changed(
            "Shows the direct link instead of the address that was sent.",
            RESULT,
            lambda all_, _: {**all_, "url": all_["sys_target_link"]},
        ),
        "cuts_parameters_off_addresses": changed(
            "Shows the address without the parameters after its sys_id.",
            f"{RESULT}.url",
            lambda url, sent: url[: url.find(sent.ticket.sys_id) + 32],
        ),
        "decodes_addresses": changed(
            "Shows a percent-encoded address decoded.",
            f"{RESULT}.url",
            lambda url, _: url.replace("%3F", "?").replace("%3D", "=").replace("%26", "&"),
        ),
        "shows_the_first_address_of_a_ticket": changed(
            "Shows the first address that was sent for a ticket instead of the latest.",
            f"{RESULT}.url",
            lambda url, sent: sent.original.memory.setdefault(sent.ticket.key, url),
        ),
    },
    Level.MAY,
)
