"""What WireMock recorded as a proxy: its mappings, and the journal of its requests."""

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
    read_headers,
    read_status,
    unread,
)

_ADDRESSES = ("absoluteUrl", "url", "urlPath")
_ANSWERS = ("response", "responseDefinition")
_OF_A_MAPPING = {"bodyPatterns", "urlPath", "urlPattern", "urlPathPattern"}


def entries(document: Any) -> Sequence[Any] | None:
    """The entries of a document of WireMock; None for any other one."""
    if not isinstance(document, dict):
        return None
    for name in ("mappings", "requests"):
        if isinstance(document.get(name), list):
            found: Sequence[Any] = document[name]
            return found
    asked, answer = document.get("request"), document.get("response")
    if isinstance(asked, dict) and isinstance(answer, dict) and "method" in asked:
        return [document] if _OF_A_MAPPING & asked.keys() or "uuid" in document else None
    return None


def exchanges(found: Sequence[Any], file: str) -> Sequence[Recorded]:
    """Every entry, with its number where it cannot be read."""
    read, bodies = [], Bodies()
    for index, each in enumerate(found):
        where = f"{file} /{index}"
        try:
            read.append(_exchange(each, where, bodies))
        except RecordingError as error:
            read.append(unread(where, f"{file}: {error}", each, urls=_ADDRESSES))
    return read


def _exchange(entry: Any, where: str, bodies: Bodies) -> Recorded:
    request = entry.get("request") if isinstance(entry, dict) else None
    sent: Mapping[str, Any] = request if isinstance(request, dict) else {}
    url = next((sent[name] for name in _ADDRESSES if isinstance(sent.get(name), str)), None)
    if not (isinstance(sent.get("method"), str) and url):
        raise RecordingError(f"{where}: there is no method and address here")
    given = (entry.get(name) for name in _ANSWERS)
    answer = next((each for each in given if isinstance(each, dict)), {})
    asked, answered = (_headers(each, where) for each in (sent, answer))
    return Recorded(
        where=where,
        method=sound(sent["method"]).upper(),
        url=sound(url),
        request_headers=asked,
        request=_body(bodies, sent, asked, "request"),
        status=read_status(answer.get("status")),
        response_headers=answered,
        response=_body(bodies, answer, answered, "answer"),
    )


def _headers(message: Mapping[str, Any], where: str) -> Headers:
    """Headers with their values; of a mapping those that have to be equal to a text."""
    held = message.get("headers")
    if isinstance(held, dict):
        plain = {
            name: each.get("equalTo") if isinstance(each, dict) else each
            for name, each in held.items()
        }
        held = {name: each for name, each in plain.items() if each is not None}
    return read_headers(held, where)


def _body(bodies: Bodies, message: Mapping[str, Any], headers: Headers, whose: str) -> RecordedBody:
    """A text, base64, or JSON; of a mapping what the body has to be equal to."""
    patterns = message.get("bodyPatterns")
    for each in patterns if isinstance(patterns, list) else []:
        kept = each.get("equalToJson", each.get("equalTo")) if isinstance(each, dict) else None
        if kept is not None:
            return bodies.read(kept if isinstance(kept, str) else json.dumps(kept), headers, whose)
    for name in ("bodyAsBase64", "base64Body", "body", "jsonBody"):
        kept = message.get(name)
        if name == "jsonBody" and kept is not None:
            kept = json.dumps(kept)
        if isinstance(kept, str):
            return bodies.read(kept, headers, whose, in_base64="ase64" in name)
    return (
        unreadable(whose)
        if patterns or "bodyFileName" in message
        else bodies.read(None, headers, whose)
    )
