"""What schemathesis makes of the fragment: requests to send and answers to read."""

import copy
import functools
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation as _APIOperation
from schemathesis.schemas import BaseSchema

from servicenow_contract.contract.addresses import (
    FORMS,
    PAGE_FORM,
    Standing,
    address_of,
    instance,
    standing,
    sys_id,
)
from servicenow_contract.contract.fragment import Fragment, pointer
from servicenow_contract.contract.world import made_up_id

# Stated, not found: a schemathesis.toml on the way up must not change a run.
_CONFIG = {"generation": {"codec": "utf-8"}, "phases": {"coverage": {"unexpected-methods": []}}}
# The generic parameter is the request body's type, which the fragment alone knows.
Case: TypeAlias = schemathesis.Case[Any]
_Operation: TypeAlias = _APIOperation[Any, Any, Any, Any]


def _load(document: Mapping[str, Any]) -> BaseSchema:
    config = SchemathesisConfig.from_dict(_CONFIG)
    # A copy of its own: cases hold parts of it, and a test may change a case.
    return schemathesis.openapi.from_dict(copy.deepcopy(dict(document)), config=config)


@functools.cache
def operation(contract: Fragment) -> _Operation:
    """The operation as schemathesis sees it."""
    found: _Operation = _load(contract.document)[contract.path][contract.method]
    return found


@functools.cache
def coverage(contract: Fragment, mode: GenerationMode) -> Sequence[Case]:
    """The boundary cases of schemathesis's coverage phase; nothing in them is random."""
    found = operation(contract)
    config = found.schema.config.generation_for(operation=found)
    return tuple(
        found.schema.iter_coverage_cases(found, generation_modes=[mode], generation_config=config)
    )


def label(case: Case) -> str:
    """A short name for a boundary case."""
    data = case.meta.phase.data if case.meta else None
    words = getattr(data, "description", None) or "case"
    return words.encode("unicode_escape").decode()[:80]


@functools.cache
def bodies(contract: Fragment) -> st.SearchStrategy[Any]:
    """Random request bodies that satisfy the fragment, with tickets in every form."""
    strategy = operation(contract).as_strategy(generation_mode=GenerationMode.POSITIVE)
    return st.builds(_with_ticket, strategy, st.sampled_from(list(FORMS.values())))


def _with_ticket(case: Case, form: str) -> Any:
    body: Any = copy.deepcopy(case.body)
    attributes = body["data"]["attributes"]
    attributes["servicenow_ticket_url"] = _ticket(attributes["servicenow_ticket_url"], form)
    return body


@functools.cache
def documented_bodies(contract: Fragment) -> st.SearchStrategy[Any]:
    """Random request bodies of nothing but what the page lists."""
    strategy = _closed_operation(contract).as_strategy(generation_mode=GenerationMode.POSITIVE)
    return strategy.map(lambda case: documented(contract, case.body))


@functools.cache
def wrong_requests(contract: Fragment) -> st.SearchStrategy[Case]:
    """Random requests in which something is wrong, or not listed on the page."""
    return _closed_operation(contract).as_strategy(generation_mode=GenerationMode.NEGATIVE)


def unlisted_members(body: Any) -> st.SearchStrategy[Mapping[str, Mapping[str, Any]]]:
    """Random members that the page does not list, by the JSON Pointer of their object in `body`."""
    objects = dict(_objects(body))
    listed = st.sampled_from(sorted({name for each in objects.values() for name in each}))
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    values = st.recursive(
        st.none() | st.booleans() | numbers | st.text(),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
        max_leaves=5,
    )

    def beside(found: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        names = (listed | st.text()).filter(lambda name: name not in found)
        return st.dictionaries(names, values, max_size=2)

    return st.fixed_dictionaries({where: beside(each) for where, each in objects.items()})


def with_members(body: Any, members: Mapping[str, Mapping[str, Any]]) -> Any:
    """A copy of a body whose objects have these members, too, by the objects' JSON Pointers."""
    body = copy.deepcopy(body)
    objects = dict(_objects(body))
    for where, more in members.items():
        objects[where].update(more)
    return body


def _objects(value: Any, *path: str | int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects in a JSON value, each by its pointer."""
    if isinstance(value, dict):
        yield pointer(*path), value
        for name, each in value.items():
            yield from _objects(each, *path, name)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _objects(each, *path, index)


@functools.cache
def _closed_operation(contract: Fragment) -> _Operation:
    """The operation as if no object had a member that the page does not list.

    Such members would cost more to draw than all the others, and hide what is wrong besides.
    """
    found: _Operation = _load(_closed(contract.document))[contract.path][contract.method]
    return found


def _closed(part: Any) -> Any:
    """A part of the fragment in which objects have no other members than their schema names."""
    if isinstance(part, Mapping):
        closed = {name: _closed(value) for name, value in part.items()}
        names_members = part.get("type") == "object" and "properties" in part
        return {**closed, "additionalProperties": False} if names_members else closed
    return [_closed(each) for each in part] if isinstance(part, list) else part


def documented(contract: Fragment, body: Any) -> Any:
    """A request body of nothing but what the page lists, with a finding, a ticket and plain ids.

    What the page leaves open is left out, such as one id twice, so that every server takes what
    remains.
    """
    pruned = contract.documented(contract.request_schema, body)
    related = pruned["data"]["relationships"]
    findings = related["findings"].get("data") or [{"id": "a-finding", "type": "findings"}]
    related["findings"]["data"] = findings
    for named in findings:
        named["id"] = _plain(named["id"])
    project = related["project"]["data"]
    project["id"] = str(uuid.UUID(_plain(project["id"]), version=4))
    related["findings"]["data"] = [*{each["id"]: each for each in findings}.values()]
    attributes = pruned["data"]["attributes"]
    attributes["servicenow_ticket_url"] = _ticket(attributes["servicenow_ticket_url"])
    return pruned


def at_home(body: Any, ticket: str) -> Any:
    """A documented body whose ticket is on this one's instance, under an address like the page's.

    A server may know no other instance, and take no other form. Each project has tickets of its
    own, because a case may be fixed to the project that it was created in.
    """
    attributes, related = body["data"]["attributes"], body["data"]["relationships"]
    named = f"{related['project']['data']['id']} {sys_id(attributes['servicenow_ticket_url'])}"
    attributes["servicenow_ticket_url"] = address_of(instance(ticket), made_up_id(named))
    return body


def _ticket(address: str, form: str = PAGE_FORM) -> str:
    """An address that is certainly an incident's; else one of a form that is made of it."""
    if standing(address) is Standing.CERTAIN:
        return address
    return address_of("generated", made_up_id(address), form)


def _plain(identifier: str) -> str:
    """An id that any server may know."""
    if re.fullmatch("[0-9a-f]{32}", identifier):
        return identifier
    return made_up_id(identifier)


@functools.cache
def _answer_operation(contract: Fragment, status: int) -> _Operation:
    """An operation whose request body is the answer that is documented for `status`.

    schemathesis generates requests only; presented like this, it generates answers.
    """
    schema = {"$ref": f"#{contract.response_schema(status)}"}
    content = {contract.media_type: {"schema": schema}}
    document = {
        **contract.document,
        "paths": {
            **contract.document["paths"],
            "/answer": {
                "post": {"requestBody": {"required": True, "content": content}, "responses": {}}
            },
        },
    }
    found: _Operation = _load(document)["/answer"]["POST"]
    return found


def answers(contract: Fragment, status: int) -> st.SearchStrategy[Any]:
    """Random bodies that the fragment allows for an answer with this status."""
    strategy = _answer_operation(contract, status).as_strategy(
        generation_mode=GenerationMode.POSITIVE
    )
    return strategy.map(lambda case: case.body)


@functools.cache
def answer_boundaries(contract: Fragment, status: int) -> Sequence[Any]:
    """The documented example of an answer, and the boundary values of its schema."""
    found = _answer_operation(contract, status)
    config = found.schema.config.generation_for(operation=found)
    generated = found.schema.iter_coverage_cases(
        found, generation_modes=[GenerationMode.POSITIVE], generation_config=config
    )
    return (contract.response_example(status), *(case.body for case in generated))
