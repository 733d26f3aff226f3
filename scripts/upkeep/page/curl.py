"""The curl block at the end of a page. It is not fenced: the saved page shows its bare lines."""

import re
from collections.abc import Sequence

from upkeep.page.json import read_json
from upkeep.page.model import Curl, Example, Header, PageError, Text

_COMMAND = re.compile(r'[^"]{0,100}\bcurl -X ([A-Z]{1,20}) "([^"\s]{1,2000})"(?: \\)?')
_HEADER = re.compile(r'-H "([^":]{1,200}): ([^"]{0,1000})"(?: \\)?')
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,99})\}")
_REMEDY = "write the block as curl takes it, or save the page again"


def read_curl(lines: Sequence[Text]) -> tuple[Curl | None, list[Text]]:
    """The curl command, and the lines that are not part of it.

    Raises PageError for a command, a header or a body that has another form.
    """
    start = next((at for at, line in enumerate(lines) if "curl " in line.text), None)
    if start is None:
        return None, [line for line in lines if not _decoration(line.text)]
    command = _COMMAND.fullmatch(lines[start].text.strip())
    if command is None:
        raise PageError(lines[start].line, 'there is no curl -X METHOD "URL" here', _REMEDY)
    at = start + 1
    headers: list[Header] = []
    while at < len(lines) and lines[at].text.startswith("-H"):
        header = _header(lines[at])
        if any(other.name.lower() == header.name.lower() for other in headers):
            raise PageError(header.line, f"the header {header.name} appears twice", _REMEDY)
        headers.append(header)
        at += 1
    body, at = _body(lines, at)
    curl = Curl(lines[start].line, command[1], command[2], tuple(headers), body)
    return curl, [line for line in (*lines[:start], *lines[at:]) if not _decoration(line.text)]


def _header(line: Text) -> Header:
    header = _HEADER.fullmatch(line.text.strip())
    if header is None:
        raise PageError(line.line, 'there is no -H "NAME: VALUE" here', _REMEDY)
    variable = _VARIABLE.fullmatch(header[2])
    return Header(line.line, header[1], header[2], variable[1] if variable else None)


def _body(lines: Sequence[Text], at: int) -> tuple[Example | None, int]:
    """The body between `<< EOF` and `EOF`, and where the lines go on."""
    if at >= len(lines) or not lines[at].text.startswith("-d"):
        return None, at
    if not lines[at].text.rstrip().endswith("<< EOF"):
        raise PageError(lines[at].line, "the body of curl does not come from << EOF", _REMEDY)
    content = lines[at + 1 :]
    end = next((n for n, line in enumerate(content) if line.text.strip() == "EOF"), None)
    if end is None:
        raise PageError(lines[at].line, "the body of curl has no EOF line at its end", _REMEDY)
    return read_json(content[:end], lines[at].line), at + end + 2


def _decoration(text: str) -> bool:
    """Whether a line is what the page's tabs leave behind when they are saved as text."""
    return text.strip("#\\ \t") in {"", "default"}
