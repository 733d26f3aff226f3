"""The reference service as one function: a request and the state go in, a response comes out."""

import enum
import json
from collections.abc import Callable, Iterable, Mapping
from email.message import Message
from typing import Any, NoReturn

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment, SchemaProblem
from servicenow_contract.contract.world import NOBODYS
from servicenow_contract.service.case import case_of
from servicenow_contract.service.shown import filling
from servicenow_contract.service.state import State, Ticket

MAX_BODY = 1 << 20
"""How many bytes of a request body are read; a larger one is answered 413."""
_MAX_ERRORS = 20
_MAX_ERROR_LENGTH = 300


def _small_letters(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in headers.items()}


@frozen
class Request:
    """An HTTP request. Header names match in any case, and blanks around a value are not part of it
    (RFC 9110, section 5.5); the repr shows no header.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(converter=_small_letters, repr=False)
    body: bytes = field(repr=False)
    query: str = field(default="", repr=False)
    """What stands behind the question mark of the address; the service itself reads none."""


class Ending(enum.Enum):
    """What becomes of an answer on its way."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    """Half of the body arrives, under the length of the whole; then the connection is closed."""
    RESET = "reset"
    """Nothing arrives: the connection is reset."""


@frozen
class Response:
    """An HTTP response, and how it travels."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay: float = 0.0
    """Seconds before anything of it is sent."""
    ending: Ending = Ending.WHOLE


Respond = Callable[[Request], Response]
"""The service, or a layer around it."""


class _RefusalError(Exception):
    def __init__(self, status: int, *messages: str, headers: Mapping[str, str] | None = None):
        super().__init__(status)
        self.status = status
        self.messages = messages
        self.headers = headers or {}


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A response with a JSON body."""
    return Response(
        status,
        {"content-type": "application/json", **(headers or {})},
        json.dumps(body).encode(),
    )


def documented(
    contract: Fragment, status: int, known: Any, headers: Mapping[str, str] | None = None
) -> Response:
    """A response of a documented status: every member of its model, with what is known.

    One of another status, which the platform gives, has the body as it is.
    """
    if status not in contract.statuses:
        return answer(status, known, headers)
    kind = {"content-type": contract.response_media_type(status)}
    return answer(status, filling(contract, status)(known), {**kind, **(headers or {})})


def refusal(
    contract: Fragment, status: int, *messages: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to a request that is refused, with a message for each thing that is wrong."""
    return documented(contract, status, {"errors": list(messages)}, headers)


def handle(state: State, request: Request) -> Response:
    """Answer one request as the page documents.

    A refused request changes nothing in `state`.
    """
    try:
        return _attach(state, request)
    except _RefusalError as error:
        return refusal(state.contract, error.status, *error.messages, headers=error.headers)


def _attach(state: State, request: Request) -> Response:
    contract = state.contract
    if request.path != contract.path:
        raise _RefusalError(404, f"Not Found: the only path is {contract.path}")
    if request.method != contract.method:
        raise _RefusalError(405, "Method Not Allowed", headers={"allow": contract.method})
    _admit(state, request, contract)
    data = _read(request, contract)["data"]
    try:
        ticket = Ticket.from_url(data["attributes"]["servicenow_ticket_url"])
    except ValueError as error:
        raise _RefusalError(400, f"/data/attributes/servicenow_ticket_url: {error}") from None
    project = data["relationships"]["project"]["data"]["id"]
    findings = [each["id"] for each in data["relationships"]["findings"].get("data", [])]
    if state.observed and not findings:
        raise _RefusalError(400, "/data/relationships/findings/data: at least one is needed")
    _know(state, project, findings)
    known = case_of(state.attach(ticket, project, findings), ticket)
    return documented(contract, 200, known)


def _admit(state: State, request: Request, contract: Fragment) -> None:
    """Refuse a request without both keys, and one whose application key may not attach."""
    keys = {
        scheme: request.headers.get(name.lower()) for scheme, name in contract.key_headers.items()
    }
    held = state.permissions.get(keys["appKeyAuth"] or "")
    rule = contract.operation["x-permission"]
    enough = any if rule["operator"] == "OR" else all
    wrong = {NOBODYS, *state.world.wrong_keys().values()}
    may = held is None or enough(each in held for each in rule["permissions"])
    may = may and wrong.isdisjoint(keys.values())
    if not (may and all(keys.values())):
        raise _RefusalError(403, "Forbidden")
    if len(request.body) > MAX_BODY:
        raise _RefusalError(413, f"The body exceeds {MAX_BODY} bytes")


def _read(request: Request, contract: Fragment) -> Any:
    """The JSON body, which satisfies the fragment; else a refusal with 400."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        # RFC 9110, section 15.5.16: the answer says which codings would do.
        only = {"accept-encoding": "identity"}
        raise _RefusalError(415, "The body has a content coding; send it without one", headers=only)
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    charset = header.get_content_charset("utf-8")
    if header.get_content_type() != contract.media_type or charset != "utf-8":
        raise _RefusalError(400, f"The content type is not {contract.media_type}")
    try:
        body = json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
        problems = list(contract.validator(contract.request_schema).problems(body))
    except (ValueError, RecursionError):
        # Also what JSON allows and no schema can judge: half of a surrogate pair, a huge number.
        raise _RefusalError(400, "The body is not usable JSON") from None
    if problems:
        raise _RefusalError(400, *_told(problems))
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _told(problems: Iterable[SchemaProblem]) -> list[str]:
    lines = [_shortened(f"{each.at or '/'}: {each.message}") for each in problems]
    return lines[:_MAX_ERRORS]


def _shortened(message: str) -> str:
    """A message without its middle: where it begins stands what is wrong, where it ends why."""
    if len(message) <= _MAX_ERROR_LENGTH:
        return message
    half = _MAX_ERROR_LENGTH // 2 - 2
    return f"{message[:half]} … {message[-half:]}"


def _know(state: State, project: str, findings: list[str]) -> None:
    unknown = [] if state.knows_project(project) else [f"project {project!r}"]
    unknown += [f"finding {each!r}" for each in findings if not state.knows_finding(each)]
    if unknown:
        told = [_shortened(f"Not Found: {each}") for each in unknown[:_MAX_ERRORS]]
        raise _RefusalError(404, *told)
