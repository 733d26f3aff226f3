"""What no output may show of a recording: keys, tokens and cookies, wherever they stand."""

import base64
import binascii
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import attrs

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.target.wire import key_variables, scrubbed
from servicenow_contract.traffic.exchange import Headers, Recorded, RecordedBody

_SECRET = re.compile("key|token|auth|cookie|secret|session|passw|pwd|signature|credential")
_SHORTEST = 4
"""A shorter value hides nothing: it would be found in every text."""
_SHORTEST_COOKIE = 8
_SHORTEST_KEY = 16
"""In bodies: much is called a key there and is none."""
_IN_TEXT = re.compile(
    # A word is looked at once, however long it is: from its beginning, and whole.
    r"""(?<![\w-])(?=[\w-]*(?:token|secret|passw|pwd|api[_-]?key|(?:app|application)[_-]?key|session))"""
    r"""([\w-]++)"""
    r"""[\\"']*\s*[:=]\s*[\\"']*([^\s"'&,;<>\\]{8,})|"""
    r"""\b(bearer|basic)\s+([\w.~+/=-]{8,})|(?<!\w)(eyJ)([\w-]{8,}[.][\w-]{8,}(?:[.][\w-]*)?)|"""
    r"""://[^\s/:@]{,99}:([^\s/@]{8,99})@|-----BEGIN [A-Z ]{,20}KEY-----([^-]+)""",
    re.ASCII | re.IGNORECASE,
)
"""Tokens that stand in a text: behind their name or their scheme, as JSON Web Tokens, within an
address, or as a private key."""


def secrets(contract: Fragment, recordings: Iterable[Recorded]) -> Mapping[str, str]:
    """Every secret of these exchanges, and of the environment, with the variable for it.

    Keys are told by the headers, parameters and members that carry them, of every operation.
    """
    found: dict[str, str] = {}
    for variable in key_variables(contract).values():
        _add(found, os.environ.get(variable, ""), variable)
    for each in recordings:
        for name, value in (*each.request_headers, *each.response_headers):
            if _SECRET.search(name.lower()) and not name.startswith(":"):
                for part in _parts(name.lower(), value):
                    _add(found, part, _variable(contract, name))
        bodies = (_of_body(body) for body in (each.request, each.response))
        for name, value in itertools.chain(_of_url(each.url), *bodies):
            _add(found, value, _variable(contract, name))
    return found


def hidden(exchange: Recorded, known: Mapping[str, str]) -> Recorded:
    """The same exchange with each secret replaced by its variable."""
    return attrs.evolve(
        exchange,
        url=scrubbed(exchange.url, known),
        request_headers=_hidden_headers(exchange.request_headers, known),
        request=_hidden_body(exchange.request, known),
        response_headers=_hidden_headers(exchange.response_headers, known),
        response=_hidden_body(exchange.response, known),
    )


def _hidden_headers(headers: Headers, known: Mapping[str, str]) -> Headers:
    return [(scrubbed(name, known), scrubbed(value, known)) for name, value in headers]


def _hidden_body(body: RecordedBody, known: Mapping[str, str]) -> RecordedBody:
    if body.content is None:
        return body
    text = body.content.decode("utf-8", "surrogateescape")
    return RecordedBody(scrubbed(text, known).encode("utf-8", "surrogateescape"))


def _add(found: dict[str, str], value: str, variable: str) -> None:
    """Note a secret in each form in which it may be echoed."""
    if len(value) < _SHORTEST:
        return
    in_json = json.dumps(value)[1:-1]
    forms = {value, quote(value, safe=""), quote_plus(value), in_json, in_json.replace("/", "\\/")}
    for form in forms:
        found.setdefault(form, f"${{{variable}}}")


def _variable(contract: Fragment, name: str) -> str:
    """The variable that stands for the secret in a header or parameter of this name."""
    variables = key_variables(contract)
    headers = {each.lower(): variables[scheme] for scheme, each in contract.key_headers.items()}
    lower = name.lower().replace("_", "-")
    known = {**headers, "api-key": "DD_API_KEY", "application-key": "DD_APP_KEY"}
    return known.get(lower) or re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper()


def _parts(name: str, value: str) -> Iterator[str]:
    """A header's value, and what in it is secret alone: a token, a password, each cookie."""
    if "cookie" not in name:
        yield value
        if name.endswith("authorization"):
            token = value.partition(" ")[2].strip()
            yield from (token, *_passwords(token))
        return
    for pair in value.split(";")[: 1 if name.startswith("set-") else None]:
        held = pair.partition("=")[2].strip().strip('"')
        if len(held) >= _SHORTEST_COOKIE:
            yield held


def _passwords(token: str) -> Iterator[str]:
    """The user and password in a token of Basic authentication."""
    try:
        user, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return
    if colon:
        yield from (user, password)


def _of_body(body: RecordedBody) -> Iterator[tuple[str, str]]:
    """What a body names as a secret, as JSON or as any text."""
    text = (body.content or b"").decode("utf-8", "replace")
    try:
        yield from _of_json(json.loads(text))
    except (ValueError, RecursionError):
        yield from _of_text(text)


def _of_json(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _of_json(each, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _of_json(each, name)
    elif isinstance(value, str):
        found = _SECRET.search(name.lower())
        weak = found is not None and found[0] in ("key", "auth")
        shortest = _SHORTEST_KEY if weak else _SHORTEST_COOKIE
        if found and len(value) >= shortest and not (weak and re.search(r"\s", value)):
            yield name, value
        yield from _of_text(value)


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    for found in _IN_TEXT.finditer(text):
        name, value, scheme, token, web, rest, password, private = found.groups()
        if name:
            yield name, value
        elif scheme and scheme.lower() == "basic":  # or it is a word of a sentence
            for each in _passwords(token):
                yield from (("token", token), ("password", each))
        elif password or private:
            yield ("password", password) if password else ("private_key", private.strip())
        else:
            yield "token", token or f"{web}{rest}"


def _of_url(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        if parts.password:
            yield "password", parts.password
        yield from (
            (name, value) for name, value in parse_qsl(parts.query) if _SECRET.search(name.lower())
        )
    except ValueError:  # an address that is none
        return
