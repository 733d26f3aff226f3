"""The keys go to one origin, and are seen nowhere else; the log tells of attempts and no more."""

import asyncio
import base64
import copy
import gc
import json
import logging
import pickle
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    APIError,
    AsyncClient,
    BadRequestError,
    Client,
    ConfigurationError,
    ConnectError,
    ServiceNowTicketsError,
)
from datadog_servicenow_tickets._network.wire import Content
from datadog_servicenow_tickets._settings.keys import Keys
from datadog_servicenow_tickets._settings.time import Timeouts
from tests.client.calls import (
    API_HEADER,
    API_KEY,
    APP_HEADER,
    APP_KEY,
    CASE,
    CLIENTS,
    ELSEWHERE,
    KEYS,
    MODES,
    REQUEST,
    Kind,
    answering,
    call,
    naps,
)
from tests.client.network.hostile import server

_LINE = re.compile(
    rf"PATCH api\.{re.escape(ELSEWHERE)}: (200|429|ConnectError), attempt [12], \d+\.\d{{3}} s"
)


def _own(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "datadog_servicenow_tickets"
    ]


@pytest.mark.parametrize("mode", MODES)
def test_log(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each attempt is one debug line: method, host, status or error, attempt, seconds."""
    caplog.set_level(logging.DEBUG)
    handler, _ = answering(httpx2.Response(429), httpx2.Response(200, json=CASE))
    call(mode, handler, prepare=naps, site=ELSEWHERE)
    handler, _ = answering(httpx2.ConnectError("x"))
    with pytest.raises(ConnectError):
        call(mode, handler, max_retries=0, site=ELSEWHERE)
    assert len(_own(caplog)) == 3
    assert all(_LINE.fullmatch(line) for line in _own(caplog))
    assert all(record.levelno == logging.DEBUG for record in caplog.records if "api." in record.msg)


def test_log_is_silent_by_default() -> None:
    """The logger has a handler that does nothing, so that nothing is printed unasked."""
    handlers = logging.getLogger("datadog_servicenow_tickets").handlers
    assert [type(handler) for handler in handlers] == [logging.NullHandler]


@pytest.mark.parametrize("mode", MODES)
def test_log_holds_neither_header_nor_body(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at DEBUG, neither keys nor bodies are logged."""
    caplog.set_level(logging.DEBUG)
    handler, _ = answering(httpx2.Response(200, json=CASE))
    call(mode, handler)
    for text in (API_KEY, APP_KEY, "a-finding", "a-case", "sys_id"):
        assert text not in caplog.text


@CLIENTS
def test_keys_join_a_request_when_it_is_sent(kind: Kind) -> None:
    """What a client holds of its requests has no header with a key."""
    request = kind(**KEYS)._wire.request(Content(b"{}"), Timeouts({}, None))
    assert not {API_HEADER.lower(), APP_HEADER.lower()} & set(request.headers)


@CLIENTS
def test_no_repr_shows_a_key(kind: Kind) -> None:
    """No object of this package or of httpx2's that a client holds shows a key in its repr."""
    client = kind(**KEYS)
    ours = [client, client._wire, client._wire.keys, client._via, client._via.__dict__]
    shown = " ".join([*map(repr, ours), repr(client.__dict__)])
    assert API_KEY not in shown
    assert APP_KEY not in shown


@CLIENTS
def test_keys_are_not_pickled(kind: Kind) -> None:
    """The object that holds the keys is neither pickled nor copied."""
    for twice in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            twice(kind(**KEYS)._wire.keys)


def _rendered(error: BaseException) -> str:
    """The traceback below the caller's own frame, locals included."""
    rendered = traceback.TracebackException.from_exception(error, capture_locals=True)
    del rendered.stack[0]
    return "".join(rendered.format())


@CLIENTS
@pytest.mark.parametrize(
    "options",
    [{"site": "x"}, {"base_url": "x"}, {"max_retries": -1}, {"timeout": 0}, {"app_key": "a b"}],
)
def test_traceback_of_a_refused_construction(kind: Kind, options: dict[str, Any]) -> None:
    """When construction fails, no frame of ours shows a key."""
    with pytest.raises(ConfigurationError) as caught:
        kind(**{**KEYS, **options})
    text = _rendered(caught.value)
    assert API_KEY not in text
    assert APP_KEY not in text


class _Leaking(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A transport whose frames hold what is sent, as those of httpcore2 and h11 do."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        sent = request.headers.raw  # noqa: F841  # seen in the traceback
        raise self._error

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return self.handle_request(request)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "signal", [KeyboardInterrupt, SystemExit, RecursionError, httpx2.WriteError("x")]
)
def test_traceback_while_sending(mode: str, signal: Any) -> None:
    """What interrupts the sending passes; its frames keep their lines, and hold nothing."""
    expected = signal if isinstance(signal, type) else Exception
    with pytest.raises(expected) as caught:
        call(mode, lambda _: httpx2.Response(200), transport=_Leaking(signal))
    error: BaseException | None = caught.value
    while error is not None:
        rendered = traceback.TracebackException.from_exception(error, capture_locals=True)
        frames = [frame for frame in rendered.stack if frame.name == "handle_request"]
        assert not any(frame.locals for frame in frames)
        assert all(frame.line for frame in frames)
        error = error.__context__


def test_cookies_are_neither_kept_nor_sent() -> None:
    """A cookie of an answer is not sent back."""
    answer = httpx2.Response(200, json=CASE, headers={"Set-Cookie": "a=b; Path=/"})
    handler, requests = answering(answer, answer)
    with Client(**KEYS, transport=httpx2.MockTransport(handler)) as client:
        client.attach_findings(**REQUEST)
        client.attach_findings(**REQUEST)
    assert all("Cookie" not in request.headers for request in requests)


def test_threads() -> None:
    """One client serves many threads: each gets the answer to its own request."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        found = re.search(rb'"findings":\{"data":\[\{"id":"([^"]*)"', request.content)
        assert found
        return httpx2.Response(200, json={"data": {"type": "cases", "id": found[1].decode()}})

    wrong: list[object] = []
    with Client(**KEYS, transport=httpx2.MockTransport(handle)) as client:

        def work(name: str) -> None:
            for _ in range(50):
                case = client.attach_findings(**{**REQUEST, "finding_ids": [name]})
                if case.id != name:
                    wrong.append(case)

        threads = [threading.Thread(target=work, args=(f"finding-{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_tasks() -> None:
    """One client serves many tasks."""

    async def handle(request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(0)
        found = re.search(rb'"findings":\{"data":\[\{"id":"([^"]*)"', request.content)
        assert found
        return httpx2.Response(200, json={"data": {"type": "cases", "id": found[1].decode()}})

    async def scenario() -> list[Any]:
        async with AsyncClient(**KEYS, transport=httpx2.MockTransport(handle)) as client:
            calls = [
                client.attach_findings(**{**REQUEST, "finding_ids": [f"finding-{n}"]})
                for n in range(100)
            ]
            return [case.id for case in await asyncio.gather(*calls)]

    assert asyncio.run(scenario()) == [f"finding-{n}" for n in range(100)]


def test_nothing_is_left_open() -> None:
    """A closed client leaves no open socket behind (pytest turns the warning into an error)."""
    for mode in MODES:
        handler, _ = answering(httpx2.Response(200, json=CASE))
        call(mode, handler)
    gc.collect()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [200, 400])
def test_echo_through_a_foreign_transport(mode: str, status: int) -> None:
    """What a server echoes of the keys is masked in headers, names and body, on any transport."""
    echo = f"{API_KEY} {APP_KEY}"
    headers = {"X-Echo": echo, "X-Ok": "y", API_KEY: "z"}
    coded = base64.b64encode(API_KEY.encode()).decode()
    said = {"errors": [echo], "coded": coded}
    answer = httpx2.Response(status, json=said, headers=headers)
    handler, _ = answering(answer)
    outcome: Any
    if status == 200:
        outcome = call(mode, handler, method="attach_findings_detailed")
    else:
        with pytest.raises(APIError) as caught:
            call(mode, handler)
        outcome = caught.value
        assert outcome.errors == [f"{'*' * len(API_KEY)} {'*' * len(APP_KEY)}"]
        assert coded[:-4].encode() not in outcome.content
    assert outcome.headers["x-ok"] == "y"
    assert set(outcome.headers["x-echo"]) == {"*", " "}
    assert outcome.headers["*" * len(API_KEY)] == "z"
    assert API_KEY not in str(outcome.headers)
    assert API_KEY.encode() not in outcome.content


def _escaped(text: str, form: str) -> str:
    """A text in JSON, each character escaped but for every third."""
    return "".join(c if n % 3 == 0 else form % ord(c) for n, c in enumerate(text))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", ["\\u%04x", "\\u%04X", "%c"])
@pytest.mark.parametrize("status", [200, 400])
def test_echo_in_escapes(mode: str, form: str, status: int) -> None:
    """A key that a server echoes in the escapes of JSON is masked in body and message."""
    key = 'a-key/with"every\\escape'
    text = f"{_escaped(API_KEY, form)} {json.dumps(key)[1:-1].replace('/', chr(92) + '/')}"
    content = f'{{"errors": ["{text}", "{form % ord("a")}-k"]}}'.encode()
    handler, _ = answering(httpx2.Response(status, content=content))
    outcome: Any
    if status == 200:
        outcome = call(mode, handler, method="attach_findings_detailed", app_key=key)
        told = json.loads(outcome.content)["errors"]
    else:
        with pytest.raises(APIError) as caught:
            call(mode, handler, app_key=key)
        outcome, told = caught.value, caught.value.errors
    assert len(outcome.content) == len(content)
    assert set(told[0]) == {"*", " "}
    assert told[1] == "a-k"


@pytest.mark.parametrize(("before", "after"), [("", ""), ('"', '"'), ("x", "\\n"), ("\\n", "\\n")])
def test_echo_in_escapes_anywhere(before: str, after: str) -> None:
    """The same from the first byte of an answer on, and before other escapes."""
    key = "abcdef0123456789abcdef0123456789"
    text = f"\\u{ord(key[0]):04x}{key[1:]}"
    handler, _ = answering(httpx2.Response(500, content=f"{before}{text}{after}".encode()))
    with pytest.raises(APIError) as caught:
        call("sync", handler, api_key=key, max_retries=0)
    assert caught.value.content == f"{before}{'*' * len(text)}{after}".encode()


@pytest.mark.parametrize("breaks", [0, 1, 99, 100, 101, 1000])
@pytest.mark.parametrize("name", ["api_key", "app_key"])
def test_echo_in_escapes_among_others(name: str, breaks: int) -> None:
    """A key of letters and digits, escaped by its numbers, is masked after any other escapes."""
    key = "0123456789abcdef0123456789abcdef"
    text = "x\\n" * breaks + _escaped(key, "\\u%04x")
    handler, _ = answering(httpx2.Response(400, content=f'{{"errors": ["{text}"]}}'.encode()))
    keys: dict[str, Any] = {"api_key": "f" * 32, "app_key": "f" * 40, name: key}
    with pytest.raises(APIError) as caught:
        call("sync", handler, **keys)
    told = json.loads(caught.value.content)["errors"][0]
    assert set(told.removeprefix("x\n" * breaks)) == {"*"}


def test_short_keys_are_not_masked() -> None:
    """A key of less than eight characters is a placeholder: masking it would garble answers."""
    handler, _ = answering(httpx2.Response(200, json=CASE))
    assert call("sync", handler, api_key="case", app_key="data").id == "a-case"


def _percent(key: str) -> str:
    return "".join(f"%{ord(each):02X}" for each in key)


_FORMS: dict[str, Callable[[str], str]] = {
    "percent": _percent,
    "HTML": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "HTML in hexadecimal": lambda key: "".join(f"&#x{ord(each):x};" for each in key),
    "HTML in capitals": lambda key: "".join(f"&#X{ord(each):X};" for each in key),
    "base64 for a URL": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    **{
        f"base64 of {before!r} and more": lambda key, before=before: base64.b64encode(  # type: ignore[misc]  # a default
            f"{before}{key} and more".encode()
        ).decode()
        for before in ("", "a", "ab", "user:")
    },
}


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("key", [API_KEY, "+/?>" * 8])
def test_echo_in_other_codings(form: str, key: str) -> None:
    """A key that is echoed as part of a URL, of HTML or of base64 text is masked too."""
    keys = Keys(key, APP_KEY)
    keys.check()
    text = _FORMS[form](key).encode()
    said = keys.masked(b"before " + text + b" after")
    assert len(said) == len(text) + 13
    assert text[6:-20] not in said
    assert said.count(b"*") >= len(key) * 4 // 3
    assert said[:7] + said[-6:] == b"before  after"
    for innocent in (b"100 % of 50%", b"&#8364; &amp; %7E", base64.b64encode(b"another" * 5)):
        assert keys.masked(innocent) == innocent


_HEAD = b"HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("at", [1, 9, 31])
@pytest.mark.parametrize("before", [b"", b"2\r\n{}", b"2\r\n{}\r\n0\r\n", b"x" * 70_000])
def test_echo_in_the_frame_of_chunks(
    mode: str, at: int, before: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The library logs a chunk that is none; a key in it is masked, in one read or in two."""
    caplog.set_level(logging.DEBUG)
    key = API_KEY.encode()

    def act(connection: socket.socket, _: bytes) -> None:
        connection.sendall(_HEAD + before + key[:at])
        time.sleep(0.05)
        connection.sendall(key[at:] + b" \r\n\r\n")

    with server.serving(act) as there:
        outcome = real(mode, base_url=there.url)
    assert isinstance(outcome, BadRequestError)
    for text in (caplog.text, str(outcome), repr(vars(outcome))):
        assert API_KEY not in text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_password_of_a_proxy(mode: str, scheme: str, caplog: pytest.LogCaptureFixture) -> None:
    """The password of a proxy is in no log and no error, also when the proxy echoes it."""
    if scheme == "socks5":
        pytest.importorskip("socksio")
    caplog.set_level(logging.DEBUG)
    coded = base64.b64encode(b"user:hunter2hunter2").decode()

    def act(connection: socket.socket, request: bytes) -> None:
        if scheme == "http":
            assert coded.encode() in request
            echo = server.answer(407, b"", f"X: {coded}").replace(b"Hostile", b"hunter2hunter2")
            connection.sendall(echo[:30])
            time.sleep(0.05)
            connection.sendall(echo[30:])
            return
        connection.recv(100)
        connection.sendall(b"\5\2")
        assert b"hunter2hunter2" in connection.recv(100)
        connection.sendall(b"\1\1")

    with server.serving(act, early=scheme != "http") as there:
        outcome = real(mode, proxy=f"{scheme}://user:hunter2hunter2@127.0.0.1:{there.port}")
    assert isinstance(outcome, ConnectError)
    for text in (caplog.text, str(outcome), repr(vars(outcome))):
        assert "hunter2" not in text
        assert coded not in text


def real(mode: str, **options: Any) -> object:
    """What a call over a socket comes to."""

    async def wait() -> object:
        async with AsyncClient(**KEYS, max_retries=0, **options) as client:
            return await client.attach_findings(**REQUEST)

    try:
        if mode == "async":
            return asyncio.run(wait())
        with Client(**KEYS, max_retries=0, **options) as client:
            return client.attach_findings(**REQUEST)
    except ServiceNowTicketsError as error:
        return error
