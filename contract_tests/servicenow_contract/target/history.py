"""What was sent before a failure and is needed to see it again on a fresh server."""

import itertools
import json
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import define, field

from servicenow_contract.contract.addresses import incident
from servicenow_contract.target.exchange import Exchange

_OWN = 60
"""How many exchanges of one test are told at most, the last ones."""
_LAST = 6
"""How many of these are told though they were refused."""
_MOVES = 20
"""How many attaches of one finding are remembered, and of how many tickets and findings at all."""
_KEPT = 2_000

Incident = tuple[str, str]


@define(eq=False)
class History:
    """The exchanges of the test on its way, and what the run attached before."""

    own: list[Exchange] = field(factory=list)
    _links: dict[Incident, Exchange] = field(factory=dict)
    """The first attach to each ticket."""
    _moves: dict[str, deque[Exchange]] = field(factory=dict)
    """The latest attaches of each finding."""
    _cases: dict[str, list[Exchange]] = field(factory=dict)
    """The first attaches to the tickets that were shown a case."""

    def add(self, exchange: Exchange) -> None:
        """Remember an exchange; several threads may."""
        self.own.append(exchange)
        if not exchange.taken:
            return
        ticket, findings = _named(exchange)
        if ticket is not None and ticket not in self._links and len(self._links) < _KEPT:
            self._links[ticket] = exchange
            self._cases.setdefault(_case(exchange) or "", []).append(exchange)
        for each in findings:
            if each in self._moves or len(self._moves) < _KEPT:
                self._moves.setdefault(each, deque(maxlen=_MOVES)).append(exchange)

    def begin(self) -> None:
        """Forget the exchanges of the test before."""
        self.own.clear()

    def story(self, last: Exchange | None = None, *, alone: bool = False) -> Sequence[Exchange]:
        """What to repeat, in order, so that the last answer comes again.

        That is: what linked the tickets that are named, what attached their findings before and
        those that the answer shows, and the test's own exchanges that were taken. `last` is the
        test's last exchange unless it is given. `alone` leaves out the rest of the test, when its
        requests do not build on each other.
        """
        if last is None and not self.own:
            return ()
        last = last or self.own[-1]
        own = [each for each in self.own if each.began < last.began]
        earlier = [each for each in own[:-_LAST] if each.taken] + own[-_LAST:]
        needed = [*([] if alone else earlier[-_OWN:]), last]
        needed = [*needed, *self._before(needed, last)]
        unique = {id(each): each for each in needed if each.began <= last.began}
        return sorted(unique.values(), key=lambda each: each.began)[-_OWN:]

    def _before(self, needed: Sequence[Exchange], last: Exchange) -> Iterator[Exchange]:
        """What led to the state that these exchanges met."""
        for each in needed:
            if (ticket := _named(each)[0]) in self._links:
                yield self._links[ticket]
        if (case := _case(last)) is not None:
            yield from self._cases.get(case, ())[:_LAST]
        for finding in _named(last)[1][:_LAST]:
            yield from self._moves.get(finding, ())
        insights = _shown(last, "attributes", "insights")
        for shown in insights if isinstance(insights, list) else ():
            found = str(shown.get("resource_id")) if isinstance(shown, dict) else ""
            if moves := self._moves.get(found):
                yield next((one for one in reversed(moves) if one.began < last.began), last)


def commands(story: Sequence[Exchange]) -> list[str]:
    """Shell lines that send a story again; requests that were on their way at once are one line."""
    lines: list[str] = []
    together: list[Exchange] = []
    for each, following in itertools.zip_longest(story, story[1:]):
        together.append(each)
        end = max(one.began + one.seconds for one in together)  # by one clock
        if following is not None and following.began < end:
            continue
        curls = [one.curl for one in together]
        lines.append(" & ".join([*curls, "wait"]) if len(curls) > 1 else curls[0])
        together = []
    return lines


def _named(exchange: Exchange) -> tuple[Any, Sequence[str]]:
    """The incident that a request names, or None, and the findings."""
    try:
        data = json.loads(exchange.content)["data"]
        found = data["relationships"]["findings"].get("data", [])
        ids = [each["id"] for each in found if isinstance(each["id"], str)]
        return incident(data["attributes"]["servicenow_ticket_url"]), ids
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None, ()


def _shown(exchange: Exchange, *path: str) -> Any:
    """What the answer to a request that was taken shows at a path below `data`, or None."""
    try:
        value: Any = json.loads(exchange.body) if exchange.taken else {}
        for name in ("data", *path):
            value = value[name]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return value


def _case(exchange: Exchange) -> str | None:
    """The id of the case that an answer shows."""
    found = _shown(exchange, "id")
    return found if isinstance(found, str) else None
