"""The keys: where they come from, and how they stay unseen."""

import functools
import os
import re
from collections.abc import Callable

from ._generated.contract import KEY_HEADERS
from .errors import ConfigurationError, MissingCredentialsError

Mask = Callable[[bytes], bytes]

_VARIABLES = {"apiKeyAuth": "DD_API_KEY", "appKeyAuth": "DD_APP_KEY"}
_MASKED_FROM = 8
"""A key shorter than this, in characters, is a placeholder; masking it would garble answers."""


class Keys:
    """Both keys. No `repr`, pickle or copy shows them; they are masked in what a server echoes."""

    __slots__ = ("_escaped", "_may_be_quoted", "_secrets", "_values", "headers")

    def __init__(self, api_key: str | None, app_key: str | None) -> None:
        """Take the arguments, else the environment; raise nothing: a traceback would hold a key."""
        given = {"apiKeyAuth": api_key, "appKeyAuth": app_key}
        self._values = {
            scheme: os.environ.get(variable) if given[scheme] is None else given[scheme]
            for scheme, variable in _VARIABLES.items()
        }
        self.headers: tuple[tuple[str, str], ...] = ()
        """The header of each key, once they are checked."""
        self._secrets: tuple[bytes, ...] = ()
        self._escaped: tuple[tuple[bytes, re.Pattern[bytes]], ...] = ()
        self._may_be_quoted = False

    def __repr__(self) -> str:
        return "Keys(…)"

    def __reduce__(self) -> str:
        raise TypeError("keys are neither pickled nor copied")

    def check(self) -> None:
        """Raise MissingCredentialsError for a missing key, ConfigurationError for an unfit one."""
        for scheme, variable in _VARIABLES.items():
            argument = variable.removeprefix("DD_").lower()
            if not self._values[scheme]:
                raise MissingCredentialsError(
                    f"{argument} is missing: pass it, or set {variable} in the environment"
                )
            if not self._fits_a_header(scheme):
                raise ConfigurationError(
                    f"{argument} (or {variable}) cannot be sent in a header: "
                    "it holds a blank, a line break, or a character outside ASCII"
                )
        values = {scheme: str(value) for scheme, value in self._values.items()}
        self.headers = tuple((KEY_HEADERS[scheme], value) for scheme, value in values.items())
        self._secrets = tuple(v.encode() for v in values.values() if len(v) >= _MASKED_FROM)
        self._escaped = tuple((each.replace(b"\\", b""), _as_json(each)) for each in self._secrets)
        # Nothing puts a backslash in front of a letter or a digit that shall stay what it is.
        self._may_be_quoted = not all(each.isalnum() for each in self._secrets)

    def _fits_a_header(self, scheme: str) -> bool:
        value = self._values[scheme]
        return isinstance(value, str) and all("!" <= character <= "~" for character in value)

    def masked(self, data: bytes) -> bytes:
        """`data` with asterisks in place of the keys, escaped as JSON or not; its length stays."""
        for secret in self._secrets:
            if secret in data:
                data = data.replace(secret, b"*" * len(secret))
        numbered = b"\\u00" in data
        if numbered or (self._may_be_quoted and b"\\" in data):
            plain = _unescaped(data) if numbered else data
            plain = plain.replace(b"\\", b"")
            for secret, escaped in self._escaped:
                if secret in plain:
                    data = escaped.sub(lambda found: b"*" * len(found[0]), data)
        return data

    def masked_text(self, text: str) -> str:
        """`text` with asterisks in place of the keys."""
        for secret in self._secrets:
            text = text.replace(secret.decode(), "*" * len(secret))
        return text


@functools.cache
def _by_number() -> dict[bytes, bytes]:
    """Each byte by its two hexadecimal digits."""
    digits = "0123456789abcdefABCDEF"
    return {f"{a}{b}".encode(): bytes.fromhex(a + b) for a in digits for b in digits}


def _unescaped(data: bytes) -> bytes:
    """`data` with each byte that is escaped by its number as itself, in a time that is linear."""
    start, *rest = data.split(b"\\u00")
    by_number = _by_number()
    parts = [by_number.get(each[:2], each[:2]) + each[2:] for each in rest]
    return b"".join([start, *parts])


def _as_json(secret: bytes) -> re.Pattern[bytes]:
    """What matches a key in a JSON string, however its characters are escaped there."""
    characters = (rb"(?:\\?%b|\\u00(?i:%02x))" % (re.escape(bytes([c])), c) for c in secret)
    return re.compile(b"".join(characters))
