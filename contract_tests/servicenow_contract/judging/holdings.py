"""Which findings each ticket holds by the answers of a run, and what an answer may not show then.

Of findings that requests at once, a request that got no answer, or one that nobody had to take may
have moved, nothing is known until they are attached again.
"""

from collections.abc import Iterable, Iterator, Sequence

from attrs import define, field, frozen

Incident = tuple[str, str]
_STAYS, _LEAVES = "earlier-findings-stay", "finding-moves-from-its-earlier-ticket"
_REFUSED, _LISTED = "refused-request-changes-nothing", "answer-lists-every-finding"
HELD = frozenset({_STAYS, _LEAVES, _REFUSED, _LISTED})
"""The requirements that are judged by where the findings are."""


@frozen
class Attached:
    """A right request that was answered 200: what was sent to a ticket, and what it shows."""

    ticket: Incident
    sent: Sequence[str]
    shown: frozenset[str] | None
    """The findings that the answer lists; None when it lists none at all."""


@define(eq=False)
class Holdings:
    """Follows the findings of a world through the answers of a run."""

    findings: frozenset[str]
    """Those that nobody moves but this run."""
    _places: dict[str, Incident] = field(factory=dict, init=False)
    """The ticket that holds a finding, where that is known."""
    _seen: dict[Incident, frozenset[str]] = field(factory=dict, init=False)
    """What each ticket listed the last time."""
    _shown: set[str] = field(factory=set, init=False)
    """The findings that were listed by the ticket that holds them, since it does."""
    _refused: dict[str | Incident, str] = field(factory=dict, init=False)
    """The last refusal that named a finding or a ticket since an answer showed it."""

    def unsure(self, findings: Iterable[str] | None = None) -> None:
        """Forget where these findings are, or all of them, and what was refused of them."""
        self._seen.clear()
        if findings is None:
            self._places.clear()
            self._refused.clear()
        for each in findings or ():
            self._places.pop(each, None)
            self._refused.pop(each, None)

    def refused(self, names: Iterable[str | Incident], how: str) -> None:
        """Note what a request named that was refused; it has changed nothing."""
        self._refused.update(dict.fromkeys(names, how))

    def is_broken_by(self, one: Attached) -> bool:
        """Whether an answer contradicts those before it."""
        return bool(self._gone(one) or self._came(one))

    def attached(self, one: Attached) -> Iterator[tuple[str, str | None]]:
        """Each requirement that an answer says something of, and how it breaks it, if so."""
        here, gone, came = one.ticket, self._gone(one), self._came(one)
        yield from self._lost(one, gone)
        yield from self._come(here, came)
        for each in gone | came:
            self._places.pop(each, None)
        moved = {each for each in one.sent if self._places.get(each) != here}
        self._shown -= moved
        self._places |= dict.fromkeys(self.findings.intersection(one.sent), here)
        self._shown |= {each for each in one.shown or () if self._places.get(each) == here}
        if one.shown is not None:
            self._seen[here] = one.shown
        for name in (here, *one.sent, *(one.shown or ())):
            self._refused.pop(name, None)

    def _gone(self, one: Attached) -> set[str]:
        """What the ticket held and an answer does not list that lists what was sent."""
        if not self._tells(one):
            return set()
        held = {each for each, place in self._places.items() if place == one.ticket}
        return held.difference(one.sent, one.shown or ())

    def _came(self, one: Attached) -> set[str]:
        """What an answer lists and was not sent, and another ticket holds or a refusal named."""
        if not self._tells(one):
            return set()
        listed = self.findings.intersection(one.shown or ()).difference(one.sent)
        known = {each for each in listed if self._places.get(each, one.ticket) != one.ticket}
        if one.ticket not in self._seen:
            return known
        new = listed - self._seen[one.ticket]
        return known | {each for each in new if each not in self._places and each in self._refused}

    def _tells(self, one: Attached) -> bool:
        """Whether an answer lists at least what was sent, so that it can be held to the rest."""
        return one.shown is not None and one.shown.issuperset(one.sent)

    def _lost(self, one: Attached, gone: set[str]) -> Iterator[tuple[str, str | None]]:
        here, at = one.ticket, _told(one.ticket)
        look = all(self._places.get(each) == here for each in one.sent)
        for each in sorted(gone):
            why = self._refused.get(each) or self._refused.get(here)
            if why is None and each not in self._shown:
                yield _LISTED, f"{each!r} was attached to {at}, but is not shown there"
            elif why is None:
                yield _STAYS, f"{each!r} was on {at}, but is no longer shown there"
            elif look and each in self._shown:
                yield _REFUSED, f"{each!r} was on {at}, but is gone after this refusal: {why}"
        if look and not gone and self._tells(one):
            yield _STAYS, None

    def _come(self, here: Incident, came: set[str]) -> Iterator[tuple[str, str | None]]:
        at = _told(here)
        for each in sorted(came):
            if each in self._seen.get(here, ()):
                yield _LEAVES, f"{each!r} was attached elsewhere, but is still shown on {at}"
            elif why := self._refused.get(each):
                yield _REFUSED, f"a request that was refused put {each!r} on {at}: {why}"
            else:
                yield _LISTED, f"{each!r} is shown on {at}, but was never attached to it"


def _told(ticket: Incident) -> str:
    return f"the ticket {ticket[1]} on {ticket[0]}"
