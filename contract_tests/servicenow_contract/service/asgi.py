"""The service on a port: ASGI around the function, uvicorn around that."""

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from servicenow_contract.service.handler import MAX_BODY, Ending, Request, Respond

_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_GLANCE = 0.1
"""Seconds between two looks at whether the server leaves, while an answer is delayed."""
_LINGER_NOT = struct.pack("ii", 1, 0)


class _Protocol(H11Protocol):
    """uvicorn's connection, which the application finds in its scope: faults need the line."""

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        super().__init__(config, server_state, {**app_state, "protocol": self}, _loop)


class App:
    """The service as an ASGI application. Truncation and resets need `serving`'s own server."""

    def __init__(self, respond: Respond, leaving: Callable[[], bool] = lambda: False) -> None:
        """`leaving` tells whether the server shuts down; no delay outlasts that."""
        self._respond = respond
        self._leaving = leaving

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: _Receive, send: _Send
    ) -> None:
        """Answer one HTTP request (ASGI 3, "HTTP connection scope")."""
        if scope["type"] != "http":
            raise RuntimeError(f"the service speaks HTTP only, not {scope['type']}")
        response = self._respond(_request(scope, await _body(receive)))
        in_time = not response.delay or await self._wait(response.delay)
        if response.ending is Ending.RESET or not in_time:
            _reset(scope["state"]["protocol"].transport)
            return await _disconnected(receive)
        whole = response.ending is Ending.WHOLE
        headers = {**response.headers, "content-length": str(len(response.body))}
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
            }
        )
        body = response.body if whole else response.body[: len(response.body) // 2]
        await send({"type": "http.response.body", "body": body, "more_body": not whole})
        if not whole:
            scope["state"]["protocol"].transport.close()
            await _disconnected(receive)
        return None

    async def _wait(self, seconds: float) -> bool:
        """Let the time pass; False when the server leaves before."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            if self._leaving():
                return False
            await asyncio.sleep(min(left, _GLANCE))
        return True


def _reset(transport: asyncio.Transport) -> None:
    """Close the connection with RST: what was not sent is thrown away (SO_LINGER of 0 s)."""
    if transport.is_closing():
        return
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


async def _disconnected(receive: _Receive) -> None:
    """Return when the connection is gone: uvicorn calls an unfinished answer an error before."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: _Receive) -> bytes:
    """The request's body; what is far too long is read no further."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False) or len(body) > MAX_BODY:
            return bytes(body)


def _request(scope: MutableMapping[str, Any], body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path, query = scope["raw_path"].decode("ascii"), scope["query_string"].decode("latin-1")
    return Request(scope["method"], path, headers, body, query)


def listen(port: int) -> socket.socket:
    """A socket that listens on loopback; port 0 takes any free one. Raises OSError."""
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it, an answer in
    # two parts waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
    except BaseException:
        listener.close()
        raise
    return listener


def address(listener: socket.socket) -> str:
    """The base URL of a listening socket."""
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def uvicorn_server(respond: Respond) -> uvicorn.Server:
    """The service behind uvicorn, without logs of its own."""
    app = App(respond, leaving=lambda: server.should_exit)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            # Named, not found: what else is installed must not change how the service speaks.
            loop="asyncio",
            http=_Protocol,
            ws="none",
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            log_level="error",
            access_log=False,
        )
    )
    return server


@contextlib.contextmanager
def running(respond: Respond) -> Iterator[str]:
    """The service on a free loopback port, in a thread; gives its base URL."""
    with listen(0) as listener:
        server = uvicorn_server(respond)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.002)
            yield address(listener)
        finally:
            server.should_exit = True
            thread.join()
