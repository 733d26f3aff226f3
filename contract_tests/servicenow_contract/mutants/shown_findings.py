"""Servers that show other findings than the case holds."""

from typing import Any

from servicenow_contract.mutants.kinds import Asked, Family

family = Family()


@family.case
def loses_the_last_finding(data: Any, _wish: Asked) -> None:
    """Shows all findings but the last."""
    data["attributes"]["insights"] = data["attributes"]["insights"][:-1]


@family.case
def loses_the_first_finding_of_three(data: Any, _wish: Asked) -> None:
    """Leaves the first finding out when there are three or more."""
    insights = data["attributes"]["insights"]
    data["attributes"]["insights"] = insights[1:] if len(insights) > 2 else insights


@family.case
def shows_ten_findings_at_most(data: Any, _wish: Asked) -> None:
    """Shows the first ten findings of a case."""
    data["attributes"]["insights"] = data["attributes"]["insights"][:10]


@family.case
def shows_49_findings_at_most(data: Any, _wish: Asked) -> None:
    """Shows the first 49 findings of a case."""
    data["attributes"]["insights"] = data["attributes"]["insights"][:49]


@family.case
def shows_50_findings_at_most(data: Any, _wish: Asked) -> None:
    """Shows the first 50 findings of a case, which can hold more."""
    data["attributes"]["insights"] = data["attributes"]["insights"][:50]


@family.case
def shows_the_findings_sent_only(data: Any, wish: Asked) -> None:
    """Shows the findings of the request, not those that the ticket held before."""
    insights = data["attributes"]["insights"]
    data["attributes"]["insights"] = [
        each for each in insights if each["resource_id"] in wish.findings
    ]


@family.case
def shows_one_finding_twice(data: Any, _wish: Asked) -> None:
    """Shows the first finding once more at the end."""
    data["attributes"]["insights"] += data["attributes"]["insights"][:1]


@family.case
def shows_a_finding_that_nobody_sent(data: Any, _wish: Asked) -> None:
    """Shows one finding more than the case holds."""
    more = {"ref": "/x", "resource_id": "finding-of-somebody-else", "type": "SECURITY_FINDING"}
    data["attributes"]["insights"].append(more)


@family.case
def shows_no_findings(data: Any, _wish: Asked) -> None:
    """Shows an empty list of insights."""
    data["attributes"]["insights"] = []


@family.case
def names_findings_in_small_letters(data: Any, _wish: Asked) -> None:
    """Shows the id of a finding in small letters, whatever was sent."""
    for each in data["attributes"]["insights"]:
        each["resource_id"] = each["resource_id"].lower()


@family.case
def cuts_finding_ids_at_40_letters(data: Any, _wish: Asked) -> None:
    """Shows the first 40 letters of a finding's id."""
    for each in data["attributes"]["insights"]:
        each["resource_id"] = each["resource_id"][:40]


@family.case
def strips_padding_from_finding_ids(data: Any, _wish: Asked) -> None:
    """Shows the id of a finding without the equals signs at its end."""
    for each in data["attributes"]["insights"]:
        each["resource_id"] = each["resource_id"].rstrip("=")


@family.case
def names_no_findings(data: Any, _wish: Asked) -> None:
    """Shows insights without the ids of their findings."""
    for each in data["attributes"]["insights"]:
        del each["resource_id"]


@family.case
def names_findings_by_their_path(data: Any, _wish: Asked) -> None:
    """Shows the path of a finding where its id belongs."""
    for each in data["attributes"]["insights"]:
        each["resource_id"] = each["ref"]


@family.case
def calls_findings_signals(data: Any, _wish: Asked) -> None:
    """Shows findings as insights of the type SECURITY_SIGNAL."""
    for each in data["attributes"]["insights"]:
        each["type"] = "SECURITY_SIGNAL"


@family.case
def calls_findings_by_their_resource_type(data: Any, _wish: Asked) -> None:
    """Shows findings as insights of the type `findings`."""
    for each in data["attributes"]["insights"]:
        each["type"] = "findings"


@family.case
def calls_the_second_finding_a_signal(data: Any, _wish: Asked) -> None:
    """Shows another type on the second insight, and on no other."""
    for each in data["attributes"]["insights"][1:2]:
        each["type"] = "SECURITY_SIGNAL"
