"""Where requests go, with which keys, and how often: arguments first, then the environment."""

import math
import os
import re
from enum import StrEnum

from ._generated.contract import DEFAULT_SITE, KEY_HEADERS, SERVER, SITES
from .errors import ConfigurationError, MissingCredentialsError

_VARIABLES = {"apiKeyAuth": "DD_API_KEY", "appKeyAuth": "DD_APP_KEY"}
_MASKED_FROM = 8
"""A key shorter than this, in characters, is a placeholder; masking it would garble answers."""


class Site(StrEnum):
    """The Datadog sites that the contract lists, by the names that Datadog gives them."""

    US1 = "datadoghq.com"
    US3 = "us3.datadoghq.com"
    US5 = "us5.datadoghq.com"
    EU = "datadoghq.eu"
    AP1 = "ap1.datadoghq.com"
    AP2 = "ap2.datadoghq.com"
    US1_FED = "ddog-gov.com"
    US2_FED = "us2.ddog-gov.com"


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
        # A search for escaped keys outlasts the call; seeing that there are none is quick.
        numbered = _has_numbered_escape(data)
        if numbered or (self._may_be_quoted and b"\\" in data):
            plain = _ESCAPES.sub(_unescaped, data) if numbered else data
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


_ESCAPES = re.compile(rb"\\u00([0-9A-Fa-f]{2})")
_FEW = 100
"""How many backslashes are looked at one by one."""


def _has_numbered_escape(data: bytes) -> bool:
    """Whether a byte may be escaped by its number; backslashes are few, and found at once."""
    place = -1
    for _ in range(_FEW):
        place = data.find(b"\\", place + 1)
        if place < 0:
            return False
        if data.startswith(b"u00", place + 1):
            return True
    return b"\\u00" in data


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode())


def _as_json(secret: bytes) -> re.Pattern[bytes]:
    """What matches a key in a JSON string, however its characters are escaped there."""
    characters = (rb"(?:\\?%b|\\u00(?i:%02x))" % (re.escape(bytes([c])), c) for c in secret)
    return re.compile(b"".join(characters))


def server_of(site: Site | str | None) -> str:
    """The address of a site's API; None means DD_SITE, else the contract's default.

    Raises ConfigurationError for a site that the contract does not list.
    """
    name = (os.environ.get("DD_SITE") or DEFAULT_SITE) if site is None else site
    if name not in SITES:
        source = "DD_SITE" if site is None else "site"
        raise ConfigurationError(
            f"{source} {str(name)!r} is not documented. Documented are {', '.join(SITES)}. "
            "For any other server pass base_url."
        )
    return SERVER.format(site=str(name))


def check_retries(max_retries: int, max_retry_wait: float) -> None:
    """Raise ConfigurationError unless both are numbers of zero or more."""
    if not isinstance(max_retries, int) or max_retries < 0:
        raise ConfigurationError("max_retries is not a whole number of zero or more")
    wait = max_retry_wait
    if not isinstance(wait, int | float) or math.isnan(wait) or wait < 0:
        raise ConfigurationError("max_retry_wait is not a number of seconds, zero or more")
