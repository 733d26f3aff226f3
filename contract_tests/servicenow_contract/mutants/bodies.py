"""Servers whose bodies are in another model, encoding or media type than documented."""

import json
from collections.abc import Callable
from typing import Any

from attrs import evolve

from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Family, own_contract, parsed, with_body
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

family = Family()
_HTML = b"<html><body><h1>Sorry</h1></body></html>"


def _error(
    name: str, sentence: str, status: int, change: Callable[[list[str]], Any], whole: bool = False
) -> None:
    """Replace the value of `errors`, or the whole body, in every answer with a status."""

    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            response = handle(state, request)
            if response.status != status:
                return response
            new = change(parsed(response)["errors"])
            return with_body(response, new if whole else {"errors": new})

        return respond

    family.add(f"{name}_{status}", sentence, make)


for _at in (400, 404):
    _error("tells_nothing_with", "Answers with an empty list of errors.", _at, lambda _: [])
    _error("tells_blanks_with", "Answers with one empty error.", _at, lambda _: [""])
    _error(
        "tells_objects_with",
        "Answers with JSON:API error objects where the page says strings.",
        _at,
        lambda told: [{"title": "Bad", "detail": each} for each in told],
    )
    _error("tells_one_string_with", "Answers with a string for the list.", _at, "; ".join)
    _error("tells_numbers_with", "Answers with a number as an error.", _at, lambda _: [7])
    _error("tells_null_with", "Answers with null for the list.", _at, lambda _: None)
    _error(
        "tells_a_null_with", "Answers with null behind the errors.", _at, lambda all_: [*all_, None]
    )
    _error("tells_a_map_with", "Answers with errors by place.", _at, dict.fromkeys)
    _error(
        "calls_it_error_with",
        "Answers with `error` where the page says `errors`.",
        _at,
        lambda told: {"error": told},
        whole=True,
    )
    _error("lists_bare_errors_with", "Answers with the list alone.", _at, list, whole=True)
    _error("answers_nothing_with", "Answers with an empty object.", _at, lambda _: {}, whole=True)
    _error("answers_null_with", "Answers with null.", _at, lambda _: None, whole=True)


def _bytes(name: str, sentence: str, status: int, change: Callable[[bytes], bytes]) -> None:
    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            response = handle(state, request)
            if response.status != status:
                return response
            return evolve(response, body=change(response.body))

        return respond

    family.add(f"{name}_{status}", sentence, make)


for _at in (200, 400, 404):
    _bytes("sends_no_body_with", "Sends no body.", _at, lambda _: b"")
    _bytes(
        "sends_half_a_body_with",
        "Sends half of the body.",
        _at,
        lambda all_: all_[: len(all_) // 2],
    )
    _bytes("sends_a_page_with", "Sends HTML that calls itself JSON.", _at, lambda _: _HTML)
    _bytes(
        "sends_a_guard_with", "Sends )]}' in front of the JSON.", _at, lambda all_: b")]}'\n" + all_
    )
    _bytes(
        "sends_utf_16_with",
        "Sends JSON in UTF-16.",
        _at,
        lambda all_: all_.decode().encode("utf-16"),
    )
    _bytes("sends_json_twice_with", "Sends the JSON twice.", _at, lambda all_: all_ + all_)
    _bytes(
        "wraps_json_in_a_string_with",
        "Sends JSON in a JSON string.",
        _at,
        lambda all_: json.dumps(all_.decode()).encode(),
    )
    _bytes(
        "wraps_json_in_a_list_with", "Sends a list around it.", _at, lambda all_: b"[" + all_ + b"]"
    )


def _media(name: str, sentence: str, status: int, media_type: str | None) -> None:
    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            response = handle(state, request)
            if response.status != status:
                return response
            kept = {key: value for key, value in response.headers.items() if key != "content-type"}
            said = {} if media_type is None else {"content-type": media_type}
            return evolve(response, headers={**kept, **said})

        return respond

    family.add(f"{name}_{status}", sentence, make)


for _at in (200, 400, 404):
    _media("calls_itself_html_with", "Sends JSON as text/html.", _at, "text/html; charset=utf-8")
    _media("calls_itself_text_with", "Sends JSON as text/plain.", _at, "text/plain")
    _media(
        "calls_itself_json_api_with",
        "Sends application/vnd.api+json.",
        _at,
        "application/vnd.api+json",
    )
    _media(
        "calls_itself_a_problem_with",
        "Sends application/problem+json.",
        _at,
        "application/problem+json",
    )
    _media("names_no_media_type_with", "Sends no Content-Type.", _at, None)
    _media("calls_itself_jsonp_with", "Sends application/jsonp.", _at, "application/jsonp")
