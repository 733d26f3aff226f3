"""Why a request did not succeed, in words, from whatever the service or a gateway sent."""

import json
import re
from collections.abc import Mapping
from typing import Any

_SAMPLE = 4096
"""How much of a body that is not JSON is looked at, in bytes."""
_LONGEST = 500
"""How much of such a body becomes a message, in characters."""
_TITLE = r"(?i)<(title|h1)\b[^<>]*>\s*([^<>]*[^<>\s])"
_TAG = r"<[^<>]*>?"


def of_json(document: Any) -> list[str]:
    """Messages in a JSON body. The documented strings are returned as they are.

    JSON:API error objects (jsonapi.org) and problem details (RFC 9457) give their detail, else
    their title, with their code and pointer.
    """
    if isinstance(document, Mapping) and "errors" in document:
        document = document["errors"]
    items = document if isinstance(document, list) else [document]
    texts = [item if isinstance(item, str) else _of_object(item) for item in items]
    return [text for text, item in zip(texts, items, strict=True) if text or isinstance(item, str)]


def of_text(content: bytes) -> list[str]:
    """The message in any other body: the title of HTML, else its text, else the text as it is."""
    text = content[:_SAMPLE].decode("utf-8", "replace")
    if "<" in text:
        import html  # noqa: PLC0415  # only gateways send HTML

        title = re.search(_TITLE, text)
        text = html.unescape(title[2] if title else re.sub(_TAG, " ", text))
    line = printable(text)
    return [line] if line else []


def printable(text: str, longest: int = _LONGEST) -> str:
    """One line of `text` that a terminal shows as it is, at most `longest` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _of_object(item: Any) -> str:
    """A message from an object that describes one error, else its JSON."""
    if not isinstance(item, Mapping):
        return "" if item is None else _compact(item)
    candidates = [item.get(name) for name in ("detail", "title", "message", "error")]
    words = next((text for text in candidates if text and isinstance(text, str)), None)
    if words is None:
        return _compact(item) if item else ""
    source = item.get("source")
    pointer = source.get("pointer") if isinstance(source, Mapping) else None
    code = item.get("code")
    where = [f"code {code}"] if isinstance(code, str | int) and code else []
    where += [f"at {pointer}"] if isinstance(pointer, str) and pointer else []
    return f"{words} ({', '.join(where)})" if where else words


def _compact(value: Any) -> str:
    try:
        return printable(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "nested too deeply to be shown"
