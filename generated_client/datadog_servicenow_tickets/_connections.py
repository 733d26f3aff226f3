"""Connections on which an answer belongs to its request, comes in time, and shows no key.

- Bytes behind an answer are nobody's: a connection that brought any is not used again.
- The read timeout runs from the first read after a request; the library bounds each read only. One
  connect timeout holds for all that is done until a request can be sent: every address of a host,
  what a proxy is asked, and TLS.
- A head is handed on when it is whole, with what the server echoes of the keys masked, so that no
  debug log shows them.

Of the package only this module knows httpcore2, the transport of httpx2.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import httpcore2

from ._generated.contract import METHOD
from ._head import heads_end, is_one_answer

Mask = Callable[[bytes], bytes]
Pool = httpcore2.ConnectionPool
AsyncPool = httpcore2.AsyncConnectionPool
Request = httpcore2.Request
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

_START = f"{METHOD} ".encode()
_LONGEST_HEAD = 100 * 1024
"""How much of a head is waited for, in bytes; the library refuses one that is longer."""
_LONGEST_CHECKED = 1024 * 1024
"""An answer larger than this, in bytes, is not compared with its length: its connection closes."""
_SOCKS_AGREES = (b"\x05\x00", b"\x05\x02", b"\x01\x00")
"""How the answers of a SOCKS proxy begin that does as it is asked (RFC 1928, RFC 1929)."""


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


class KeptConnectionClosedError(httpcore2.ReadError):
    """The server closed a kept connection as a request went out on it, without a word."""


class _Course:
    """What went over one connection, and how long what comes next may take."""

    def __init__(self, mask: Mask, connect_by: float | None, *, is_socks: bool = False) -> None:
        self.connect_by = connect_by
        self.is_socks = is_socks
        self.mask = mask
        self._requests = 0
        self._waiting = b""
        self._read_by: float | None = None
        self._received: bytes | None = b""
        """What came since the request; None when it is too much to be kept, or was looked at."""
        self._is_done = False
        self._head: bytes | None = b""
        """What came of the head; None when it was handed on."""

    def outgoing(self, buffer: bytes) -> bytes:
        """What is to be written now: the head of a request waits, to be sent with its body."""
        if buffer.startswith(_START):
            self._requests += 1
            self._read_by = None
            self._is_done = False
            self._received = self._head = b""
            self._waiting = buffer
            return b""
        if buffer and self._waiting:
            buffer, self._waiting = self._waiting + buffer, b""
        return buffer

    def write_time(self, timeout: float | None) -> float | None:
        """Seconds that a write may take."""
        return timeout if self._requests else self.connect_time(timeout)

    def connect_time(self, timeout: float | None) -> float | None:
        """Seconds that remain to connect. Raises httpcore2.ConnectTimeout when none do."""
        if self.connect_by is None:
            return timeout
        left = self.connect_by - time.monotonic()
        if left <= 0:
            raise httpcore2.ConnectTimeout("no connection within the connect timeout")
        return left

    def read_time(self, timeout: float | None) -> float | None:
        """Seconds that a read may take. Raises httpcore2.ReadTimeout when none remain."""
        if not self._requests:
            return self.connect_time(timeout)
        if timeout is None:
            return None
        now = time.monotonic()
        if self._read_by is None:
            self._read_by = now + timeout
        elif now >= self._read_by:
            raise httpcore2.ReadTimeout(f"the answer was not complete within {timeout:g} s")
        return self._read_by - now

    def is_connecting(self) -> bool:
        """Whether no request has begun, so that it is a proxy that is spoken to."""
        return not self._requests

    def is_silent(self) -> bool:
        """Whether nothing came on a kept connection since the request began."""
        return self._requests > 1 and self._received == b""

    def handed_on(self, data: bytes) -> bytes | None:
        """What is handed on of what was read; None when more has to be read first."""
        if not self._requests:
            if self.is_socks and data[:2] not in _SOCKS_AGREES:
                raise httpcore2.ProxyError(f"the SOCKS proxy did not agree: {data[:2].hex()}")
            return data
        if not data and self.is_silent():
            raise KeptConnectionClosedError("the server closed the kept connection")
        if self._received is not None:
            whole = self._received + data
            self._received = whole if len(whole) <= _LONGEST_CHECKED else None
        if self._head is None:
            return data
        self._head += data
        interim, end = heads_end(self._head)
        if end or not data or (len(self._head) > _LONGEST_HEAD and not interim):
            out, self._head = self._head, None
        else:
            out, self._head = self._head[:interim], self._head[interim:]
        return self.mask(out) if out or not data else None

    def is_done(self) -> bool:
        """Whether the last answer came whole, with nothing behind it."""
        if self._received is not None and is_one_answer(self._received):
            self._is_done, self._received = True, None  # the pool asks often
        return self._is_done


def _from_now(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, course: _Course) -> None:
        self._stream = stream
        self._course = course

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        course = self._course
        try:
            while True:
                data = self._stream.read(max_bytes, course.read_time(timeout))
                out = course.handed_on(data)
                if out is not None:
                    return out
        except BaseException as error:
            if course.is_connecting():
                self.close()
            elif course.is_silent() and isinstance(error, httpcore2.ReadError):
                raise KeptConnectionClosedError(str(error)) from error
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        data = self._course.outgoing(buffer)
        if data:
            self._stream.write(data, self._course.write_time(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        old = self._course
        stream = self._stream.start_tls(ssl_context, server_hostname, old.connect_time(timeout))
        return _Stream(stream, _Course(old.mask, old.connect_by))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and not self._course.is_done():
            return True  # so that the pool closes the connection
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, mask: Mask, *, is_socks: bool) -> None:
        self._mask = mask
        self._is_socks = is_socks
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        course = _Course(self._mask, _from_now(timeout), is_socks=self._is_socks)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError(error) from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        while True:
            address = addresses.pop(0)
            left = course.connect_time(timeout)
            share = None if left is None else left / (len(addresses) + 1)
            try:
                stream = self._backend.connect_tcp(
                    address, port, share, local_address, socket_options or ()
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if not addresses:
                    raise
            else:
                return _Stream(stream, course)


class _AsyncStream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: httpcore2.AsyncNetworkStream, course: _Course) -> None:
        self._stream = stream
        self._course = course

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        course = self._course
        try:
            while True:
                data = await self._stream.read(max_bytes, course.read_time(timeout))
                out = course.handed_on(data)
                if out is not None:
                    return out
        except BaseException as error:
            if course.is_connecting():
                await self.aclose()
            elif course.is_silent() and isinstance(error, httpcore2.ReadError):
                raise KeptConnectionClosedError(str(error)) from error
            raise

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        data = self._course.outgoing(buffer)
        if data:
            await self._stream.write(data, self._course.write_time(timeout))

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        old = self._course
        left = old.connect_time(timeout)
        stream = await self._stream.start_tls(ssl_context, server_hostname, left)
        return _AsyncStream(stream, _Course(old.mask, old.connect_by))

    def get_extra_info(self, info: str) -> Any:
        if info != "is_readable":
            return self._stream.get_extra_info(info)
        return (
            not self._course.is_done()
            or self._stream.get_extra_info(info)
            or _holds_more(self._stream.get_extra_info("ssl_object"))
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
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        course = _Course(self._mask, _from_now(timeout), is_socks=self._is_socks)
        stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _AsyncStream(stream, course)
