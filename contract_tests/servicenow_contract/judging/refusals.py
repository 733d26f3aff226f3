"""What is wrong with a request by itself, so that whoever takes it breaks the rule, too."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from servicenow_contract.contract.addresses import Standing, standing
from servicenow_contract.contract.fragment import Fragment, SchemaProblem
from servicenow_contract.contract.references import at
from servicenow_contract.contract.world import World
from servicenow_contract.judging.answers import Attach
from servicenow_contract.target.gate import MAY_BE_JSON
from servicenow_contract.vectors.keywords import OF_KEYWORD
from servicenow_contract.vectors.rules import wrongs

KEYS = {"apiKeyAuth": "api-key-demanded", "appKeyAuth": "app-key-demanded"}
"""The requirement that each key is there, by its security scheme."""
REFUSED = frozenset(
    {
        *(*KEYS.values(), *OF_KEYWORD.values(), "media-type-demanded", "malformed-json-is-400"),
        *("unknown-finding-is-404", "unknown-project-is-404", "wrong-keys-refused"),
    }
)
"""The requirements that a request alone can be known to break."""
_UNREADABLE = (ValueError, RecursionError)


def broken_by(
    contract: Fragment, world: World, request: httpx.Request
) -> Iterator[tuple[str, str]]:
    """Each requirement that a request breaks for certain, and how.

    What the page leaves open breaks none: an address that may be one, JSON in another encoding,
    a finding that is named twice.
    """
    for scheme, name in contract.key_headers.items():
        if not request.headers.get(name, "").strip():
            yield KEYS[scheme], f"it has no key in its header {name}"
        elif request.headers[name] == world.wrong_keys().get(scheme):
            yield "wrong-keys-refused", f"the world file lists the key in {name} as wrong"
    if not MAY_BE_JSON.fullmatch(found := request.headers.get("content-type", "")):
        yield "media-type-demanded", f"its media type is {found!r}"
        return
    try:
        body = json.loads(request.content.decode("utf-8"))
    except json.JSONDecodeError as error:
        if _is_in_no_dialect(error):
            yield "malformed-json-is-400", f"its body is not JSON: {error.msg}"
        return
    except _UNREADABLE:
        return
    yield from _in_body(contract, world, body)


def _in_body(contract: Fragment, world: World, body: Any) -> Iterator[tuple[str, str]]:
    validator = contract.validator(contract.request_schema)
    try:
        if not validator.accepts(body):
            for problem in certainly_wrong(contract, body):
                what, where = problem.message, problem.at or "/"
                if problem.keyword == "pattern":  # long, and in no words
                    what = f"{at(body, where)!a} is not the address of an incident"
                yield OF_KEYWORD[problem.keyword], f"{where}: {what}"
            return
    except _UNREADABLE:
        return
    asked = Attach.of(body)
    if standing(asked.ticket) is Standing.NONE:
        yield OF_KEYWORD["pattern"], f"{asked.ticket!a} is not the address of an incident"
    if world.unknown_finding in asked.findings:
        yield "unknown-finding-is-404", f"the finding {world.unknown_finding!r} does not exist"
    if asked.project == world.unknown_project:
        yield "unknown-project-is-404", f"the project {asked.project!r} does not exist"


def certainly_wrong(contract: Fragment, body: Any) -> Iterator[SchemaProblem]:
    """What the page makes wrong in a body, whichever way it is read.

    Raises ValueError or RecursionError for a body that no schema can judge.
    """
    for problem in wrongs(contract.validator(contract.request_schema), body):
        if problem.keyword in OF_KEYWORD and not _is_open(contract, problem, body):
            yield problem


def _is_open(contract: Fragment, problem: SchemaProblem, body: Any) -> bool:
    """Whether the page can be read so that what the fragment does not allow is right."""
    value = at(body, problem.at)
    if problem.keyword == "pattern":
        return standing(value) is not Standing.NONE
    if problem.keyword == "maxItems":
        different = {json.dumps(each, sort_keys=True) for each in value}
        return len(different) <= contract.max_findings
    return False


def _is_in_no_dialect(error: json.JSONDecodeError) -> bool:
    """Whether a text ends too early or too late, so that no extension of JSON makes it one."""
    ends = error.pos >= len(error.doc.rstrip())
    rest = error.doc[error.pos :].lstrip()
    return ends or (error.msg == "Extra data" and rest[:1] not in ("/", "#"))
