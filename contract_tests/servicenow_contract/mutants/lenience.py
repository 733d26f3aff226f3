"""Servers that look at a part of the body only, or mend what is wrong with it."""

import json
from collections.abc import Callable
from typing import Any

from attrs import evolve

from servicenow_contract.mutants.kinds import Family, rewritten
from servicenow_contract.service import Request, Response

family = Family()


@family.request
def checks_only_the_first_finding(request: Request) -> Request | Response:
    """Drops findings behind the first whose identifier is not well-formed."""
    return rewritten(request, lambda data: _keep(data, lambda found: found[:1]))


@family.request
def checks_only_the_last_finding(request: Request) -> Request | Response:
    """Drops findings before the last whose identifier is not well-formed."""
    return rewritten(request, lambda data: _keep(data, lambda found: found[-1:]))


def _keep(data: Any, judged: Callable[[list[Any]], list[Any]]) -> None:
    found = data["relationships"]["findings"]["data"]
    strict = judged(found)
    data["relationships"]["findings"]["data"] = [
        each for each in found if each in strict or _well_formed(each)
    ]


def _well_formed(each: Any) -> bool:
    return (
        isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and each.get("type") == "findings"
    )


@family.request
def drops_empty_ids(request: Request) -> Request | Response:
    """Ignores a finding whose id has blanks around it, and attaches it without them."""

    def strip(data: Any) -> None:
        for each in data["relationships"]["findings"]["data"]:
            each["id"] = each["id"].strip()

    return rewritten(request, strip)


@family.request
def ignores_capitals_in_ids(request: Request) -> Request | Response:
    """Takes two findings for one when their ids differ in capitals only."""

    def lower(data: Any) -> None:
        for each in data["relationships"]["findings"]["data"]:
            each["id"] = each["id"].lower()

    return rewritten(request, lower)


@family.request
def takes_resource_types_in_capitals(request: Request) -> Request | Response:
    """Takes `Findings`, `PROJECTS` and the like."""

    def lower(data: Any) -> None:
        data["type"] = data["type"].lower()
        relationships = data["relationships"]
        relationships["project"]["data"]["type"] = relationships["project"]["data"]["type"].lower()
        for each in relationships["findings"]["data"]:
            each["type"] = each["type"].lower()

    return rewritten(request, lower)


@family.request
def takes_one_finding_for_a_list(request: Request) -> Request | Response:
    """Takes a single identifier where the list belongs."""

    def wrap(data: Any) -> None:
        findings = data["relationships"]["findings"]
        if isinstance(findings["data"], dict):
            findings["data"] = [findings["data"]]

    return rewritten(request, wrap)


@family.request
def takes_a_list_of_lists(request: Request) -> Request | Response:
    """Takes the list of findings inside another list."""

    def flatten(data: Any) -> None:
        findings = data["relationships"]["findings"]
        if isinstance(findings["data"], list) and all(
            isinstance(each, list) and each for each in findings["data"]
        ):
            findings["data"] = [finding for each in findings["data"] for finding in each]

    return rewritten(request, flatten)


@family.request
def takes_null_for_the_list(request: Request) -> Request | Response:
    """Takes null where the list of findings belongs."""

    def drop(data: Any) -> None:
        findings = data["relationships"]["findings"]
        if findings["data"] is None:
            findings["data"] = []

    return rewritten(request, drop)


@family.request
def takes_numbers_for_ids(request: Request) -> Request | Response:
    """Takes a number where the id of a finding or project belongs."""

    def write(data: Any) -> None:
        relationships = data["relationships"]
        for each in (*relationships["findings"]["data"], relationships["project"]["data"]):
            if isinstance(each["id"], int | float):
                each["id"] = str(each["id"])

    return rewritten(request, write)


@family.request
def takes_a_body_without_data(request: Request) -> Request | Response:
    """Takes the attachment itself as the body, without `data` around it."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return request
    bare = isinstance(body, dict) and "attributes" in body and "data" not in body
    return evolve(request, body=json.dumps({"data": body}).encode()) if bare else request
