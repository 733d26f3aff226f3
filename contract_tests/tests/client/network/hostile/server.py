"""A server on loopback that misbehaves: one fault, told by bytes and pauses on a real socket."""

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import field, frozen

from tests.contract import FRAGMENT

API_KEY = "hostile-api-key-0123456789abcdef"
APP_KEY = "hostile-app-key-fedcba9876543210"
CERTIFICATE = Path(__file__).with_name("tls.pem")
"""For localhost, with its key, which opens nothing; `openssl req -x509` made it, for a century."""
CASE = json.dumps(FRAGMENT.response_example(200)).encode()
_PAUSE = 0.05
"""Seconds between two drops of a drip."""
_LONGEST = 4.0
"""Seconds after which a server gives up, so that a client that does not is found out."""

Connection = socket.socket
Behaviour = Callable[[Connection, bytes], None]


def answer(
    status: int = 200, body: bytes = CASE, *headers: str, length: int | str | None = None
) -> bytes:
    """An HTTP/1.1 answer; `length` is what it says of its body, when that is not the truth."""
    said = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} Hostile", f"Content-Length: {said}", *headers]
    if not any(line.startswith("Content-Type") for line in headers):
        lines.append("Content-Type: application/json")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def unsized(body: bytes, *headers: str) -> bytes:
    """An answer without a Content-Length."""
    return "\r\n".join(["HTTP/1.1 200 OK", *headers]).encode() + b"\r\n\r\n" + body


def chunk(data: bytes) -> bytes:
    """One chunk (RFC 9112, section 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def says(data: bytes) -> Behaviour:
    """Read the request, send these bytes, close."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.sendall(data)

    return act


def says_then_resets(data: bytes) -> Behaviour:
    """Read the request, send these bytes, reset the connection."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.sendall(data)
        time.sleep(_PAUSE)  # what was sent arrives before the reset
        reset(connection, b"")

    return act


def drips(start: bytes, drop: bytes) -> Behaviour:
    """Read the request, send the start, then the same drop for longer than anyone waits."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.sendall(start)
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            time.sleep(_PAUSE)
            connection.sendall(drop)

    return act


def floods(data: bytes) -> Behaviour:
    """Read the request, send the same bytes for so long, as fast as they are taken."""

    def act(connection: Connection, _request: bytes) -> None:
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            connection.sendall(data)

    return act


def reset(connection: Connection, _request: bytes) -> None:
    """Reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silence(connection: Connection, _request: bytes) -> None:
    """Say nothing until the client gives up."""
    connection.settimeout(_LONGEST)
    connection.recv(1)


def echoes(status: int, *headers: str, coding: Callable[[bytes], bytes] = bytes) -> Behaviour:
    """Answer with the request's own head, keys included, in the body and in a header."""

    def act(connection: Connection, request: bytes) -> None:
        head = request.split(b"\r\n\r\n")[0].decode()
        body = coding(json.dumps({"errors": [f"refused: {head}"]}).encode())
        echoed = f"X-Echo: {API_KEY} {APP_KEY}"
        connection.sendall(answer(status, body, echoed, *headers))

    return act


@frozen
class Server:
    """A running server."""

    port: int
    requests: list[bytes] = field(factory=list)
    """Every request that was read."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


def read_request(connection: Connection) -> bytes:
    """One request, or what there is of it before the client closes."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length and (part := connection.recv(65536)):
        body += part
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def serving(act: Behaviour, *, early: bool = False, tls: bool = False) -> Iterator[Server]:
    """A server that does the same on every connection, once, then closes it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls:
        context.load_cert_chain(CERTIFICATE)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1])
    workers: list[threading.Thread] = []

    def serve(connection: Connection) -> None:
        with connection, contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(_LONGEST)
            if tls:
                wrapped = context.wrap_socket(connection, server_side=True)
                connection = stack.enter_context(wrapped)
            request = b"" if early else read_request(connection)
            if request:
                server.requests.append(request)
            act(connection, request)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                worker = threading.Thread(target=serve, args=(connection,))
                worker.start()
                workers.append(worker)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for worker in workers:
            worker.join()
