"""A connection that was kept answers as a new one does, be it read by the library or without it."""

import asyncio
import itertools
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import h11
import httpx2
import pytest

from datadog_servicenow_tickets import AsyncClient
from datadog_servicenow_tickets._network import head as _head
from datadog_servicenow_tickets.models import Case
from tests.client.hostile import server
from tests.client.test_network import BOTH, REQUEST, calls, case, keeping

_KEYS: dict[str, Any] = {"api_key": server.API_KEY, "app_key": server.APP_KEY}
_BODY = case("a-case").partition(b"\r\n\r\n")[2]
_LENGTH = b"Content-Length: %d" % len(_BODY)


def _answer(*lines: bytes, start: bytes = b"HTTP/1.1 200 OK", body: bytes = _BODY) -> bytes:
    return b"\r\n".join([start, *lines, b"", body])


_ANSWERS: dict[str, bytes] = {
    "plain": _answer(_LENGTH),
    "kept on demand": _answer(_LENGTH, b"Connection: Keep-Alive"),
    "another case": _answer(_LENGTH.lower(), b"X-RATELIMIT-LIMIT:7"),
    "blanks": _answer(b"Content-Length: \t%d \t" % len(_BODY), b"X-A:  b  "),
    "no field value": _answer(_LENGTH, b"X-A:"),
    "no reason": _answer(_LENGTH, start=b"HTTP/1.1 200 "),
    "no reason, no blank": _answer(_LENGTH, start=b"HTTP/1.1 200"),
    "HTTP/1.0": _answer(_LENGTH, start=b"HTTP/1.0 200 OK"),
    "HTTP/2.0": _answer(_LENGTH, start=b"HTTP/2.0 200 OK"),
    "no HTTP": _answer(_LENGTH, start=b"ICY 200 OK"),
    "no status": _answer(_LENGTH, start=b"HTTP/1.1 OK"),
    "no fields": _answer(body=b""),
    "interim": b"HTTP/1.1 100 Continue\r\n\r\n" + _answer(_LENGTH),
    "switches": _answer(_LENGTH, start=b"HTTP/1.1 101 Switching"),
    "nothing said": _answer(start=b"HTTP/1.1 204 No Content", body=b""),
    "nothing new": _answer(_LENGTH, start=b"HTTP/1.1 304 Not Modified", body=b""),
    "moved": _answer(_LENGTH, b"Location: http://[", start=b"HTTP/1.1 302 Found"),
    "refused": _answer(_LENGTH, start=b"HTTP/1.1 400 No"),
    "closes": _answer(_LENGTH, b"Connection: close"),
    "upgrades": _answer(_LENGTH, b"Connection: upgrade", b"Upgrade: h2c"),
    "in chunks": _answer(
        b"Transfer-Encoding: chunked", body=server.chunk(_BODY) + server.chunk(b"")
    ),
    "in chunks, with a length": _answer(
        _LENGTH, b"Transfer-Encoding: chunked", body=server.chunk(_BODY) + server.chunk(b"")
    ),
    "two lengths": _answer(_LENGTH, _LENGTH),
    "two other lengths": _answer(_LENGTH, b"Content-Length: 3"),
    "a length in two": _answer(b"Content-Length: %d, %d" % (len(_BODY), len(_BODY))),
    "a padded length": _answer(b"Content-Length: 0%d" % len(_BODY)),
    "a signed length": _answer(b"Content-Length: +%d" % len(_BODY)),
    "no length": _answer(b"X-A: b"),
    "cut short": _answer(b"Content-Length: 9999"),
    "an empty body": _answer(b"Content-Length: 0", body=b""),
    "folded": _answer(_LENGTH, b"X-A: b", b" c"),
    "a name with a blank": _answer(_LENGTH, b"X A: b"),
    "a blank before the colon": _answer(b"Content-Length : %d" % len(_BODY)),
    "a field that is none": _answer(_LENGTH, b"X-A"),
    "zero": _answer(_LENGTH, b"X-A: b\0c"),
    "Latin": _answer(_LENGTH, "X-A: é".encode("latin-1")),
    "bare line ends": _answer(_LENGTH).replace(b"\r\n", b"\n"),
    "a coding": _answer(_LENGTH, b"Content-Encoding: gzip"),
    "large": _answer(b"Content-Length: %d" % (len(_BODY) + 99_999), body=_BODY + b" " * 99_999),
    "half a head": b"HTTP/1.1 200 OK\r\nX-",
    "key": _answer(_LENGTH, b"X-Echo: " + server.API_KEY.encode(), start=b"HTTP/1.1 400 No"),
}


def _shown(outcome: Any) -> tuple[Any, ...]:
    """What a call came to, without what differs between two of them."""
    about = ("applied", "attempts", "status_code", "content", "errors", "reason")
    headers = getattr(outcome, "headers", httpx2.Headers())
    known = {name: getattr(outcome, name, None) for name in about}
    return type(outcome), getattr(outcome, "id", None), str(outcome), known, headers.raw


@BOTH
@pytest.mark.parametrize("raw", _ANSWERS.values(), ids=_ANSWERS)
def test_first_and_kept_connection_agree(mode: str, raw: bytes) -> None:
    """An answer comes to the same on both, and the next call gets its own."""
    options: dict[str, Any] = {**_KEYS, "max_retries": 0}
    with server.serving(keeping(raw)) as there:
        [first] = calls(mode, base_url=there.url, **options)
    turns = iter([keeping(case("one"), raw), keeping(case("three"))])

    def act(connection: socket.socket, request: bytes) -> None:
        next(turns, keeping())(connection, request)

    with server.serving(act) as there:
        one, kept, three = calls(mode, {}, {}, {}, base_url=there.url, **options)
    assert (one.id, three.id) == ("one", "three")
    assert _shown(kept) == _shown(first)


@BOTH
def test_answers_by_turns(mode: str) -> None:
    """On one connection, plain answers and others follow each other in any order."""
    chunked = _ANSWERS["in chunks"]
    raws = [case("x"), case("y"), chunked, case("z"), chunked, chunked, case("y"), case("x")]
    with server.serving(keeping(*raws)) as there:
        found = calls(mode, *[{}] * len(raws), base_url=there.url, **_KEYS)
    wanted = ["x", "y", "a-case", "z", "a-case", "a-case", "y", "x"]
    assert [each.id for each in found] == wanted
    assert len(there.requests) == 1


_LINES = [
    b"Content-Length: 3",
    b"content-length:3 ",
    b"Content-Length: 03",
    b"Content-Length: 3, 3",
    b"Transfer-Encoding: chunked",
    b"Connection: close",
    b"connection: keep-alive",
    b"X-A: b",
    b"X-A:",
    b"X-A: \x80",
    b" folded",
    b"X A: b",
    b"X-A",
]
_STARTS = [b"1.1 200 OK", b"1.1 500 ", b"1.1 204 No", b"1.1 304 No", b"1.0 200 OK", b"1.1"]
_BODIES = [b"abc", b"ab", b"abcd", b"", b"3\r\nabc\r\n0\r\n\r\n"]


def test_plain_is_what_the_library_reads() -> None:
    """Whatever is taken for a plain answer, h11 reads as the same one, with nothing behind it."""
    lines = [each for count in range(3) for each in itertools.product(_LINES, repeat=count)]
    taken = 0
    for start, fields, body, end in itertools.product(_STARTS, lines, _BODIES, (b"\r\n", b"\n")):
        data = end.join([b"HTTP/" + start, *fields, b"", body])
        found = _head.plain(data)
        if found is not None:
            taken += 1
            assert found == _read_by_h11(data), data
    assert taken == 28


def _read_by_h11(data: bytes) -> tuple[Any, ...]:
    """The same of an answer that leaves its connection open; raises for any other."""
    reader = h11.Connection(h11.CLIENT)
    reader.send(h11.Request(method="PATCH", target="/", headers=[("Host", "x")]))
    reader.send(h11.EndOfMessage())
    reader.receive_data(data)
    told, read = reader.next_event(), b""
    assert isinstance(told, h11.Response)
    while isinstance(event := reader.next_event(), h11.Data):
        read += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert (reader.trailing_data, reader.their_state) == ((b"", False), h11.DONE)
    return told.status_code, told.reason, list(told.headers.raw_items()), read


def _hooks(mode: str, change: Callable[[httpx2.Request], object]) -> dict[str, list[Any]]:
    async def change_async(request: httpx2.Request) -> None:
        change(request)

    return {"request": [change_async if mode == "async" else change]}


@BOTH
def test_requests_that_differ(mode: str) -> None:
    """What a hook changes goes out changed, on a kept connection as on a new one."""
    numbers = iter(range(9))
    seen: list[bytes] = []

    def act(connection: socket.socket, request: bytes) -> None:
        while request:
            seen.append(request)
            connection.sendall(case("x"))
            request = server.read_request(connection)

    def change(request: httpx2.Request) -> None:
        number = next(numbers)
        request.headers["X-Number"] = str(number // 2)
        if number == 4:
            request.stream = httpx2.ByteStream(b"{}")
            request.headers["Content-Length"] = "2"

    with server.serving(act) as there:
        more = [{"finding_ids": ["f" * number]} for number in (1, 22, 3, 3, 3, 3)]
        calls(mode, *more, base_url=there.url, event_hooks=_hooks(mode, change), **_KEYS)
    heads = [each.partition(b"\r\n\r\n")[0].split(b"\r\n") for each in seen]
    assert [line for head in heads for line in head if b"X-Number" in line] == [
        b"X-Number: %d" % (number // 2) for number in range(6)
    ]
    bodies = [each.partition(b"\r\n\r\n")[2] for each in seen]
    assert bodies[1].count(b"f" * 22) == 1
    assert bodies[4] == b"{}"
    assert all(sorted(head[:1]) == sorted(heads[0][:1]) for head in heads)


@BOTH
@pytest.mark.parametrize("header", ["X-A\n", "X-A"], ids=["a name", "a value"])
def test_what_cannot_be_sent_is_refused(mode: str, header: str) -> None:
    """A field that a hook has spoiled is not sent on a kept connection either."""
    numbers = iter(range(3))

    def change(request: httpx2.Request) -> None:
        if next(numbers):
            request.headers[header] = "b\r\nX-C: d"

    with server.serving(keeping(case("x"), case("y"))) as there:
        one, two = calls(
            mode,
            {},
            {},
            base_url=there.url,
            event_hooks=_hooks(mode, change),
            max_retries=0,
            **_KEYS,
        )
    assert one.id == "x"
    assert isinstance(two, Exception)
    assert "LocalProtocolError" in str(two)


@BOTH
@pytest.mark.parametrize(("expiry", "connections"), [(0.1, 2), (None, 1), (30.0, 1)])
def test_connection_that_is_too_old(mode: str, expiry: float | None, connections: int) -> None:
    """A connection is left after the time that the limits give it, whoever read its last answer."""
    limits = httpx2.Limits(keepalive_expiry=expiry)
    numbers = iter(range(3))

    def change(_: httpx2.Request) -> None:
        if next(numbers) == 2:
            time.sleep(0.2)

    with server.serving(keeping(case("x"), case("x"), case("x"))) as there:
        options = {"event_hooks": _hooks(mode, change), **_KEYS}
        found = calls(mode, {}, {}, {}, base_url=there.url, limits=limits, **options)
    assert all(isinstance(each, Case) for each in found)
    assert len(there.requests) == connections


@BOTH
def test_whoever_watches_sees_each_step(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """The library's debug log tells of every request, kept connections or not."""
    caplog.set_level(logging.DEBUG, logger="httpcore2.http11")
    with server.serving(keeping(case("x"), case("x"), case("x"))) as there:
        calls(mode, {}, {}, {}, base_url=there.url, **_KEYS)
    assert caplog.text.count("receive_response_headers.complete") == 3


def test_cancelled_on_a_kept_connection() -> None:
    """A call that is cut short on a kept connection gives back its place, and takes no answer."""

    def act(connection: socket.socket, _: bytes) -> None:
        for number in range(3):
            time.sleep(0.15 * (number == 2))
            connection.sendall(case(f"{number}"))
            server.read_request(connection)

    async def several(url: str) -> list[Any]:
        limits = httpx2.Limits(max_connections=1)
        async with AsyncClient(**_KEYS, base_url=url, limits=limits, timeout=2) as client:
            found = [(await client.attach_findings(**REQUEST)).id for _ in range(2)]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await client.attach_findings(**REQUEST)
            return [*found, (await client.attach_findings(**REQUEST)).id]

    with server.serving(act) as there:
        assert asyncio.run(several(there.url)) == ["0", "1", "0"]
