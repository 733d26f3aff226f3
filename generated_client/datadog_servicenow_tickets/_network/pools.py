"""Pools of connections: what one is made with, and one for each process and event loop in it."""

import os
import ssl
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

import httpcore2

from datadog_servicenow_tickets._settings.keys import Mask

from . import kept
from .connections import AsyncBackend, Backend

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

Pool = httpcore2.ConnectionPool
AsyncPool = httpcore2.AsyncConnectionPool
_Pool = TypeVar("_Pool", Pool, AsyncPool)
_Key: TypeAlias = "tuple[int, AbstractEventLoop | None]"


class Settings(NamedTuple):
    """What a pool is made with; seconds, and counts of connections, None for no bound."""

    ssl_context: ssl.SSLContext | None
    proxy: httpcore2.Proxy | None
    max_connections: int | None
    max_keepalive_connections: int | None
    keepalive_expiry: float | None


def pool(settings: Settings, mask: Mask) -> Pool:
    """A pool of such connections; what it reads goes through `mask`."""
    backend = Backend(mask, is_socks=_is_socks(settings))
    kind = kept.Pool if settings.proxy is None else Pool
    return kind(**settings._asdict(), network_backend=backend)


def async_pool(settings: Settings, mask: Mask) -> AsyncPool:
    """The same, asynchronous."""
    backend = AsyncBackend(mask, is_socks=_is_socks(settings))
    kind = kept.AsyncPool if settings.proxy is None else AsyncPool
    return kind(**settings._asdict(), network_backend=backend)


def _is_socks(settings: Settings) -> bool:
    return settings.proxy is not None and settings.proxy.url.scheme.startswith(b"socks")


class Pools(Generic[_Pool]):
    """Makes a pool where there is none yet.

    A process that was forked shares the sockets of its parent, and would read its answers. The
    sockets of an event loop serve no other one.
    """

    def __init__(self, make: Callable[[], _Pool]) -> None:
        self._make: Callable[[], _Pool] = make
        self._pools: dict[_Key, _Pool] = {}

    def here(self, loop: "AbstractEventLoop | None" = None) -> _Pool:
        """The pool of this process and loop."""
        key = (os.getpid(), loop)
        found = self._pools.get(key)
        if found is None:
            self._forget()
            found = self._pools.setdefault(key, self._make())
        return found

    def take(self, loop: "AbstractEventLoop | None" = None) -> _Pool | None:
        """The pool of this process and loop, if there is one, to be closed."""
        self._forget()
        return self._pools.pop((os.getpid(), loop), None)

    def _forget(self) -> None:
        """Leave the pools of other processes, and of loops that are closed."""
        for process, loop in list(self._pools):
            if process != os.getpid() or (loop is not None and loop.is_closed()):
                left = self._pools.pop((process, loop), None)
                if isinstance(left, Pool):
                    # Not by the pool, whose lock another thread may have held during the fork.
                    for connection in left.connections:
                        connection.close()


def running_loop() -> "AbstractEventLoop | None":
    """The event loop that runs here; None under trio."""
    asyncio = sys.modules.get("asyncio")  # it is there when a loop runs; its import takes a while
    try:
        return asyncio.get_running_loop() if asyncio else None
    except RuntimeError:
        return None
