"""The reference service on a port: ASGI around the handler, uvicorn around that."""

import argparse
import errno
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import uvicorn

from servicenow_contract.service.handler import Request, Response, answer, handle
from servicenow_contract.service.state import State

_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MAX_BODY = 1 << 20
"""How many bytes of a request body are read; a larger one is answered 413."""


class App:
    """The handler as an ASGI application."""

    def __init__(self, respond: Callable[[Request], Response]) -> None:
        self._respond = respond

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: _Receive, send: _Send
    ) -> None:
        """Answer one HTTP request (ASGI 3, "HTTP connection scope")."""
        if scope["type"] != "http":
            raise RuntimeError(f"the service speaks HTTP only, not {scope['type']}")
        body = await _body(receive)
        if len(body) > MAX_BODY:
            response = answer(413, {"errors": [f"The body exceeds {MAX_BODY} bytes"]})
        else:
            response = self._respond(_request(scope, body))
        headers = {**response.headers, "content-length": str(len(response.body))}
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": response.body})


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
    return Request(scope["method"], scope["path"], headers, body)


def listen(port: int) -> socket.socket:
    """A socket that listens on loopback; port 0 takes any free one. Raises OSError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
    except BaseException:
        listener.close()
        raise
    return listener


def uvicorn_server(state: State) -> uvicorn.Server:
    """The service behind uvicorn, without logs of its own."""
    app = App(lambda request: handle(state, request))
    return uvicorn.Server(
        uvicorn.Config(app, log_config=None, log_level="error", access_log=False, lifespan="off")
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Returns 0, or 2 when the port cannot be had."""
    parser = argparse.ArgumentParser(
        prog="serve", description="Run the reference service on loopback."
    )
    parser.add_argument(
        "--port", type=int, default=8126, help="0 takes any free port (default: 8126)"
    )
    options = parser.parse_args(argv)
    if not 0 <= options.port <= 65535:
        parser.error("argument --port: a port is a number from 0 to 65535")
    try:
        listener = listen(options.port)
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        reason = "it is in use; name another, or 0 for any free one" if busy else error.strerror
        print(f"serve: port {options.port} cannot be had: {reason}", file=sys.stderr)
        return 2
    with listener:
        host, port = listener.getsockname()
        print(f"serving http://{host}:{port} until interrupted; any two keys open it", flush=True)
        uvicorn_server(State()).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
