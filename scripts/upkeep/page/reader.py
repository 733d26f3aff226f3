"""Reads a saved documentation page of one operation: Markdown with `{% tab %}` marks.

From top to bottom: a title; a version tab with notes, the site table, an Overview, the request with
a Model and an Example tab, a tab for each status with the same two, and a curl block. What has no
place in this form is kept in `Page.unread`.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from upkeep.page import prose
from upkeep.page.blocks import (
    SAVE_AGAIN,
    Block,
    Code,
    Section,
    Tab,
    Table,
    blocks,
    read_text,
    sections,
    take_table,
)
from upkeep.page.curl import read_curl
from upkeep.page.evidence import Shape
from upkeep.page.json import read_json
from upkeep.page.leftover import Leftover
from upkeep.page.model import (
    Curl,
    Example,
    Model,
    Page,
    PageError,
    Permissions,
    RequestSection,
    SiteRow,
    StatusSection,
    Text,
)
from upkeep.page.nesting import nest
from upkeep.page.tables import model_rows

_ENDPOINT = re.compile(r"(?:\*\*(?=[A-Z]{1,20}\*\* ))?([A-Z]{1,20})(?:\*\*)? (https?://\S{1,2000})")
_STATUS = re.compile(r"[1-5][0-9X]{2}|default")
_SECTIONS = {"Overview", "Request", "Body Data", "Response", "Code Example"}
_NOTE = "**Note**:"
_BUTTON = "Copy pageCopied"


def read_file(path: Path) -> Page:
    """Read a saved page. Raises PageError as `read` does, and for a file that cannot be read."""
    return read(read_text(path))


def read(text: str) -> Page:
    """Read the text of a saved page.

    Raises PageError, with the line, for a page in another form: no version tab, no table of sites,
    no Response section, or one of its parts broken.
    """
    outer = blocks(text)
    title, rest = _title([block for block in outer if not isinstance(block, Tab)])
    versions = [block for block in outer if isinstance(block, Tab)]
    if not versions:
        raise PageError(1, "there is no tab with the version of the operation", SAVE_AGAIN)
    parts = Leftover(rest=[*rest, *versions[1:]])
    intro, *headed = sections(versions[0].content, versions[0].line)
    notes, sites = _intro(intro, parts)
    known = _known(headed, parts)
    if "Response" not in known:
        raise PageError(versions[0].line, "there is no Response section", SAVE_AGAIN)
    if "Request" in known:
        parts.leave(known["Request"].content)
    overview = _Overview(intro.line)
    if "Overview" in known:
        overview = _overview(known["Overview"], parts)
    return Page(
        line=title.line,
        title=title.text,
        notes=notes,
        sites=sites,
        overview_line=overview.line,
        sentences=overview.sentences,
        limits=prose.all_limits(overview.sentences),
        permissions=overview.permissions,
        body=_body(known["Body Data"], parts) if "Body Data" in known else None,
        responses=_responses(known["Response"], parts),
        curl=_curl(known["Code Example"], parts) if "Code Example" in known else None,
        unread=parts.unread(),
    )


@frozen
class _Overview:
    line: int
    sentences: tuple[Text, ...] = ()
    permissions: Permissions | None = None


def _known(headed: Iterable[Section], parts: Leftover) -> dict[str, Section]:
    """The sections that have a place, by name; any other is left whole."""
    known: dict[str, Section] = {}
    for section in headed:
        name = "Body Data" if section.title.startswith("Body Data") else section.title
        if name in _SECTIONS and name not in known:
            known[name] = section
        else:
            parts.leave([Text(section.line, section.title), *section.content])
    return known


def _curl(section: Section, parts: Leftover) -> Curl | None:
    lines, other = _lines(section.content)
    if not any("curl " in line.text for line in lines):  # the newer form has it in a code block
        codes = [block for block in other if isinstance(block, Code)]
        fenced = [code for code in codes if any("curl " in line.text for line in code.lines)][:1]
        lines += [line for code in fenced for line in code.lines]
        other = [block for block in other if block not in fenced]
    curl, unused = read_curl(lines)
    parts.leave([*other, *unused])
    return curl


def _lines(content: Sequence[Block]) -> tuple[list[Text], list[Block]]:
    lines = [block for block in content if isinstance(block, Text)]
    return lines, [block for block in content if not isinstance(block, Text)]


def _title(content: Sequence[Block]) -> tuple[Text, list[Block]]:
    """The heading of the first level; the saved page's own head is dropped."""
    lines, other = _lines(content)
    if lines and lines[0].text.strip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.text.strip() == "---"), 0)
        lines = lines[end + 1 :]
    for at, line in enumerate(lines):
        if line.text.startswith("# "):
            text = line.text.removeprefix("# ").partition("{%")[0].strip()
            rest = [each for each in (*lines[:at], *lines[at + 1 :]) if each.text != _BUTTON]
            return Text(line.line, text), [*other, *rest]
    shown = " ".join(line.text for line in lines[:20]).strip().lower()
    what = "HTML" if shown.startswith("<") else "text" if shown else "empty file"
    raise PageError(1, f"this {what} has no title (a line that starts with one #)", SAVE_AGAIN)


def _intro(section: Section, parts: Leftover) -> tuple[tuple[Text, ...], tuple[SiteRow, ...]]:
    table, rest = take_table(section.content)
    if table is None or len(table.columns) != 2 or not table.rows:
        line = table.line if table else section.line
        raise PageError(line, "there is no table of sites and endpoints", SAVE_AGAIN)
    lines, other = _lines(rest)
    notes = [line for line in lines if line.text.startswith(_NOTE)]
    parts.leave([*other, *(line for line in lines if line not in notes)])
    said = tuple(Text(note.line, note.text.removeprefix(_NOTE).strip()) for note in notes)
    return said, _sites(table)


def _sites(table: Table) -> tuple[SiteRow, ...]:
    sites: list[SiteRow] = []
    for line, (name, endpoint) in table.rows:
        found = _ENDPOINT.fullmatch(endpoint)
        if found is None:
            what = f"{endpoint!r} is not of the form METHOD https://HOST/PATH"
            raise PageError(line, what, "correct the API endpoint")
        try:
            url = urlsplit(found[2])
        except ValueError:
            raise PageError(
                line, f"{found[2]!r} is not a URL", "correct the API endpoint"
            ) from None
        base = f"{url.scheme}://{url.netloc}"
        if any(site.base == base for site in sites):
            raise PageError(line, f"the site {base} appears twice", "remove one of the two")
        sites.append(SiteRow(line, name, found[1], base, found[2].removeprefix(base)))
    return tuple(sites)


def _overview(section: Section, parts: Leftover) -> _Overview:
    lines, other = _lines(section.content)
    parts.leave(other)
    codes = [line for line in lines if prose.is_code_list(line)]
    said = [text for line in lines if line not in codes for text in prose.sentences(line)]
    needed = prose.permissions(said, codes[0] if codes else None)
    parts.leave(codes if needed is None else codes[1:])
    return _Overview(section.line, tuple(said), needed)


def _body(section: Section, parts: Leftover) -> RequestSection:
    model, example, rest = _model_and_example(section.content, section.line)
    parts.leave(rest)
    return RequestSection(section.line, section.title.endswith("(required)"), model, example)


def _responses(section: Section, parts: Leftover) -> tuple[StatusSection, ...]:
    responses: dict[str, StatusSection] = {}
    for block in section.content:
        if not (isinstance(block, Tab) and _STATUS.fullmatch(block.title)):
            parts.leave([block])
        elif block.title in responses:
            what = f"the status {block.title} appears twice"
            raise PageError(block.line, what, "keep one of the two")
        else:
            responses[block.title] = _response(block, parts)
    if not responses:
        raise PageError(section.line, "there is no tab with a status", SAVE_AGAIN)
    return tuple(responses.values())


def _response(tab: Tab, parts: Leftover) -> StatusSection:
    lines, tabs = _lines(tab.content)
    model, example, rest = _model_and_example(tabs, tab.line)
    parts.leave(rest)
    return StatusSection(tab.line, tab.title, _join(lines), model, example)


def _model_and_example(
    content: Sequence[Block], line: int
) -> tuple[Model | None, Example | None, list[Block]]:
    """What the Model tab and the Example tab show, and the blocks beside and inside them."""
    tabs = {block.title: block for block in reversed(content) if isinstance(block, Tab)}
    shown, modelled = tabs.get("Example"), tabs.get("Model")
    rest = [block for block in content if block not in (shown, modelled)]
    example = None
    if shown is not None:
        codes = [block for block in shown.content if isinstance(block, Code)]
        example = read_json(codes[0].lines, codes[0].line) if codes else None
        rest += [block for block in shown.content if block not in codes[:1]]
    model = None
    if modelled is not None:
        table, around = take_table(modelled.content)
        end = table.rows[-1][0] if table and table.rows else table.line if table else 0
        lines = [each for each in around if isinstance(each, Text) and (not end or each.line < end)]
        fields = nest(model_rows(table), Shape(example)) if table else ()
        model = Model(table.line if table else line, _join(lines), fields)
        rest += [each for each in around if each not in lines]
    return model, example, rest


def _join(lines: Iterable[Text]) -> str:
    return " ".join(chain.from_iterable(line.text.split() for line in lines))
