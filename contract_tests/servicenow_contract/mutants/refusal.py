"""Servers that take too many findings, what is no JSON, or another media type."""

import json
import re
from typing import Any

from attrs import evolve

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import (
    Asked,
    Family,
    asked,
    own_contract,
    refusal,
    rewritten,
    sent_keys,
)
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

family = Family()


def _count(request: Request) -> int:
    wish = asked(request)
    return len(wish.findings) if wish else 0


def _lenient(request: Request, wish: Asked) -> Request:
    body = attach_body(wish.url, wish.findings, wish.project)
    return evolve(request, body=json.dumps(body).encode())


@family.service
def takes_51_findings(world: World) -> Respond:
    """Takes one finding more than the limit, and refuses two more."""
    return _taking(world, 51)


@family.service
def takes_any_number_of_findings(world: World) -> Respond:
    """Knows no limit."""
    return _taking(world, 10**6)


def _taking(world: World, most: int, least: int = 51) -> Respond:
    """A server that takes from `least` to `most` findings beside what it ought to take."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        if wish is None or not least <= len(wish.findings) <= most:
            return handle(state, request)
        limit = own_contract().max_findings
        response = refusal()
        for start in range(0, len(wish.findings), limit):
            part = evolve(wish, findings=wish.findings[start : start + limit])
            response = handle(state, _lenient(request, part))
        return response

    return respond


@family.service
def takes_a_hundred_findings(world: World) -> Respond:
    """Refuses 51 findings, and takes 60 and more."""
    return _taking(world, 10**6, 60)


@family.service
def counts_different_findings_only(world: World) -> Respond:
    """Takes 51 findings when two of them are the same."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        if wish is not None and len(wish.findings) > own_contract().max_findings:
            short = evolve(wish, findings=tuple(dict.fromkeys(wish.findings)))
            return handle(state, _lenient(request, short))
        return handle(state, request)

    return respond


@family.request
def cuts_findings_off_at_50(request: Request) -> Request | Response:
    """Takes a longer list, attaches the first 50 and ignores the rest."""
    limit = own_contract().max_findings

    def cut(data: Any) -> None:
        data["relationships"]["findings"]["data"] = data["relationships"]["findings"]["data"][
            :limit
        ]

    return rewritten(request, cut) if _count(request) > limit else request


@family.request
def repairs_broken_json(request: Request) -> Request | Response:
    """Takes a body that is cut off, closing what is open."""
    try:
        json.loads(request.body)
    except ValueError:
        return evolve(request, body=request.body + b"}")
    return request


@family.request
def reads_the_first_document_only(request: Request) -> Request | Response:
    """Takes a body with something behind its JSON."""
    try:
        text = request.body.decode()
        _, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return request
    return evolve(request, body=text[:end].encode())


@family.request
def ignores_trailing_commas_and_comments(request: Request) -> Request | Response:
    """Takes JSON with a trailing comma, or with a comment behind it."""
    text = request.body.decode("latin-1")
    cleaned = re.sub(r",\s*}", "}", re.sub(r"//[^\n\"]*$", "", text))
    return evolve(request, body=cleaned.encode("latin-1"))


@family.request
def guesses_the_encoding(request: Request) -> Request | Response:
    """Takes UTF-16, and replaces bytes that are not UTF-8."""
    if request.body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return evolve(request, body=request.body.decode("utf-16", "replace").encode())
    return evolve(request, body=request.body.decode("utf-8", "replace").encode())


@family.request
def takes_control_characters_in_strings(request: Request) -> Request | Response:
    """Takes a line break inside a JSON string."""
    return evolve(request, body=re.sub(rb"(?<=\w)[\x00-\x1f](?=\w)", b"", request.body))


@family.request
def takes_single_quotes(request: Request) -> Request | Response:
    """Reads a Python literal as if it were JSON."""
    if request.body.startswith(b"{'"):
        return evolve(request, body=request.body.replace(b"'", b'"'))
    return request


@family.service
def takes_an_empty_body_as_success(world: World) -> Respond:
    """Answers a request without a body with an empty case."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        if all(sent_keys(request).values()) and not request.body.strip():
            return Response(
                200, {"content-type": "application/json"}, b'{"data": {"type": "cases"}}'
            )
        return handle(state, request)

    return respond


def _as_json(request: Request, condition: bool) -> Request:
    media_type = own_contract().media_type
    headers = {**request.headers, "content-type": media_type}
    return evolve(request, headers=headers) if condition else request


@family.request
def takes_any_media_type(request: Request) -> Request | Response:
    """Never looks at the media type."""
    return _as_json(request, True)


@family.request
def takes_plain_text(request: Request) -> Request | Response:
    """Takes text/plain for JSON."""
    return _as_json(request, request.headers.get("content-type", "").startswith("text/plain"))


@family.request
def takes_forms(request: Request) -> Request | Response:
    """Takes JSON that calls itself a form."""
    return _as_json(request, "form" in request.headers.get("content-type", ""))


@family.request
def takes_xml(request: Request) -> Request | Response:
    """Takes JSON that calls itself XML."""
    return _as_json(request, "xml" in request.headers.get("content-type", ""))


@family.request
def takes_octet_streams(request: Request) -> Request | Response:
    """Takes JSON that calls itself an octet stream."""
    return _as_json(request, "octet-stream" in request.headers.get("content-type", ""))


@family.request
def takes_types_that_begin_like_json(request: Request) -> Request | Response:
    """Takes a media type such as application/jsonp."""
    sent = request.headers.get("content-type", "")
    return _as_json(request, sent.startswith(own_contract().media_type))
