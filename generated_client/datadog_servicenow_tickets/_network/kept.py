"""A request on a connection that was kept: sent and answered without a parser, if both are plain.

The library's parser takes half the time of a call. It is spared a head that differs from one that
it has sent in the length of the body alone, and an answer that came at once and whole, with its
length in its head. Of any other answer it gets the bytes that were read already.
"""

import logging
import math
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any, Generic, TypeVar

import httpcore2

from .head import MORE, Fields, Plain, plain

_Inner = TypeVar("_Inner", httpcore2.ConnectionInterface, httpcore2.AsyncConnectionInterface)
_log = logging.getLogger("httpcore2.http11")
_LENGTH = b"Content-Length"
_BUSY, _IDLE, _CLOSED = "busy", "idle", "closed"
_MOST = 64 * 1024
"""How much is read at once, in bytes."""


class _Whole:
    """The body of an answer that came whole."""

    def __init__(self, body: bytes, closed: Callable[[], None]) -> None:
        self._parts = [body] if body else []
        self._closed = closed

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part

    def close(self) -> None:
        self._closed()

    async def aclose(self) -> None:
        self._closed()


class _Kept(Generic[_Inner]):
    """One of the library's connections, and what was sent on it; all but what waits."""

    def __init__(self, inner: _Inner, expiry: float | None) -> None:
        self._inner: _Inner = inner
        self._expiry = math.inf if expiry is None else expiry
        self._expire_at = math.inf
        self._state: str | None = None
        """Since an exchange without the library; None while it is the library that knows it."""
        self._lock = threading.Lock()
        self._stream: Any = None
        self._known: tuple[bytes, bytes, Fields] | None = None
        """Method, target and header fields, without the length, that the library has sent."""
        self._head = b""

    def can_handle_request(self, origin: httpcore2.Origin) -> bool:
        return self._inner.can_handle_request(origin)

    def info(self) -> str:
        return self._inner.info()

    def is_connected(self) -> bool:
        return self._inner.is_connected() if self._state is None else self._state is not _CLOSED

    def is_closed(self) -> bool:
        return self._inner.is_closed() if self._state is None else self._state is _CLOSED

    def is_available(self) -> bool:
        return self._inner.is_available() if self._state is None else self._state is _IDLE

    def is_idle(self) -> bool:
        return self._inner.is_idle() if self._state is None else self._state is _IDLE

    def has_expired(self) -> bool:
        if self._state is None:
            return self._inner.has_expired()
        is_old = time.monotonic() > self._expire_at
        return is_old or (self.is_idle() and bool(self._stream.get_extra_info("is_readable")))

    def _may_begin(self, request: httpcore2.Request) -> bool:
        """Whether the library may be left out; whoever watches its steps sees all of them."""
        watched = "trace" in request.extensions or _log.isEnabledFor(logging.DEBUG)
        if watched or self._known is None:
            return False
        with self._lock:
            if not self.is_available():
                raise httpcore2.ConnectionNotAvailable
            self._state = _BUSY
        return True

    def _head_of(self, request: httpcore2.Request, content: bytes) -> bytes | None:
        """The head of a request; None when it is not like the one that is known."""
        length = b"%d" % len(content)
        fields = [each for each in request.headers if each != (_LENGTH, length)]
        if (request.method, request.url.target, fields) != self._known:
            return None
        return b"%b%b: %b\r\n\r\n" % (self._head, _LENGTH, length)

    def _response(self, answer: Plain) -> httpcore2.Response:
        status, reason, fields, body = answer
        return httpcore2.Response(
            status,
            headers=fields,
            content=_Whole(body, self._done),
            extensions={
                "http_version": b"HTTP/1.1",
                "reason_phrase": reason,
                "network_stream": self._stream,
            },
        )

    def _done(self) -> None:
        self._expire_at = time.monotonic() + self._expiry
        if self._state is _BUSY:
            self._state = _IDLE

    def _noted(
        self, request: httpcore2.Request, response: httpcore2.Response
    ) -> httpcore2.Response:
        """A response that came from the library, which knows what was sent from now on."""
        fields = [each for each in request.headers if each[0] != _LENGTH]
        is_plain = response.status != 101 and MORE.isdisjoint(name.lower() for name, _ in fields)
        self._known = (request.method, request.url.target, fields) if is_plain else None
        start = b"%b %b HTTP/1.1\r\n" % (request.method, request.url.target)
        self._head = start + b"".join(b"%b: %b\r\n" % each for each in fields)
        self._stream = response.extensions["network_stream"]
        return response


def _with(request: httpcore2.Request, content: bytes) -> httpcore2.Request:
    """The same request, with the body that was read."""
    return httpcore2.Request(
        request.method,
        request.url,
        headers=request.headers,
        content=content,
        extensions=request.extensions,
    )


class Connection(_Kept[httpcore2.ConnectionInterface], httpcore2.ConnectionInterface):
    """A connection; after an error it stays busy and closed."""

    def handle_request(self, request: httpcore2.Request) -> httpcore2.Response:
        if not self._may_begin(request):
            self._state = None
            return self._noted(request, self._inner.handle_request(request))
        try:
            content = b"".join(request.stream)  # type: ignore[arg-type]  # the synchronous kind
            head = self._head_of(request, content)
            if head is not None:
                timeouts = request.extensions.get("timeout", {})
                with suppress(httpcore2.WriteError):  # there may be an answer all the same
                    self._stream.write(head, timeouts.get("write"))
                    self._stream.write(content, timeouts.get("write"))
                data = self._stream.read(_MOST, timeouts.get("read"))
                answer = plain(data)
                if answer is not None:
                    return self._response(answer)
                self._stream.hand_back(data)
            self._state = None
            return self._noted(request, self._inner.handle_request(_with(request, content)))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._state = self._state and _CLOSED
        self._inner.close()


class AsyncConnection(
    _Kept[httpcore2.AsyncConnectionInterface], httpcore2.AsyncConnectionInterface
):
    """The same, asynchronous."""

    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        if not self._may_begin(request):
            self._state = None
            return self._noted(request, await self._inner.handle_async_request(request))
        try:
            content = b"".join([part async for part in request.stream])  # type: ignore[union-attr]  # the asynchronous kind
            head = self._head_of(request, content)
            if head is not None:
                timeouts = request.extensions.get("timeout", {})
                with suppress(httpcore2.WriteError):  # as above
                    await self._stream.write(head, timeouts.get("write"))
                    await self._stream.write(content, timeouts.get("write"))
                data = await self._stream.read(_MOST, timeouts.get("read"))
                answer = plain(data)
                if answer is not None:
                    return self._response(answer)
                self._stream.hand_back(data)
            self._state = None
            response = await self._inner.handle_async_request(_with(request, content))
            return self._noted(request, response)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        self._state = self._state and _CLOSED
        await self._inner.aclose()


class Pool(httpcore2.ConnectionPool):
    """A pool of them."""

    def __init__(self, *, keepalive_expiry: float | None, **settings: Any) -> None:
        super().__init__(keepalive_expiry=keepalive_expiry, **settings)
        self._expiry = keepalive_expiry

    def create_connection(self, origin: httpcore2.Origin) -> httpcore2.ConnectionInterface:
        return Connection(super().create_connection(origin), self._expiry)


class AsyncPool(httpcore2.AsyncConnectionPool):
    """The same, asynchronous."""

    def __init__(self, *, keepalive_expiry: float | None, **settings: Any) -> None:
        super().__init__(keepalive_expiry=keepalive_expiry, **settings)
        self._expiry = keepalive_expiry

    def create_connection(self, origin: httpcore2.Origin) -> httpcore2.AsyncConnectionInterface:
        return AsyncConnection(super().create_connection(origin), self._expiry)
