"""A request as it was sent and its answer: what reports keep, and a shell line that repeats it."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

_OF_THE_CLIENT = {"accept-encoding", "connection", "content-length", "host", "user-agent"}
MAX_BODY = 20_000
"""How many characters of a body are kept."""
_CUT = re.compile(r" … \((\d+) characters\)\Z")
_NAME = re.compile("[A-Za-z0-9-]+")
_VARIABLE = re.compile(r"\$\{\w+\}", re.ASCII)


@frozen
class Exchange:
    """A request as it was sent and its answer, without keys."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    content: bytes = field(repr=False)
    status: int | None
    response_headers: Mapping[str, str]
    body: str = field(repr=False)
    began: float
    """When it was sent, by the monotonic clock."""
    seconds: float
    alone: bool = False
    """Whether it is known that no other request was on its way meanwhile."""

    @property
    def taken(self) -> bool:
        """Whether the answer says that what was asked for is done."""
        return self.status is not None and 200 <= self.status < 300

    def as_record(self, most: int = MAX_BODY) -> dict[str, Any]:
        """The exchange as verdict.schema.json describes it, with so much of each body."""
        answer = {
            "status": self.status,
            "headers": dict(self.response_headers),
            "body": shown(self.body, most),
            "seconds": round(self.seconds, 4),
        }
        return {
            "request": {
                "method": self.method,
                "url": self.url,
                "headers": dict(self.request_headers),
                "body": shown(self.content.decode("utf-8", "backslashreplace"), most),
            },
            "response": None if self.status is None else answer,
            "curl": self.curl,
        }

    @property
    def curl(self) -> str:
        """A shell line that sends the request again, with the keys as variables."""
        parts = ["curl", "-sS", "-i", "-X", self.method, _quoted(self.url)]
        for name, value in self.request_headers.items():
            if name in _OF_THE_CLIENT:
                continue
            # In double quotes only where a key's variable stands, and nothing that a shell reads.
            plain = _VARIABLE.fullmatch(value) and _NAME.fullmatch(name)
            parts += ["-H", f'"{name}: {value}"' if plain else _quoted(f"{name}: {value}")]
        text = self.content.decode("utf-8", "surrogateescape")
        if not text.isprintable():
            return f"printf {_quoted(_format(text))} | {' '.join(parts)} --data-binary @-"
        return " ".join([*parts, "--data-binary", _quoted(text)] if self.content else parts)


def _quoted(text: str) -> str:
    """One word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _format(text: str) -> str:
    """A format of POSIX printf that prints this text, with what the eye does not see in octal."""
    written = []
    for index, each in enumerate(text):
        if each.isprintable() and (index or each != "-"):  # a first hyphen would be an option
            written.append({"%": "%%", "\\": "\\\\"}.get(each, each))
        else:
            octets = each.encode("utf-8", "surrogateescape")
            written.append("".join(f"\\{octet:03o}" for octet in octets))
    return "".join(written)


def shown(text: str, most: int = MAX_BODY) -> str:
    """A body's text, or its head and how long it is, or was before it was cut the first time."""
    was = _CUT.search(text, max(0, len(text) - 40))
    if len(text) <= most + (was.end() - was.start() if was else 0):
        return text
    return f"{text[:most]} … ({was[1] if was else len(text)} characters)"
