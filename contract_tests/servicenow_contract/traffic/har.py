"""HAR 1.2, as browsers and proxies write it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from servicenow_contract.text import sound
from servicenow_contract.traffic.body import Bodies
from servicenow_contract.traffic.exchange import (
    Body,
    Headers,
    Recorded,
    RecordingError,
    read_headers,
)


def exchanges(document: Mapping[str, Any], file: str) -> Sequence[Recorded]:
    """Every entry. Raises RecordingError, with the JSON Pointer, for what is no HAR."""
    log = document["log"]
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise RecordingError("/log/entries: no list stands here, so this is no HAR 1.2")
    bodies = Bodies()
    return [
        _exchange(entry, f"/log/entries/{index}", file, bodies)
        for index, entry in enumerate(entries)
    ]


def _exchange(entry: Any, at: str, file: str, bodies: Bodies) -> Recorded:
    request = _object(entry, "request", at)
    response = entry.get("response")
    response = response if isinstance(response, dict) else {}
    sent = _headers(request, f"{at}/request")
    answered = _headers(response, f"{at}/response")
    status = response.get("status")
    came = isinstance(status, int) and 100 <= status <= 999
    return Recorded(
        where=f"{file} {at}",
        method=_text(request, "method", f"{at}/request").upper(),
        url=_text(request, "url", f"{at}/request"),
        request_headers=sent,
        request=_body(bodies, request.get("postData"), sent, "request", request.get("bodySize")),
        # Browsers write 0 when a request was blocked or broke off.
        status=status if came else None,
        response_headers=answered,
        response=_body(bodies, response.get("content"), answered, "answer"),
        seconds=_seconds(entry.get("time")),
    )


def _headers(message: Mapping[str, Any], at: str) -> list[tuple[str, str]]:
    """The headers; cookies, which some recorders list apart only, are one of them."""
    found = read_headers(message.get("headers"), f"{at}/headers")
    cookies = message.get("cookies")
    for each in cookies if isinstance(cookies, list) else []:
        if isinstance(each, dict):
            found.append(("cookie", f"{each.get('name')}={each.get('value')}"))
    return found


def _body(bodies: Bodies, kept: Any, headers: Headers, whose: str, size: Any = None) -> Body:
    kept = kept if isinstance(kept, dict) else {}
    text = kept.get("text")
    size = kept.get("size", size)
    return bodies.read(
        text if isinstance(text, str) else None,
        headers,
        whose,
        in_base64=kept.get("encoding") == "base64",
        size=size if isinstance(size, int) else None,
    )


def _object(holder: Any, name: str, at: str) -> dict[str, Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, dict):
        raise RecordingError(f"{at}/{name}: no object stands here, so this is no HAR 1.2")
    return value


def _text(holder: Mapping[str, Any], name: str, at: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str):
        raise RecordingError(f"{at}/{name}: no text stands here, so this is no HAR 1.2")
    return sound(value)


def _seconds(milliseconds: Any) -> float:
    """The time of an entry; -1 stands for one that was not measured."""
    if isinstance(milliseconds, (int, float)) and 0 < milliseconds < math.inf:
        return milliseconds / 1000
    return 0.0
