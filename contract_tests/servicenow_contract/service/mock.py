"""The service inside httpx: as the side effect of a respx route, and as a transport."""

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import httpx
import respx
from attrs import frozen
from respx.mocks import HTTPCoreMocker
from respx.models import AllMockedAssertionError

from servicenow_contract.contract import fragment
from servicenow_contract.service.handler import Ending, Request, Respond, Response
from servicenow_contract.service.service import Service
from servicenow_contract.service.state import State

__all__ = ["Respond", "mocked", "responder", "side_effect", "transport"]


def side_effect(respond: Respond) -> Callable[[httpx.Request], httpx.Response]:
    """What respx (sync and async) and httpx.MockTransport call for each request.

    What happens to an answer on its way happens here as httpx tells it on a socket: a delay
    passes, or ends in httpx.ReadTimeout; a reset is httpx.ReadError; a body that is cut short is
    httpx.RemoteProtocolError.
    """

    def effect(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        answer = respond(Request(request.method, path, dict(request.headers), request.read()))
        if answer.ending is Ending.RESET and not answer.delay:
            raise _reset(request)
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        # A stream, not content: httpx times an answer only when it reads it.
        plain = answer.ending is Ending.WHOLE and not answer.delay
        stream = httpx.ByteStream(answer.body) if plain else _Travelling(answer, request)
        return httpx.Response(answer.status, headers=headers, stream=stream)

    return effect


def _reset(request: httpx.Request) -> httpx.ReadError:
    return httpx.ReadError("[Errno 104] Connection reset by peer", request=request)


@frozen(eq=False)
class _Travelling(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer that comes late, or not whole. It alone knows who waits for it."""

    answer: Response
    request: httpx.Request

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
        body, request = self.answer.body, self.request
        if self.answer.delay > self._patience:
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        match self.answer.ending:
            case Ending.RESET:
                raise _reset(request)
            case Ending.TRUNCATED:
                half = len(body) // 2
                yield body[:half]
                raise httpx.RemoteProtocolError(
                    "peer closed connection without sending complete message body "
                    f"(received {half} bytes, expected {len(body)})",
                    request=request,
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
def mocked(respond: Respond) -> Iterator[respx.MockRouter]:
    """While it lasts, every httpx client in this process finds the service at every site's host.

    Requests to other hosts go where they always went: to another respx router if there is one,
    else to the network.
    """
    hosts = tuple(f"api.{site}" for site in fragment.load().sites)
    with respx.mock(assert_all_called=False, using=HTTPCoreMocker.name) as router:
        router.route(host__in=hosts).mock(side_effect=side_effect(respond))
        router.route().mock(side_effect=_elsewhere)
        yield router


def _elsewhere(request: httpx.Request) -> httpx.Request:
    """Let a request pass, unless another router is there to be asked."""
    if len(HTTPCoreMocker.routers) > 1:
        raise AllMockedAssertionError(f"not a host of this service: {request.url.host}")
    return request
