"""The comparison in words: for people, for the body of a pull request, and for machines."""

import json
from collections.abc import Iterator, Sequence

from attrs import frozen

from servicenow_contract.text import visible
from upkeep.changes.change import Change
from upkeep.changes.rules import PARTIES
from upkeep.release.version import Step

VERSION = 1
"""Of the JSON: raised when a member goes or changes its meaning."""


@frozen
class Report:
    """What was compared, what changed, and whether the version carries it."""

    base: str | None
    """What the tree was compared with; None where there is nothing."""
    base_version: str | None
    version: str
    changes: Sequence[Change]
    problems: Sequence[str]
    """What the version or its CHANGELOG lacks."""
    notes: Sequence[str]
    """How the comparison came about, where that is not plain."""

    @property
    def step(self) -> Step:
        """The largest step that a change asks for."""
        return max((each.step for each in self.changes), default=Step.NONE)

    @property
    def verdict(self) -> str:
        """The last line: which step is needed, and whether the version fits."""
        if self.base is None:
            return f"There is nothing to compare {self.version} with, since {self.notes[0]}."
        count = len(self.changes)
        told = f"{count} change{'s' * (count != 1)} since {self.base}, version {self.base_version}"
        needs = f"which need{'s' * (count == 1)} {f'a {self.step}' if self.step else 'no'} step"
        return f"{told}, {needs}; {self.version} {'does not fit' if self.problems else 'fits'}."


def as_text(report: Report) -> Iterator[str]:
    """The report for people, line by line."""
    for change in report.changes:
        yield f"{change.step!s:<6} {change.rule}  {change.where}"
        yield f"       {change.message}"
        yield from (f"       breaks the {party}: {why}" for party, why in _breaks(change))
        yield ""
    yield from (f"note: {note}" for note in report.notes[report.base is None :])
    yield from (f"refused: {problem}" for problem in report.problems)
    yield report.verdict


def _breaks(change: Change) -> Iterator[tuple[str, str]]:
    for party, why in change.why.items():
        yield ("server's side" if party == "server" else party), why


def as_markdown(report: Report) -> Iterator[str]:
    """The report for the body of a pull request."""
    yield f"**{_cell(report.verdict)}**"
    if report.changes:
        yield ""
        yield "| step | what | rule | where | breaks |"
        yield "|---|---|---|---|---|"
    for change in report.changes:
        breaks = "; ".join(f"{party}: {why}" for party, why in _breaks(change)) or "nobody"
        cells = (str(change.step), change.message, change.rule, f"`{change.where}`", breaks)
        yield f"| {' | '.join(map(_cell, cells))} |"
    lists = [*report.problems, *report.notes[report.base is None :]]
    if lists:
        yield ""
    yield from (f"- {_cell(line)}" for line in lists)


def _cell(text: str) -> str:
    """Text that stays in its cell, and is no markup beyond code spans."""
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|")):
        text = text.replace(sign, written)
    return visible(text)


def as_json(report: Report) -> str:
    """The report for machines."""
    said = {
        "version": VERSION,
        "base": report.base,
        "base_version": report.base_version,
        "current_version": report.version,
        "step": str(report.step),
        "carried": not report.problems,
        "problems": list(report.problems),
        "notes": list(report.notes),
        "changes": [
            {
                "rule": change.rule,
                "where": change.where,
                "message": change.message,
                "step": str(change.step),
                "breaks": {party: change.why.get(party) for party in PARTIES},
            }
            for change in report.changes
        ],
    }
    return json.dumps(said, indent=2, ensure_ascii=False)
