"""Why a request did not succeed, in words, from whatever the service or a gateway sent."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_SAMPLE = 4096
"""How much of a body that is no JSON is looked at, in bytes."""
_LONGEST = 500
"""How much of such a body becomes a message, in characters."""
_TITLE = re.compile(r"<(title|h1)\b[^<>]*>\s*([^<>]*[^<>\s])", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>?")


def error_texts(document: Any, content: bytes) -> list[str]:
    """Messages in a body: `document` is its JSON, or None when `content` is none.

    The documented strings are returned as they are. JSON:API error objects (jsonapi.org) and
    problem details (RFC 9457) give their detail, else their title; HTML gives its title, else its
    text; anything else is cut to 500 characters.
    """
    if document is None:
        text = _of_text(content)
        return [text] if text else []
    return list(_of_json(document))


def printable(text: str, longest: int = _LONGEST) -> str:
    """One line of `text` that a terminal shows as it is, at most `longest` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _of_json(document: Any) -> Iterator[str]:
    if isinstance(document, Mapping) and "errors" in document:
        document = document["errors"]
    for item in document if isinstance(document, list) else [document]:
        if isinstance(item, str):
            yield item
        elif text := _of_object(item):
            yield text


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


def _of_text(content: bytes) -> str:
    text = content[:_SAMPLE].decode("utf-8", "replace")
    if "<" in text:
        import html  # noqa: PLC0415  # only gateways send HTML

        title = _TITLE.search(text)
        text = html.unescape(title[2] if title else _TAG.sub(" ", text))
    return printable(text)
