"""Bodies as recorders keep them: as text, in base64, compressed, cut off, or not at all."""

import base64
import binascii
import json
import zlib

from attrs import define

from servicenow_contract.traffic.exchange import Headers, RecordedBody, header

MAX_BODY = 16 << 20
"""How many bytes a body may have when it is decompressed."""
_GZIP = b"\x1f\x8b"


def unreadable(whose: str) -> RecordedBody:
    """A body that is kept in a form that is not read here."""
    return RecordedBody(None, f"a body of the {whose} that cannot be read")


def joined(kept: object) -> bytes | None:
    """The bytes of chunks, as text or bytes, that were kept one by one; None for anything else."""
    chunks: list[bytes] = []
    for each in kept if isinstance(kept, list) else [kept]:
        if not isinstance(each, (str, bytes)):
            return None
        chunks.append(each if isinstance(each, bytes) else each.encode("utf-8", "surrogatepass"))
    return b"".join(chunks)


@define
class Bodies:
    """Reads the bodies of one recording, within one bound for all that is decompressed."""

    left: int = 256 << 20
    """How many bytes may still come of compressed bodies."""

    def read(
        self,
        kept: str | bytes | None,
        headers: Headers,
        whose: str,
        *,
        in_base64: bool = False,
        size: int | None = None,
    ) -> RecordedBody:
        """What was sent, if it can be told; `whose` is "request" or "answer".

        `size` is how many bytes it had, where the recorder says so. An empty body is a fact only
        where a length of 0 is recorded too: recorders also leave empty what they did not keep.
        """
        length = _number(header(headers, "content-length"))
        if not kept:
            empty = length == 0 or (kept is not None and size == 0)
            return RecordedBody(b"") if empty else RecordedBody(None, f"no body of the {whose}")
        try:
            content = _bytes(kept, in_base64=in_base64)
        except (binascii.Error, UnicodeEncodeError):
            return unreadable(whose)
        encoding = (header(headers, "content-encoding") or "").strip().lower()
        plain, why = self._decompressed(content, encoding)
        if plain is None:
            return RecordedBody(None, f"a body of the {whose} that {why}")
        expected = max(size or 0, length or 0 if encoding in ("", "identity") else 0)
        # Recorders count in many ways, but no JSON is whole and cut off at once.
        if expected > len(plain) and not _is_json(plain):
            return RecordedBody(
                None, f"{len(plain)} of the {expected} bytes of the body of the {whose}"
            )
        return RecordedBody(plain)

    def _decompressed(self, content: bytes, encoding: str) -> tuple[bytes | None, str]:
        """The content without its compression, or None and why not.

        Most recorders keep the plain body and the header beside it; others drop the header.
        """
        if content.startswith(_GZIP):
            return self._inflated(content, zlib.MAX_WBITS | 16)
        if encoding in ("", "identity", "gzip", "x-gzip") or _is_json(content):
            return content, ""
        if encoding == "deflate":
            framed = content[0] & 0x0F == 8 and int.from_bytes(content[:2], "big") % 31 == 0
            return self._inflated(content, zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        return None, f"is compressed ({encoding[:20]!r}) in a way that is not read here"

    def _inflated(self, content: bytes, window: int) -> tuple[bytes | None, str]:
        if self.left <= 0:
            return None, "is compressed, and too much was decompressed before it"
        stream = zlib.decompressobj(window)
        try:
            plain = stream.decompress(content, MAX_BODY)
        except zlib.error:
            return None, "cannot be decompressed"
        self.left -= len(plain)
        if stream.unconsumed_tail:
            return None, f"has more than {MAX_BODY} bytes when it is decompressed"
        return (plain, "") if stream.eof else (None, "is cut off")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 20 else None


def _bytes(kept: str | bytes, *, in_base64: bool) -> bytes:
    raw = kept if isinstance(kept, bytes) else kept.encode()
    if in_base64:
        return base64.b64decode(b"".join(raw.split()), validate=True)
    return raw


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
