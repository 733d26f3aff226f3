"""A page's statements as facts, which can be compared one by one.

A fact has a topic (`type`), a subject (`200`, `data`, `attributes`, `key`) and a value. The
subject of a field starts with its part: `request`, or a status. `fragment_facts.py` makes the same
facts of the fragment.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from attrs import field, frozen

from upkeep.page.model import Curl, Example, Field, Page, RequestSection, StatedLimit, StatusSection

REQUEST = "request"
OPERATION: tuple[str, ...] = ()

_FORMATS = {
    **dict.fromkeys(("date-time", "date", "uuid", "uri", "email", "binary", "byte"), "string"),
    **dict.fromkeys(("int32", "int64"), "integer"),
    **dict.fromkeys(("float", "double"), "number"),
}

_ONE = {"limit"}
"""A page may state these more than once: two values contradict each other."""

_PROSE = {"description", "sentence", "summary", "title"}

Key: TypeAlias = tuple[str, tuple[str, ...]]


@frozen
class Fact:
    """One statement, and where it stands: a line of the page, or a pointer into the fragment."""

    topic: str
    subject: tuple[str, ...]
    value: Any = True
    line: int = 0
    pointer: str = ""
    whole: Any = field(default=None, repr=False)
    """What to show for a container in an example, whose value is compared member by member."""
    also: tuple[tuple[str, ...], ...] = ()
    """Further subjects that the row may mean just as well."""

    @property
    def key(self) -> Key:
        """What makes it comparable with another fact."""
        return self.topic, self.subject

    @property
    def shown(self) -> Any:
        """The value for a reader."""
        return self.value if self.whole is None else self.whole


def page_facts(page: Page, *, descriptions: bool = False) -> dict[Key, Fact]:
    """Everything on the page that a fragment can say too, and the descriptions if asked for."""
    facts = [
        *_operation(page),
        *(_body(page.body) if page.body else ()),
        *(fact for response in page.responses for fact in _response(response)),
        *(_curl(page.curl) if page.curl else ()),
        *_limits(page),
        *(Fact("unread", (each.text,), each.text, each.line) for each in page.unread),
        *_prose(page),
    ]
    found: dict[Key, Fact] = {}
    for fact in facts:
        first = found.get(fact.key)
        if first and fact.topic in _ONE and first.value != fact.value:
            subject = (fact.topic, *fact.subject)
            both = [first.value, fact.value]
            found["contradiction", subject] = Fact("contradiction", subject, both, first.line)
        if descriptions or fact.topic not in _PROSE:
            found[fact.key] = fact
    return found


def example_facts(
    topic: str, subject: tuple[str, ...], value: Any, lines: Any = None, path: tuple[str, ...] = ()
) -> Iterator[Fact]:
    """A fact for each value in an example; `lines` gives the line of each path, if it has one."""
    line = lines.get(path, 0) if lines else 0
    if isinstance(value, dict | list):
        yield Fact(topic, subject + path, type(value)(), line, whole=value)
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield from example_facts(topic, subject, member, lines, (*path, str(name)))
    else:
        yield Fact(topic, subject + path, value, line)


def _operation(page: Page) -> Iterator[Fact]:
    most = _most([(site.method, site.path) for site in page.sites])
    first = next(site for site in page.sites if (site.method, site.path) == most)
    yield Fact("method", OPERATION, first.method, first.line)
    yield Fact("path", OPERATION, first.path, first.line)
    for site in page.sites:
        yield Fact("site", (site.base,), site.name.removeprefix("app."), site.line)
        if (site.method, site.path) != most:
            said = f"{site.method} {site.path}"
            yield Fact("site-endpoint", (site.base,), said, site.line)
    yield from _notes(page)
    if page.permissions:
        line, names = page.permissions.line, page.permissions.names
        yield from (Fact("permission", (name,), name, line) for name in names)
        if len(names) > 1:
            yield Fact("permission-operator", OPERATION, page.permissions.operator, line)


def _most(endpoints: Sequence[tuple[str, str]]) -> tuple[str, str]:
    return max(endpoints, key=endpoints.count)


def _notes(page: Page) -> Iterator[Fact]:
    if page.preview:
        yield Fact("preview", OPERATION, True, page.preview.line)
    for note in page.notes:
        if note is not page.preview:
            yield Fact("note", (note.text,), note.text, note.line)


def _body(body: RequestSection) -> Iterator[Fact]:
    yield Fact("body", (REQUEST,), True, body.line)
    yield Fact("body-required", (REQUEST,), body.required, body.line)
    yield from _part(REQUEST, body)


def _response(response: StatusSection) -> Iterator[Fact]:
    yield Fact("status", (response.status,), True, response.line)
    yield Fact("summary", (response.status,), response.summary, response.line)
    yield from _part(response.status, response)


def _part(part: str, shown: RequestSection | StatusSection) -> Iterator[Fact]:
    if shown.model:
        yield Fact("model", (part,), True, shown.model.line)
        yield Fact("description", (part,), shown.model.description, shown.model.line)
        yield from _fields(shown.model.fields, (part,))
    if shown.example:
        yield from _example("example", (part,), shown.example)


def _example(topic: str, subject: tuple[str, ...], example: Example) -> Iterator[Fact]:
    yield from example_facts(topic, subject, example.value, example.lines)


def _fields(fields: Sequence[Field], parent: tuple[str, ...]) -> Iterator[Fact]:
    for each in fields:
        subject = (*parent, each.name)
        if not each.implied:
            yield from _field(each, subject)
        yield from _fields(each.children, subject)


def _field(each: Field, subject: tuple[str, ...]) -> Iterator[Fact]:
    word = _FORMATS.get(each.type, each.type)
    said: dict[str, Any] = {
        "field": True,
        "required": each.required,
        "array": each.type_word,
        "type": "enum" if each.enum and word == "string" else word,
        "format": each.type if each.type in _FORMATS else None,
        "enum": sorted(each.enum) or None,
        "default": each.default,
        "deprecated": "deprecated" in each.marks or None,
        "url-rule": [each.url_rule.host, each.url_rule.record] if each.url_rule else None,
        "description": each.description or None,
    }
    for topic, value in said.items():
        if value is not None:
            part = subject[:1]
            also = tuple((*part, *path) for path in each.also) if topic == "field" else ()
            yield Fact(topic, subject, value, each.line, also=also)
    yield from (Fact("limit", subject, limit.value, limit.line) for limit in each.limits)
    for mark in each.marks:
        if mark != "deprecated":
            yield Fact("mark", (*subject, mark), mark, each.line)


def _curl(curl: Curl) -> Iterator[Fact]:
    yield Fact("curl", OPERATION, True, curl.line)
    yield Fact("curl-method", OPERATION, curl.method, curl.line)
    yield Fact("curl-url", OPERATION, curl.url, curl.line)
    for header in curl.headers:
        topic = {"accept": "accept", "content-type": "content-type"}.get(header.name.lower())
        if topic:
            yield Fact(topic, (header.value,), header.value, header.line)
        else:
            yield Fact("header", (header.name,), header.variable or header.value, header.line)
    if curl.body:
        yield from _example("curl-body", (REQUEST,), curl.body)


def _limits(page: Page) -> Iterator[Fact]:
    """The limits of the Overview, each at the list of the request that its words name."""
    fields = page.body.model.fields if page.body and page.body.model else ()
    lists = list(_lists(fields, (REQUEST,)))
    for limit in page.limits:
        if limit.of_items:
            yield Fact("limit", _limited(limit, lists), limit.value, limit.line)
        else:
            said = f"{limit.value} {limit.words}"
            yield Fact("wording", (said,), said, limit.line)


def _lists(fields: Sequence[Field], parent: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for each in fields:
        subject = (*parent, each.name)
        if each.depth:
            yield subject
        yield from _lists(each.children, subject)


def _limited(limit: StatedLimit, lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    words = set(limit.words.lower().split())
    named = [subject for subject in lists if words & set(subject[1:])]
    return named[0] if named else (REQUEST, limit.words)


def _prose(page: Page) -> Iterator[Fact]:
    yield Fact("title", OPERATION, page.title, page.line)
    for said in (*page.sentences, *([page.preview] if page.preview else ())):
        yield Fact("sentence", (said.text,), said.text, said.line)
