"""Keeps what a witness sees until it is filed: of each requirement the first times that count."""

import threading
from collections.abc import Sequence

import httpx
from attrs import define, field, frozen

from servicenow_contract.contract.deviations import Deviation
from servicenow_contract.judging.verdict import LENGTH, Verdict, blame
from servicenow_contract.judging.witness import Seen, Witness
from servicenow_contract.target.target import Target
from servicenow_contract.target.wire import Exchange
from servicenow_contract.text import first_line

_KEPT = 10
"""How often a requirement is filed as broken; a server that always breaks it fills no disk."""


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

    excused: Sequence[Deviation]
    _filed: dict[tuple[str, Verdict], set[str]] = field(factory=dict, init=False)
    _fresh: list[Found] = field(factory=list, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def over(self, target: Target) -> None:
        """Begin to watch this target."""
        if target.wire is None:
            return
        witness = Witness(target.keys, target.world)

        def see(request: httpx.Request, response: httpx.Response, exchange: Exchange) -> None:
            ended = exchange.began + exchange.seconds
            times = exchange.began, ended
            seen = Seen(target.contract, request, response, *times, exchange.alone)
            for name, broken in witness.see(seen):
                self._keep(name, broken, exchange)

        target.wire.watch = see

    def _keep(self, name: str, broken: str | None, exchange: Exchange) -> None:
        reason = first_line(broken or "")
        verdict = Verdict.PASS if broken is None else blame(name, reason, self.excused)
        with self._lock:
            filed = self._filed.setdefault((name, verdict), set())
            if reason not in filed and len(filed) < _KEPT:
                filed.add(reason)
                self._fresh.append(Found(name, verdict, reason[:LENGTH], exchange))

    def take(self) -> list[Found]:
        """What was found since the last time this was asked."""
        with self._lock:
            fresh, self._fresh = self._fresh, []
        return fresh
