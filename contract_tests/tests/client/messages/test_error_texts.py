"""The words of an error, from whatever a service or a gateway sent."""

from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    APIError,
    MalformedResponseError,
)
from datadog_servicenow_tickets._messages import error_texts as _error_texts
from tests.client.calls import answering, call


@pytest.mark.parametrize(
    ("text", "longest", "line"),
    [
        ("x" * 5, 5, "xxxxx"),
        ("x" * 6, 5, "xxxx…"),
        (" a \t b\n", 9, "a b"),
        (" " * 20 + "abc", 5, ""),
        (" " * 19 + "abc", 5, "a"),
        ("\x00a\u200bb", 9, "a b"),
    ],
)
def test_printable(text: str, longest: int, line: str) -> None:
    """A line is at most so long; of four times that much the blanks are taken together."""
    assert _error_texts.printable(text, longest) == line


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"x" * 501, ["x" * 499 + "…"]),
        (b"x" * 500, ["x" * 500]),
        (b" " * 1999 + b"abc", ["a"]),
        (b"<p>" * 1362 + b"<h1>abcdefg", ["abcdef"]),
        (b"a\xffb", ["a\ufffdb"]),
        (b"a&lt;b", ["a&lt;b"]),
        (b"<p>a&lt;b</p>", ["a<b"]),
        (b"<titles>no</titles><b>yes</b>", ["no yes"]),
        (b"<title lang=en> a\nb </title>", ["a b"]),
        (b"<TITLE></TITLE><h1>x</h1>", ["x"]),
        (b"a<b", ["a"]),
    ],
)
def test_text(content: bytes, texts: list[str]) -> None:
    """Of a body that is not JSON 4096 bytes are looked at, and 500 characters told."""
    assert _error_texts.of_text(content) == texts


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"detail": "d", "title": "t", "message": "m", "error": "e"}, "d"),
        ({"detail": "", "title": "t", "message": "m", "error": "e"}, "t"),
        ({"title": 5, "message": "m", "error": "e"}, "m"),
        ({"error": "e", "code": 7}, "e (code 7)"),
        ({"error": "e", "code": "C"}, "e (code C)"),
        ({"error": "e", "code": 0, "source": {"pointer": ""}}, "e"),
        ({"error": "e", "code": 1.5, "source": {"pointer": 5}}, "e"),
        ({"error": "e", "source": {"pointer": "/a"}}, "e (at /a)"),
        ({"error": "e", "code": "C", "source": {"pointer": "/a"}}, "e (code C, at /a)"),
        ({"error": "e", "source": "x"}, "e"),
        ({"größe": 1}, '{"größe": 1}'),
        (["x"], '["x"]'),
        (5, "5"),
    ],
)
def test_error_object(item: Any, text: str) -> None:
    """An object gives its detail, else title, message or error, with its code and pointer."""
    assert _error_texts.of_json([item]) == [text]
    assert _error_texts.of_json({"errors": [item]}) == [text]


def test_deep_error() -> None:
    """An object that cannot be written says so, in place of its text."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert _error_texts.of_json([deep]) == ["nested too deeply to be shown"]


@pytest.mark.parametrize("charset", ["iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252"])
def test_charsets(charset: str) -> None:
    """A body that is not UTF-8 is read in the old charset that its answer names."""
    content = '{"errors": ["größer"]}'.encode("latin-1")
    for name in (charset, charset.upper()):
        headers = {"Content-Type": f"application/json; charset={name}"}
        handler, _ = answering(httpx2.Response(400, content=content, headers=headers))
        with pytest.raises(APIError) as caught:
            call("sync", handler)
        assert caught.value.errors == ["größer"]


@pytest.mark.parametrize(
    "media_type", [None, "text/plain", "x; charset=utf-7", "x; charset=koi8-r"]
)
def test_other_charsets(media_type: str | None) -> None:
    """No other charset is tried, and none where none is named."""
    headers = {"Content-Type": media_type} if media_type else {}
    answer = httpx2.Response(200, content=b'{"data": {"type": "\xff"}}', headers=headers)
    handler, _ = answering(answer)
    with pytest.raises(MalformedResponseError, match=r"not JSON \(UnicodeDecodeError\)"):
        call("sync", handler)
