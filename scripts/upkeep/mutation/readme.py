"""Puts what whole families of mutants came to into the README that shows it."""

import re
from collections.abc import Iterable

from upkeep.mutation.matrix import Family
from upkeep.mutation.options import FAMILIES
from upkeep.paths import SCRIPTS

README = SCRIPTS / "README.md"
LINES = re.compile(r"(?<=^```text\n)(?:[\d-]+  \w+: .*\n)+(?=```$)", re.MULTILINE)


def with_lines(text: str, families: Iterable[Family], day: str) -> str:
    """The README's text with a line for each of these families; the others keep theirs."""
    new = {each.name: f"{day}  {each.sentence}" for each in families}

    def merged(found: re.Match[str]) -> str:
        old = {line.split()[1].rstrip(":"): line for line in found[0].splitlines()}
        lines = {**old, **new}
        return "".join(f"{lines[name]}\n" for name in FAMILIES if name in lines)

    return LINES.sub(merged, text, count=1)
