"""The service inside httpx and httpx2: as the side effect of a respx route, and as a transport."""

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType

import anyio
import httpx
import httpx2
import pytest_httpx2  # noqa: F401  # registers the mocker of the name httpcore2
import respx
from attrs import frozen
from respx.mocks import Mocker
from respx.models import AllMockedAssertionError

from servicenow_contract.service.handler import Ending, Request, Respond, Response
from servicenow_contract.service.service import Service
from servicenow_contract.service.state import State

__all__ = ["Respond", "mocked", "responder", "side_effect", "transport"]


_MOCKERS = {"httpcore": httpx, "httpcore2": httpx2}
"""What respx calls the core of each HTTP library, and the library, whose errors are raised."""


def side_effect(
    respond: Respond, library: ModuleType = httpx
) -> Callable[[httpx.Request], httpx.Response]:
    """What respx (sync and async) and httpx.MockTransport call for each request.

    What happens to an answer on its way happens here as `library`, httpx or httpx2, tells it on a
    socket: a delay passes, or ends in ReadTimeout; a reset is ReadError; a body that is cut short
    is RemoteProtocolError. Request and answer are httpx's own with either, as respx wants them.
    """

    def effect(request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        answer = respond(
            Request(request.method, path, dict(request.headers), request.read(), query)
        )
        if answer.ending is Ending.RESET and not answer.delay:
            raise _reset(library)
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        # A stream, not content: httpx times an answer only when it reads it.
        plain = answer.ending is Ending.WHOLE and not answer.delay
        stream = httpx.ByteStream(answer.body) if plain else _Travelling(answer, request, library)
        return httpx.Response(answer.status, headers=headers, stream=stream)

    return effect


def _reset(library: ModuleType) -> Exception:
    error: Exception = library.ReadError("[Errno 104] Connection reset by peer")
    return error


@frozen(eq=False)
class _Travelling(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer that comes late, or not whole. It alone knows who waits for it."""

    answer: Response
    request: httpx.Request
    library: ModuleType

    def __iter__(self) -> Iterator[bytes]:
        time.sleep(self._wait)
        yield from self._arrive()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await anyio.sleep(self._wait)
        for part in self._arrive():
            yield part

    @property
    def _patience(self) -> float:
        """Seconds that the caller waits for something to read."""
        read = self.request.extensions.get("timeout", {}).get("read")
        return float("inf") if read is None else read

    @property
    def _wait(self) -> float:
        return min(self.answer.delay, self._patience)

    def _arrive(self) -> Iterator[bytes]:
        body, library = self.answer.body, self.library
        if self.answer.delay > self._patience:
            raise library.ReadTimeout("The read operation timed out")
        match self.answer.ending:
            case Ending.RESET:
                raise _reset(library)
            case Ending.TRUNCATED:
                half = len(body) // 2
                yield body[:half]
                raise library.RemoteProtocolError(
                    "peer closed connection without sending complete message body "
                    f"(received {half} bytes, expected {len(body)})"
                )
            case _:
                yield body


def responder(state: State) -> Respond:
    """The service over this state."""
    return Service(state)


def transport(respond: Respond) -> httpx.MockTransport:
    """A transport for httpx.Client and httpx.AsyncClient that never opens a socket."""
    return httpx.MockTransport(side_effect(respond))


@contextlib.contextmanager
def mocked(service: Service) -> Iterator[None]:
    """While it lasts, every client of httpx or httpx2 in this process finds the service.

    It stands at every site's host. Requests to other hosts go where they always went: to another
    respx router if there is one, else to the network.
    """
    hosts = tuple(f"api.{site}" for site in service.state.contract.sites)
    with contextlib.ExitStack() as stack:
        for name, library in _MOCKERS.items():
            router = stack.enter_context(respx.mock(assert_all_called=False, using=name))
            router.route(host__in=hosts).mock(side_effect=side_effect(service, library))
            router.route().mock(side_effect=_elsewhere(name))
        yield


def _elsewhere(name: str) -> Callable[[httpx.Request], httpx.Request]:
    """Let a request pass, unless another router of the mocker is there to be asked."""

    def effect(request: httpx.Request) -> httpx.Request:
        if len(Mocker.registry[name].routers) > 1:
            raise AllMockedAssertionError(f"not a host of this service: {request.url.host}")
        return request

    return effect
