"""Failures by what they have in common, so that the worst server is told in few lines."""

import re
from collections.abc import Sequence

from attrs import define, field

from servicenow_contract.judging.verdict import Ledger, Outcome, Verdict

_ANSWERED = re.compile(
    r".* (?:was answered|was taken although .*?:) ?(\d{3})\b.*?(?:; expected (.*))?"
)
_VALUE = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\d+")


@define
class Cause:
    """What several failures have in common, and these."""

    words: str
    found: dict[str, list[Outcome]] = field(factory=dict)
    """The outcomes, by requirement."""

    @property
    def count(self) -> int:
        """How many failures there are."""
        return sum(map(len, self.found.values()))


def causes(ledger: Ledger) -> Sequence[Cause]:
    """The causes of all failures and errors, that of most failures first."""
    known: dict[str, Cause] = {}
    for name, outcomes in ledger.outcomes.items():
        for each in outcomes:
            if each.verdict in (Verdict.FAIL, Verdict.ERROR):
                words = _words(each.reason)
                known.setdefault(words, Cause(words)).found.setdefault(name, []).append(each)
    return sorted(known.values(), key=lambda each: -each.count)


def _words(reason: str) -> str:
    """A reason without what differs from one failure to the next."""
    if found := _ANSWERED.fullmatch(reason):
        return f"answered {found[1]} where {found[2] or 'a refusal'} is expected"
    return _VALUE.sub("…", reason)[:120]
