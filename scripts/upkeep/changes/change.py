"""What changed: one fact each, collected from all the places that it is seen from."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from upkeep.changes.rules import RULES
from upkeep.release.version import Step

REQUEST, ANSWER = "request", "answer"
_LONGEST = 160


@frozen
class Change:
    """One change of the contract or of the Python names, and how it is judged."""

    rule: str
    where: str
    """JSON Pointer into the fragment, the requirement of a deviation, or a dotted name."""
    message: str
    step: Step
    why: Mapping[str, str]
    """Whom it breaks, and why: caller, reader, server."""


@frozen
class Changes:
    """Collects changes; one that is seen from requests and from answers is one change."""

    _sides: dict[tuple[str, str, str], set[str]] = field(factory=dict, init=False)

    def add(self, rule: str, where: str, message: str, side: str = REQUEST) -> None:
        """Note a change; rules that do not depend on the side are noted from any."""
        self._sides.setdefault((rule, where, message), set()).add(side)

    def __iter__(self) -> Iterator[Change]:
        """The changes, the largest step first."""
        found = []
        for (rule, where, message), sides in self._sides.items():
            judged = RULES[rule].judge(sides)
            found.append(Change(rule, where, message, judged.step, judged.why))
        return iter(sorted(found, key=lambda each: (-each.step, each.where, each.rule)))


def shown(value: Any) -> str:
    """A value as JSON, cut to a readable length."""
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + " …"


def same(old: Any, new: Any) -> bool:
    """Whether two JSON values are equal: no order of members counts, 1 is 1.0 and not true."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[name], new[name]) for name in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return isinstance(old, bool) is isinstance(new, bool) and bool(old == new)
