"""What the tests of recorded traffic share: exchanges with the reference service, as recordings."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from attrs import evolve, frozen

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.service import Request, Response, State, handle
from tests.contract import FRAGMENT
from tests.service.calls import HEADERS

URL = f"https://api.datadoghq.com{FRAGMENT.path}"
OTHERS: tuple[tuple[str, str], ...] = (
    ("POST", URL),
    ("OPTIONS", URL),
    ("PATCH", URL.replace("servicenow_tickets", "jira_issues")),
    ("GET", "https://www.example.com/favicon.ico"),
)
"""Requests of other operations."""


@frozen
class Pair:
    """One exchange, before it is recorded."""

    request: Request
    response: Response
    url: str = URL

    def answering(self, body: Any = None, **changes: Any) -> "Pair":
        """The same request with another answer."""
        if body is not None:
            changes["body"] = body if isinstance(body, bytes) else json.dumps(body).encode()
        return evolve(self, response=evolve(self.response, **changes))

    def asking(self, body: bytes, **changes: Any) -> "Pair":
        """The same answer to another request."""
        return evolve(self, request=evolve(self.request, body=body, **changes))


def attach(
    ticket: str = DEFAULT_WORLD.tickets[0],
    findings: Sequence[str] = ("finding-001", "finding-002"),
    project: str = DEFAULT_WORLD.project,
) -> Request:
    """A request that attaches findings to a ticket."""
    return asked(json.dumps(attach_body(ticket, findings, project)).encode())


def asked(body: bytes, headers: Mapping[str, str] = HEADERS) -> Request:
    """A request with this body."""
    return Request(FRAGMENT.method, FRAGMENT.path, headers, body)


def answered(requests: Iterable[Request], state: State | None = None) -> list[Pair]:
    """What the reference service answers, one request after the other."""
    state = State(FRAGMENT, DEFAULT_WORLD) if state is None else state
    return [Pair(request, handle(state, request)) for request in requests]


def har(pairs: Iterable[Pair], *, in_base64: bool = False, others: bool = False) -> bytes:
    """A HAR 1.2 file, as a browser saves it."""
    entries = [_entry(each, in_base64=in_base64) for each in pairs]
    if others:
        entries += [other_entry(method, url) for method, url in OTHERS]
    creator = {"name": "a test", "version": "1"}
    log = {"version": "1.2", "creator": creator, "entries": entries, "comment": "recorded"}
    return json.dumps({"log": log}, indent=1).encode()


def _entry(pair: Pair, *, in_base64: bool) -> dict[str, Any]:
    request, response = pair.request, pair.response
    text = base64.b64encode(response.body).decode() if in_base64 else response.body.decode()
    content: dict[str, Any] = {"size": len(response.body), "text": text}
    if in_base64:
        content["encoding"] = "base64"
    sent = (
        {} if not request.body else {"postData": {"text": request.body.decode("utf-8", "replace")}}
    )
    return {
        "startedDateTime": "2025-11-20T15:22:44.644Z",
        "time": 84.5,
        "request": {
            "method": request.method,
            "url": pair.url,
            "headers": _listed(request.headers),
            "bodySize": len(request.body),
            **sent,
        },
        "response": {
            "status": response.status,
            "headers": _listed(response.headers),
            "content": content,
        },
    }


def other_entry(method: str, url: str) -> dict[str, Any]:
    """An entry of another operation, which breaks every rule of this one."""
    response = {"status": 200, "headers": [], "content": {"size": 2, "text": "no"}}
    return {"request": {"method": method, "url": url, "headers": []}, "response": response}


def _listed(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def interactions(pairs: Iterable[Pair], *, headers: Sequence[str] | None = None) -> list[Any]:
    """What vcrpy keeps of exchanges; with `headers`, only these, as scrubbers leave them."""
    return [
        {
            "request": {
                "body": _told(each.request.body),
                "headers": _kept(each.request.headers, headers),
                "method": each.request.method,
                "uri": each.url,
            },
            "response": {
                "body": {"string": _told(each.response.body)},
                "headers": _kept(each.response.headers, headers),
                "status": {"code": each.response.status, "message": "as recorded"},
            },
        }
        for each in pairs
    ]


def cassette(pairs: Iterable[Pair], *, headers: Sequence[str] | None = None) -> bytes:
    """A cassette of vcrpy, in YAML."""
    document = {"interactions": interactions(pairs, headers=headers), "version": 1}
    return yaml.safe_dump(document).encode()


def _told(body: bytes) -> str | bytes:
    """Text where it is some, else the bytes, which YAML keeps as binary."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _kept(headers: Mapping[str, str], names: Sequence[str] | None) -> dict[str, list[str]]:
    return {
        name: [value] for name, value in headers.items() if names is None or name.lower() in names
    }
