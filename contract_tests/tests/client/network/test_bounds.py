"""Sizes, times and counts of the network, and what stands just beyond each."""

import gzip
import json
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpcore2
import httpx2
import pytest

from datadog_servicenow_tickets import (
    APIError,
    MalformedResponseError,
    __version__,
)
from datadog_servicenow_tickets._network import body as _body
from datadog_servicenow_tickets._network import connections as _connections
from datadog_servicenow_tickets._network import conversation as _conversation
from datadog_servicenow_tickets._network import head as _head
from datadog_servicenow_tickets._network import http as _http
from tests.client.calls import CASE, MODES, answering, call
from tests.client.network.hostile.faults import bare_deflate

_TOO_LARGE = "the body is larger than 8 MiB"


_CUT = "the compressed body is cut short"


_NOT = "the body is not compressed as its headers say"


_UNASKED = "the body has a content coding that was not asked for"


_CODED = [
    (b"x", "", (b"x", None)),
    (b"x", "identity", (b"x", None)),
    (b"x", "br", (b"x", _UNASKED)),
    (gzip.compress(b"x"), "gzip", (b"x", None)),
    (gzip.compress(b"x"), "x-gzip", (b"x", None)),
    (gzip.compress(b"x"), " GZip ", (b"x", None)),
    (gzip.compress(b"x"), "gzip, identity,", (b"x", None)),
    (zlib.compress(b"x"), "deflate", (b"x", None)),
    (bare_deflate(b"x"), "deflate", (b"x", None)),
    (gzip.compress(zlib.compress(b"x")), "deflate, gzip", (b"x", None)),
    (gzip.compress(b"x"), "br, gzip", (b"x", _UNASKED)),
    (gzip.compress(gzip.compress(gzip.compress(b"x"))), "gzip, gzip,, gzip", (b"x", None)),
    (b"x", "gzip, " * 3 + "gzip", (b"x", "the body has more than 3 content codings")),
    (gzip.compress(b"x" * 99)[:-9], "gzip", (b"x" * 99, _CUT)),
    (b"plain", "gzip", (b"plain", _NOT)),
    (b"", "gzip", (b"", _CUT)),
]


@pytest.mark.parametrize(("raw", "codings", "expected"), _CODED, ids=range(len(_CODED)))
def test_decoded(raw: bytes, codings: str, expected: tuple[bytes, str | None]) -> None:
    """The codings are undone from the last to the first; what cannot be undone stays as it came."""
    assert _body.decoded(raw, codings) == expected


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("coding", [None, "gzip"])
def test_largest_body(more: int, coding: str | None) -> None:
    """A body of 8 MiB is read; of one that is a byte larger the first 8 MiB, and it says so."""
    start = json.dumps(CASE).encode()
    content = start + b" " * ((8 << 20) + more - len(start))
    headers = {"Content-Encoding": coding} if coding else {}
    sent = gzip.compress(content, 1) if coding else content

    def handle(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(sent))

    answer = call("sync", handle, method="attach_findings_detailed")
    assert len(answer.content) == 8 << 20
    odd = httpx2.ByteStream(
        gzip.compress(b"{" * len(content), 1) if coding else b"{" * len(content)
    )
    with pytest.raises(MalformedResponseError) as caught:
        call("sync", lambda _: httpx2.Response(200, headers=headers, stream=odd))
    assert (_TOO_LARGE in caught.value.reason) == bool(more)
    assert len(caught.value.content) == 8 << 20


def test_flaw_is_told_with_the_reason() -> None:
    """What was wrong with the body is told after what was wrong with the case."""
    cut = gzip.compress(b"{" * 99)[:-9]

    def handle(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=httpx2.ByteStream(cut)
        )

    with pytest.raises(MalformedResponseError) as caught:
        call("sync", handle)
    assert caught.value.reason == f"not JSON (JSONDecodeError); {_CUT}"


_REQUEST = b"PATCH /x HTTP/1.1\r\n\r\n"


def _conversation_by(connect_by: float | None = None) -> Any:
    return _conversation.Conversation(lambda data: data, connect_by)


def test_read_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time runs from the first read after a request, and no read begins when it is over."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    conversation = _conversation_by()
    conversation.note(_REQUEST)
    assert conversation.write_time(3.0) == 3.0
    assert conversation.read_time(5.0) == 5.0
    now[0] = 104.0
    assert conversation.read_time(5.0) == 1.0
    assert conversation.read_time(None) is None
    now[0] = 105.0
    with pytest.raises(httpcore2.ReadTimeout) as caught:
        conversation.read_time(5.0)
    assert str(caught.value) == "the answer was not complete within 5 s"
    conversation.note(b"a body")
    with pytest.raises(httpcore2.ReadTimeout):
        conversation.read_time(5.0)
    conversation.note(_REQUEST)
    assert conversation.read_time(5.0) == 5.0


def test_connect_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until a request begins, whatever is read or written belongs to the time to connect."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    conversation = _conversation_by(105.0)
    conversation.note(b"CONNECT x:443 HTTP/1.1")
    assert conversation.write_time(30.0) == 5.0
    now[0] = 104.0
    assert conversation.read_time(30.0) == 1.0
    now[0] = 105.0
    for ask in (lambda: conversation.read_time(30.0), conversation.connect_time):
        with pytest.raises(httpcore2.ConnectTimeout) as caught:
            ask()
        assert str(caught.value) == "no connection within the connect timeout"
    conversation.note(_REQUEST)
    assert conversation.write_time(30.0) == 30.0


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40, 1000])
def test_head_is_handed_on_whole(size: int) -> None:
    """However a head is cut into segments, it is masked and handed on in one piece."""
    conversation = _conversation.Conversation(lambda data: data.replace(b"secret", b"******"), None)
    conversation.note(_REQUEST)
    interim = b"HTTP/1.1 103 Early Hints\r\nX: secret\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: secret\r\n\r\nbody"
    sent = interim + answer
    parts = [sent[at : at + size] for at in range(0, len(sent), size)]
    got = [out for part in parts if (out := conversation.handed_on(part)) is not None]
    assert b"".join(got) == sent.replace(b"secret", b"******")
    assert b"secret" not in b"".join(got)
    assert conversation.is_done()


_ALONE = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}H", False),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", False),
    (b"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\n{}", True),
    (b"HTTP/1.1 200 OK\r\n\r\n{}", False),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nx", False),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n", False),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", False),
    (b"HTTP/1.1 200 OK\r\n", False),
    (b"", False),
]


@pytest.mark.parametrize(("data", "is_one"), _ALONE, ids=range(len(_ALONE)))
def test_one_answer(data: bytes, is_one: bool) -> None:
    """An answer is alone when its length or its last chunk is where what came ends."""
    assert _head.is_one_answer(data) is is_one
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert _head.is_one_answer(interim + data) is is_one
    if is_one:
        assert not _head.is_one_answer(data + data)


def test_user_agent() -> None:
    """The user agent names package, HTTP library and their versions."""
    handler, requests = answering(httpx2.Response(200, json=CASE))
    call("sync", handler)
    assert requests[0].headers["User-Agent"] == (
        f"datadog-servicenow-tickets/{__version__} python-httpx2/{httpx2.__version__}"
    )
    assert len([name for name, _ in requests[0].headers.raw if name == b"Accept"]) == 1


@pytest.mark.parametrize("port", [65535, 65536])
def test_port(port: int) -> None:
    """The last port is taken, the one behind it refused."""
    made = _http.url_of(f"https://example.com:{port}/")
    assert (made is None) == (port == 65536)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [299, 300, 302, 399, 400])
def test_location(mode: str, status: int) -> None:
    """Httpx2, which would fail to read it, sees no Location of a redirect; the error has it."""
    headers = {"Location": "https://[::1/"}
    handler, _ = answering(httpx2.Response(status, headers=headers))
    with pytest.raises(APIError) as caught:
        call(mode, handler, max_retries=0)
    assert caught.value.headers["location"] == "https://[::1/"


class _Stream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """The body of an answer, which knows whether it was closed."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.closed = False
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, Exception):
                raise part
            yield part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "last", [b"", b" " * (9 << 20), httpx2.ReadError("x")], ids=["whole", "too large", "cut short"]
)
def test_stream_is_closed(mode: str, last: bytes | Exception) -> None:
    """The body of an answer is closed, whether it was read to its end or not."""
    stream = _Stream(json.dumps(CASE).encode(), last)
    call(mode, lambda _: httpx2.Response(200, stream=stream))
    assert stream.closed


@pytest.mark.parametrize("mode", MODES)
def test_what_cut_a_body_short_is_told(mode: str) -> None:
    """The fault that ended a body is told after what was wrong with the case."""
    stream = _Stream(b"{", httpx2.ReadError("x"))
    with pytest.raises(MalformedResponseError) as caught:
        call(mode, lambda _: httpx2.Response(200, stream=stream))
    assert caught.value.reason == "not JSON (JSONDecodeError); ReadError: x"


_ANSWER = b"HTTP/1.1 204 No\r\n\r\n"


class _Network(httpcore2.NetworkStream):
    """A connection that notes how long it may take."""

    def __init__(self) -> None:
        self.given: list[tuple[object, float | None]] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.given.append((max_bytes, timeout))
        return _ANSWER

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.given.append((buffer, timeout))

    def start_tls(self, _: object, host: str | None = None, timeout: float | None = None) -> Any:
        self.given.append((host, timeout))
        return self


class _AsyncNetwork(httpcore2.AsyncNetworkStream):
    """The same, asynchronous."""

    def __init__(self) -> None:
        self._network = _Network()
        self.given = self._network.given

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._network.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._network.write(buffer, timeout)

    async def start_tls(self, *given: Any) -> Any:
        self._network.start_tls(*given)
        return self


def test_tls_is_part_of_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS handshake may take what is left of the connect timeout."""
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    network, other, context = _Network(), _AsyncNetwork(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _connections._Stream(network, _conversation_by(103.0)).start_tls(context, "host")
    begun = _connections._AsyncStream(other, _conversation_by(103.0)).start_tls(context, "host")
    with pytest.raises(StopIteration):  # as below
        begun.send(None)
    assert network.given == other.given == [("host", 3.0)]


def test_timeouts_reach_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a step may take is passed on, anew for each request."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    network = _Network()
    stream = _connections._Stream(network, _conversation_by())
    for _ in range(2):
        stream.write(_REQUEST, 3.0)
        stream.write(b"y", 3.0)
        assert stream.read(7, 4.0) == _ANSWER
        now[0] += 60.0
    assert network.given == [(_REQUEST, 3.0), (b"y", 3.0), (7, 4.0)] * 2


def test_timeouts_reach_the_connection_asynchronously(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds of the asynchronous form, which writes head and body as one."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    network = _AsyncNetwork()
    stream = _connections._AsyncStream(network, _conversation_by())

    async def talk() -> None:
        for _ in range(2):
            await stream.write(_REQUEST, 3.0)
            await stream.write(b"y", 3.0)
            assert await stream.read(7, 4.0) == _ANSWER
            now[0] += 60.0

    # Without a loop, whose clock is the one that stands still here.
    with pytest.raises(StopIteration):
        talk().send(None)
    assert network.given == [(_REQUEST + b"y", 3.0), (7, 4.0)] * 2
