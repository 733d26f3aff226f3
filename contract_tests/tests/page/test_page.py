"""The page reader gives back what was written, and refuses what it cannot read."""

import copy
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.page.writer import Row, model_rows, schemas, write_page
from tests.specimen import FRAGMENT
from upkeep.drift.command import against_fragment
from upkeep.drift.fragment_facts import Facts
from upkeep.page import reader
from upkeep.page.model import Field, Page, PageError

SMALL = Path(__file__).parent / "pages" / "small.md"


def paths(fields: tuple[Field, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """What was read of each field, in the order of the rows."""
    for each in fields:
        path = (*above, each.name)
        yield path, each.type_word, each.required, each.enum
        yield from paths(each.children, path)


def expected(rows: list[Row]) -> list[tuple[Any, ...]]:
    """What was written of each field."""
    return [(row.path, row.word, row.required, row.enum) for row in rows]


def test_the_reader_gives_back_what_was_written() -> None:
    """Each table that the writer renders from the fragment is read as the same tree."""
    document = FRAGMENT.document
    written = reader.read(write_page(FRAGMENT.document))
    assert written.body is not None
    models = {"request": written.body.model} | {
        each.status: each.model for each in written.responses
    }
    for part, schema in schemas(document):
        model = models[part]
        assert model is not None
        assert list(paths(model.fields)) == expected(model_rows(document, schema))


NAMES = st.sampled_from(["data", "attributes", "result", "id", "type", "additional"])
LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "enum": ["one", "two"]},
        {"type": "integer"},
        {"type": "array", "items": {"type": "string"}},
    ]
)


def _objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    fields = st.dictionaries(NAMES, inner, min_size=1, max_size=4)
    plain = fields.map(lambda found: {"type": "object", "properties": found})
    lists = plain.map(lambda found: {"type": "array", "items": found})
    maps = inner.map(lambda found: {"type": "object", "additionalProperties": found})
    return plain | plain | lists | maps


TREES = st.dictionaries(
    NAMES, st.recursive(LEAVES, _objects, max_leaves=14), min_size=1, max_size=4
).map(lambda found: {"type": "object", "properties": found})


def _example(schema: Mapping[str, Any]) -> Any:
    if schema["type"] == "array":
        return [_example(schema["items"])]
    if "additionalProperties" in schema:
        return {"<any-key>": _example(schema["additionalProperties"])}
    if schema["type"] == "object":
        return {name: _example(member) for name, member in schema["properties"].items()}
    return schema.get("enum", ["text" if schema["type"] == "string" else 7])[-1]


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(schema=TREES)
def test_any_nesting_is_recovered(schema: dict[str, Any]) -> None:
    """A tree whose names repeat at every depth comes back from its table, given its example."""
    document = copy.deepcopy(dict(FRAGMENT.document))
    [item] = document["paths"].values()
    media = item["patch"]["responses"]["200"]["content"]["application/json"]
    media.update(schema=schema, example=_example(schema))
    model = reader.read(write_page(document)).responses[0].model
    assert model is not None
    assert list(paths(model.fields)) == expected(model_rows(document, schema))


BAD = [
    ("", 1, "title"),
    ("<html><body>A page</body></html>", 1, "title"),
    ("# A title\nand words", 1, "tab"),
    ('# A title\n{% tab title="v2" %}\nwords\n{% /tab %}', 2, "sites"),
]
BROKEN = [
    ("| Field | Type | Description |", "| Name | Kind | Text |", "columns"),
    ("| --- | --- | --- | --- |", "words", "dashes"),
    ("POST https://api.two.example.com/boxes", "POST two.example.com", "METHOD"),
    ("[[number]]", "[[number]", "type"),
    ("type [*required*]", "type of it", "field name"),
    ("| data | type | enum", "| dato | type | enum", "'dato'"),
    ("| | data | object", "| | data | object | more | and", "cells"),
    ('"type": "box",\n', '"type": "box"\n', "JSON"),
    ('"state": true', '"state": NaN', "NaN"),
    ('"type": "box",\n', '"type": "box", "type": "box",\n', "twice"),
    ("```\n\n{% /tab %}\n\n### Response", "\n\n{% /tab %}\n\n### Response", "closes no"),
    ('{% tab title="201" %}', "{% tab 201 %}", "tab starts"),
    ("{% /tab %}\n\n### Code", "### Code", "not closed"),
    ("### Response", "### Answer", "Response"),
    ("curl -X POST", "curl POST", "curl -X"),
    ('-H "Accept: application/json"', "-H Accept", "-H"),
    ("-d @- << EOF", "-d @-", "<< EOF"),
    ("\nEOF\n", "\nEND\n", "EOF"),
    ("| result | state", "| result | lists | object | What it holds. |\n| result | state", "twice"),
]


@pytest.mark.parametrize(("text", "line", "words"), BAD)
def test_what_is_no_page_is_refused(text: str, line: int, words: str) -> None:
    """Another format is refused with a line and a word of what is missing."""
    with pytest.raises(PageError, match=words) as caught:
        reader.read(text)
    assert caught.value.line == line


@pytest.mark.parametrize(("old", "new", "words"), BROKEN)
def test_a_broken_page_is_refused(old: str, new: str, words: str) -> None:
    """A page that is broken in one place is refused, near its line and with what to do."""
    text = SMALL.read_text(encoding="utf-8")
    if old.startswith("| Field"):
        old, new = "| Parent field | Field", "| Over | Field"
    elif old.startswith("| ---"):
        old = "| ------------ | ----- | ---- | ----------- |"
    assert old in text
    with pytest.raises(PageError, match=words) as caught:
        reader.read(text.replace(old, new, 1))
    assert str(caught.value).startswith(f"line {caught.value.line}: ")
    assert "; " in str(caught.value)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_no_page_breaks_the_reader(data: st.DataObject) -> None:
    """Whatever is cut, doubled or put in, a page is read or refused: nothing else is raised."""
    document = FRAGMENT.document
    lines, known = write_page(document).split("\n"), Facts(FRAGMENT)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        what = data.draw(st.sampled_from(["cut", "double", "put", "end"]))
        if what == "end":
            lines = lines[: at + 1]
        elif what == "cut":
            del lines[at : at + data.draw(st.integers(1, 9))]
        else:
            put = lines[at] if what == "double" else data.draw(st.text(max_size=30))
            lines.insert(data.draw(st.integers(0, len(lines))), put)
        if not lines:
            break
    try:
        read: Page = reader.read("\n".join(lines))
    except PageError as error:
        line = error.line
    else:
        line = read.line
        against_fragment(read, known)
    assert 1 <= line <= len(lines) + 1


HUGE = {
    "bars": "|" * 300_000,
    "one name": "\n".join(["| Parent field | Field | Type |", "| - | - | - |", "| | a | object |"]
                          + ["| a | a | object |"] * 300),
    "brackets": "```json\n" + "[" * 200_000 + "\n```",
    "words": "up to " * 100_000,
    "labels": "| | a | string | must " + "a-b." * 100_000 + " |",
    "code": "| | a | string | Allowed enum values: " + "`a`, " * 100_000 + " |",
    "tabs": '{% tab title="a" %}\n' * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_work_is_bounded(name: str) -> None:
    """A page made to be slow is read or refused with two seconds of work."""
    head = '# A\n{% tab title="v1" %}\n| Site | API |\n| --- | --- |\n| a | GET https://a/b |\n'
    head += '### Overview\n### Response\n{% tab title="200" %}\n{% tab title="Model" %}\n'
    table = "" if "Parent" in HUGE[name] else "| Parent field | Field | Type | Description |\n"
    table += "| - | - | - | - |\n" if table else ""
    start = time.process_time()
    with suppress(PageError):
        reader.read(head + table + HUGE[name] + "\n{% /tab %}\n{% /tab %}\n{% /tab %}\n")
    assert time.process_time() - start < 2
