"""Keeps what a witness sees until it is filed: of each requirement the first times that count."""

import functools
import threading
from collections.abc import Iterator, Sequence

import httpx
from attrs import define, field, frozen

from servicenow_contract.contract.deviations import Deviation
from servicenow_contract.judging.verdict import Verdict, blame
from servicenow_contract.judging.witness import Seen, Witness
from servicenow_contract.target.exchange import Exchange
from servicenow_contract.target.target import Target
from servicenow_contract.target.wire import TargetTransport
from servicenow_contract.text import first_line

_PATIENCE = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds between one answer and the next, when what was attached may show late."""
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
    _patience: Sequence[float] = field(default=_PATIENCE, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def over(self, target: Target) -> None:
        """Begin to watch this target."""
        if target.wire is None:
            return
        wire, witness = target.wire, Witness(target.keys, target.world)

        def see(
            request: httpx.Request, response: httpx.Response | None, exchange: Exchange
        ) -> None:
            if response is None:
                witness.lost()
                return
            times = exchange.began, exchange.began + exchange.seconds
            again = functools.partial(self._again, wire, request)
            seen = Seen(target.contract, request, response, *times, exchange.alone, again)
            for name, broken in witness.see(seen):
                self._keep(name, broken, exchange)

        wire.watch = see

    def _again(self, wire: TargetTransport, request: httpx.Request) -> Iterator[httpx.Response]:
        """Later answers to a request whose effects may show late; none once waiting was in vain."""
        for seconds in self._patience:
            wire.sleep(seconds)
            if (response := wire.again(request)) is None:
                return
            yield response
        self._patience = ()

    def _keep(self, name: str, broken: str | None, exchange: Exchange) -> None:
        if broken is None and (name, Verdict.PASS) in self._filed:
            return  # as of nearly every answer
        reason = first_line(broken or "")
        verdict = Verdict.PASS if broken is None else blame(name, reason, self.excused)
        with self._lock:
            filed = self._filed.setdefault((name, verdict), set())
            if reason not in filed and len(filed) < _KEPT:
                filed.add(reason)
                self._fresh.append(Found(name, verdict, reason, exchange))

    def take(self) -> list[Found]:
        """What was found since the last time this was asked."""
        with self._lock:
            fresh, self._fresh = self._fresh, []
        return fresh
