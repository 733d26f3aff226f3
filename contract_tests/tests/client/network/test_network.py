"""The client's promises about the network, on real sockets, sync and async."""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import ssl
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    AsyncClient,
    BadRequestError,
    Client,
    ConnectError,
    OutcomeUnknownError,
)
from datadog_servicenow_tickets._settings import keys as _keys
from tests.client.network.hostile import server

REQUEST: dict[str, Any] = {
    "ticket_url": f"https://example.service-now.com/incident.do?sys_id={'a' * 32}",
    "project_id": "a-project",
    "finding_ids": ["a-finding"],
}
BOTH = pytest.mark.parametrize("mode", ["sync", "async"])
_PATIENT = httpx2.Timeout(5.0, connect=0.4)


@pytest.fixture(autouse=True)
def _keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD_API_KEY", server.API_KEY)
    monkeypatch.setenv("DD_APP_KEY", server.APP_KEY)
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def calls(mode: str, *requests: dict[str, Any], **options: Any) -> list[Any]:
    """What calls on one client come to, one after the other: cases and exceptions."""

    async def wait() -> list[Any]:
        found: list[Any] = []
        async with AsyncClient(**options) as client:
            for request in requests or ({},):
                try:
                    found.append(await client.attach_findings(**{**REQUEST, **request}))
                except Exception as error:  # noqa: BLE001  # it is looked at
                    found.append(error)
        return found

    if mode == "async":
        return asyncio.run(wait())
    found: list[Any] = []
    with Client(**options) as client:
        for request in requests or ({},):
            try:
                found.append(client.attach_findings(**{**REQUEST, **request}))
            except Exception as error:  # noqa: BLE001  # as above
                found.append(error)
    return found


def case(name: str) -> bytes:
    """A 200 with the case of this id."""
    return server.answer(body=json.dumps({"data": {"type": "cases", "id": name}}).encode())


def keeping(*answers: bytes | None) -> server.Behaviour:
    """Answer request after request on one connection; None closes it when a request is there."""

    def act(connection: socket.socket, request: bytes) -> None:
        for answer in answers:
            if not request or answer is None:
                return
            connection.sendall(answer)
            request = server.read_request(connection)

    return act


def _hook(mode: str, error: Exception) -> Callable[[Any], Any]:
    def fail(_: object) -> None:
        raise error

    async def fail_async(_: object) -> None:
        raise error

    return fail_async if mode == "async" else fail


@BOTH
@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        ConnectionError("mine"),
        TimeoutError("mine"),
        UnicodeError("mine"),
        httpx2.ReadTimeout("mine"),
        httpx2.ConnectError("mine"),
        RuntimeError("mine"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_hook_raises(mode: str, kind: str, error: Exception) -> None:
    """It is passed on, once, as it is, and the request is not repeated."""
    with server.serving(server.says(case("x"))) as there:
        hooks = {kind: [_hook(mode, error)]}
        [caught] = calls(mode, base_url=there.url, event_hooks=hooks)
    assert caught is error
    assert len(there.requests) == (kind == "response")


@pytest.mark.parametrize("error", [PermissionError("mine"), httpx2.ConnectError("mine")])
def test_what_a_transport_raises(error: Exception) -> None:
    """So is what a transport of the caller's own raises, be it an error of the library."""

    class Mine(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, _: httpx2.Request) -> httpx2.Response:
            raise error

        async def handle_async_request(self, _: httpx2.Request) -> httpx2.Response:
            raise error

    assert calls("sync", transport=Mine()) == [error]
    assert calls("async", transport=Mine()) == [error]


@BOTH
def test_what_the_librarys_own_transport_raises(mode: str) -> None:
    """What httpx2's own transport raises, the network did: it is an error of the package."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    transport = httpx2.HTTPTransport() if mode == "sync" else httpx2.AsyncHTTPTransport()
    [error] = calls(mode, base_url=url, transport=transport, max_retries=0)
    assert isinstance(error, ConnectError)
    with server.serving(server.says(server.answer(length=9999))) as there:
        transport = httpx2.HTTPTransport() if mode == "sync" else httpx2.AsyncHTTPTransport()
        [got] = calls(mode, base_url=there.url, transport=transport)
    assert got.id


def _chunked(name: str) -> bytes:
    body = case(name).partition(b"\r\n\r\n")[2]
    whole = server.chunk(body) + server.chunk(b"")
    return server.unsized(whole, "Transfer-Encoding: chunked")


@BOTH
@pytest.mark.parametrize(
    "stray", [case("stale"), server.answer(400, b"{}"), b"HTTP/1.1 2", b"\r\n", b"x" * 70_000]
)
@pytest.mark.parametrize("first", [case("first"), _chunked("first")], ids=["length", "chunks"])
def test_bytes_behind_an_answer(mode: str, first: bytes, stray: bytes) -> None:
    """The connection is closed, and the next call gets its own answer."""
    with server.serving(keeping(first + stray, case("late"))) as there:
        found = calls(mode, {}, {}, base_url=there.url, max_retries=0)
    assert [each.id for each in found] == ["first", "first"]
    assert len(there.requests) == 2  # each on a connection of its own


@BOTH
@pytest.mark.parametrize("first", [case("first"), _chunked("first")], ids=["length", "chunks"])
def test_connection_is_kept(mode: str, first: bytes) -> None:
    """A connection with nothing behind its answer serves the next call."""
    with server.serving(keeping(first, case("second"))) as there:
        found = calls(mode, {}, {}, base_url=there.url)
    assert [each.id for each in found] == ["first", "second"]


@BOTH
@pytest.mark.parametrize("retries", [0, 2])
def test_kept_connection_that_closes(mode: str, retries: int) -> None:
    """A kept connection that is closed as the request goes out costs no error, and no retry."""
    with server.serving(keeping(case("first"), None)) as there:
        found = calls(mode, {}, {}, {}, base_url=there.url, max_retries=retries)
        assert [each.id for each in found] == ["first"] * 3
        found = calls(
            mode, {}, {}, base_url=there.url, max_retries=retries, retry_unknown_outcome=False
        )
    assert isinstance(found[1], OutcomeUnknownError)
    assert found[1].reason == "KeptConnectionClosedError: the server closed the kept connection"


@BOTH
@pytest.mark.parametrize("size", [1, 5, 17])
def test_echo_in_pieces(mode: str, size: int, caplog: pytest.LogCaptureFixture) -> None:
    """A key that is echoed in any number of segments is in no log."""
    caplog.set_level(logging.DEBUG)

    def act(connection: socket.socket, _: bytes) -> None:
        answer = server.answer(400, b"{}", f"X-Echo: {server.API_KEY}")
        start = answer.index(b"X-Echo") + 12
        connection.sendall(answer[:start])
        for at in range(start, start + 34, size):
            time.sleep(0.003)
            connection.sendall(answer[at : min(at + size, start + 34)])
        connection.sendall(answer[start + 34 :])

    with server.serving(act) as there:
        [error] = calls(mode, base_url=there.url)
    assert isinstance(error, BadRequestError)
    assert "X-Echo" in caplog.text
    assert server.API_KEY not in caplog.text
    assert server.API_KEY not in str(error.headers)


def test_masking_is_linear() -> None:
    """A body of 2 MiB that is nothing but escapes is masked in a fraction of a second."""
    keys = _keys.Keys(server.API_KEY, server.APP_KEY)
    keys.check()
    started = time.process_time()
    data = b"\\u0041" * ((2 << 20) // 6)
    assert keys.masked(data) == data
    assert time.process_time() - started < 0.75


@pytest.fixture
def alarm() -> Iterator[Callable[[Exception, server.Server], None]]:
    """Raises an exception in the main thread, a moment after a server has its first request."""

    def set_off(error: Exception, there: server.Server) -> None:
        def ring(*_: object) -> None:
            if there.requests:
                signal.setitimer(signal.ITIMER_REAL, 0)
                raise error

        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.2, 0.1)

    before = signal.getsignal(signal.SIGALRM)
    yield set_off
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


class SoftTimeLimitExceededError(Exception):
    """What a worker's time limit raises."""


@pytest.mark.parametrize(
    "error", [TimeoutError("mine"), SoftTimeLimitExceededError("mine"), InterruptedError("mine")]
)
def test_alarm(error: Exception, alarm: Callable[[Exception, server.Server], None]) -> None:
    """What a signal handler raises while a call waits is passed on, and shows no key."""
    with server.serving(server.silence) as there:
        alarm(error, there)
        [caught] = calls("sync", base_url=there.url)
        assert caught is error
        assert len(there.requests) == 1
        shown = traceback.TracebackException.from_exception(caught, capture_locals=True)
    text = "".join(shown.format())
    assert server.API_KEY not in text
    assert server.APP_KEY not in text
    assert "raise error" in text  # the lines are there


def _socks_after(*replies: bytes) -> server.Behaviour:
    def act(connection: socket.socket, _: bytes) -> None:
        for reply in replies:
            connection.recv(100)
            connection.sendall(reply)
        if not replies:
            connection.recv(100)

    return act


_PROXIES: list[tuple[str, str, server.Behaviour]] = [
    ("hangs", "http", server.silence),
    ("closes", "http", server.says(b"")),
    ("resets", "http", server.reset),
    ("junk", "http", server.says(b"junk\r\n\r\n")),
    ("drips", "http", server.drips(b"HTTP/1.1 200 O", b"K")),
    ("502", "http", server.says(server.answer(502, b"<html>"))),
    ("no TLS", "http", server.says(b"HTTP/1.1 200 OK\r\n\r\n")),
    ("hangs", "socks5", server.silence),
    ("closes", "socks5", _socks_after()),
    ("resets", "socks5", server.reset),
    ("junk", "socks5", _socks_after(b"HTTP/1.1 400 no\r\n\r\n")),
    ("short", "socks5", _socks_after(b"\5")),
    ("no method", "socks5", _socks_after(b"\5\xff")),
    ("refuses", "socks5", _socks_after(b"\5\0", b"\5\1\0\1\0\0\0\0\0\0")),
    ("no TLS", "socks5", _socks_after(b"\5\0", b"\5\0\0\1\0\0\0\0\0\0")),
    ("cut short", "socks5", _socks_after(b"\5\0", b"\5\0\0")),
    ("unknown kind", "socks5", _socks_after(b"\5\0", b"\5\0\0\x09\0\0\0\0\0\0")),
    ("name that is none", "socks5", _socks_after(b"\5\0", b"\5\0\0\3\2\xff\xfe\0\0")),
    ("more than asked", "socks5", _socks_after(b"\5\0\5\0")),
    ("wants a name", "socks5", _socks_after(b"\5\2")),
]


@BOTH
@pytest.mark.parametrize(
    ("name", "scheme", "act"), _PROXIES, ids=[f"{s}-{n}" for n, s, _ in _PROXIES]
)
def test_proxy(mode: str, name: str, scheme: str, act: server.Behaviour) -> None:
    """Whatever a proxy does before it connects, nothing was sent, within the connect timeout."""
    if scheme == "socks5":
        pytest.importorskip("socksio")
    with server.serving(act, early=scheme != "http") as there:
        started = time.monotonic()
        proxy = f"{scheme}://127.0.0.1:{there.port}"
        [error] = calls(mode, proxy=proxy, timeout=_PATIENT, max_retries=0)
        assert time.monotonic() - started < 2, name
    assert isinstance(error, ConnectError)
    assert error.applied is False
    assert all(server.API_KEY.encode() not in request for request in there.requests)


@BOTH
@pytest.mark.parametrize(
    "reply", [b"\1\x7f\0\0\1\0\0", b"\3\4name\0\0", b"\4" + bytes(18)], ids=["4", "name", "6"]
)
def test_socks_in_pieces(mode: str, reply: bytes) -> None:
    """A SOCKS proxy may send its replies byte by byte; then the call goes through it."""
    pytest.importorskip("socksio")

    def act(connection: socket.socket, _: bytes) -> None:
        for said in (b"\5\2", b"\1\0", b"\5\0\0" + reply):
            connection.recv(500)
            for at in range(len(said)):
                connection.sendall(said[at : at + 1])
                time.sleep(0.002)
        connection.recv(500)
        connection.sendall(case("x"))

    with server.serving(act, early=True) as there:
        proxy = f"socks5://user:password@127.0.0.1:{there.port}"
        [found] = calls(mode, proxy=proxy, base_url="http://127.0.0.1:1", timeout=_PATIENT)
    assert found.id == "x"


@BOTH
@pytest.mark.parametrize(("status", "attempts"), [(407, 1), (403, 1), (502, 3), (503, 3)])
def test_proxy_that_says_no(mode: str, status: int, attempts: int) -> None:
    """Other credentials are for the caller to find; a proxy that failed is asked again."""
    with server.serving(server.says(server.answer(status, b""))) as there:
        [error] = calls(mode, proxy=there.url)
    assert isinstance(error, ConnectError)
    assert (error.attempts, error.lasting) == (attempts, attempts == 1)
    assert len(there.requests) == attempts


@BOTH
def test_certificate_is_not_asked_for_again(mode: str) -> None:
    """A certificate that nobody signed will not be signed a moment later."""
    with server.serving(server.says(case("x")), tls=True) as there:
        [error] = calls(mode, base_url=f"https://localhost:{there.port}")
    assert isinstance(error, ConnectError)
    assert (error.attempts, error.lasting) == (1, True)


@BOTH
@pytest.mark.parametrize(("number", "attempts"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 3)])
def test_unknown_host(
    mode: str, number: int, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that does not exist is asked for once; a name server that is busy, again."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    [error] = calls(mode)
    assert isinstance(error, ConnectError)
    assert error.attempts == attempts


@BOTH
def test_one_connect_timeout(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All addresses of a host together get one connect timeout."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("0.0.0.0", 0), backlog=0))  # noqa: S104  # for three addresses
        port = full.getsockname()[1]
        for _ in range(3):  # so that no more are taken
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", port))
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", port))
            for last in (1, 2, 3)
        ]
        known = socket.getaddrinfo

        def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            return found if host in ("localhost", b"localhost") else known(host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        started = time.monotonic()
        url = f"http://localhost:{port}"
        [error] = calls(mode, base_url=url, timeout=_PATIENT, max_retries=0)
        assert 0.35 < time.monotonic() - started < 0.9
    assert isinstance(error, ConnectError)


@BOTH
def test_address_that_refuses(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When one address of a host refuses, the next one is asked."""
    known = socket.getaddrinfo
    with server.serving(server.says(case("x"))) as there:

        def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            names = ("127.0.0.2", "127.0.0.1") if host in ("localhost", b"localhost") else (host,)
            return [each for name in names for each in known(name, *args, **kwargs)]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        [found] = calls(mode, base_url=f"http://localhost:{there.port}", max_retries=0)
    assert found.id == "x"


def _of_its_finding(connection: socket.socket, request: bytes) -> None:
    """Answer each request with a case that is called like its finding."""
    while request:
        name = json.loads(request.partition(b"\r\n\r\n")[2])
        time.sleep(0.03)
        finding = name["data"]["relationships"]["findings"]["data"][0]["id"]
        connection.sendall(case(finding))
        request = server.read_request(connection)


def test_fork() -> None:
    """After a fork parent and child make connections of their own, and get their own answers."""
    with server.serving(_of_its_finding) as there, Client(base_url=there.url) as client:

        def asked(finding: str) -> Any:
            return client.attach_findings(**{**REQUEST, "finding_ids": [finding]}).id

        assert asked("first") == "first"
        for _ in range(5):
            told, tell = os.pipe()
            child = os.fork()
            if child == 0:
                with contextlib.suppress(BaseException):
                    os.write(tell, asked("child").encode())
                os._exit(0)
            os.close(tell)
            mine = asked("parent")
            os.waitpid(child, 0)
            assert (mine, os.read(told, 99)) == ("parent", b"child")
            os.close(told)


def test_closing_in_a_loop() -> None:
    """An asynchronous client that is closed leaves neither a pool nor what watches its loop."""

    async def use(client: AsyncClient) -> None:
        await client.attach_findings(**REQUEST)
        assert len(client._via._watchers) == len(client._via._pools._pools) == 1
        await client.aclose()
        assert not client._via._watchers
        assert not client._via._pools._pools

    with server.serving(keeping(case("x"))) as there:
        asyncio.run(use(AsyncClient(base_url=there.url)))


def test_renewal() -> None:
    """A pool that is left closes the connections that nobody uses, and no other."""
    with (
        server.serving(keeping(case("x"), case("y"))) as there,
        Client(base_url=there.url) as client,
    ):
        client._via.renew()
        client.attach_findings(**REQUEST)
        pool = client._via._pool
        [connection] = pool.connections
        client._via.renew()
        assert connection.is_closed()
        assert client._via._pool is not pool


def test_second_loop() -> None:
    """An asynchronous client serves one event loop after the other, and leaves nothing open."""
    with server.serving(keeping(case("x"), case("y"))) as there:
        client = AsyncClient(base_url=there.url)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ResourceWarning)
            found = [asyncio.run(client.attach_findings(**REQUEST)).id for _ in range(3)]
            assert client._via._watchers == {}
            asyncio.run(client.aclose())
            del client
            gc.collect()
    assert found == ["x", "x", "x"]
    assert [str(each.message) for each in caught] == []


def test_two_loops_at_once() -> None:
    """So it does two at once."""
    found: list[bool] = []

    async def work(client: AsyncClient, name: str) -> None:
        for _ in range(10):
            got = await client.attach_findings(**{**REQUEST, "finding_ids": [name]})
            found.append(got.id == name)
        await client._via._pool.aclose()

    with server.serving(_of_its_finding) as there:
        client = AsyncClient(base_url=there.url)
        threads = [
            threading.Thread(target=lambda name: asyncio.run(work(client, name)), args=(name,))
            for name in ("one", "other")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 20


@BOTH
@pytest.mark.parametrize("earlier", [TimeoutError("of a signal"), ssl.SSLCertVerificationError()])
def test_call_while_an_error_is_handled(mode: str, earlier: Exception) -> None:
    """A call tells of itself, and not of what its caller is handling; whose frames are kept."""

    def ring(*_: object) -> None:
        held = "what a frame holds"  # noqa: F841  # it is looked for
        raise earlier

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        try:
            signal.raise_signal(signal.SIGALRM)
        except (TimeoutError, ssl.SSLCertVerificationError) as caught:
            [error] = calls(mode, base_url=url, max_retries=0)
            shown = traceback.TracebackException.from_exception(caught, capture_locals=True)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert isinstance(error, ConnectError)
    assert error.lasting is False
    assert "what a frame holds" in "".join(shown.format())


class _Interruption(BaseException):
    """What a signal handler raises, anywhere."""


@BOTH
def test_interruption_while_an_error_is_handled(mode: str) -> None:
    """A call that is interrupted keeps the frames of what its caller is handling."""

    class Mine(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, _: httpx2.Request) -> httpx2.Response:
            raise _Interruption

        async def handle_async_request(self, _: httpx2.Request) -> httpx2.Response:
            raise _Interruption

    def fail() -> None:
        held = "what a frame holds"  # noqa: F841  # it is looked for
        raise LookupError

    try:
        fail()
    except LookupError as caught:
        with pytest.raises(_Interruption):
            calls(mode, transport=Mine())
        shown = traceback.TracebackException.from_exception(caught, capture_locals=True)
    assert "what a frame holds" in "".join(shown.format())


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # its connection is left to the garbage collector
@pytest.mark.parametrize("at", range(20, 2500, 83))
def test_call_that_is_interrupted(at: int) -> None:
    """A call that is interrupted, wherever it is, costs the next one neither time nor place."""
    left = at

    def interrupt(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if event == "line" and "site-packages" in frame.f_code.co_filename:
            left -= 1
            if left < 0:
                sys.settrace(None)
                raise _Interruption
        return interrupt

    with server.serving(keeping(case("x"), case("x"), case("x"))) as there:
        limits = httpx2.Limits(max_connections=1)
        with Client(base_url=there.url, limits=limits, timeout=2.0, max_retries=0) as client:
            client.attach_findings(**REQUEST)
            tracing = sys.gettrace()
            sys.settrace(interrupt)
            try:
                client.attach_findings(**REQUEST)
            except _Interruption:
                pass
            finally:
                sys.settrace(tracing)
            assert client.attach_findings(**REQUEST).id == "x"
        gc.collect()


def test_given_transport_is_closed() -> None:
    """A transport of the caller's is closed with the client."""
    closed: list[str] = []

    class Mine(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def close(self) -> None:
            closed.append("sync")

        async def aclose(self) -> None:
            closed.append("async")

    for mode in ("sync", "async"):
        calls(mode, transport=Mine())
    assert closed == ["sync", "async"]


def test_given_transport_of_a_client_that_is_closed_in_a_call() -> None:
    """It is closed again after the call, which may have opened what was closed."""
    told: list[str] = []

    class Mine(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, _: httpx2.Request) -> httpx2.Response:
            client.close()
            told.append("opened")
            return httpx2.Response(200, content=server.CASE)

        async def handle_async_request(self, _: httpx2.Request) -> httpx2.Response:
            await other.close()
            told.append("opened")
            return httpx2.Response(200, content=server.CASE)

        def close(self) -> None:
            told.append("closed")

        async def aclose(self) -> None:
            self.close()

    client, other = Client(transport=Mine()), AsyncClient(transport=Mine())
    client.attach_findings(**REQUEST)
    asyncio.run(other.attach_findings(**REQUEST))
    assert told == ["closed", "opened", "closed"] * 2


@BOTH
def test_what_a_hook_reads(mode: str) -> None:
    """A hook sees an answer's own reason phrase and headers, as with the library's transport."""
    seen: list[object] = []

    def hook(response: httpx2.Response) -> None:
        seen.extend((response.reason_phrase, "Content-Length" in response.headers))
        assert 0 < response.elapsed.total_seconds() < 60

    async def hook_async(response: httpx2.Response) -> None:
        hook(response)

    hooks = {"response": [hook if mode == "sync" else hook_async]}
    with server.serving(server.says(case("c"))) as there:
        calls(mode, base_url=there.url, event_hooks=hooks)
    assert seen == ["Hostile", True]


@BOTH
def test_timeout_of_a_request_that_a_hook_sees(mode: str) -> None:
    """It is the client's."""

    async def hook_async(_: object) -> None:
        pass

    hooks = {"request": [(lambda _: None) if mode == "sync" else hook_async]}
    with server.serving(lambda *_: time.sleep(1)) as there:
        [error] = calls(mode, base_url=there.url, event_hooks=hooks, timeout=0.1, max_retries=0)
    assert "ReadTimeout" in str(error)


@BOTH
def test_body_that_a_hook_takes(mode: str) -> None:
    """When a hook reads a body and does not keep it, the error says so."""

    def hook(response: httpx2.Response) -> None:
        assert b"".join(response.iter_raw())

    async def hook_async(response: httpx2.Response) -> None:
        assert [each async for each in response.aiter_raw()]

    hooks = {"response": [hook if mode == "sync" else hook_async]}
    with server.serving(server.says(case("c"))) as there:
        [error] = calls(mode, base_url=there.url, event_hooks=hooks, max_retries=0)
    assert error.reason == "an empty body; a hook read the body and did not keep it"


@pytest.mark.parametrize("returned", [None, {}, "an answer", httpx2.Response, object()])
def test_what_a_transport_returns(returned: object) -> None:
    """A transport of the caller's that returns no answer is an error that says so."""

    class Mine(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, _: httpx2.Request) -> Any:
            return returned

        async def handle_async_request(self, _: httpx2.Request) -> Any:
            return returned

    for mode in ("sync", "async"):
        [error] = calls(mode, transport=Mine(), max_retries=0)
        assert isinstance(error, OutcomeUnknownError)
        stream = f"httpx2.{'Async' * (mode == 'async') or 'Sync'}ByteStream"
        assert error.reason == (
            f"the transport returned a {type(returned).__name__}, not an httpx2.Response "
            f"with an {stream}"
        )
