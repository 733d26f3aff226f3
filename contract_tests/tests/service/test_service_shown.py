"""Every answer shows each member that the contract documents, and no other."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.mutants.kinds import PROVOKED
from servicenow_contract.service import Request, Response, Service, State
from servicenow_contract.target.target import AccountKeys
from tests.contract import FRAGMENT

KEYS = AccountKeys("the-api-key", "the-application-key")
SCHEMAS = "/components/schemas"
Edit = Callable[[Fragment], object]


def _renamed(schema: str, old: str, new: str) -> Edit:
    def edit(contract: Fragment) -> None:
        members = contract.at(f"{SCHEMAS}/{schema}/properties")
        members[new] = members.pop(old)

    return edit


def _set(schema: str, name: str, **member: Any) -> Edit:
    return lambda contract: contract.at(f"{SCHEMAS}/{schema}/properties").update({name: member})


def _dropped(schema: str, name: str) -> Edit:
    return lambda contract: contract.at(f"{SCHEMAS}/{schema}/properties").pop(name)


def _media_type(contract: Fragment) -> None:
    for each in contract.operation["responses"].values():
        [media] = each["content"].values()
        each["content"] = {"application/problem+json": media}


def _refused_keys(contract: Fragment) -> None:
    contract.operation["responses"]["403"] = contract.operation["responses"]["400"]


_TEXTS = [
    name
    for name, said in FRAGMENT.at(f"{SCHEMAS}/CaseAttributes/properties").items()
    if said.get("type") == "string"
]
"""Members of a case that are texts."""
EDITS: dict[str, Edit] = {
    "as it is": lambda _: None,
    "a member more": _set("Insight", "linked_at", type="string", format="date-time"),
    "an object more": _set("Case", "links", type="object", properties={"self": {"type": "number"}}),
    "a list more": _set("CaseAttributes", "tags", type="array", items={"type": "string"}),
    "values of its own": _set("CaseAttributes", _TEXTS[0], enum=["LOW", "HIGH"]),
    "another type": _set("CaseAttributes", _TEXTS[1], type="integer"),
    "a member of an error": _set("APIErrorResponse", "wait", type="integer"),
    "a member renamed": _renamed("CaseAttributes", _TEXTS[2], "called_otherwise"),
    "the members of an object renamed": _renamed("Case", "attributes", "members"),
    "a member gone": _dropped("CaseAttributes", _TEXTS[0]),
    "the insights gone": _dropped("CaseAttributes", "insights"),
    "a status more": _refused_keys,
    "another media type": _media_type,
    "a case in itself": _set("CaseAttributes", "parent", **{"$ref": f"#{SCHEMAS}/Case"}),
}


def answers(contract: Fragment) -> Iterator[Response]:
    """An answer of each status that the service gives."""
    service = Service(State(contract))
    good = attach_body(DEFAULT_WORLD.tickets[0], DEFAULT_WORLD.findings[:2], DEFAULT_WORLD.project)
    unknown = attach_body(DEFAULT_WORLD.tickets[0], ["x"], DEFAULT_WORLD.unknown_project)
    headers = {"content-type": contract.media_type, **KEYS.headers(contract)}
    for body, sent in ((good, headers), ({}, headers), (unknown, headers), (good, {})):
        text = json.dumps(body).encode()
        yield service(Request(contract.method, contract.path, sent, text))
    service.rate_limit(1, per=60)
    for _ in "12":
        last = service(Request(contract.method, contract.path, headers, b"{}"))
    yield last


def members(contract: Fragment, where: str, seen: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The path of every member that a schema documents, the items of lists as "0"."""
    schema = contract.at(where)
    if "$ref" in schema:
        target = schema["$ref"].removeprefix("#")
        return set() if target in seen else members(contract, target, (*seen, target))
    below = {name: f"{where}/properties/{name}" for name in schema.get("properties", {})}
    below |= {"0": f"{where}/items"} if "items" in schema else {}
    found: set[tuple[str, ...]] = {(name,) for name in below if name != "0"}
    for name, place in below.items():
        found |= {(name, *path) for path in members(contract, place, seen)}
    return found


def shown(value: Any) -> set[tuple[str, ...]]:
    """The path of every member that a body shows."""
    if isinstance(value, list):
        return {("0", *path) for each in value for path in shown(each)}
    inside = value.items() if isinstance(value, dict) else ()
    return {(name, *path) for name, each in inside for path in ((), *shown(each))}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_every_documented_member_and_no_other(edit: Edit) -> None:
    """Whatever is documented is shown, in its model and media type, and nothing else is."""
    contract = Fragment(copy.deepcopy(dict(FRAGMENT.document)), "edited")
    edit(contract)
    statuses = set()
    for each in answers(contract):
        if each.status not in contract.statuses:
            assert each.status == 403
            continue
        statuses.add(each.status)
        body, where = json.loads(each.body), contract.response_schema(each.status)
        assert list(contract.validator(where).problems(body)) == []
        assert each.headers["content-type"] == contract.response_media_type(each.status)
        wanted = members(contract, where)
        assert {path for path in shown(body) if "<any-key>" not in path} >= {
            path for path in wanted if "parent" not in path
        }
        assert shown(body) - wanted <= {("data", "attributes", "attributes", "<any-key>")}
    assert statuses == {*contract.statuses} & {*PROVOKED, 429}
