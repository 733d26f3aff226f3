"""What the network did to one request, told from what somebody else raised meanwhile."""

import socket
import ssl
import traceback
from collections.abc import Iterator
from types import CodeType
from typing import Any

from datadog_servicenow_tickets.errors import NotSentError, OutcomeUnknownError


class Fault(Exception):  # noqa: N818  # what the caller sees is its `error`
    """A request failed on the network, and not because of a hook, a transport or a signal."""

    def __init__(self, error: NotSentError | OutcomeUnknownError, *, kept: bool = False) -> None:
        super().__init__(error)
        self.error = error
        """What the caller is told."""
        self.kept = kept
        """Whether a connection that had been kept was found closed as the request went out."""


def chain(error: BaseException, before: BaseException | None) -> Iterator[BaseException]:
    """An error and everything that it came from or came after, each once.

    But not what the caller was handling `before` the call: that has nothing to do with it.
    """
    left, seen = [error], {id(before)}
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        left += [other for other in (each.__context__, each.__cause__) if other is not None]
        left += each.exceptions if isinstance(each, BaseExceptionGroup) else ()


def clear_frames(error: BaseException, before: BaseException | None) -> None:
    """Forget the local variables of every frame below: they hold what was sent, keys included.

    The traceback keeps its lines.
    """
    for each in chain(error, before):
        traceback.clear_frames(each.__traceback__)


def raised_by_a_signal(error: Exception, before: BaseException | None) -> Exception | None:
    """The OSError behind `error` that a signal handler raised, if that is what happened.

    A handler raises TimeoutError or the like in the middle of a system call, and the HTTP library
    takes it for the network's.
    """
    import signal  # noqa: PLC0415  # not needed unless something fails

    handlers = {_code(signal.getsignal(each)) for each in signal.valid_signals()} - {None}
    for each in chain(error, before):
        frames = (frame for frame, _ in traceback.walk_tb(each.__traceback__))
        if isinstance(each, OSError) and any(frame.f_code in handlers for frame in frames):
            return each
    return None


def _code(handler: Any) -> CodeType | None:
    """The code of a function, a method, a partial of them, or an object that can be called."""
    while hasattr(handler, "func"):
        handler = handler.func
    handler = getattr(handler, "__func__", handler)
    return getattr(handler, "__code__", getattr(type(handler).__call__, "__code__", None))


def is_lasting(error: Exception, before: BaseException | None) -> bool:
    """Whether the next attempt to connect would fail in the same way.

    So it is with a certificate that is refused, a host name that does not exist or cannot, and a
    proxy that wants other credentials or forbids the host.
    """
    for each in chain(error, before):
        if isinstance(each, ssl.SSLCertVerificationError | UnicodeError):
            return True
        if isinstance(each, socket.gaierror) and each.errno != socket.EAI_AGAIN:
            return True
    return type(error).__name__ == "ProxyError" and str(error).startswith(
        ("4", "Requested ", "Invalid username")
    )
