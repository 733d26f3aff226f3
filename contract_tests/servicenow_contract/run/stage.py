"""Tickets in every state, and findings that come from everywhere, for rules that are crossed."""

from collections.abc import Sequence

from attrs import define, field, frozen

from servicenow_contract.contract.addresses import address_of, addresses, instance, sys_id
from servicenow_contract.judging.answers import Shown
from servicenow_contract.run.scene import Scene

STATES = ("new", "linked", "full", "emptied")
"""What can be said of a ticket before a request: it has no case, or holds some, all or none."""
SOURCES = ("nowhere", "linked", "full", "lone")
"""Where the findings of a request may be: on no ticket, among others, or alone."""
_NEW = 0xC2055 << 96
OF_THE_PAGE = "the page's own"
"""The form of the page's own example among those of an incident's address."""


@frozen
class Staged:
    """A ticket, and what it holds by what it was sent."""

    ticket: str
    held: tuple[str, ...] = ()


@define
class Stage:
    """Brings tickets into a state; the witness judges what every answer shows of them."""

    scene: Scene
    _made: int = field(default=0, init=False)
    _turns: int = field(default=0, init=False)

    @property
    def limit(self) -> int:
        """How many findings one request takes."""
        return self.scene.target.contract.max_findings

    def ticket(self, state: str) -> Staged:
        """A ticket in one of the states."""
        match state:
            case "new":
                return Staged(self._new())
            case "full":
                return self.holding(self.limit)
            case "emptied":
                staged = self.holding(1)
                self.scene.empty(staged.ticket, staged.held)
                return Staged(staged.ticket)
            case _:
                return self.holding(3)

    def source(self, name: str) -> Staged:
        """A ticket from which findings can be taken; one that is nowhere holds none."""
        if name == "nowhere":
            return Staged("")
        return self.holding(1) if name == "lone" else self.ticket(name)

    def look(self, staged: Staged, *, twice: bool = False) -> Shown:
        """Let a ticket show what it holds by a finding that it holds, or else by another one.

        Looked at twice, by two findings, it shows whether it holds each of them.
        """
        anchors = staged.held[:1] or tuple(self.scene.findings(1))
        if twice:
            anchors = (*staged.held[len(staged.held) // 2 :][:1], *anchors)
        looks = [self._attach(staged.ticket, [each]) for each in dict.fromkeys(anchors)]
        return looks[-1]

    def look_fresh(self, staged: Staged) -> None:
        """Let a ticket show what it holds by a finding that it does not hold, if it takes one."""
        if len(staged.held) < self.limit:
            self._attach(staged.ticket, self.scene.findings(1))
        else:
            self.look(staged, twice=True)

    def _attach(self, ticket: str, findings: Sequence[str]) -> Shown:
        """Attach under the ticket's own address and, every other time, under that of the page."""
        self._turns += 1
        return self.scene.attach(
            (ticket, addresses(ticket)[OF_THE_PAGE])[self._turns % 2], findings
        )

    def _new(self) -> str:
        """The address of a ticket beside those of the world; not run where none can be made up."""
        self.scene.needs_made_up_tickets()
        self._made += 1
        known = self.scene.world.tickets[0]
        number = int(sys_id(known), 16) ^ _NEW + self._made
        return address_of(instance(known), f"{number:032x}")

    def holding(self, count: int) -> Staged:
        """A ticket that holds so many findings."""
        held = self.scene.findings(count)
        ticket = self._new() if self.scene.makes_tickets else self.scene.vacant_ticket(held)
        self._attach(ticket, held)
        return Staged(ticket, tuple(held))
