"""What goes over one connection: what of it is handed on, and how much time is left for it."""

import time

import httpcore2

from datadog_servicenow_tickets._generated.contract import METHOD
from datadog_servicenow_tickets._settings.keys import Mask

from .head import are_chunks, heads_end, is_one_answer

_START = f"{METHOD} ".encode()
_LONGEST_HEAD = 100 * 1024
"""How much of a head is waited for, in bytes; the library refuses one that is longer."""
_LONGEST_CHECKED = 1024 * 1024
"""An answer larger than this, in bytes, is not compared with its length: its connection closes."""
_LONGEST_LINE = 4096
"""How much without a line's end is held back, in bytes; a key, however escaped, is shorter."""
_SOCKS_AGREES = (b"\x05\x00", b"\x01\x00")
"""How the later replies of a SOCKS proxy begin that does as it is asked (RFC 1928, RFC 1929)."""
_SOCKS_CONNECTED = b"\x05\x00\x00\x01" + bytes(6)
"""Its last reply, with no word of where it connected to: nobody needs that."""


class KeptConnectionClosedError(httpcore2.ReadError):
    """The server closed a kept connection as a request went out on it, without a word."""

    def __init__(self) -> None:
        super().__init__("the server closed the kept connection")


class Conversation:
    """What went over one connection, and how long what comes next may take."""

    def __init__(self, mask: Mask, connect_by: float | None, *, is_socks: bool = False) -> None:
        self.connect_by = connect_by
        self.is_socks = is_socks
        self.mask = mask
        self._requests = 0
        self._read_by: float | None = None
        self._received: bytes | None = b""
        """What came since the request; None when it is too much to be kept, or was looked at."""
        self._is_done = False
        self._head: bytes | None = b""
        """What came of the head; None when it was handed on."""
        self._held: bytes | None = None
        """What came of the frame of chunks and may be half a key; None for any other body."""
        self._agrees: tuple[bytes, ...] = ()
        """How the next reply of a SOCKS proxy may begin; nothing is known before it was asked."""

    def note(self, buffer: bytes) -> bool:
        """Note what is about to be written, be it for a proxy; whether a request begins with it."""
        if self.is_socks and not self._agrees:
            self._agrees = (buffer[:1] + buffer[-1:],)
        begins = buffer.startswith(_START)
        if begins:
            self._requests += 1
            self._read_by = None
            self._is_done = False
            self._received = self._head = b""
        return begins

    def write_time(self, timeout: float | None) -> float | None:
        """Seconds that a write may take."""
        return timeout if self._requests else self.connect_time()

    def connect_time(self) -> float | None:
        """Seconds that remain to connect. Raises httpcore2.ConnectTimeout when none do."""
        if self.connect_by is None:
            return None
        left = self.connect_by - time.monotonic()
        if left <= 0:
            raise httpcore2.ConnectTimeout("no connection within the connect timeout")
        return left

    def read_time(self, timeout: float | None) -> float | None:
        """Seconds that a read may take. Raises httpcore2.ReadTimeout when none remain."""
        if not self._requests:
            return self.connect_time()
        if timeout is None:
            return None
        now = time.monotonic()
        if self._read_by is None:
            self._read_by = now + timeout
        elif now >= self._read_by:
            raise httpcore2.ReadTimeout(f"the answer was not complete within {timeout:g} s")
        return self._read_by - now

    def is_connecting(self) -> bool:
        """Whether no request has begun, so that it is a proxy that is spoken to."""
        return not self._requests

    def is_silent(self) -> bool:
        """Whether nothing came on a kept connection since the request began."""
        return self._requests > 1 and self._received == b""

    def handed_on(self, data: bytes) -> bytes | None:
        """What is handed on of what was read; None when more has to be read first."""
        if self.is_socks and not self._requests:
            return self._reply(data)
        if not data and self.is_silent():
            raise KeptConnectionClosedError
        if self._received is not None:
            whole = self._received + data
            self._received = whole if len(whole) <= _LONGEST_CHECKED else None
        if self._head is None:
            return data if self._held is None else self._of_chunks(data)
        self._head += data
        interim, end = heads_end(self._head)
        if end:
            head, body, self._head = self._head[:end], self._head[end:], None
            if are_chunks(head[interim:]):
                self._held = b""
                body = self._of_chunks(body) or b"" if body else b""
            return self.mask(head) + body
        if not data or (len(self._head) > _LONGEST_HEAD and not interim):
            out, self._head = self._head, None
        else:
            out, self._head = self._head[:interim], self._head[interim:]
        return self.mask(out) if out or not data else None

    def _of_chunks(self, data: bytes) -> bytes | None:
        """Whole lines of a body in chunks: the library logs a line that does not begin a chunk."""
        held = (self._held or b"") + data
        end = max(held.rfind(b"\n") + 1, len(held) - _LONGEST_LINE) if data else len(held)
        self._held = held[end:]
        return self.mask(held[:end]) if end or not data else None

    def _reply(self, data: bytes) -> bytes | None:
        """A reply of a SOCKS proxy, whole, and with nothing behind it."""
        self._head = reply = (self._head or b"") + data
        size = 2 if self._agrees is not _SOCKS_AGREES else _size_of(reply)
        agrees = any(each.startswith(reply[:2]) for each in self._agrees)
        if not data or not agrees or (size is not None and len(reply) > size):
            raise httpcore2.ProxyError(
                f"the SOCKS proxy did not agree; it answered {reply[:2].hex() or 'nothing'}"
            )
        if len(reply) != size:
            return None
        self._head, self._agrees = b"", _SOCKS_AGREES
        return reply if size == 2 else _SOCKS_CONNECTED

    def is_done(self) -> bool:
        """Whether the last answer came whole, with nothing behind it."""
        if self._received is not None and is_one_answer(self._received):
            self._is_done, self._received = True, None  # the pool asks often
        return self._is_done


def _size_of(reply: bytes) -> int | None:
    """How long a later reply of a SOCKS proxy is (RFC 1928, section 6); None if not told yet."""
    if reply[:1] == b"\x01":
        return 2
    if len(reply) < 5:
        return None
    return {1: 10, 3: 7 + reply[4], 4: 22}.get(reply[3], 0)
