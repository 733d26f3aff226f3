"""Servers that show a case with another project, type, key or time."""

import datetime
from typing import Any

from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.mutants.kinds import Asked, Family

family = Family()


@family.case
def names_the_project_of_the_page(data: Any, _wish: Asked) -> None:
    """Shows one project for every case."""
    data["relationships"]["project"]["data"]["id"] = DEFAULT_WORLD.project


@family.case
def names_another_project(data: Any, _wish: Asked) -> None:
    """Shows a project that was not sent."""
    data["relationships"]["project"]["data"]["id"] = "aeadc05e-98a8-11ec-ac2c-da7ad0900002"


@family.case
def names_the_latest_project(data: Any, wish: Asked) -> None:
    """Shows the project of this request, not the one that the case was created in."""
    data["relationships"]["project"]["data"]["id"] = wish.project


@family.case
def names_the_project_in_capitals(data: Any, _wish: Asked) -> None:
    """Shows the project's id in capital letters."""
    project = data["relationships"]["project"]["data"]
    project["id"] = project["id"].upper()


@family.case
def calls_the_case_standard(data: Any, _wish: Asked) -> None:
    """Shows a case of the type STANDARD."""
    data["attributes"]["type"] = "STANDARD"


@family.case
def calls_the_case_security_in_small_letters(data: Any, _wish: Asked) -> None:
    """Shows a case of the type `security`."""
    data["attributes"]["type"] = "security"


@family.case
def calls_the_case_standard_later(data: Any, wish: Asked) -> None:
    """Shows another type once a case holds more than the findings of the request."""
    if len(data["attributes"]["insights"]) > len(wish.findings):
        data["attributes"]["type"] = "STANDARD"


@family.case
def names_the_case_by_its_key(data: Any, _wish: Asked) -> None:
    """Shows one key for all cases."""
    data["attributes"]["key"] = "CASE-1"


def _shifted(text: str, **change: float) -> str:
    moment = datetime.datetime.fromisoformat(text) + datetime.timedelta(**change)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


@family.case
def dates_cases_now(data: Any, _wish: Asked) -> None:
    """Shows the time of the request as the time when the case was created."""
    now = datetime.datetime.now(datetime.UTC)
    data["attributes"]["created_at"] = f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"


@family.case
def dates_changes_before_creation(data: Any, _wish: Asked) -> None:
    """Shows a case that was changed an hour before it was created."""
    attributes = data["attributes"]
    attributes["modified_at"] = _shifted(attributes["created_at"], hours=-1)


@family.case
def leaves_the_zone_out(data: Any, _wish: Asked) -> None:
    """Shows times without an offset from UTC."""
    data["attributes"]["created_at"] = data["attributes"]["created_at"].rstrip("Z")


@family.case
def dates_in_seconds(data: Any, _wish: Asked) -> None:
    """Shows times as seconds since 1970."""
    data["attributes"]["modified_at"] = 1700000000


@family.case
def dates_with_a_space(data: Any, _wish: Asked) -> None:
    """Shows times with a space for the T."""
    data["attributes"]["created_at"] = data["attributes"]["created_at"].replace("T", " ")


@family.case
def closes_cases_with_a_blank(data: Any, _wish: Asked) -> None:
    """Shows an empty string for a time that is not known."""
    data["attributes"]["closed_at"] = ""


@family.case
def sends_null_for_absent_members(data: Any, _wish: Asked) -> None:
    """Shows null for every member that the case lacks."""
    data["attributes"].update(archived_at=None, assigned_to=None, jira_issue=None)


@family.case
def puts_strings_into_custom_attributes(data: Any, _wish: Asked) -> None:
    """Shows custom attributes whose values are strings, not lists."""
    data["attributes"]["attributes"] = {"team": "security"}


@family.case
def assigns_cases_to_nobody(data: Any, _wish: Asked) -> None:
    """Shows an assignee without an id."""
    data["attributes"]["assigned_to"] = {"data": {"type": "users"}}


@family.case
def names_the_resource_type_in_the_singular(data: Any, _wish: Asked) -> None:
    """Shows the resource type `case`."""
    data["type"] = "case"


@family.case
def changes_the_case_id_letters(data: Any, wish: Asked) -> None:
    """Shows the id of the case in capital letters when several findings are sent."""
    if len(wish.findings) > 1:
        data["id"] = data["id"].upper()
