"""Failures by what they have in common, so that the worst server is told in few lines."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import define, field

from servicenow_contract.contract.requirements import Level
from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.text import counted

Part: TypeAlias = Mapping[str, Any]
"""A part of a record, as verdict.schema.json describes it."""
_ANSWERED = re.compile(r".* was answered (\d{3})\b(?:; expected (.*?)[.] The body: )?.*")
SENT = " The body that was sent: "
"""What stands before the request that a reason shows at its end."""
_REFUSAL = re.compile(r"4\d\d(?:(?:,| or) 4\d\d)*|a refusal, 4xx")
_VALUE = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\b[0-9a-f]{32}\b|\d+")


@define
class Cause:
    """What several failures have in common, and these."""

    words: str
    verdict: Verdict
    found: list[tuple[Part, Part]] = field(factory=list)
    """Each failure: a requirement, and one of its outcomes."""

    @property
    def count(self) -> int:
        """How many failures there are."""
        return len(self.found)

    @property
    def title(self) -> str:
        """How many failures there are, and what they have in common."""
        return f"{counted(self.count, 'failure')}: {self.words}"

    @property
    def requirements(self) -> Mapping[str, Sequence[tuple[Part, Part]]]:
        """The failures by the id of their requirement, what binds most first."""
        kept: dict[str, list[tuple[Part, Part]]] = {}
        for requirement, outcome in sorted(self.found, key=lambda each: _binding(each[0])):
            kept.setdefault(requirement["id"], []).append((requirement, outcome))
        return kept


def causes(
    requirements: Iterable[Part],
    verdicts: Collection[Verdict] = (Verdict.FAIL, Verdict.ERROR),
) -> Sequence[Cause]:
    """The causes of all outcomes with these verdicts: the worst first, then what binds most."""
    known: dict[tuple[Verdict, str], Cause] = {}
    for requirement in requirements:
        for outcome in requirement["outcomes"]:
            verdict = Verdict(outcome["verdict"])
            if verdict in verdicts:
                key = verdict, alike(outcome["reason"])
                known.setdefault(key, Cause(key[1], verdict)).found.append((requirement, outcome))
    return sorted(
        known.values(),
        key=lambda each: (
            -each.verdict.weight,
            min(_binding(requirement) for requirement, _ in each.found),
            -each.count,
        ),
    )


def _binding(requirement: Part) -> int:
    """How little a requirement binds, from 0 for a MUST."""
    return list(Level).index(requirement["level"])


def alike(reason: str) -> str:
    """A reason without what differs from one failure to the next."""
    if found := _ANSWERED.fullmatch(reason):
        status, expected = found[1], found[2]
        if status.startswith("2") and _REFUSAL.fullmatch(expected or "a refusal, 4xx"):
            return "accepted where a refusal is expected"
        wanted = f" where {expected.removesuffix(', 4xx')} is expected" if expected else ""
        return f"answered {status}{wanted}"
    return _VALUE.sub("…", reason.partition(SENT)[0])[:120].rstrip(".")


def told(outcome: Part) -> str:
    """The reason of a failure behind the name of the test that found it."""
    return f"{outcome['test'].partition('::')[2] or outcome['test']}: {outcome['reason']}"
