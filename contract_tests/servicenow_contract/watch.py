"""Keeps what a witness sees until it is filed: of each requirement the first times that count."""

import re

import httpx
from attrs import define, field, frozen

from servicenow_contract import deviations
from servicenow_contract.target import Target
from servicenow_contract.verdict import Verdict
from servicenow_contract.wire import Exchange
from servicenow_contract.witness import Witness

LENGTH = 600
"""How much of a reason is filed; what it is called is judged by the whole."""
_KEPT = 10
"""How often a requirement is filed as broken; a server that always breaks it fills no disk."""


def first_line(text: str) -> str:
    """The first line of a failure's text that says something, in one piece."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[0]) if lines else ""


def blame(requirement: str, reason: str, *, strict: bool) -> Verdict:
    """What a broken requirement is called: a failure, unless it is known to be broken like this."""
    known = any(each.explains(requirement, reason) for each in deviations.load())
    return Verdict.DEVIATES if known and not strict else Verdict.FAIL


@frozen
class Found:
    """What one exchange said of one requirement."""

    requirement: str
    verdict: Verdict
    reason: str
    exchange: Exchange


@define(eq=False)
class Watch:
    """Lets a witness see every answer of a target."""

    strict: bool
    _filed: dict[tuple[str, Verdict], set[str]] = field(factory=dict, init=False)
    _fresh: list[Found] = field(factory=list, init=False)

    def over(self, target: Target) -> None:
        """Begin to watch this target."""
        if target.wire is None:
            return
        witness = Witness(target.keys)

        def see(request: httpx.Request, response: httpx.Response, exchange: Exchange) -> None:
            ended = exchange.began + exchange.seconds
            for name, broken in witness.see(request, response, exchange.began, ended):
                self._keep(name, broken, exchange)

        target.wire.watch = see

    def _keep(self, name: str, broken: str | None, exchange: Exchange) -> None:
        reason = first_line(broken or "")
        verdict = Verdict.PASS if broken is None else blame(name, reason, strict=self.strict)
        filed = self._filed.setdefault((name, verdict), set())
        if reason not in filed and len(filed) < _KEPT:
            filed.add(reason)
            self._fresh.append(Found(name, verdict, reason[:LENGTH], exchange))

    def take(self) -> list[Found]:
        """What was found since the last time this was asked."""
        fresh, self._fresh = self._fresh, []
        return fresh
