"""What the network did to one request, told from what somebody else raised meanwhile."""

import socket
import ssl
import sys
import traceback
from collections.abc import Iterator

from .errors import NotSentError, OutcomeUnknownError

_OF_THE_NETWORK = frozenset(
    {"datadog_servicenow_tickets", "httpx2", "httpcore2", "h11", "anyio", "trio", "socksio"}
    | {"truststore", "gevent", "eventlet"}
)
"""The packages, beside the standard library, in whose code the network's errors come up."""


class Fault(Exception):  # noqa: N818  # what the caller sees is its `error`
    """A request failed on the network, and not because of a hook, a transport or a signal."""

    def __init__(self, error: NotSentError | OutcomeUnknownError, *, kept: bool = False) -> None:
        super().__init__(error)
        self.error = error
        """What the caller is told."""
        self.kept = kept
        """Whether a connection that had been kept was found closed as the request went out."""


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and everything that it came from or came after, each once."""
    left, seen = [error], set[int]()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        left += [other for other in (each.__context__, each.__cause__) if other is not None]
        left += each.exceptions if isinstance(each, BaseExceptionGroup) else ()


def clear_frames(error: BaseException) -> None:
    """Forget the local variables of every frame below: they hold what was sent, keys included.

    The traceback keeps its lines.
    """
    for each in chain(error):
        traceback.clear_frames(each.__traceback__)


def raised_elsewhere(error: Exception) -> Exception | None:
    """The OSError behind `error` that a signal handler raised, if that is what happened.

    A handler raises TimeoutError or the like in the middle of a system call, and the HTTP library
    takes it for the network's.
    """
    for each in chain(error):
        frames = list(traceback.walk_tb(each.__traceback__))
        if isinstance(each, OSError) and frames:
            package = frames[-1][0].f_globals.get("__name__", "").partition(".")[0]
            if package not in _OF_THE_NETWORK and package not in sys.stdlib_module_names:
                return each
    return None


def is_lasting(error: Exception, text: str) -> bool:
    """Whether the next attempt to connect would fail in the same way.

    So it is with a certificate that is refused, a host name that does not exist, and a proxy that
    wants other credentials or forbids the host; `text` is what such a proxy said.
    """
    for each in chain(error):
        if isinstance(each, ssl.SSLCertVerificationError):
            return True
        if isinstance(each, socket.gaierror) and each.errno != socket.EAI_AGAIN:
            return True
    return type(error).__name__ == "ProxyError" and text.startswith(
        ("4", "Requested ", "Invalid username")
    )
