"""The service inside httpx: as the side effect of a respx route, and as a transport."""

from collections.abc import Callable

import httpx

from servicenow_contract.service.handler import Request, Response, handle
from servicenow_contract.service.state import State

Respond = Callable[[Request], Response]


def side_effect(respond: Respond) -> Callable[[httpx.Request], httpx.Response]:
    """What respx (sync and async) and httpx.MockTransport call for each request."""

    def effect(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        answer = respond(Request(request.method, path, dict(request.headers), request.read()))
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        # A stream, not content: httpx times an answer only when it reads it.
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(answer.body))

    return effect


def responder(state: State) -> Respond:
    """The service over this state."""
    return lambda request: handle(state, request)


def transport(respond: Respond) -> httpx.MockTransport:
    """A transport for httpx.Client and httpx.AsyncClient that never opens a socket."""
    return httpx.MockTransport(side_effect(respond))
