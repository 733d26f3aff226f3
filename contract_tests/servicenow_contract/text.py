"""Foreign text made safe to show: on a terminal, in XML and HTML, in a file of UTF-8."""

import re


def visible(text: str) -> str:
    """The text with what is not for the eye, such as a command to a terminal, escaped."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def shown(text: str) -> str:
    """The text with each character that a reader would not see, or be misled by, named.

    Controls, bidirectional marks, lone surrogates, unassigned code points and spaces other than
    the plain one become `⟦U+202E⟧`; line feeds and tabs stay. The result is legal in XML 1.0.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in "\n\t" else f"⟦U+{ord(each):04X}⟧" for each in text
    )


def head(text: str, limit: int) -> str:
    """A text, or its first characters and how many more there are."""
    left_out = len(text) - limit
    return f"{text[:limit]} … ({left_out:,} more characters)" if left_out > 0 else text


def counted(count: int, noun: str) -> str:
    """So many of a thing: `1 entry`, `2 entries`."""
    several = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else several}"


def sound(text: str) -> str:
    """The text without halves of surrogate pairs, which can be neither printed nor written."""
    return text.encode("utf-8", "replace").decode()


def first_line(text: str) -> str:
    """The first line of a failure's text that says something, in one piece and fit to be printed.

    Only a line feed ends a line: the other marks that break lines can be part of an answer.
    """
    lines = (re.sub(r"[ \t\r]+", " ", line).strip(" ") for line in text.split("\n"))
    return visible(next((line for line in lines if line), ""))
