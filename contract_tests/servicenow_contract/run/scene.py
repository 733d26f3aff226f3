"""What the conformance tests act with: the tickets and findings of the world, and a long story."""

import itertools
import random
from collections.abc import Iterator, Sequence

import pytest
from attrs import define, field, frozen

from servicenow_contract.contract.addresses import address_of
from servicenow_contract.contract.world import World
from servicenow_contract.judging import expect
from servicenow_contract.judging.answers import Answer, Attach, Shown, told
from servicenow_contract.target.exchange import Exchange
from servicenow_contract.target.history import History
from servicenow_contract.target.target import Target

_CAST = 24
"""How many findings the story moves about: fewer than one ticket may hold."""
_STEPS = 40
NUMBER = 0xA17E << 112 | 0xA17E
"""The sys_id of a ticket that is made up, unless a test needs several on one instance."""


@frozen
class StoryStep:
    """One attach of the story: what the ticket holds by the page's rules, and what it shows."""

    ticket: str
    sent: frozenset[str]
    before: frozenset[str]
    """What it held before and was not sent now."""
    elsewhere: frozenset[str]
    """What the other tickets hold."""
    shown: Shown


@define
class Scene:
    """Hands out the world's tickets and findings in turn, each as seldom as can be."""

    target: Target
    _tickets: Iterator[str] = field(init=False)
    _findings: Iterator[str] = field(init=False)
    _story: list[tuple[StoryStep, Sequence[Exchange]]] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        self._tickets = itertools.cycle(self.world.tickets)
        self._findings = itertools.cycle(self.world.findings)

    @property
    def world(self) -> World:
        """What the target knows."""
        return self.target.world

    def tickets(self, count: int) -> list[str]:
        """Addresses of different tickets. The requirement is not run when there are too few."""
        if count > len(self.world.tickets):
            pytest.skip(f"the world is too small: {count} tickets are needed")
        return [next(self._tickets) for _ in range(count)]

    def other(self, ticket: str) -> str:
        """Another ticket than this one. The requirement is not run when there is none."""
        return next(each for each in self.tickets(2) if each != ticket)

    def findings(self, count: int) -> list[str]:
        """Ids of different findings. The requirement is not run when there are too few."""
        if count > len(self.world.findings):
            pytest.skip(f"the world is too small: {count} findings are needed")
        return [next(self._findings) for _ in range(count)]

    def vacant_ticket(self, findings: Sequence[str]) -> str:
        """A ticket that holds, of the world's findings, none but these.

        A server may count what a ticket holds already against the limit.
        """
        [ticket] = self.tickets(1)
        held = self.attach(ticket, findings[:1]).insights_or_none() or []
        strangers = {each.get("resource_id") for each in held} - set(findings)
        self.empty(ticket, [each for each in self.world.findings if each in strangers])
        return ticket

    def empty(self, ticket: str, findings: Sequence[str]) -> None:
        """Move findings away to other tickets, so that none is full afterwards."""
        for start in range(0, len(findings), _CAST):
            self.attach(self.other(ticket), findings[start : start + _CAST])

    def made_up_ticket(self, name: str, number: int = NUMBER) -> str:
        """The address of a ticket on another instance; not run when nothing can be made up."""
        self.target.needs_open_world()
        return address_of(name, f"{number:032x}")

    def attach(self, ticket: str, findings: Sequence[str], *, project: str | None = None) -> Shown:
        """Attach findings, which succeeds, and return what the answer shows."""
        answer = self.ask(ticket, findings, project=project)
        expect.answered("a valid request", answer.response, 200)
        return answer.shown

    def attach_by(self, address: str, findings: Sequence[str]) -> Shown:
        """The same by a form of an address that a server may refuse; not run when it does."""
        answer = self.ask(address, findings)
        if 400 <= answer.status < 500:
            pytest.skip(f"this form of the address was refused: {told(answer.response)}")
        expect.answered("an attach by another form of the address", answer.response, 200)
        return answer.shown

    def ask(self, ticket: str, findings: Sequence[str], *, project: str | None = None) -> Answer:
        """Ask for findings to be attached, and return the answer, whatever it is."""
        asked = Attach(ticket, project or self.world.project, tuple(findings))
        response = self.target.attach(ticket, findings, project=project)
        return Answer(self.target.contract, response, asked)

    def look(self, ticket: str, anchor: str) -> Shown:
        """What a ticket shows when a finding that it holds already is attached once more."""
        return self.attach(ticket, [anchor])

    def story(self) -> Iterator[StoryStep]:
        """Many attaches over four tickets, as several tests judge them; told once in a run.

        Of the test that asks, each step is the last exchange while it is judged.
        """
        history = self.target.wire.history if self.target.wire is not None else History()
        if not self._story:
            before = len(history.own)
            self._story = [(step, history.own[-1:]) for step in self._tell()]
            del history.own[before:]
        for step, exchanges in self._story:
            history.again(exchanges)
            yield step

    def _tell(self) -> Iterator[StoryStep]:
        """Findings come alone and in crowds, return, stay, and leave a ticket empty."""
        chance = random.Random(_CAST)  # noqa: S311 - the same story in every run
        tickets, cast = self.tickets(4), self.findings(_CAST)
        holds: dict[str, set[str]] = {ticket: set() for ticket in tickets}
        sizes = itertools.cycle([1, 2, 5, _CAST // 2, 1, _CAST, 3])
        plan = [(tickets[0], cast), (tickets[1], cast[:2])]
        plan += [(chance.choice(tickets), chance.sample(cast, next(sizes))) for _ in range(_STEPS)]
        for ticket, sent in plan:
            before = frozenset(holds[ticket].difference(sent))
            for held in holds.values():
                held.difference_update(sent)
            holds[ticket].update(sent)
            elsewhere = frozenset().union(*(held for t, held in holds.items() if t != ticket))
            shown = self.attach(ticket, sent)
            yield StoryStep(ticket, frozenset(sent), before, elsewhere, shown)
