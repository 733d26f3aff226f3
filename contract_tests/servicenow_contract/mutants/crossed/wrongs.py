"""What a server does wrong with a request that is to be refused."""

import functools
import itertools
import json
from collections.abc import Iterator, Mapping

from servicenow_contract.contract import strict
from servicenow_contract.mutants.crossed.asked import (
    OCCASIONS,
    SHAPES,
    STATES,
    Asked,
    Fault,
    serving,
    told,
)
from servicenow_contract.mutants.kinds import Mutant
from servicenow_contract.mutants.original import Original, Sent, value_at
from servicenow_contract.service import Request, Response

_WRONGS: Mapping[str, str] = {
    "no_api_key": "without an API key",
    "no_application_key": "without an application key",
    "a_wrong_key": "with a wrong key",
    "no_permission": "with an application key without permission",
    "another_media_type": "with another media type",
    "no_json": "with a body that is not JSON",
    "a_member_missing": "without a required member",
    "a_wrong_type": "with a value of a wrong type",
    "a_wrong_resource_type": "with a wrong resource type",
    "too_many_findings": "with too many findings",
    "an_unknown_project": "with a project that does not exist",
    "an_unknown_finding": "with a finding that does not exist",
}
_KEYWORDS = {
    "required": "a_member_missing",
    "type": "a_wrong_type",
    "enum": "a_wrong_resource_type",
    "maxItems": "too_many_findings",
    "pattern": "another_address",
}


def wrong(original: Original, request: Request) -> str:
    """What is wrong with a request, in the order in which the service asks; empty when nothing."""
    contract = original.contract
    if request.method != contract.method:
        return "another_method"
    if why := _wrong_keys(original, original.keys(request)):
        return why
    if request.headers.get("content-type", "").partition(";")[0].lower() != contract.media_type:
        return "another_media_type"
    return _wrong_body(original, request)


def _wrong_keys(original: Original, keys: Mapping[str, str | None]) -> str:
    if not keys["apiKeyAuth"]:
        return "no_api_key"
    if not keys["appKeyAuth"]:
        return "no_application_key"
    if {*keys.values()} & {*original.world.wrong_keys().values()}:
        return "a_wrong_key"
    none = original.state.permissions.get(keys["appKeyAuth"]) == frozenset()
    return "no_permission" if none else ""


def _wrong_body(original: Original, request: Request) -> str:
    contract = original.contract
    try:
        body = strict.parsed(request.body)
        problems = list(contract.validator(contract.request_schema).problems(body))
    except (ValueError, RecursionError):
        return "no_json"
    if problems:
        return _KEYWORDS.get(problems[0].keyword, "no_json")
    sent = original.sent(request)
    if sent is None or sent.unknown_project:
        return "an_unknown_project"
    return "an_unknown_finding" if sent.unknown_findings else ""


def _attaching(asked: Asked) -> Response:
    response = asked.answer()
    asked.original.answer(asked.mended())
    return response


def _detaching(asked: Asked) -> Response:
    asked.cases.drop(asked.sent.findings)
    return asked.answer()


def _emptying(asked: Asked) -> Response:
    asked.cases.drop(asked.held or ())
    return asked.answer()


def _opening(asked: Asked) -> Response:
    asked.cases.attach(asked.sent.ticket, "a-project-of-its-own", [])
    return asked.answer()


_ANY = tuple(STATES)
_FAULTS: Mapping[str, tuple[str, Fault, tuple[str, ...]]] = {
    "takes": (
        "attaches the findings and answers 200",
        lambda asked: asked.original.answer(asked.mended()),
        _ANY,
    ),
    "attaches_despite": ("attaches the findings, but refuses", _attaching, _ANY),
    "detaches_despite": ("detaches the findings, but refuses", _detaching, _ANY),
    "empties_despite": ("empties the ticket, but refuses", _emptying, _ANY[1:3]),
    "opens_a_case_despite": ("opens a case, but refuses", _opening, _ANY[:1]),
}
"""Each fault, in words and as a function, and the states of a ticket in which it is one."""


_SHAPES_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("no_api_key", "no_application_key", "a_wrong_key", "no_permission"), SHAPES),
    "a_wrong_resource_type": ("what_it_holds", "a_moving_finding"),
    "too_many_findings": ("a_moving_finding", "another_address"),
    "an_unknown_project": SHAPES,
    "an_unknown_finding": SHAPES[1:],
}
"""What a wrong request may ask for, by what is wrong with it."""


def crosses() -> Iterator[Mutant]:
    """Each fault with each wrong request for a ticket in each state, and taken in each shape."""
    for (name, (words, do, states)), (kind, why) in itertools.product(
        _FAULTS.items(), _WRONGS.items()
    ):
        for occasion in (*states, *(_SHAPES_OF.get(kind, ()) if name == "takes" else ())):
            sentence = f"On a request {why}, {told(occasion)}, {words}."
            make = serving(functools.partial(_asked_by, kind), OCCASIONS[occasion], do)
            yield Mutant(f"{name}_{kind}_given_{occasion}", sentence, make, group="crossed")


def _asked_by(kind: str, original: Original, request: Request) -> Sent | None:
    """What a request asks for that is wrong in one way."""
    if wrong(original, request) != kind:
        return None
    return original.roughly_sent(request) or _guessed(original, request)


def _guessed(original: Original, request: Request) -> Sent | None:
    """What a request may ask for, by what can be found in it; None when it names no ticket."""
    try:
        data = json.loads(request.body)["data"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    url = value_at(data, "attributes", "servicenow_ticket_url")
    listed = value_at(data, "relationships", "findings", "data")
    found = [value_at(each, "id") for each in listed] if isinstance(listed, list) else []
    ids = tuple(each for each in found if isinstance(each, str))
    sent = Sent(original, url, original.world.project, ids) if isinstance(url, str) else None
    try:
        return sent if sent and sent.ticket else None
    except ValueError:
        return None
