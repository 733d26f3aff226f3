"""Connections on which an answer belongs to its request, comes in time, and shows no key.

- Bytes behind an answer belong to no other: a connection that brought any is not used again.
- The read timeout runs from the first read after a request; the library bounds each read only. One
  connect timeout holds for all that is done until a request can be sent: every address of a host,
  what a proxy is asked, and TLS.
- A head is handed on when it is whole, with what the server echoes of the keys masked, so that no
  debug log shows them.

Only this module and `conversation` use httpcore2, the transport of httpx2.
"""

import socket
import ssl
import time
from typing import Any, NamedTuple

import httpcore2

from datadog_servicenow_tickets._settings.keys import Mask

from .conversation import Conversation, KeptConnectionClosedError

Pool = httpcore2.ConnectionPool
AsyncPool = httpcore2.AsyncConnectionPool
Request = httpcore2.Request
Response = httpcore2.Response
URL = httpcore2.URL
Proxy = httpcore2.Proxy
FAULTS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    OSError,
    UnicodeError,
)
"""What the network can cause: errors of the library, and those of TLS and names that it lets by."""
NEVER_SENT = (
    httpcore2.ConnectError,
    httpcore2.ConnectTimeout,
    httpcore2.PoolTimeout,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
)
"""Those after which no request was sent."""


class Hidden(bytes):
    """A name or a password for a proxy, which no log shows."""

    def __repr__(self) -> str:
        return "…"


class Settings(NamedTuple):
    """What a pool is made with; seconds, and counts of connections, None for no bound."""

    ssl_context: ssl.SSLContext | None
    proxy: Proxy | None
    max_connections: int | None
    max_keepalive_connections: int | None
    keepalive_expiry: float | None


def pool(settings: Settings, mask: Mask) -> Pool:
    """A pool of such connections; what it reads goes through `mask`."""
    backend = _Backend(mask, is_socks=_is_socks(settings))
    return Pool(**settings._asdict(), network_backend=backend)


def async_pool(settings: Settings, mask: Mask) -> AsyncPool:
    """The same, asynchronous."""
    backend = _AsyncBackend(mask, is_socks=_is_socks(settings))
    return AsyncPool(**settings._asdict(), network_backend=backend)


def _is_socks(settings: Settings) -> bool:
    return settings.proxy is not None and settings.proxy.url.scheme.startswith(b"socks")


async def sleep(seconds: float) -> None:
    """Wait, in whatever kind of event loop runs."""
    await httpcore2.AnyIOBackend().sleep(seconds)


def _from_now(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, conversation: Conversation) -> None:
        self._stream = stream
        self._conversation = conversation

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        conversation = self._conversation
        try:
            while True:
                data = self._stream.read(max_bytes, conversation.read_time(timeout))
                out = conversation.handed_on(data)
                if out is not None:
                    return out
        except BaseException as error:
            if conversation.is_connecting():
                self.close()
            elif conversation.is_silent() and isinstance(error, httpcore2.ReadError):
                raise KeptConnectionClosedError from error
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._conversation.note(buffer)
        if buffer:
            self._stream.write(buffer, self._conversation.write_time(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, *_: Any, **__: Any
    ) -> httpcore2.NetworkStream:
        old = self._conversation
        stream = self._stream.start_tls(ssl_context, server_hostname, old.connect_time())
        return _Stream(stream, Conversation(old.mask, old.connect_by))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and not self._conversation.is_done():
            return True  # so that the pool closes the connection
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, mask: Mask, *, is_socks: bool) -> None:
        self._mask = mask
        self._is_socks = is_socks
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: Any, **__: Any
    ) -> httpcore2.NetworkStream:
        conversation = Conversation(self._mask, _from_now(timeout), is_socks=self._is_socks)
        found = socket.getaddrinfo(host, port)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        while True:
            address = addresses.pop(0)
            left = conversation.connect_time()
            share = None if left is None else left / (len(addresses) + 1)
            try:
                stream = self._backend.connect_tcp(address, port, share)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if not addresses:
                    raise
            else:
                return _Stream(stream, conversation)


class _AsyncStream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: httpcore2.AsyncNetworkStream, conversation: Conversation) -> None:
        self._stream = stream
        self._conversation = conversation
        self._tls = stream.get_extra_info("ssl_object")  # to ask for it takes a while
        self._begun = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        conversation = self._conversation
        try:
            while True:
                data = await self._stream.read(max_bytes, conversation.read_time(timeout))
                out = conversation.handed_on(data)
                if out is not None:
                    return out
        except BaseException as error:
            if conversation.is_connecting():
                await self.aclose()
            elif conversation.is_silent() and isinstance(error, httpcore2.ReadError):
                raise KeptConnectionClosedError from error
            raise

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._conversation.note(buffer):
            self._begun = buffer  # it goes out with the body: each write lets the event loop turn
        elif buffer:
            buffer, self._begun = self._begun + buffer, b""
            await self._stream.write(buffer, self._conversation.write_time(timeout))

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, *_: Any, **__: Any
    ) -> httpcore2.AsyncNetworkStream:
        old = self._conversation
        stream = await self._stream.start_tls(ssl_context, server_hostname, old.connect_time())
        return _AsyncStream(stream, Conversation(old.mask, old.connect_by))

    def get_extra_info(self, info: str) -> Any:
        if info != "is_readable":
            return self._stream.get_extra_info(info)
        return (
            not self._conversation.is_done()
            or self._stream.get_extra_info(info)
            or _holds_more(self._tls)
        )


def _holds_more(tls: ssl.SSLObject | None) -> bool:
    """Whether bytes that were received over TLS wait to be read; it takes one of them."""
    try:
        return tls is not None and bool(tls.read(1) or True)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True


class _AsyncBackend(httpcore2.AsyncNetworkBackend):
    def __init__(self, mask: Mask, *, is_socks: bool) -> None:
        self._mask = mask
        self._is_socks = is_socks
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: Any, **__: Any
    ) -> httpcore2.AsyncNetworkStream:
        conversation = Conversation(self._mask, _from_now(timeout), is_socks=self._is_socks)
        stream = await self._backend.connect_tcp(host, port, timeout)
        return _AsyncStream(stream, conversation)
