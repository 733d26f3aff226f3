"""HAR 1.2, as browsers and proxies write it."""

import base64
import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from servicenow_contract.text import sound
from servicenow_contract.traffic.body import Bodies
from servicenow_contract.traffic.exchange import (
    Headers,
    Recorded,
    RecordedBody,
    RecordingError,
    read_headers,
    read_status,
    unread,
)

Attached: TypeAlias = Callable[[str], bytes | None]


def exchanges(document: Mapping[str, Any], file: str, attached: Attached) -> Sequence[Recorded]:
    """Every entry, with the JSON Pointer of one that cannot be read.

    `attached` gives the content of a file that the recording names, or None. Raises
    RecordingError for what is not a HAR.
    """
    log = document["log"]
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise RecordingError("/log/entries: there is no list here, so this is not a HAR 1.2")
    bodies, found = Bodies(), []
    for index, entry in enumerate(entries):
        at = f"/log/entries/{index}"
        try:
            found.append(_exchange(entry, at, file, _KeptBodies(bodies, attached)))
        except RecordingError as error:
            found.append(unread(f"{file} {at}", f"{file}: {error}", entry))
    return found


def _exchange(entry: Any, at: str, file: str, kept: "_KeptBodies") -> Recorded:
    request = _object(entry, "request", at)
    response = entry.get("response")
    response = response if isinstance(response, dict) else {}
    sent = _headers(request, f"{at}/request")
    answered = _headers(response, f"{at}/response")
    return Recorded(
        where=f"{file} {at}",
        method=_text(request, "method", f"{at}/request").upper(),
        url=_text(request, "url", f"{at}/request"),
        request_headers=sent,
        request=kept.body(request.get("postData"), sent, "request", request.get("bodySize")),
        # Browsers write 0 when a request was blocked or broke off.
        status=read_status(response.get("status")),
        response_headers=answered,
        response=kept.body(response.get("content"), answered, "answer"),
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


@frozen
class _KeptBodies:
    """Reads the bodies of one HAR in each form in which recorders keep them."""

    bodies: Bodies
    attached: Attached

    def body(self, kept: Any, headers: Headers, whose: str, size: Any = None) -> RecordedBody:
        kept = kept if isinstance(kept, dict) else {}
        text, size = kept.get("text"), kept.get("size", size)
        in_base64 = kept.get("encoding") == "base64"
        if text is None and isinstance(name := kept.get("_file"), str):  # Playwright
            text = self.attached(name)
            if text is None:
                return RecordedBody(
                    None, f"no body of the {whose}: there is no file {name[:80]!r} beside it"
                )
        elif (chunks := _chunks(text, marked=kept.get("_isBinary") is True)) is not None:
            text, in_base64 = chunks, False
        elif not isinstance(text, str):
            text = None
        return self.bodies.read(
            text, headers, whose, in_base64=in_base64, size=size if isinstance(size, int) else None
        )


def _chunks(text: Any, *, marked: bool) -> bytes | None:
    """The bytes of a body that Polly keeps in chunks, in hexadecimal or base64; else None.

    A list of them in JSON stands in the place of the text; a mark tells one that is hexadecimal.
    Without the mark it may be the body itself, unless what it stands for is JSON or compressed.
    """
    if not isinstance(text, str) or not (marked or text.lstrip().startswith("[")):
        return None
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        listed = [text]
    if not (isinstance(listed, list) and listed and all(isinstance(it, str) for it in listed)):
        return None
    for decode in (bytes.fromhex, functools.partial(base64.b64decode, validate=True)):
        try:
            content = b"".join(map(decode, listed))
        except ValueError:
            continue
        if marked or content.lstrip().startswith((b"{", b"[", b"\x1f\x8b")):
            return content
    return None


def _object(holder: Any, name: str, at: str) -> dict[str, Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, dict):
        raise RecordingError(f"{at}/{name}: there is no object here, so this is not a HAR 1.2")
    return value


def _text(holder: Mapping[str, Any], name: str, at: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str):
        raise RecordingError(f"{at}/{name}: there is no text here, so this is not a HAR 1.2")
    return sound(value)


def _seconds(milliseconds: Any) -> float:
    """The time of an entry; -1 stands for one that was not measured."""
    if isinstance(milliseconds, (int, float)) and 0 < milliseconds < math.inf:
        return milliseconds / 1000
    return 0.0
