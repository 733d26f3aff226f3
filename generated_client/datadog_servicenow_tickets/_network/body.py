"""The body of an answer: bounded, decoded, with no more memory than the bound."""

import zlib

LARGEST = 8 * 1024 * 1024
"""How much of a body is read, in bytes, before and after decoding."""
CODINGS = "gzip, deflate"
"""The content codings that are asked for (RFC 9110, section 8.4.1)."""
MOST_CODINGS = 3
"""How many codings of one body are undone: each may unpack to the bound."""
TOO_LARGE = f"the body is larger than {LARGEST >> 20} MiB"


def decoded(raw: bytes, codings: str) -> tuple[bytes, str | None]:
    """The first `LARGEST` bytes of a body, and what is wrong with its coding, if anything.

    `codings` is the Content-Encoding. A body that is not coded as it says stays as it came.
    """
    flaw = None
    names = [each.strip() for each in codings.lower().split(",")]
    names = [each for each in reversed(names) if each not in ("", "identity")]
    if len(names) > MOST_CODINGS:
        return raw, f"the body has more than {MOST_CODINGS} content codings"
    for name in names:
        if name not in ("gzip", "x-gzip", "deflate"):
            return raw, "the body has a content coding that was not asked for"
        raw, flaw = _inflated(raw)
    return raw, flaw


def _inflated(raw: bytes) -> tuple[bytes, str | None]:
    # gzip or zlib, by its header; then deflate without a header, which some servers send.
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        inflater = zlib.decompressobj(window)
        try:
            content = inflater.decompress(raw, LARGEST)
        except zlib.error:
            continue
        if inflater.eof:
            return content, None
        return content, TOO_LARGE if len(content) == LARGEST else "the compressed body is cut short"
    return raw, "the body is not compressed as its headers say"


class Body:
    """The body of one answer, as far as it came."""

    def __init__(self) -> None:
        self.flaw: str | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def is_full_with(self, part: bytes) -> bool:
        """Add a part; whether no more is to be read."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > LARGEST:
            self.flaw = TOO_LARGE
        return self._size > LARGEST

    def decoded(self, codings: str | None) -> tuple[bytes, str | None]:
        """The body without its codings, and what is wrong with it."""
        raw = b"".join(self._parts)[:LARGEST]
        if codings is None:
            return raw, self.flaw
        content, flaw = decoded(raw, codings)
        return content, self.flaw or flaw
