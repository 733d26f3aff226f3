"""Puts the table of a record into the two READMEs that show it."""

import re
import textwrap

from upkeep.bench.contenders import BenchError
from upkeep.bench.record import Record
from upkeep.bench.report import markdown
from upkeep.paths import ROOT, SCRIPTS

README = SCRIPTS / "README.md"
OF_THE_WHEEL = ROOT / "generated_client" / "README.md"
QUOTED = {
    "time of a call": "call: 1 finding",
    "start of a process to its first answer": "cold: to its first answer",
    "reading the documented 200": "model: read the page's 200",
    "installed size": "weight: installed",
}
"""The rows of the wheel's README that quote one of the table, each with that one."""
_TABLE = re.compile(r"^Measured on .*?(?=^## |^Where time goes)", re.DOTALL | re.MULTILINE)


def fill(record: Record) -> None:
    """Write both files. Raises BenchError when the record lacks a figure that they show."""
    texts = [
        (README, with_table(README.read_text(encoding="utf-8"), record)),
        (OF_THE_WHEEL, with_quotes(OF_THE_WHEEL.read_text(encoding="utf-8"), record)),
    ]
    for path, text in texts:
        path.write_text(text, encoding="utf-8")


def with_table(text: str, record: Record) -> str:
    """The README's text with the record's table instead of the one that is there."""
    head, *table = markdown(record)
    lines = textwrap.wrap(head, 108, break_long_words=False, break_on_hyphens=False)
    return _TABLE.sub(lambda _: "\n".join([*lines, *table, "", ""]), text, count=1)


def with_quotes(text: str, record: Record) -> str:
    """The text of the wheel's README with the record's ratios to the official client."""
    cells = {line.split(" | ")[0].strip("| "): line.strip(" |") for line in markdown(record)}
    for theirs, ours in QUOTED.items():
        if ours not in cells:
            raise BenchError(f"the record has no {ours}; the READMEs show a whole run")
        ratio = cells[ours].split(" | ")[-1].split(" ")[0]
        quoted = rf"^(\| {theirs} \|) [^|]* \|"
        text = re.sub(quoted, rf"\1 {ratio} of official |", text, flags=re.MULTILINE)
    return text
