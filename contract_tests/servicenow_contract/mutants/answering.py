"""Servers that answer with another status, model, encoding or media type than is documented."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level
from servicenow_contract.mutants.kinds import PROVOKED, Row, Rows, answered, serving, without
from servicenow_contract.mutants.original import Original, parsed, refusal, with_body
from servicenow_contract.service import Request, Response
from servicenow_contract.service.handler import answer

TABLE = Rows("answering")
_HTML = b"<html><body><h1>Sorry</h1></body></html>"
Change = Callable[[Response], Response]


def _becoming(status: int) -> Change:
    return lambda response: evolve(response, status=status)


def _statuses(instead: Mapping[str, tuple[int, int]]) -> dict[str, Row]:
    return {
        name: answered(f"Answers {after} instead of {before}.", _becoming(after), before)
        for name, (before, after) in instead.items()
    }


TABLE |= _statuses(
    {
        "answers_201": (200, 201),
        "answers_202": (200, 202),
        "answers_204_with_a_body": (200, 204),
        "answers_400_to_what_it_did": (200, 400),
        "answers_422_for_400": (400, 422),
        "answers_200_for_400": (400, 200),
        "answers_500_for_400": (400, 500),
        "answers_404_for_400": (400, 404),
        "answers_429_for_400": (400, 429),
        "answers_400_for_404": (404, 400),
        "answers_410_for_404": (404, 410),
        "answers_200_for_404": (404, 200),
        "answers_500_for_404": (404, 500),
        "answers_200_without_keys": (403, 200),
        "answers_500_without_keys": (403, 500),
        "answers_302_without_keys": (403, 302),
    }
)
TABLE.add(
    _statuses({"answers_404_without_keys": (403, 404), "answers_200_to_other_methods": (405, 200)}),
    Level.MAY,
)

# What one kind of wrong request is answered.
Cause = Callable[[Original, Request], object]


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def _too_many(original: Original, request: Request) -> bool:
    sent = original.sent(request)
    return sent is not None and sent.over > 0


def _not_json(_original: Original, request: Request) -> bool:
    return _json(request) is None


def _odd_address(original: Original, request: Request) -> bool:
    try:
        url = _json(request)["data"]["attributes"]["servicenow_ticket_url"]
    except (LookupError, TypeError):
        return False
    return isinstance(url, str) and original.sent(request) is None


def _for(sentence: str, cause: Cause, change: Change) -> Row:
    """Changes the refusal of requests that are wrong in one way."""

    def act(original: Original, request: Request) -> Response:
        response = original.answer(request)
        wrong = response.status in (400, 404) and cause(original, request)
        return change(response) if wrong else response

    return serving(sentence, act)


def _as_page(response: Response) -> Response:
    return Response(response.status, {"content-type": "text/html"}, _HTML)


def _without_errors(response: Response) -> Response:
    return with_body(response, {"errors": []})


TABLE |= {
    "answers_413_to_too_many_findings": _for(
        "Answers 413 to too many findings.", _too_many, _becoming(413)
    ),
    "answers_422_to_odd_addresses": _for(
        "Answers 422 to an address that is not an incident's.", _odd_address, _becoming(422)
    ),
    "answers_404_to_odd_addresses": _for(
        "Answers 404 to an address that is not an incident's.", _odd_address, _becoming(404)
    ),
    "answers_500_to_malformed_json": _for(
        "Answers 500 to a body that is not JSON.", _not_json, _becoming(500)
    ),
    "answers_500_to_an_empty_body": _for(
        "Answers 500 to a request without a body.",
        lambda _, request: not request.body.strip(),
        _becoming(500),
    ),
    "answers_500_to_what_is_no_object": _for(
        "Answers 500 to JSON that is not an object.",
        lambda _, request: not isinstance(_json(request), dict | None),
        _becoming(500),
    ),
    "answers_malformed_json_with_a_page": _for(
        "Answers in HTML to a body that is not JSON.", _not_json, _as_page
    ),
    "answers_too_many_findings_with_a_page": _for(
        "Answers in HTML to too many findings.", _too_many, _as_page
    ),
    "answers_odd_addresses_with_a_page": _for(
        "Answers in HTML to an address that is not an incident's.", _odd_address, _as_page
    ),
    "says_nothing_about_malformed_json": _for(
        "Gives no reason when the body is not JSON.", _not_json, _without_errors
    ),
    "says_nothing_about_too_many_findings": _for(
        "Gives no reason when there are too many findings.", _too_many, _without_errors
    ),
    "says_nothing_about_odd_addresses": _for(
        "Gives no reason when the address is not an incident's.", _odd_address, _without_errors
    ),
}


@TABLE.row(serving)
def answers_500_without_an_object_inside(original: Original, request: Request) -> Response:
    """Answers 500 to null in the place of an object."""
    body = _json(request)
    inner = body.get("data") if isinstance(body, dict) else None
    if isinstance(inner, dict) and (
        inner.get("attributes", {}) is None or inner.get("relationships", {}) is None
    ):
        return refusal(500, "Internal Server Error")
    return original.answer(request)


@TABLE.row(serving)
def answers_a_refusal_with_the_case(original: Original, request: Request) -> Response:
    """Answers 200 with an empty case instead of 400 or 404."""
    response = original.answer(request)
    if response.status in (400, 404) and all(original.keys(request).values()):
        return answer(200, {"data": {"type": "cases"}})
    return response


@TABLE.row(serving)
def hides_errors_in_a_200(original: Original, request: Request) -> Response:
    """Answers 200 instead of 400, with the errors in the body."""
    response = original.answer(request)
    return evolve(response, status=200) if response.status == 400 and request.body else response


@TABLE.row(serving)
def answers_text_to_a_lone_key(original: Original, request: Request) -> Response:
    """Answers 200 in HTML to a request with only one of the two keys."""
    response = original.answer(request)
    one = sum(map(bool, original.keys(request).values())) == 1
    return _as_page(evolve(response, status=200)) if one else response


# What a body says, how it is written, and what it calls itself.
_ERRORS: Mapping[str, tuple[str, Callable[[list[str]], Any]]] = {
    "tells_nothing_with": ("Answers with an empty list of errors.", lambda _: {"errors": []}),
    "tells_blanks_with": (
        "Answers with an error that is an empty string.",
        lambda _: {"errors": [""]},
    ),
    "tells_objects_with": (
        "Answers with JSON:API error objects instead of strings.",
        lambda errors: {"errors": [{"title": "Bad", "detail": each} for each in errors]},
    ),
    "tells_one_string_with": (
        "Answers with a string instead of the list of errors.",
        lambda errors: {"errors": "; ".join(errors)},
    ),
    "tells_numbers_with": ("Answers with a number as an error.", lambda _: {"errors": [7]}),
    "tells_null_with": (
        "Answers with null instead of the list of errors.",
        lambda _: {"errors": None},
    ),
    "tells_a_null_with": (
        "Answers with null at the end of the list of errors.",
        lambda errors: {"errors": [*errors, None]},
    ),
    "tells_a_map_with": (
        "Answers with an object instead of the list of errors.",
        lambda errors: {"errors": dict.fromkeys(errors)},
    ),
    "calls_it_error_with": (
        "Answers with `error` instead of `errors`.",
        lambda errors: {"error": errors},
    ),
    "lists_bare_errors_with": (
        "Answers with the list of errors alone, without the object around it.",
        lambda errors: errors,
    ),
    "answers_nothing_with": ("Answers with an empty object.", lambda _: {}),
    "answers_null_with": ("Answers with null.", lambda _: None),
}
_BYTES: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "sends_no_body_with": ("Sends no body.", lambda _: b""),
    "sends_half_a_body_with": ("Sends half of the body.", lambda body: body[: len(body) // 2]),
    "sends_a_page_with": ("Sends HTML as JSON.", lambda _: _HTML),
    "sends_a_guard_with": ("Sends )]}' before the JSON.", lambda body: b")]}'\n" + body),
    "sends_utf_16_with": ("Sends JSON in UTF-16.", lambda body: body.decode().encode("utf-16")),
    "sends_json_twice_with": ("Sends the JSON twice.", lambda body: body + body),
    "wraps_json_in_a_string_with": (
        "Sends the JSON inside a JSON string.",
        lambda body: json.dumps(body.decode()).encode(),
    ),
    "wraps_json_in_a_list_with": ("Sends the JSON inside a list.", lambda body: b"[" + body + b"]"),
}
_MEDIA_TYPES: Mapping[str, tuple[str, str | None]] = {
    "calls_itself_html_with": ("Sends JSON as text/html.", "text/html; charset=utf-8"),
    "calls_itself_text_with": ("Sends JSON as text/plain.", "text/plain"),
    "calls_itself_json_api_with": (
        "Sends JSON as application/vnd.api+json.",
        "application/vnd.api+json",
    ),
    "calls_itself_a_problem_with": (
        "Sends JSON as application/problem+json.",
        "application/problem+json",
    ),
    "names_no_media_type_with": ("Sends no Content-Type.", None),
    "calls_itself_jsonp_with": ("Sends JSON as application/jsonp.", "application/jsonp"),
}


def _errors(change: Callable[[list[str]], Any]) -> Change:
    return lambda response: with_body(response, change(parsed(response)["errors"]))


def _bytes(change: Callable[[bytes], bytes]) -> Change:
    return lambda response: evolve(response, body=change(response.body))


def _media_type(name: str | None) -> Change:
    def change(response: Response) -> Response:
        kept = {key: value for key, value in response.headers.items() if key != "content-type"}
        return evolve(response, headers=kept if name is None else {**kept, "content-type": name})

    return change


def of_statuses(contract: Fragment) -> Rows:
    """The mutants of every documented status that is provoked."""
    found = Rows(TABLE.group)
    for status in (each for each in contract.statuses if each in PROVOKED):
        changes: dict[str, tuple[str, Change]] = {
            **{name: (text, _bytes(each)) for name, (text, each) in _BYTES.items()},
            **{name: (text, _media_type(each)) for name, (text, each) in _MEDIA_TYPES.items()},
        }
        model = contract.resolve(contract.at(contract.response_schema(status)))
        if "errors" in model["properties"]:
            changes |= {name: (text, _errors(each)) for name, (text, each) in _ERRORS.items()}
        found |= {
            f"{name}_{status}": answered(text, change, status)
            for name, (text, change) in changes.items()
        }
    return found


# A case that is hidden, or parts of it.
TABLE |= {
    "hides_data_in_an_envelope": answered(
        "Puts the case under data.data.",
        lambda response: with_body(response, {"data": parsed(response)}),
    ),
    "answers_a_list_of_cases": answered(
        "Puts the case in a list.",
        lambda response: with_body(response, {"data": [parsed(response)["data"]]}),
    ),
    "answers_null_for_the_case": answered(
        "Answers 200 with null for `data`.", lambda response: with_body(response, {"data": None})
    ),
    "answers_an_empty_object": answered(
        "Answers 200 with an empty object, which the model allows and which shows nothing.",
        lambda response: with_body(response, {}),
    ),
    "hides_the_case_id": without("Leaves out the id of the case.", "id"),
    "hides_the_attributes": without("Leaves out the attributes.", "attributes"),
    "hides_the_relationships": without("Leaves out the relationships.", "relationships"),
    "hides_the_insights": without("Leaves out the insights.", "attributes.insights"),
    "hides_the_ticket": without("Leaves out the ticket.", "attributes.servicenow_ticket"),
    "hides_the_ticket_result": without(
        "Leaves out the details of the ticket.", "attributes.servicenow_ticket.result"
    ),
    "hides_the_project": without("Leaves out the project.", "relationships.project"),
    "hides_the_resource_type": without("Leaves out `type`.", "type"),
}


@TABLE.row(serving)
def answers_with_what_was_sent(original: Original, request: Request) -> Response:
    """Answers 200 with the body of the request."""
    response = original.answer(request)
    return evolve(response, body=request.body) if response.status == 200 else response
