"""One recorded exchange: what a recording holds of a request and of its answer."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import httpx
from attrs import field, frozen

from servicenow_contract.command import CommandError
from servicenow_contract.text import sound

Headers: TypeAlias = Sequence[tuple[str, str]]
_OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}


class RecordingError(CommandError):
    """A file is no usable recording. The message says which, where, and what to do instead."""


@frozen
class RecordedBody:
    """A message's body as far as it was recorded."""

    content: bytes | None = field(repr=False)
    """Without any compression; None when the recording does not hold it, or not whole."""
    missing: str = ""
    """Then what is the matter, to follow "the recording holds"."""


@frozen(eq=False)
class Recorded:
    """One exchange. The repr shows nothing that may hold a key."""

    where: str
    """The file, and the place in it."""
    method: str
    url: str = field(repr=False)
    request_headers: Headers = field(repr=False)
    request: RecordedBody
    status: int | None
    """None when no answer came."""
    response_headers: Headers = field(repr=False)
    response: RecordedBody
    seconds: float = 0.0
    unread: str = ""
    """Why the entry cannot be judged, when it cannot be read; its address may be empty then."""

    @property
    def answer(self) -> httpx.Response:
        """The answer as a client reads it; empty where its body was not recorded.

        Raises ValueError when no answer came.
        """
        if self.status is None:
            raise ValueError("no answer came")
        headers = [
            (name.encode(), value.encode())
            for name, value in self.response_headers
            if name.lower() not in _OF_THE_WIRE
        ]
        return httpx.Response(self.status, headers=headers, content=self.response.content or b"")


def unread(
    where: str, why: str, entry: Any, request: str = "request", urls: Sequence[str] = ("url",)
) -> Recorded:
    """An entry that cannot be read, with as much of its address as can.

    `request` is the name of the request in an entry, and `urls` are those of its address there.
    """
    asked = entry.get(request) if isinstance(entry, dict) else None
    asked = asked if isinstance(asked, dict) else {}
    method = asked.get("method")
    address = next((asked[name] for name in urls if name in asked), None)
    known = isinstance(method, str) and isinstance(address, str)
    none = RecordedBody(None, "nothing")
    return Recorded(
        where=where,
        method=sound(str(method)).upper() if known else "",
        url=sound(str(address)) if known else "",
        request_headers=[],
        request=none,
        response_headers=[],
        response=none,
        status=None,
        unread=why,
    )


def read_status(*held: object) -> int | None:
    """The first that is a status: a number, or a text that begins with it; None for no answer."""
    for each in held:
        if found := re.match(r"([1-9]\d\d)(?:[.]0+)?(?!\S)", str(each), re.ASCII):
            return int(found[1])
    return None


def header(headers: Headers, name: str) -> str | None:
    """The value of a header, whatever the case of its name; several are joined."""
    found = [value for other, value in headers if other.lower() == name]
    return ", ".join(found) if found else None


def read_headers(value: Any, where: str) -> list[tuple[str, str]]:
    """Headers in any form that recorders write. Raises RecordingError for something else.

    The forms: a list of `{name, value}`, a mapping to one value or several, lines `name: value`.
    """
    if value is None:
        return []
    if isinstance(value, dict):
        entries = [(str(name), each) for name, each in value.items()]
    elif isinstance(value, list):
        entries = [_entry(each, f"{where}/{index}") for index, each in enumerate(value)]
    else:
        raise RecordingError(f"{where}: there are no headers here")
    return [(sound(name), sound(each)) for name, held in entries for each in _values(held)]


def _entry(value: Any, where: str) -> tuple[str, Any]:
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return value["name"], value.get("value")
    if isinstance(value, str) and ":" in value:
        name, _, held = value.partition(":")
        return name, held.strip()
    raise RecordingError(f"{where}: there is no header with a name here")


def _values(held: Any) -> list[str]:
    several = held if isinstance(held, list) else [held]
    return [each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in several]
