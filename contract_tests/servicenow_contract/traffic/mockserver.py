"""What MockServer recorded as a proxy, in the JSON of its log or of its expectations."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from servicenow_contract.text import sound
from servicenow_contract.traffic.body import Bodies, unreadable
from servicenow_contract.traffic.exchange import (
    Headers,
    Recorded,
    RecordedBody,
    RecordingError,
    header,
    read_headers,
    read_status,
    unread,
)

_TEXTS = {"STRING": "string", "XML": "xml", "JSON": "json"}


def is_one(document: Any) -> bool:
    """Whether a JSON document is of MockServer."""
    entries = document if isinstance(document, list) else [document]
    return any(isinstance(each, dict) and "httpRequest" in each for each in entries)


def exchanges(document: Any, file: str) -> Sequence[Recorded]:
    """Every entry, with the JSON Pointer of one that cannot be read."""
    entries = document if isinstance(document, list) else [document]
    found, bodies = [], Bodies()
    for index, each in enumerate(entries):
        at = f"/{index}" if isinstance(document, list) else "/"
        try:
            found.append(_exchange(each, at, f"{file} {at}", bodies))
        except RecordingError as error:
            why = f"{file}: {error}"
            found.append(unread(f"{file} {at}", why, each, "httpRequest", ["path"]))
    return found


def _exchange(entry: Any, at: str, where: str, bodies: Bodies) -> Recorded:
    request = entry.get("httpRequest") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise RecordingError(f"{at}/httpRequest: there is no request here")
    method, path = request.get("method"), request.get("path")
    if not (isinstance(method, str) and isinstance(path, str)):
        raise RecordingError(f"{at}/httpRequest: there is no method and path here")
    response = entry.get("httpResponse")
    answer: Mapping[str, Any] = response if isinstance(response, dict) else {}
    sent = _headers(request, f"{at}/httpRequest/headers")
    answered = _headers(answer, f"{at}/httpResponse/headers")
    host = header(sent, "host")
    scheme = "http" if request.get("secure") is False else "https"
    return Recorded(
        where=where,
        method=sound(method).upper(),
        url=sound(f"{scheme}://{host}{path}" if host else path),
        request_headers=sent,
        request=_body(bodies, request.get("body"), sent, "request"),
        status=read_status(answer.get("statusCode")),
        response_headers=answered,
        response=_body(bodies, answer.get("body"), answered, "answer"),
    )


def _headers(message: Mapping[str, Any], at: str) -> list[tuple[str, str]]:
    """A mapping to values, or a list of names with values."""
    held = message.get("headers")
    if isinstance(held, list):
        held = [
            {**each, "value": each.get("values", each.get("value"))}
            if isinstance(each, dict)
            else each
            for each in held
        ]
    return read_headers(held, at)


def _body(bodies: Bodies, kept: Any, headers: Headers, whose: str) -> RecordedBody:
    """A text; an object that says of which type it is; or JSON that stands for itself."""
    if kept is None or isinstance(kept, str):
        return bodies.read(kept, headers, whose)
    kind = kept.get("type") if isinstance(kept, dict) else None
    if not isinstance(kind, str) or not kind.isupper():
        return bodies.read(json.dumps(kept), headers, whose)
    for name in ("rawBytes", "base64Bytes"):
        if isinstance(packed := kept.get(name), str):
            return bodies.read(packed, headers, whose, in_base64=True)
    text = kept.get(_TEXTS.get(kind, ""))
    if text is None or kept.get("not") is True:
        return unreadable(whose)
    if not isinstance(text, str):
        text = json.dumps(text)
    return bodies.read(text, headers, whose)
