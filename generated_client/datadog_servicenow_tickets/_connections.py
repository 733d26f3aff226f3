"""Connections that bound the whole answer in time, and mask echoed keys.

- httpx2 bounds each read, so that a server which sends a byte now and then is waited for without
  end. Here the read timeout runs from the first read after a request.
- What a server echoes of the keys is masked before anyone, httpcore2's debug log included, sees it.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2

Mask = Callable[[bytes], bytes]


def bind(transports: Iterable[Any], mask: Mask) -> None:
    """Give httpx2's own transports such connections; any other transport is left as it is."""
    for transport in transports:
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if isinstance(backend, httpcore2.NetworkBackend):
            pool._network_backend = _Backend(backend, mask)
        elif isinstance(backend, httpcore2.AsyncNetworkBackend):
            pool._network_backend = _AsyncBackend(backend, mask)


class _Due:
    """When the answer to the last request has to be complete."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        self._at: float | None = None

    def clear(self) -> None:
        """A request is being written."""
        self._at = None

    def left(self, timeout: float | None) -> float | None:
        """Seconds that remain of the read timeout. Raises httpcore2.ReadTimeout when none do."""
        if timeout is None:
            return None
        now = time.monotonic()
        if self._at is None:
            self._at = now + timeout
        elif now >= self._at:
            raise httpcore2.ReadTimeout(f"the answer was not complete within {timeout:g} s")
        return self._at - now


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, mask: Mask) -> None:
        self._stream = stream
        self._mask = mask
        self._due = _Due()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._mask(self._stream.read(max_bytes, self._due.left(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._due.clear()
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Stream(self._stream.start_tls(*args, **kwargs), self._mask)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, backend: httpcore2.NetworkBackend, mask: Mask) -> None:
        self._backend = backend
        self._mask = mask

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Stream(self._backend.connect_tcp(*args, **kwargs), self._mask)


class _AsyncStream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: httpcore2.AsyncNetworkStream, mask: Mask) -> None:
        self._stream = stream
        self._mask = mask
        self._due = _Due()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._mask(await self._stream.read(max_bytes, self._due.left(timeout)))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._due.clear()
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        return _AsyncStream(await self._stream.start_tls(*args, **kwargs), self._mask)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncBackend(httpcore2.AsyncNetworkBackend):
    def __init__(self, backend: httpcore2.AsyncNetworkBackend, mask: Mask) -> None:
        self._backend = backend
        self._mask = mask

    async def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        return _AsyncStream(await self._backend.connect_tcp(*args, **kwargs), self._mask)
