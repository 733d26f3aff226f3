"""Where a bound of the client lies, to the byte: one less and one more come to something else."""

import asyncio
import base64
import functools
import signal
import socket
import ssl
from collections.abc import Callable
from typing import Any

import httpcore2
import httpx2
import pytest

from datadog_servicenow_tickets import (
    AsyncClient,
    Client,
    ClientClosedError,
    ConnectError,
    OutcomeUnknownError,
)
from datadog_servicenow_tickets._network import body as _body
from datadog_servicenow_tickets._network import connections as _connections
from datadog_servicenow_tickets._network import conversation as _conversation
from datadog_servicenow_tickets._network import faults as _faults
from datadog_servicenow_tickets._network import judge as _judge
from datadog_servicenow_tickets._network import pools as _pools
from datadog_servicenow_tickets._network import wire as _wire
from datadog_servicenow_tickets._settings import keys as _keys
from tests.client.calls import API_KEY, APP_KEY, KEYS

_REQUEST = b"PATCH / HTTP/1.1\r\n\r\n"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def _begun(*, is_socks: bool = False) -> Any:
    """A conversation in which a request went out."""
    found = _conversation.Conversation(lambda data: data, None, is_socks=is_socks)
    found.note(_REQUEST)
    found.note(b"x")
    return found


def _keys_of(api_key: str = API_KEY) -> Any:
    keys = _keys.Keys(api_key, APP_KEY)
    keys.check()
    return keys


@pytest.mark.parametrize(("more", "is_held"), [(0, True), (1, False)])
def test_head_without_an_end(more: int, is_held: bool) -> None:
    """A head is waited for up to 100 KiB; a longer one is handed on for the library to refuse."""
    head = b"HTTP/1.1 200 OK\r\nX: ".ljust(100 * 1024 + more, b"x")
    assert _begun().handed_on(head) == (None if is_held else head)


def test_interim_answers_are_handed_on_at_once() -> None:
    """They are, however much of the head that follows is there; the rest of it waits."""
    talk, interim = _begun(), b"HTTP/1.1 103 Early\r\n\r\n"
    rest = b"HTTP/1.1 200 OK\r\nX: ".ljust(101 * 1024, b"x")
    assert talk.handed_on(interim + rest) == interim
    assert talk.handed_on(b"") == rest
    assert talk.handed_on(b"more") == b"more"


@pytest.mark.parametrize(("more", "is_kept"), [(0, True), (1, False)])
def test_answer_that_is_compared_with_its_length(more: int, is_kept: bool) -> None:
    """An answer of up to a mebibyte keeps its connection, in one piece or two; no larger one."""
    size = 1024 * 1024 + more - len(b"HTTP/1.1 200 OK\r\nContent-Length: 1048535\r\n\r\n")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    assert len(answer) == 1024 * 1024 + more
    for cut in (len(answer), 100):
        talk = _begun()
        for part in filter(None, (answer[:cut], answer[cut:])):
            talk.handed_on(part)
        assert (talk.is_done(), talk.is_done()) == (is_kept, is_kept)


def test_next_request_forgets_the_answer() -> None:
    """What is known of an answer is known of none to the next request."""
    talk = _begun()
    talk.handed_on(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny")
    assert talk.is_done()
    talk.note(_REQUEST)
    assert not talk.is_done()


def test_line_of_a_chunk_that_does_not_end() -> None:
    """Of a body in chunks the last 4 KiB without a line's end wait; its end hands on all."""
    talk = _begun()
    assert talk.handed_on(_CHUNKED) == _CHUNKED
    assert talk.handed_on(b"x" * 4096) is None
    assert talk.handed_on(b"y") == b"x"
    assert talk.handed_on(b"\nz") == b"x" * 4095 + b"y\n"
    assert talk.handed_on(b"") == b"z"


@pytest.mark.parametrize(
    ("reply", "size"),
    [
        (b"\1", 2),
        (b"\1\0\0\1\0", 2),
        (b"\5\0\0\1", None),
        (b"\5\0\0\1\x7f", 10),
        (b"\5\0\0\3\0", 7),
        (b"\5\0\0\3\xff", 262),
        (b"\5\0\0\4\0", 22),
        (b"\5\0\0\2\0", 0),
    ],
)
def test_reply_of_a_socks_proxy(reply: bytes, size: int | None) -> None:
    """Its kind of address tells how long it is (RFC 1928, section 6)."""
    assert _conversation._size_of(reply) == size


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ([b"\5", b"\0"], b"\5\0"),
        ([b"\5\2"], None),
        ([b"\5\0", b"\1\0"], b"\1\0"),
        ([b"\5\0", b"\5\0\0\1\1\2\3\4\0", b"\x50"], b"\5\0\0\1" + bytes(6)),
        ([b"\5\0", b"\5\0\0\1\1\2\3\4\0\x50\0"], None),
        ([b"\5\0", b"\5\1\0\1\1\2\3\4\0\x50"], None),
        ([b"\5\0", b"\5"], b""),
        ([b""], None),
    ],
)
def test_what_a_socks_proxy_says(replies: list[bytes], outcome: bytes | None) -> None:
    """A reply is handed on when it is whole and agrees; None here: it is refused."""
    talk = _conversation.Conversation(lambda data: data, None, is_socks=True)
    talk.note(b"\5\1\0")
    if outcome is None:
        with pytest.raises(
            httpcore2.ProxyError,
            match=r"^the SOCKS proxy did not agree; it answered (nothing|[0-9a-f]+)$",
        ):
            [talk.handed_on(each) for each in replies]
    else:
        assert ([talk.handed_on(each) for each in replies][-1] or b"") == outcome


def test_every_cause_is_seen_once() -> None:
    """An error leads to its cause, to what it came after, and to the parts of a group."""
    cause, context, part, before = (ValueError(str(number)) for number in range(4))
    error = ExceptionGroup("group", [part, cause])
    error.__cause__, error.__context__ = cause, context
    cause.__context__ = error
    context.__context__ = before
    before.__context__ = KeyError()
    found = list(_faults.chain(error, before))
    assert len(found) == 4
    assert {*found} == {error, cause, context, part}
    assert [*_faults.chain(cause, None)][-1:] != []
    assert {type(each) for each in _faults.chain(before, None)} == {ValueError, KeyError}


@pytest.mark.parametrize("number", [10, 255, 256, 999])
def test_number_that_is_no_byte(number: int) -> None:
    """A character of HTML that is none of a key's is left as it is."""
    text = b"&#%d;&#0%d;" % (number, number)
    assert _keys_of().masked(text) == text


def test_base64_is_looked_at_unless_told_otherwise() -> None:
    """A key in base64 is masked by default, and not where that would take too long."""
    keys, text = _keys_of(), base64.b64encode(f"x{API_KEY}x".encode())
    assert keys.masked(text).count(b"*") > len(API_KEY)
    assert keys.masked(text, in_base64=False) == text
    assert keys.masked(API_KEY.encode(), in_base64=False) == b"*" * len(API_KEY)


def test_key_with_a_backslash() -> None:
    """A key with a backslash is masked as it is, and where JSON has doubled it."""
    key = "a-key\\with-one"
    keys = _keys_of(key)
    assert keys.masked_text(key) == "*" * len(key)
    assert keys.masked_text(key.replace("\\", "\\\\")).count("*") >= len(key)


def test_text_that_no_encoding_has() -> None:
    """Half a surrogate in a text is no error: it is shown as what it is not."""
    assert _keys_of().masked_text(f"a\ud800b{API_KEY}").endswith("b" + "*" * len(API_KEY))


def _rings(*_: object) -> None:
    raise TimeoutError


class _Ringing:
    """Objects that a signal can call."""

    def method(self, *_: object) -> None:
        raise TimeoutError

    def __call__(self, *_: object) -> None:
        raise TimeoutError


@pytest.mark.parametrize(
    "handler",
    [
        _rings,
        _Ringing().method,
        _Ringing(),
        functools.partial(_rings, 1),
        functools.partial(functools.partial(_Ringing().method, 1), 2),
    ],
    ids=range(5),
)
def test_what_a_signal_handler_raised(handler: Any) -> None:
    """An error is a signal's when its traceback passes the handler, of whatever kind that is."""
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(TimeoutError) as caught:
            signal.raise_signal(signal.SIGUSR1)
        assert _faults.raised_by_a_signal(caught.value, None) is caught.value
        for error in (TimeoutError(), OSError()):
            try:
                raise error
            except OSError:
                assert _faults.raised_by_a_signal(error, None) is None
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize(
    ("waiting", "holds"),
    [(b"x", True), (b"", True), (ssl.SSLWantReadError(), False), (ssl.SSLError(), True)],
)
def test_bytes_that_wait_in_tls(waiting: bytes | Exception, holds: bool) -> None:
    """A connection over TLS holds more when it gives a byte, or ends, or is broken."""

    class Tls:
        def read(self, size: int) -> bytes:
            assert size == 1
            if isinstance(waiting, Exception):
                raise waiting
            return waiting

    assert _connections._holds_more(Tls()) is holds  # type: ignore[arg-type]  # it reads no more
    assert _connections._holds_more(None) is False


@pytest.mark.parametrize("is_closed", [False, True])
def test_body_of_a_closed_client(is_closed: bool) -> None:
    """Once the client is closed, the connection ends with the answer that came on it."""
    closed: list[str] = []

    class Connection:
        def close(self) -> None:
            closed.append("connection")

        async def aclose(self) -> None:
            self.close()

    class Stream(httpx2.ByteStream):
        def close(self) -> None:
            closed.append("stream")

        async def aclose(self) -> None:
            self.close()

    judge = _judge.Judge(_keys_of())
    judge.is_closed = is_closed
    request = httpcore2.Request("PATCH", "https://x/")
    answer = httpcore2.Response(
        200, content=Stream(b""), extensions={"network_stream": Connection()}
    )
    body = judge.body(answer, request)
    body.close()
    asyncio.run(body.aclose())
    assert closed == (["stream", "connection"] * 2 if is_closed else ["stream"] * 2)


def test_transport_that_is_closed() -> None:
    """A request that comes too late, when the client is being closed, is not sent."""
    request = httpx2.Request("PATCH", "http://127.0.0.1:9/")
    client, other = Client(**KEYS), AsyncClient(**KEYS)
    client.close()
    asyncio.run(other.close())
    sends: list[Callable[[], object]] = [
        lambda: client._via.handle_request(request),
        lambda: asyncio.run(other._via.handle_async_request(request)),
    ]
    for send in sends:
        with pytest.raises(_faults.Fault) as caught:
            send()
        assert isinstance(caught.value.error, ClientClosedError)


def test_pool_of_another_process() -> None:
    """Its connections are closed here, one by one, when this process makes a pool."""
    closed: list[int] = []

    class Connection:
        def close(self) -> None:
            closed.append(1)

    class Left(httpcore2.ConnectionPool):
        @property
        def connections(self) -> list[Any]:
            return [Connection(), Connection()]

    pools = _pools.Pools(httpcore2.ConnectionPool)
    pools._pools[0, None] = Left()
    kept = pools.here()
    assert list(pools._pools.values()) == [kept]
    assert closed == [1, 1]


def test_pool_of_a_loop() -> None:
    """It is left when its loop is closed, and no sooner."""
    pools = _pools.Pools(httpcore2.AsyncConnectionPool)
    loop, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    kept = pools.here(loop)
    assert pools.here(other) is not kept
    other.close()
    assert pools.take(other) is None
    assert list(pools._pools.values()) == [kept]
    assert pools.take(loop) is kept
    loop.close()


def test_pool_is_made_once() -> None:
    """A process and a loop have one pool each, until it is taken."""
    made: list[Any] = []

    def make() -> Any:
        made.append(httpcore2.ConnectionPool())
        return made[-1]

    pools = _pools.Pools(make)
    assert pools.here() is pools.here() is made[0]
    assert len(made) == 1
    assert pools.take() is made[0]
    assert pools.take() is None
    assert pools.here() is made[1]


def test_what_the_network_can_cause() -> None:
    """Every error of the libraries, but those that only a wrong use of them raises."""
    for library, others in (
        (httpcore2, {"ConnectionNotAvailable"}),
        (httpx2, {"HTTPError", "HTTPStatusError", "InvalidURL", "RequestError", "StreamError",
                  "CookieConflict", "DecodingError", "RequestNotRead", "ResponseNotRead",
                  "StreamClosed", "StreamConsumed", "TooManyRedirects"}),
    ):  # fmt: skip
        kinds = [each for each in vars(library).values() if isinstance(each, type)]
        errors = [each for each in kinds if issubclass(each, Exception)]
        assert {each.__name__ for each in errors if not issubclass(each, _judge.FAULTS)} == others
        assert {each.__name__ for each in errors if issubclass(each, _judge._NEVER_SENT)} == {
            *("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
        }
    for system in (OSError, UnicodeError):
        assert issubclass(system, _judge.FAULTS)


def test_address_without_a_timeout() -> None:
    """A connection goes to the address that is asked for, also when nobody bounds it."""
    with socket.create_server(("127.0.0.2", 0)) as there:
        backend = _connections._Backend(lambda data: data, is_socks=False)
        stream = backend.connect_tcp(*there.getsockname())
        assert stream.get_extra_info("server_addr") == there.getsockname()
        stream.close()


def test_more_secrets() -> None:
    """What is hidden later is masked beside what was hidden before, in base64 too."""
    keys = _keys_of()
    keys.hide(b"another-secret", b"short")
    for secret in (API_KEY, APP_KEY, "another-secret"):
        for text in (secret.encode(), base64.b64encode(secret.encode())):
            assert keys.masked(text).count(b"*") >= len(secret) - 3
        assert keys.masked(secret.encode(), in_base64=False) == b"*" * len(secret)
    assert keys.masked(b"short") == b"short"


def test_body_in_parts() -> None:
    """A body is full when all its parts together are larger than the bound, and no sooner."""
    body, half = _body.Body(), bytes(_body.LARGEST // 2)
    assert [body.is_full_with(part) for part in (half, half)] == [False, False]
    assert body.flaw is None
    assert body.is_full_with(b"x") is True
    for codings in (None, "br"):
        content, flaw = body.decoded(codings)
        assert (len(content), flaw) == (_body.LARGEST, _body.TOO_LARGE)


def test_whether_a_request_was_sent() -> None:
    """It was when its body was asked for, or when that cannot be told; the text shows no key."""
    judge, stream = _judge.Judge(_keys_of()), _wire.Content(b"x")
    error, reason = httpcore2.ReadError(API_KEY), f"ReadError: {'*' * len(API_KEY)}"
    request = httpx2.Request("PATCH", "https://x/", stream=stream)
    before: Any = judge.fault(error, request)
    assert (type(before.error), before.error.reason) == (ConnectError, reason)
    assert list(stream) == [b"x"]
    for each in (request, httpx2.Request("PATCH", "https://x/")):
        after: Any = judge.fault(error, each)
        assert (type(after.error), after.error.reason) == (OutcomeUnknownError, reason)
        assert after.kept is False
    silent: Any = judge.fault(_conversation.KeptConnectionClosedError(), request)
    assert silent.kept is True
    nameless: Any = judge.fault(OSError(), request)
    assert nameless.error.reason == "OSError"
    assert str(_faults.Fault(ClientClosedError())) == str(ClientClosedError())


@pytest.mark.parametrize(
    ("error", "is_lasting"),
    [
        (httpcore2.ProxyError("407 Proxy Authentication Required"), True),
        (httpcore2.ProxyError("403 Forbidden"), True),
        (httpcore2.ProxyError("Requested USERNAME/PASSWORD from proxy server, but got …"), True),
        (httpcore2.ProxyError("Invalid username/password"), True),
        (httpcore2.ProxyError("502 Bad Gateway"), False),
        (httpcore2.ConnectError("407"), False),
        (socket.gaierror(socket.EAI_NONAME, "x"), True),
        (socket.gaierror(socket.EAI_AGAIN, "x"), False),
        (ssl.SSLCertVerificationError(), True),
        (ssl.SSLError(), False),
        (UnicodeError(), True),
    ],
)
def test_what_lasts(error: Exception, is_lasting: bool) -> None:
    """A refusal, a certificate or a name that is wrong will be wrong the next time too."""
    assert _faults.is_lasting(error, None) is is_lasting
    outer = httpcore2.ConnectError()
    outer.__cause__ = error
    assert _faults.is_lasting(outer, None) is (
        is_lasting and not isinstance(error, httpcore2.ProxyError)
    )
