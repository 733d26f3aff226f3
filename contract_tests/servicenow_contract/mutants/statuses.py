"""Servers that answer with another status than the contract documents, or refuse oddly."""

import json
from collections.abc import Callable
from typing import Any

from attrs import evolve

from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import (
    Family,
    asked,
    own_contract,
    refusal,
    sent_keys,
    with_body,
)
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

family = Family()
_HTML = b"<html><body><h1>Sorry</h1></body></html>"


def _status(name: str, before: int, after: int, level: Level = Level.MUST) -> None:
    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            response = handle(state, request)
            return evolve(response, status=after) if response.status == before else response

        return respond

    family.add(name, f"Answers {after} where {before} belongs.", make, level)


_status("answers_201", 200, 201)
_status("answers_202", 200, 202)
_status("answers_204_with_a_body", 200, 204)
_status("answers_400_to_what_it_did", 200, 400)
_status("answers_422_for_400", 400, 422)
_status("answers_200_for_400", 400, 200)
_status("answers_500_for_400", 400, 500)
_status("answers_404_for_400", 400, 404)
_status("answers_429_for_400", 400, 429)
_status("answers_400_for_404", 404, 400)
_status("answers_410_for_404", 404, 410)
_status("answers_200_for_404", 404, 200)
_status("answers_500_for_404", 404, 500)
_status("answers_200_without_keys", 403, 200)
_status("answers_500_without_keys", 403, 500)
_status("answers_302_without_keys", 403, 302)
_status("answers_404_without_keys", 403, 404, Level.MAY)
_status("answers_200_to_other_methods", 405, 200, Level.MAY)


def _for_cause(
    name: str,
    sentence: str,
    cause: Callable[[Request], bool],
    change: Callable[[Response], Response],
) -> None:
    """Change a refusal when the request is wrong in one way."""

    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            response = handle(state, request)
            wrong = response.status in (400, 404) and cause(request)
            return change(response) if wrong else response

        return respond

    family.add(name, sentence, make)


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def _many(request: Request) -> bool:
    wish = asked(request)
    return wish is not None and len(wish.findings) > 50


def _odd_url(request: Request) -> bool:
    body = _json(request)
    try:
        url = body["data"]["attributes"]["servicenow_ticket_url"]
    except (LookupError, TypeError):
        return False
    return isinstance(url, str) and asked(request) is None


def _becoming(status: int) -> Callable[[Response], Response]:
    return lambda response: evolve(response, status=status)


def _page(response: Response) -> Response:
    return Response(response.status, {"content-type": "text/html"}, _HTML)


def _mute(response: Response) -> Response:
    return with_body(response, {"errors": []})


def _not_json(request: Request) -> bool:
    return _json(request) is None


def _an_empty_body(request: Request) -> bool:
    return not request.body.strip()


def _listless(request: Request) -> bool:
    body = _json(request)
    return body is not None and not isinstance(body, dict)


_for_cause("answers_413_to_51_findings", "Answers 413 to 51 findings.", _many, _becoming(413))
_for_cause(
    "answers_422_to_odd_addresses",
    "Answers 422 to an address of no incident.",
    _odd_url,
    _becoming(422),
)
_for_cause(
    "answers_404_to_odd_addresses",
    "Answers 404 to an address of no incident.",
    _odd_url,
    _becoming(404),
)
_for_cause(
    "answers_500_to_malformed_json",
    "Answers 500 to a body that is not JSON.",
    _not_json,
    _becoming(500),
)
_for_cause(
    "answers_500_to_an_empty_body",
    "Answers 500 to a request without a body.",
    _an_empty_body,
    _becoming(500),
)
_for_cause(
    "answers_500_to_what_is_no_object",
    "Answers 500 to JSON that is no object.",
    _listless,
    _becoming(500),
)
_for_cause(
    "answers_malformed_json_with_a_page",
    "Answers a body that is not JSON in HTML.",
    _not_json,
    _page,
)
_for_cause("answers_51_findings_with_a_page", "Answers 51 findings in HTML.", _many, _page)
_for_cause("answers_odd_addresses_with_a_page", "Answers such an address in HTML.", _odd_url, _page)
_for_cause(
    "says_nothing_about_malformed_json",
    "Tells no error of a body that is not JSON.",
    _not_json,
    _mute,
)
_for_cause("says_nothing_about_51_findings", "Tells no error of 51 findings.", _many, _mute)
_for_cause(
    "says_nothing_about_odd_addresses", "Tells no error of such an address.", _odd_url, _mute
)


@family.service
def answers_500_without_an_object_inside(world: World) -> Respond:
    """Breaks on a member that is null where an object belongs."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        body = _json(request)
        if isinstance(body, dict) and isinstance(body.get("data"), dict):
            inner = body["data"]
            if inner.get("attributes", {}) is None or inner.get("relationships", {}) is None:
                return refusal(500, "Internal Server Error")
        return handle(state, request)

    return respond


@family.response
def answers_a_refusal_with_the_case(request: Request, response: Response) -> Response:
    """Answers 200 with an empty case to whatever is refused with both keys."""
    if response.status in (400, 404) and all(sent_keys(request).values()):
        return with_body(evolve(response, status=200), {"data": {"type": "cases"}})
    return response


@family.response
def hides_errors_in_a_200(request: Request, response: Response) -> Response:
    """Answers 200 with the errors in the body."""
    return evolve(response, status=200) if response.status == 400 and request.body else response


@family.response
def answers_text_to_a_lone_key(request: Request, response: Response) -> Response:
    """Answers 200 with a page to a request that carries one key of two."""
    found = [value for value in sent_keys(request).values() if value]
    return Response(200, {"content-type": "text/html"}, _HTML) if len(found) == 1 else response
