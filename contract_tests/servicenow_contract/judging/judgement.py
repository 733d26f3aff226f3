"""From what a check raised to a verdict: the target's fault, the suite's own, or nothing to see."""

import re
from collections.abc import Iterator, Sequence

import pytest

from servicenow_contract.contract.deviations import Deviation
from servicenow_contract.judging.verdict import Verdict

LENGTH = 600
"""How much of a reason is filed; what it is called is judged by the whole."""


def judged(
    requirement: str, error: BaseException, *, excused: Sequence[Deviation], fair: bool = True
) -> tuple[Verdict, str]:
    """The verdict on a requirement whose check raised `error`, and the reason in one line.

    A check that is left out is not run; a fact that does not hold is a failure, or one of
    the deviations that are excused; anything else, or not `fair`, is the suite's own trouble.
    """
    if isinstance(error, pytest.skip.Exception):
        return Verdict.NOT_RUN, first_line(str(error))
    reason = first_line(str(next(_leaves(error))))
    if not (fair and _blames_target(error)):
        return Verdict.ERROR, f"{type(error).__name__}: {reason}"
    return blame(requirement, reason, excused), reason


def blame(requirement: str, reason: str, excused: Sequence[Deviation]) -> Verdict:
    """What a broken requirement is called: a failure, unless it is excused for just this."""
    known = any(each.explains(requirement, reason) for each in excused)
    return Verdict.DEVIATES if known else Verdict.FAIL


def first_line(text: str) -> str:
    """The first line of a failure's text that says something, in one piece and fit to be printed.

    Only a line feed ends a line: the other marks that break lines can be part of an answer.
    """
    lines = (re.sub(r"[ \t\r]+", " ", line).strip(" ") for line in text.split("\n"))
    return visible(next((line for line in lines if line), ""))


def visible(text: str) -> str:
    """The text with what is not for the eye, such as a command to a terminal, escaped."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _blames_target(error: BaseException) -> bool:
    """Whether a test found its fact broken; anything else is the suite's own trouble."""
    facts = (AssertionError, pytest.fail.Exception)
    return all(isinstance(leaf, facts) for leaf in _leaves(error))
