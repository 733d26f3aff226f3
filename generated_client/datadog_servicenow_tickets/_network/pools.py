"""One pool of connections for each process, and for each event loop in it."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from .connections import AsyncPool, Pool

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_Pool = TypeVar("_Pool", Pool, AsyncPool)
_Key: TypeAlias = "tuple[int, AbstractEventLoop | None]"


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
