"""The keys: where they come from, and how they stay unseen."""

import os
import re
from base64 import b64encode
from collections.abc import Callable

from datadog_servicenow_tickets._generated.contract import KEY_HEADERS
from datadog_servicenow_tickets.errors import ConfigurationError, MissingCredentialsError

Mask = Callable[[bytes], bytes]

_VARIABLES = {"apiKeyAuth": "DD_API_KEY", "appKeyAuth": "DD_APP_KEY"}
_MASKED_FROM = 8
"""A key shorter than this, in characters, is a placeholder; masking it would garble answers."""


class Keys:
    """Both keys. No `repr`, pickle or copy shows them; they are masked in what a server echoes."""

    __slots__ = ("_may_be_quoted", "_needles", "_secrets", "_values", "headers")

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
        self._needles: tuple[bytes, ...] = ()
        """The keys, and what is in every base64 text that holds one."""
        self._may_be_quoted = False

    def __repr__(self) -> str:
        return "Keys(…)"

    def __reduce__(self) -> str:
        raise TypeError("keys are neither pickled nor copied")

    def check(self) -> None:
        """Raise MissingCredentialsError for a missing key, ConfigurationError for an unfit one."""
        for scheme, variable in _VARIABLES.items():
            argument = variable.removeprefix("DD_").lower()
            if self._is_missing(scheme):
                raise MissingCredentialsError(
                    f"{argument} is missing: set {variable} in the environment, or pass {argument}"
                )
            if not self._fits_a_header(scheme):
                raise ConfigurationError(
                    f"{argument} (or {variable}) cannot be sent in a header: "
                    "it contains a space, a line break or a character outside ASCII"
                )
        values = {scheme: str(value) for scheme, value in self._values.items()}
        self.headers = tuple((KEY_HEADERS[scheme], value) for scheme, value in values.items())
        self.hide(*(value.encode() for value in values.values()))

    def hide(self, *secrets: bytes) -> None:
        """Mask these too."""
        known = [each for each in secrets if len(each) >= _MASKED_FROM]
        self._secrets += tuple(known)
        self._needles += tuple(needle for each in known for needle in (each, *_in_base64(each)))
        # Nothing puts a backslash in front of a letter or a digit that shall stay what it is.
        self._may_be_quoted = not all(each.isalnum() for each in self._secrets)

    def _is_missing(self, scheme: str) -> bool:
        value = self._values[scheme]
        return value is None or (isinstance(value, str) and not value)

    def _fits_a_header(self, scheme: str) -> bool:
        value = self._values[scheme]
        return isinstance(value, str) and all("!" <= character <= "~" for character in value)

    def masked(self, data: bytes, *, in_base64: bool = True) -> bytes:
        """`data` with asterisks in place of the keys, in whatever coding; its length stays.

        To look for them in base64 text takes as long as all the rest.
        """
        for needle in self._needles if in_base64 else self._secrets:
            if needle in data:
                data = data.replace(needle, b"*" * len(needle))
        # One character is found much sooner than two.
        is_quoted = b"\\" in data and (self._may_be_quoted or b"\\u00" in data)
        if is_quoted or b"%" in data or (b"&" in data and b"&#" in data):
            plain = _ESCAPE.sub(_meant, data).replace(b"\\", b"")
            for secret in self._secrets:
                if secret.replace(b"\\", b"") in plain:
                    data = re.sub(_escaped(secret), lambda found: b"*" * len(found[0]), data)
        return data

    def masked_text(self, text: str) -> str:
        """`text` with asterisks in place of the keys."""
        return self.masked(text.encode(errors="surrogatepass")).decode(errors="replace")


_ESCAPE = re.compile(rb"(?:\\u00|%|&#[xX]0*)([0-9A-Fa-f]{2});?|&#0*([0-9]{2,3});")
"""A byte by its number: in JSON, in a URL, in HTML."""


def _meant(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16) if found[1] else int(found[2]) % 256])


def _escaped(secret: bytes) -> bytes:
    """A pattern for a key, however each character is escaped; to compile it takes a while."""
    form = rb"(?:\\?%b|(?:\\u00|%%|&#[xX]0*)(?i:%02x);?|&#0*%d;)"
    return b"".join(form % (re.escape(bytes([c])), c, c) for c in secret)


def _in_base64(secret: bytes) -> set[bytes]:
    """What is in every base64 text of anything that holds the key."""
    found = set[bytes]()
    for before in (0, 1, 2):
        text = b64encode(bytes(before) + secret)
        inner = text[-(-before * 4 // 3) : (before + len(secret)) * 4 // 3]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return found
