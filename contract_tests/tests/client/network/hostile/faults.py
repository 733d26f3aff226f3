"""The faults of a hostile server, one row each, and what a call that meets it comes to."""

import functools
import gzip
import json
import struct
import zlib
from typing import Any

from attrs import frozen

from datadog_servicenow_tickets import (
    BadRequestError,
    ConnectError,
    ForbiddenError,
    MalformedResponseError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnexpectedStatusError,
    models,
)
from tests.client.calls import NEEDED
from tests.client.network.hostile.server import (
    API_KEY,
    APP_KEY,
    CASE,
    Behaviour,
    answer,
    chunk,
    drips,
    echoes,
    floods,
    reset,
    says,
    says_then_resets,
    silence,
    unsized,
)


@frozen
class Fault:
    """What a server does, and what a call that meets it comes to."""

    name: str
    act: Behaviour
    outcome: type[Any] | tuple[type[Any], ...]
    """An exception's class, or `models.Case`; several where the kernel's timing decides."""
    early: bool = False
    """Whether the server acts without reading the request."""
    slow: bool = False
    """Whether the client's timeout ends the call."""


_unknown, _malformed, _case = OutcomeUnknownError, MalformedResponseError, models.Case
_deep = b"[" * 100_000
_title = {"data": {"type": "cases", "id": "c", "attributes": {**NEEDED, "title": "Größe"}}}


def _gzip_bomb(megabytes: int) -> bytes:
    """So many megabytes of zeros, made of one compressed megabyte over and over."""
    zeros = bytes(1_000_000)
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    block = deflater.compress(zeros) + deflater.flush(zlib.Z_FULL_FLUSH)
    checksum = functools.reduce(lambda found, _: zlib.crc32(zeros, found), range(megabytes), 0)
    end = deflater.flush() + struct.pack("<II", checksum, megabytes * len(zeros))
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + block * megabytes + end


def bare_deflate(data: bytes) -> bytes:
    """Data compressed as deflate without the header of zlib (RFC 1951)."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


CONNECTIONS = [
    Fault("reset at once", reset, (_unknown, ConnectError), early=True),
    Fault("closed at once", lambda *_: None, (_unknown, ConnectError), early=True),
    Fault(
        "an answer before the request, then reset",
        says_then_resets(answer(400, b"{}")),
        BadRequestError,
        early=True,
    ),
    Fault("reset after the request", reset, _unknown),
    Fault("closed after the request", says(b""), _unknown),
    Fault("silence", silence, _unknown, slow=True),
    Fault("half a status line", says(b"HTTP/1.1 2"), _unknown),
    Fault("half a status line, then reset", says_then_resets(b"HTTP/1.1 2"), _unknown),
    Fault("half a head", says(b"HTTP/1.1 200 OK\r\nContent-Le"), _unknown),
    Fault("a status line that drips", drips(b"HTTP/1.1 200 O", b"K"), _unknown, slow=True),
    Fault("headers that drip", drips(b"HTTP/1.1 200 OK\r\nX: ", b"a"), _unknown, slow=True),
    Fault("headers without end", floods(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500), _unknown),
    Fault(
        "100 Continue without end",
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        _unknown,
        slow=True,
    ),
    Fault(
        "100 Continue in a flood",
        floods(b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
        _unknown,
        slow=True,
    ),
    Fault("a 200 that drips", drips(answer(length=10**6), b" "), _case, slow=True),
    Fault(
        "a 200 that drips before it is complete",
        drips(answer(body=b"{", length=10**6), b" "),
        _malformed,
        slow=True,
    ),
    Fault(
        "a 400 that drips", drips(answer(400, b"{", length=10**6), b" "), BadRequestError, slow=True
    ),
    Fault("a body without end", floods(unsized(b" " * 60_000)), _malformed),
]

FRAMING = [
    Fault("a 200 without its body", says(answer(body=b"", length=100)), _malformed),
    Fault(
        "a 200 without its body, then reset",
        says_then_resets(answer(body=b"", length=100)),
        _malformed,
    ),
    Fault(
        "a 200 reset within its body",
        says_then_resets(answer(body=CASE[:100], length=9999)),
        _malformed,
    ),
    Fault("a 200 cut short", says(answer(body=CASE[:100], length=len(CASE))), _malformed),
    Fault("a 200 shorter than it says", says(answer(length=len(CASE) + 1)), _case),
    Fault("a 200 longer than it says", says(answer(length=len(CASE) - 1)), _malformed),
    Fault("a 500 cut short", says(answer(500, b"{", length=100)), ServerError),
    Fault("a negative length", says(answer(length=-1)), _unknown),
    Fault("a length that is no number", says(answer(length="many")), _unknown),
    Fault("a length of 30 digits", says(answer(length="9" * 30)), _unknown),
    Fault("a length of 19 digits", says(answer(body=b"{", length="9" * 19)), _malformed),
    Fault("two lengths", says(answer(200, CASE, "Content-Length: 3")), _unknown),
    Fault(
        "chunks",
        says(unsized(chunk(CASE[:9]) + chunk(CASE[9:]) + chunk(b""), "Transfer-Encoding: chunked")),
        _case,
    ),
    Fault(
        "chunks and a length",
        says(answer(200, chunk(CASE) + chunk(b""), "Transfer-Encoding: chunked", length=5)),
        _case,
    ),
    Fault(
        "chunks cut short",
        says(unsized(b"ffff\r\n" + CASE[:50], "Transfer-Encoding: chunked")),
        _malformed,
    ),
    Fault(
        "chunks without the last", says(unsized(chunk(CASE), "Transfer-Encoding: chunked")), _case
    ),
    Fault(
        "a chunk size that is none",
        says(unsized(b"xyz\r\n" + CASE, "Transfer-Encoding: chunked")),
        _malformed,
    ),
    Fault(
        "a chunk size without end",
        says(unsized(b"0" * 200_000, "Transfer-Encoding: chunked")),
        _malformed,
    ),
    Fault(
        "a coding for transfer that is unknown",
        says(unsized(CASE, "Transfer-Encoding: smoke")),
        _unknown,
    ),
    Fault("a body up to the close", says(unsized(CASE)), _case),
    Fault("HTTP/1.0", says(b"HTTP/1.0 200 OK\r\n\r\n" + CASE), _case),
    Fault("HTTP/9.9", says(b"HTTP/9.9 200 OK\r\n\r\n" + CASE), _case),
    Fault("no HTTP", says(CASE), _unknown),
    Fault("another protocol", says(b"SSH-2.0-OpenSSH_9.9\r\n"), _unknown),
    Fault("HTTP/2", says(b"\0\0\x12\4\0\0\0\0\0" + bytes(18)), _unknown),
    Fault("TLS", says(b"\x15\x03\x03\0\x02\x02\x28"), _unknown),
    Fault("a header of 200 kB", says(answer(200, CASE, "X: " + "y" * 200_000)), _unknown),
    Fault("a header with NUL", says(answer(200, CASE, "X: a\0b")), _unknown),
    Fault("a header without a name", says(answer(200, CASE, ": y")), _unknown),
    Fault("a header beyond ASCII", says(answer(200, CASE, "X: \xe9\xff")), _case),
    Fault("a reason beyond ASCII", says(b"HTTP/1.1 200 \xff\xfe\r\n\r\n" + CASE), _case),
    Fault(
        "cookies that are none", says(answer(200, CASE, "Set-Cookie: =; ;;=\xff; Expires=x")), _case
    ),
    Fault("100 Continue first", says(b"HTTP/1.1 100 Continue\r\n\r\n" + answer()), _case),
    Fault(
        "early hints first",
        says(b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + answer()),
        _case,
    ),
    Fault("bytes after the answer", says(answer() + b"HTTP/1.1 500 No\r\n\r\n"), _case),
]

CODINGS = [
    Fault("gzip", says(answer(200, gzip.compress(CASE), "Content-Encoding: gzip")), _case),
    Fault("deflate", says(answer(200, zlib.compress(CASE), "Content-Encoding: deflate")), _case),
    Fault(
        "bare deflate", says(answer(200, bare_deflate(CASE), "Content-Encoding: deflate")), _case
    ),
    Fault(
        "gzip twice",
        says(answer(200, gzip.compress(gzip.compress(CASE)), "Content-Encoding: gzip, gzip")),
        _case,
    ),
    Fault(
        "gzip cut short",
        says(answer(200, gzip.compress(CASE)[:-40], "Content-Encoding: gzip")),
        _malformed,
    ),
    Fault(
        "gzip with a wrong checksum",
        says(answer(200, gzip.compress(CASE)[:-8] + bytes(8), "Content-Encoding: gzip")),
        _malformed,
    ),
    Fault("gzip that is none", says(answer(200, CASE, "Content-Encoding: gzip")), _case),
    Fault(
        "a gzip bomb",
        says(answer(200, _gzip_bomb(200), "Content-Encoding: gzip")),
        _malformed,
    ),
    Fault(
        "a gzip bomb in gzip",
        says(answer(200, gzip.compress(_gzip_bomb(200)), "Content-Encoding: gzip, gzip")),
        _malformed,
    ),
    Fault(
        "a gzip bomb with a 400",
        says(answer(400, _gzip_bomb(50), "Content-Encoding: gzip")),
        BadRequestError,
    ),
    Fault(
        "a coding that was not asked for",
        says(answer(200, CASE[::-1], "Content-Encoding: br")),
        _malformed,
    ),
    Fault(
        "a coding that does not exist", says(answer(200, CASE, "Content-Encoding: smoke")), _case
    ),
    Fault("an empty body in gzip", says(answer(200, b"", "Content-Encoding: gzip")), _malformed),
]

BODIES = [
    Fault("an empty 200", says(answer(body=b"")), _malformed),
    Fault("blanks", says(answer(body=b" \r\n\t")), _malformed),
    Fault(
        "HTML",
        says(answer(200, b"<html><title>Sign in</title>", "Content-Type: text/html")),
        _malformed,
    ),
    Fault("a case as text/html", says(answer(200, CASE, "Content-Type: text/html")), _case),
    Fault(
        "a case as JSON:API",
        says(answer(200, CASE, "Content-Type: application/vnd.api+json")),
        _case,
    ),
    Fault(
        "a case in an unknown charset",
        says(answer(200, CASE, "Content-Type: application/json; charset=smoke")),
        _case,
    ),
    Fault("a media type that is none", says(answer(200, CASE, "Content-Type: ;;=\xff")), _case),
    Fault("an array", says(answer(body=b"[]")), _malformed),
    Fault("a number", says(answer(body=b"42")), _malformed),
    Fault("null", says(answer(body=b"null")), _malformed),
    Fault("a string", says(answer(body=b'"case"')), _malformed),
    Fault("an object without a case", says(answer(body=b"{}")), _malformed),
    Fault("a case that is null", says(answer(body=b'{"data": null}')), _malformed),
    Fault("a case that is an array", says(answer(body=b'{"data": []}')), _malformed),
    Fault("a case without a type", says(answer(body=b'{"data": {"id": "1"}}')), _malformed),
    Fault("a case whose type is a number", says(answer(body=b'{"data": {"type": 1}}')), _malformed),
    Fault("a case of another type", says(answer(body=b'{"data": {"type": "smoke"}}')), _case),
    Fault(
        "a case with attributes of the wrong type",
        says(answer(body=b'{"data": {"type": "cases", "id": "c", "attributes": 5}}')),
        _case,
    ),
    Fault("an error with 200", says(answer(body=b'{"errors": ["no"]}')), _malformed),
    Fault("no UTF-8", says(answer(body=b'{"data": {"type": "\xff\xfe"}}')), _malformed),
    Fault(
        "Latin-1 that says so",
        says(
            answer(
                200,
                json.dumps(_title, ensure_ascii=False).encode("latin-1"),
                "Content-Type: application/json; charset=ISO-8859-1",
            )
        ),
        _case,
    ),
    Fault(
        "Latin-1 that does not",
        says(answer(body=json.dumps(_title, ensure_ascii=False).encode("latin-1"))),
        _malformed,
    ),
    Fault("UTF-16", says(answer(body=CASE.decode().encode("utf-16"))), _case),
    Fault("a byte order mark", says(answer(body=b"\xef\xbb\xbf" + CASE)), _case),
    Fault(
        "a lone surrogate",
        says(answer(body=b'{"data": {"type": "cases", "id": "\\ud800"}}')),
        _case,
    ),
    Fault("deep nesting", says(answer(body=_deep)), _malformed),
    Fault(
        "deep nesting beside a case", says(answer(body=CASE[:-1] + b', "x": ' + _deep)), _malformed
    ),
    Fault("deep nesting with a 400", says(answer(400, b'{"errors": ' + _deep)), BadRequestError),
    Fault(
        "a number of 5000 digits",
        says(answer(body=CASE[:-1] + b', "x": ' + b"9" * 5000 + b"}")),
        _malformed,
    ),
    Fault("a number beyond all bounds", says(answer(body=CASE[:-1] + b', "x": 1e999}')), _case),
    Fault("NaN", says(answer(body=CASE[:-1] + b', "x": NaN}')), _case),
    Fault("NUL bytes", says(answer(body=bytes(1000))), _malformed),
    Fault("text after the JSON", says(answer(body=CASE + b"}")), _malformed),
    Fault("a body of 9 MiB", says(answer(body=b" " * (9 << 20) + CASE)), _malformed),
]

STATUSES = [
    Fault(
        "101, which nobody asked for", says(b"HTTP/1.1 101 No\r\nUpgrade: smoke\r\n\r\n"), _unknown
    ),
    Fault("201 with a case", says(answer(201)), UnexpectedStatusError),
    Fault("204", says(answer(204, b"")), UnexpectedStatusError),
    Fault("304", says(answer(304, b"")), UnexpectedStatusError),
    Fault("401", says(answer(401, b'{"errors": ["Forbidden"]}')), UnauthorizedError),
    Fault(
        "403 in HTML",
        says(answer(403, b"<h1>Forbidden</h1>", "Content-Type: text/html")),
        ForbiddenError,
    ),
    Fault("404 without a body", says(answer(404, b"")), NotFoundError),
    Fault("404 with an array", says(answer(404, b"[1, null, {}]")), NotFoundError),
    Fault(
        "400 with errors that are no list",
        says(answer(400, b'{"errors": {"a": null}}')),
        BadRequestError,
    ),
    Fault("400 with errors that are null", says(answer(400, b'{"errors": null}')), BadRequestError),
    Fault(
        "400 with control characters",
        says(answer(400, b'{"errors": ["\\u001b[2J\\u202e"]}')),
        BadRequestError,
    ),
    Fault("429", says(answer(429, b"")), RateLimitedError),
    Fault("502 in HTML", says(answer(502, b"<html><title>Bad gateway</title>")), ServerError),
    Fault("520", says(answer(520, b"")), ServerError),
    Fault("599", says(answer(599, b"")), ServerError),
    Fault("600", says(answer(600, b"")), UnexpectedStatusError),
    Fault("999", says(answer(999, b"")), UnexpectedStatusError),
    Fault("099", says(b"HTTP/1.1 099 No\r\n\r\n"), _unknown),
    Fault("a status of four digits", says(b"HTTP/1.1 2000 No\r\n\r\n"), _unknown),
]

LOCATIONS = [
    Fault(
        f"a redirect to {name}",
        says(answer(status, b"", f"Location: {location}")),
        UnexpectedStatusError,
    )
    for status, name, location in [
        (301, "another host", "https://evil.example/"),
        (302, "another path", "/elsewhere"),
        (303, "another scheme", "ftp://example.com/x"),
        (307, "a name that is none", "http://xn--\xff/"),
        (307, "a name in punycode that is none", "http://xn--a/"),
        (308, "an address without a host", "foo:bar"),
        (302, "a port that is none", "http://example.com:port/"),
        (302, "nothing", ""),
        (302, "control characters", "http://example.com/\x7f"),
        (308, "itself with a user", "http://user:password@127.0.0.1/"),
    ]
]

ECHOES = [
    Fault("the keys echoed with a 400", echoes(400), BadRequestError),
    Fault("the keys echoed with a 200", echoes(200), _malformed),
    Fault(
        "the keys echoed in gzip",
        echoes(403, "Content-Encoding: gzip", coding=gzip.compress),
        ForbiddenError,
    ),
    Fault(
        "the keys echoed as HTML",
        echoes(502, "Content-Type: text/html", coding=lambda b: b"<h1>" + b),
        ServerError,
    ),
    Fault(
        "the keys echoed in a redirect",
        echoes(302, f"Location: https://evil.example/{API_KEY}"),
        UnexpectedStatusError,
    ),
    Fault(
        "the keys echoed as a limit's name",
        echoes(429, f"X-RateLimit-Name: {APP_KEY}"),
        RateLimitedError,
    ),
]

FAULTS = [*CONNECTIONS, *FRAMING, *CODINGS, *BODIES, *STATUSES, *LOCATIONS, *ECHOES]
