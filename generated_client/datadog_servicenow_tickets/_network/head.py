"""Where the head of an answer ends, and whether anything stands behind its body (RFC 9112)."""

import re

_BLANK_LINE = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[0-9] 1(?!01)[0-9]{2}")
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r?\n", re.IGNORECASE)
_CODED = re.compile(rb"\ntransfer-encoding:[ \t]*chunked[ \t]*\r?\n", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_LAST_CHUNK = b"0\r\n\r\n"


def heads_end(data: bytes) -> tuple[int, int]:
    """Where the heads of interim answers end, and where the head of the final one does, or 0.

    101 counts as final.
    """
    at = 0
    while found := _BLANK_LINE.search(data, at):
        if not _INTERIM.match(data, at):
            return at, found.end()
        at = found.end()
    return at, 0


def is_one_answer(data: bytes) -> bool:
    """Whether `data` is a whole answer and no more; False when that cannot be told."""
    start, end = heads_end(data)
    head, size = data[start:end], len(data) - end
    lengths = _LENGTH.findall(head)
    if lengths:
        return lengths == [b"%d" % size] and not _CODED.search(head)
    return are_chunks(head) and _are_whole(data, end)


def are_chunks(head: bytes) -> bool:
    """Whether a head says that the body comes in chunks."""
    return bool(_CODED.search(head))


def _are_whole(data: bytes, at: int) -> bool:
    """Whether chunks without extensions or trailers begin there, and are all that is left."""
    while found := _CHUNK.match(data, at):
        size = int(found[1], 16)
        if not size:
            return data[at:] == _LAST_CHUNK
        at = found.end() + size + 2
    return False
