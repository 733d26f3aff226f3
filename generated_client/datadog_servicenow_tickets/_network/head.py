"""Heads of answers (RFC 9112): where they end, what they say, and what stands behind the body."""

import re

_BLANK_LINE = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[0-9] 1(?!01)[0-9]{2}")
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r?\n", re.IGNORECASE)
_CODED = re.compile(rb"\ntransfer-encoding:[ \t]*chunked[ \t]*\r?\n", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_LAST_CHUNK = b"0\r\n\r\n"
_PLAIN = re.compile(
    rb"HTTP/1\.1 (?!204|304)([2-5][0-9]{2}) ([ -~]*)\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)+)\r\n"
)
MORE = frozenset({b"connection", b"transfer-encoding", b"upgrade"})
"""Header fields by which a message may be more than a head and a body of a length that it says."""
Fields = list[tuple[bytes, bytes]]
Plain = tuple[int, bytes, Fields, bytes]
"""Status, reason, header fields and body."""


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


def plain(data: bytes) -> Plain | None:
    """An answer that is whole, with nothing behind it, and read by all alike; else None."""
    found = _PLAIN.match(data)
    if found is None:
        return None
    fields, lengths, body = [], [], data[found.end() :]
    for line in found[3].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        field = name, value.strip(b" \t")
        fields.append(field)
        name = name.lower()
        if name == b"content-length":
            lengths.append(field[1])
        elif name in MORE and (name, field[1].lower()) != (b"connection", b"keep-alive"):
            return None
    if lengths != [b"%d" % len(body)]:
        return None
    return int(found[1]), found[2], fields, body
