"""What goes over one connection: what of it is handed on, and how much time is left for it."""

import time

import httpcore2

from ._generated.contract import METHOD
from ._head import heads_end, is_one_answer
from ._keys import Mask

_START = f"{METHOD} ".encode()
_LONGEST_HEAD = 100 * 1024
"""How much of a head is waited for, in bytes; the library refuses one that is longer."""
_LONGEST_CHECKED = 1024 * 1024
"""An answer larger than this, in bytes, is not compared with its length: its connection closes."""
_SOCKS_AGREES = (b"\x05\x00", b"\x05\x02", b"\x01\x00")
"""How the answers of a SOCKS proxy begin that does as it is asked (RFC 1928, RFC 1929)."""


class KeptConnectionClosedError(httpcore2.ReadError):
    """The server closed a kept connection as a request went out on it, without a word."""


class Conversation:
    """What went over one connection, and how long what comes next may take."""

    def __init__(self, mask: Mask, connect_by: float | None, *, is_socks: bool = False) -> None:
        self.connect_by = connect_by
        self.is_socks = is_socks
        self.mask = mask
        self._requests = 0
        self._waiting = b""
        self._read_by: float | None = None
        self._received: bytes | None = b""
        """What came since the request; None when it is too much to be kept, or was looked at."""
        self._is_done = False
        self._head: bytes | None = b""
        """What came of the head; None when it was handed on."""

    def outgoing(self, buffer: bytes) -> bytes:
        """What is to be written now: the head of a request waits, to be sent with its body."""
        if buffer.startswith(_START):
            self._requests += 1
            self._read_by = None
            self._is_done = False
            self._received = self._head = b""
            self._waiting = buffer
            return b""
        if buffer and self._waiting:
            buffer, self._waiting = self._waiting + buffer, b""
        return buffer

    def write_time(self, timeout: float | None) -> float | None:
        """Seconds that a write may take."""
        return timeout if self._requests else self.connect_time(timeout)

    def connect_time(self, timeout: float | None) -> float | None:
        """Seconds that remain to connect. Raises httpcore2.ConnectTimeout when none do."""
        if self.connect_by is None:
            return timeout
        left = self.connect_by - time.monotonic()
        if left <= 0:
            raise httpcore2.ConnectTimeout("no connection within the connect timeout")
        return left

    def read_time(self, timeout: float | None) -> float | None:
        """Seconds that a read may take. Raises httpcore2.ReadTimeout when none remain."""
        if not self._requests:
            return self.connect_time(timeout)
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
        if not self._requests:
            if self.is_socks and data[:2] not in _SOCKS_AGREES:
                raise httpcore2.ProxyError(f"the SOCKS proxy did not agree: {data[:2].hex()}")
            return data
        if not data and self.is_silent():
            raise KeptConnectionClosedError("the server closed the kept connection")
        if self._received is not None:
            whole = self._received + data
            self._received = whole if len(whole) <= _LONGEST_CHECKED else None
        if self._head is None:
            return data
        self._head += data
        interim, end = heads_end(self._head)
        if end or not data or (len(self._head) > _LONGEST_HEAD and not interim):
            out, self._head = self._head, None
        else:
            out, self._head = self._head[:interim], self._head[interim:]
        return self.mask(out) if out or not data else None

    def is_done(self) -> bool:
        """Whether the last answer came whole, with nothing behind it."""
        if self._received is not None and is_one_answer(self._received):
            self._is_done, self._received = True, None  # the pool asks often
        return self._is_done
