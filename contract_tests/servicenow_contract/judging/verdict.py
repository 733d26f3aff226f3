"""Verdicts: what a run says of each requirement, and of the whole.

A check returns when a requirement is kept; else it raises `Broken` or `NotShown`.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import define, field, frozen

from servicenow_contract.contract.deviations import Deviation
from servicenow_contract.contract.requirements import Level, Requirement
from servicenow_contract.text import first_line

LENGTH = 2_000
"""How much of a reason is filed, and how much more there is; it is judged by the whole."""


class Broken(Exception):  # noqa: N818  # an outcome, and no error of this kit
    """A requirement is broken; the message says how, in one line."""


class NotShown(Exception):  # noqa: N818  # as above
    """What was seen says nothing of a requirement.

    The message says why, where somebody may have expected it to be shown; else it is empty.
    """


class Verdict(StrEnum):
    """What a run says of a requirement; the later in this list, the worse."""

    PASS = "pass"
    NOT_RUN = "not-run"
    DEVIATES = "deviates"
    FAIL = "fail"
    ERROR = "error"

    @property
    def weight(self) -> int:
        """How bad it is, from 0."""
        return list(Verdict).index(self)


@frozen
class Outcome:
    """What one test says of one requirement."""

    requirement: str
    verdict: Verdict
    test: str
    reason: str = ""
    seconds: float = 0.0
    exchanges: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """What was sent and answered, as verdict.schema.json describes it; kept when it is no pass."""
    repeat: Sequence[str] = field(default=(), repr=False)
    """Shell lines that send all of it again, to a fresh server."""
    left_out: int = 0
    """How many exchanges before these are not kept, since another failure of the kind has its."""

    @property
    def told(self) -> str:
        """The reason, with the test that found it when the target is blamed."""
        if self.verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.DEVIATES):
            return f"{self.test.partition('::')[2] or self.test}: {self.reason}"
        return self.reason


@define
class Ledger:
    """Collects the outcomes of a run."""

    catalogue: Mapping[str, Requirement]
    of: int | None = None
    """How many requirements there are, when these are only some."""
    outcomes: dict[str, list[Outcome]] = field(init=False)
    _worst: dict[str, Verdict] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.outcomes = {name: [] for name in self.catalogue}

    def add(self, outcome: Outcome) -> None:
        """Take one outcome. Raises KeyError for a requirement that the catalogue lacks."""
        self.outcomes[outcome.requirement].append(outcome)
        worst = self._worst.setdefault(outcome.requirement, outcome.verdict)
        self._worst[outcome.requirement] = max(worst, outcome.verdict, key=lambda it: it.weight)

    def verdict(self, name: str) -> Verdict:
        """The worst outcome of a requirement; one without any test was not run."""
        return self._worst.get(name, Verdict.NOT_RUN)

    def reasons(self, name: str) -> list[str]:
        """Why the verdict of a requirement is what it is, each reason once."""
        verdict = self.verdict(name)
        if not self.outcomes[name]:
            return ["no test of this run judged it"]
        found = [each.told for each in self.outcomes[name] if each.verdict is verdict]
        return list(dict.fromkeys(reason for reason in found if reason))

    def count(self, verdict: Verdict) -> int:
        """How many requirements have this verdict."""
        return sum(self.verdict(name) is verdict for name in self.catalogue)

    @property
    def exit_code(self) -> int:
        """0: no MUST fails; 1: a MUST fails; 2: the suite itself broke, or nothing was judged."""
        verdicts = {name: self.verdict(name) for name in self.catalogue}
        if Verdict.ERROR in verdicts.values() or not any(self.outcomes.values()):
            return 2
        failed = [name for name, verdict in verdicts.items() if verdict is Verdict.FAIL]
        return int(any(self.catalogue[name].level is Level.MUST for name in failed))

    @property
    def size(self) -> str:
        """How many requirements are judged by, in words."""
        some = "" if self.of is None else f" of {self.of}"
        return f"{len(self.catalogue)}{some} requirements"

    @property
    def counts(self) -> str:
        """How many requirements have each verdict, in words."""
        parts = [f"{self.count(each)} {each}" for each in Verdict if self.count(each)]
        return f"{self.size}: {', '.join(parts)}"

    @property
    def sentence(self) -> str:
        """The whole run in one sentence."""
        counts = self.counts
        match self.exit_code:
            case 0 if not self.count(Verdict.PASS):
                return f"Nothing could be judged ({counts})."
            case 0:
                far = "" if self.of is None else ", as far as it was judged"
                return f"The contract is kept{far} ({counts})."
            case 1:
                return f"The contract is broken ({counts})."
            case _:
                return f"The suite could not finish its work ({counts})."


def judged(
    requirement: str, error: BaseException, *, excused: Sequence[Deviation]
) -> tuple[Verdict, str]:
    """The verdict on a requirement whose check raised `error`, and the reason in one line.

    What is broken is a failure, or one of the deviations that are excused; whatever is no outcome
    is the suite's own trouble.
    """
    reason = first_line(str(next(leaves(error))))
    if isinstance(error, NotShown):
        return Verdict.NOT_RUN, reason
    if isinstance(error, Broken):
        return blame(requirement, reason, excused), reason
    return Verdict.ERROR, f"{type(error).__name__}: {reason}"


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors that a group holds, groups within it followed; else the error itself."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from leaves(each)
    else:
        yield error


def blame(requirement: str, reason: str, excused: Sequence[Deviation]) -> Verdict:
    """What a broken requirement is called: a failure, unless it is excused for just this."""
    known = any(each.explains(requirement, reason) for each in excused)
    return Verdict.DEVIATES if known else Verdict.FAIL
