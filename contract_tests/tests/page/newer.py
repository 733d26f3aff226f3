"""Writes a page of the older form anew in the newer one, by the marks and never by the words."""

import re

INDEX = "> For the complete documentation index, see [llms.txt](https://docs.example.com/llms.txt)."
_DASHES = re.compile(r"^\|[ -]+\|")


def newer(text: str) -> str:
    """The same page in the newer form."""
    found: list[str] = []
    depth = 0
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if line.startswith('{% tab title="v'):
            found.append(f"## {line.split(chr(34))[1]} (latest){{% #v2 %}}")
        elif line.startswith("{% tab "):
            first = _before(lines, at).startswith(("#", "OK", "Status", "Bad", "Not", "Too")) or (
                _before(lines, at) != "{% /tab %}"
            )
            found += ["{% tabs %}"] if first else []
            found.append(line.replace("title=", "label="))
            depth += 1
        elif line == "{% /tab %}" and depth:
            found.append(line)
            depth -= 1
            if not _after(lines, at).startswith("{% tab "):
                found.append("{% /tabs %}")
        elif line == "{% /tab %}":
            continue
        else:
            found += _line(line)
    at = found.index("---", 1)
    found[at + 1 : at + 1] = ["", INDEX]
    return "\n".join(found)


def _before(lines: list[str], at: int) -> str:
    return next(line for line in reversed(lines[:at]) if line.strip())


def _after(lines: list[str], at: int) -> str:
    return next((line for line in lines[at + 1 :] if line.strip()), "")


def _line(line: str) -> list[str]:
    if line.startswith("**Note**"):
        return ['{% alert level="info" %}', "<cell_type=markdown>" + line, "{% /alert %}"]
    if line.startswith("#### Body Data"):
        return [line.replace("#### Body Data", "### Request Body")]
    if line.startswith("|") and not _DASHES.match(line):
        line = re.sub(r"\| ([A-Z]+) (https://)", r"| **\1** \2", line)
        line = line.replace("Allowed enum values", "Allowed values")
        line = re.sub(r"`([a-z_,]+)`(?= +(?:\||default))", _spans, line)
        line = re.sub(r" default: `", " Default: `", line)
        head, mark, tail = line.partition(". ")
        return [head + mark.rstrip(), "", tail] if mark and tail.strip(" |") else [line]
    return [line]


def _spans(match: re.Match[str]) -> str:
    return ", ".join(f"`{value}`" for value in match[1].split(",")) + "."
