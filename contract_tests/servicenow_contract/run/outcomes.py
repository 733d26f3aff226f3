"""What a test of pytest says, as outcomes of this kit."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from attrs import define, field

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.verdict import (
    LENGTH,
    Broken,
    Ledger,
    NotShown,
    Outcome,
    Verdict,
    leaves,
)
from servicenow_contract.judging.witness import sees
from servicenow_contract.report.causes import SENT, alike
from servicenow_contract.target.exchange import MAX_BODY, Exchange
from servicenow_contract.target.history import commands
from servicenow_contract.target.wire import TargetTransport
from servicenow_contract.text import head

_FACTS = (AssertionError, pytest.fail.Exception, Broken)
_LOST = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadTimeout)
"""A request was taken and got no whole answer. A target that nobody reaches is another matter."""

_KINDS = 3
"""How many kinds of failures of one requirement are told whole."""
_HEAD = 4_000
"""How many characters are kept of a body that did not decide, or not as the first of its kind."""


def outcome_of(call: pytest.CallInfo[None]) -> BaseException:
    """NotShown for a test that was left out, Broken for one whose fact does not hold.

    A request that is taken and not answered breaks what its test asks. Any other error, and any
    outside of the test itself, is returned as it is: the suite's trouble.
    """
    error = call.excinfo.value if call.excinfo else RuntimeError("no exception is known")
    if isinstance(error, pytest.skip.Exception):
        return NotShown(str(error))
    found = list(leaves(error))
    if call.when == "call" and all(isinstance(leaf, (*_FACTS, *_LOST)) for leaf in found):
        if isinstance(lost := found[0], _LOST):
            sent = head(repr(lost.request.content.decode("utf-8", "replace")), 200)
            why = str(lost).removesuffix(".") or type(lost).__name__
            return Broken(f"a request got no complete answer: {why}.{SENT}{sent}")
        return Broken(str(found[0]))
    return RuntimeError(str(error)) if isinstance(error, Broken) else error


def label(nodeid: str) -> str:
    """The name of a test, whole: its module without the folders, and all of what it is run with."""
    module, colons, test = nodeid.partition("::")
    return module.rpartition("/")[2] + colons + test


def filed(
    name: str, item: pytest.Item, verdict: Verdict, reason: str, wire: TargetTransport | None
) -> dict[str, Any]:
    """What a test says of a requirement as plain data, without keys."""
    return {
        "requirement": name,
        "verdict": verdict,
        "test": label(item.nodeid),
        "reason": head(wire.scrub(reason) if wire is not None else reason, LENGTH),
    }


@define
class Stories:
    """What is told of the exchanges of failures, so that a poor server fills no disk."""

    _told: dict[tuple[str, str], set[str]] = field(factory=dict, init=False)
    """The kinds of failures that are told whole, by requirement and verdict."""

    def told(self, said: Mapping[str, Any], story: Sequence[Exchange]) -> dict[str, Any]:
        """What was sent and answered, and how to send it again, as plain data.

        All of it for the first failures of a requirement that are not alike, and for any other the
        last exchange, which decided.
        """
        kinds = self._told.setdefault((said["requirement"], said["verdict"]), set())
        whole = alike(said["reason"]) not in kinds and len(kinds) < _KINDS
        if whole and story:
            kinds.add(alike(said["reason"]))
        kept = story if whole else story[-1:]
        return {
            "exchanges": [
                each.as_record(MAX_BODY if whole and each is kept[-1] else _HEAD) for each in kept
            ],
            "repeat": commands(kept) if whole else [],
            "left_out": len(story) - len(kept),
        }


def note_unseen(ledger: Ledger, left_out: Mapping[str, str], contract: Fragment) -> None:
    """What no test provokes and no answer showed was not run, nor what every test left out."""
    why = "no answer in this run showed it, and no test can provoke one that does"
    unseen = dict.fromkeys(sees(contract), why)
    for name, reason in sorted({**unseen, **left_out}.items()):
        if name in ledger.catalogue and not ledger.outcomes[name]:
            ledger.add(Outcome(name, Verdict.NOT_RUN, "the witness", reason))
