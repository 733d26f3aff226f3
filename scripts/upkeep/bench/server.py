"""Answers every request on loopback with the page's 200, as fast as Python can.

Run as a process of its own, so that its work does not count as a contender's:
`python bench_server.py BODY_FILE` prints its address. It ends when its standard input is closed.
"""

import socket
import sys
import threading
from pathlib import Path


def _serve(connection: socket.socket, answer: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while part := connection.recv(65536):
        data += part
        head, blank, rest = data.partition(b"\r\n\r\n")
        if not blank:
            continue
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) >= length:
            data = rest[length:]
            connection.sendall(answer)


def _accept(listener: socket.socket, answer: bytes) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection, answer), daemon=True).start()


def main() -> None:
    """Serve until standard input ends."""
    body = Path(sys.argv[1]).read_bytes()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    answer = f"{head}X-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 99\r\n\r\n".encode() + body
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, answer), daemon=True).start()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
