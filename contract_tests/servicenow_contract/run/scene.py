"""What the conformance tests act with: the tickets and findings of the world."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest
from _pytest.outcomes import Skipped  # what pytest.skip raises; its public name is no type
from attrs import define, field

from servicenow_contract.contract.addresses import address_of, instance
from servicenow_contract.contract.world import World, made_up_id
from servicenow_contract.judging import expect
from servicenow_contract.judging.answers import Answer, Attach, Shown, told
from servicenow_contract.judging.verdict import NotShown
from servicenow_contract.target.patience import Patience
from servicenow_contract.target.target import ClosedWorldError, Target
from servicenow_contract.text import counted

_CROWD = 24
"""How many findings go to one ticket at once when another one is emptied."""
NUMBER = 0xA17E << 112 | 0xA17E
"""The sys_id of a ticket that is made up, unless a test needs several on one instance."""
_PROBE = NUMBER ^ 1 << 64
"""That of the ticket by which is seen whether made-up ones are taken."""
OTHER_PROJECT = "b7e1a9d2-98a8-11ec-ac2c-da7ad0900002"
"""A project beside the world's."""


class UngrantedError(Skipped):
    """What a test needs first was not granted, so that the test says nothing.

    `plain` says that every server grants it: that is a failure of its own.
    """

    def __init__(self, reason: str, *, plain: bool) -> None:
        super().__init__(reason)
        self.plain = plain


@define
class Scene:
    """Hands out the world's tickets and findings in turn, each as seldom as can be."""

    target: Target
    _tickets: Iterator[str] = field(init=False)
    _findings: Iterator[str] = field(init=False)
    patience: Patience = field(init=False)
    _keeps: bool | None = field(default=None, init=False)
    _makes_tickets: bool | None = field(default=None, init=False)
    lent: set[str] = field(factory=set, init=False)
    """Findings that were attached to have a ticket shown that shows nothing yet."""

    def __attrs_post_init__(self) -> None:
        self._tickets = itertools.cycle(self.world.tickets)
        self._findings = itertools.cycle(self.world.findings)
        self.patience = Patience(self.target)

    @property
    def world(self) -> World:
        """What the target knows."""
        return self.target.world

    def tickets(self, count: int) -> list[str]:
        """Addresses of different tickets. The requirement is not run when there are too few."""
        if count > len(self.world.tickets):
            pytest.skip(f"the world file names too few tickets: {count} are needed")
        return [next(self._tickets) for _ in range(count)]

    def other(self, ticket: str) -> str:
        """Another ticket than this one. The requirement is not run when there is none."""
        return next(each for each in self.tickets(2) if each != ticket)

    def findings(self, count: int) -> list[str]:
        """Ids of different findings. The requirement is not run when there are too few."""
        if count > len(self.world.findings):
            pytest.skip(f"the world file names too few findings: {count} are needed")
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
        for start in range(0, len(findings), _CROWD):
            self.attach(self.other(ticket), findings[start : start + _CROWD])

    @property
    def makes_tickets(self) -> bool:
        """Whether the target takes made-up tickets; it may know those of its world only."""
        if self._makes_tickets is None:
            ticket = address_of(instance(self.world.tickets[0]), f"{_PROBE:032x}")
            known = self.world.open and self.ask(ticket, self.findings(1)).status != 404
            self._makes_tickets = known
        return self._makes_tickets

    def needs_made_up_tickets(self) -> None:
        """Raises ClosedWorldError when tickets that are made up exist nowhere."""
        self.target.needs_open_world()
        if not self.makes_tickets:
            raise ClosedWorldError(
                "the target answers 404 to a made-up ticket: it seems to know only certain tickets"
            )

    def made_up_ticket(self, name: str, number: int = NUMBER) -> str:
        """A ticket that no other test asks about; not run when nothing can be made up.

        It is on an instance of the world: a server may know no other one.
        """
        self.needs_made_up_tickets()
        made = number ^ int(made_up_id(name), 16)
        return address_of(instance(self.world.tickets[0]), f"{made:032x}")

    def ticket_of(self, instance: str, number: int = NUMBER) -> str:
        """A made-up ticket of another instance, which a server need not know."""
        self.target.needs_open_world()
        return address_of(instance, f"{number:032x}")

    def made_up_finding(self, name: str) -> str:
        """A finding that no other test asks about; not run when nothing can be made up."""
        self.target.needs_open_world()
        return made_up_id(name)

    def attach(self, ticket: str, findings: Sequence[str], *, project: str | None = None) -> Shown:
        """Attach findings, and return what the answer shows.

        Raises UngrantedError when it is refused.
        """
        return self.granted(self.ask(ticket, findings, project=project)).shown

    def granted(self, answer: Answer) -> Answer:
        """An answer that a test needs to be a 200. Raises UngrantedError for another one."""
        if answer.status != 200:
            sent, world, status = answer.sent, self.world, answer.status
            plain = sent.ticket in world.tickets and sent.project == world.project
            plain = plain and set(sent.findings) <= set(world.findings)
            plain = plain and 0 < len(set(sent.findings)) == len(sent.findings)
            what = f"a valid request ({counted(len(sent.findings), 'finding')} for {sent.ticket})"
            said = expect.unexpected(what, answer.response, "200")
            raise UngrantedError(said, plain=plain and 400 <= status < 500 and status != 429)
        return answer

    def settled(
        self,
        ticket: str,
        shown: Shown,
        *,
        has: Iterable[str] = (),
        lacks: Iterable[str] = (),
        project: str | None = None,
    ) -> Shown:
        """What a ticket shows, asked again for some seconds until it shows some findings only.

        It is the last answer when it never does; how late the right one came is noted. Raises
        NotShown when none of what was attached is shown, so that the answers say nothing of it.
        """
        seen = self.awaited(ticket, shown, has=has, lacks=lacks, project=project)
        if (wanted := [*has]) and not {*wanted}.intersection(seen.findings):
            raise NotShown(
                f"the case of {ticket} shows nothing of what was attached: {expect.several(wanted)}"
            )
        return seen

    def awaited(
        self,
        ticket: str,
        shown: Shown,
        *,
        has: Iterable[str] = (),
        lacks: Iterable[str] = (),
        project: str | None = None,
    ) -> Shown:
        """The same, also of a case that shows nothing of it."""
        wanted, gone = set(has), set(lacks)

        def again(seen: Shown) -> Shown:
            # By a finding that it shows: to attach what it lost would mend it.
            anchors = [each for each in seen.findings if each not in gone]
            named = sorted(anchors, key=lambda each: each not in wanted)[:1] or self.findings(1)
            self.lent.update(() if anchors else named)
            return self.attach(ticket, named, project=project)

        return self.patience.until(
            shown,
            lambda seen: wanted <= set(seen.findings) and not gone.intersection(seen.findings),
            again,
        )

    def needs_memory(self) -> None:
        """Not run where a ticket does not keep what comes to it one by one, by one address."""
        if self._keeps is None:
            [ticket], findings = self.tickets(1), self.findings(2)
            first, last = self.attach(ticket, findings[:1]), self.attach(ticket, findings[1:])
            self._keeps = False
            if last.insights_or_none() is not None:
                last = self.settled(ticket, last, has=findings)
            shown = last.insights_or_none() is None or {*findings} <= {*last.findings}
            self._keeps = shown and first.get_or_none("id") == last.get_or_none("id")
        if not self._keeps:
            raise NotShown(
                "a ticket does not keep its case and findings from one attach to the next"
            )

    def places(
        self,
        anchors: Mapping[str, str],
        findings: Iterable[str],
        expected: Mapping[str, Sequence[str]] | None = None,
    ) -> Mapping[str, Sequence[str]]:
        """The tickets that each finding is on, of those given with a finding that they hold.

        They are asked again for some seconds until each finding is on one, or where it should be.
        """

        def look(_: object = None) -> Mapping[str, Sequence[str]]:
            held = {
                ticket: self.look(ticket, anchor).findings for ticket, anchor in anchors.items()
            }
            return {each: [here for here in held if each in held[here]] for each in findings}

        def good(seen: Mapping[str, Sequence[str]]) -> bool:
            return expected in (None, seen) and all(len(each) == 1 for each in seen.values())

        return self.patience.until(look(), good, look)

    def attach_by(self, address: str, findings: Sequence[str]) -> Shown:
        """The same by a form of an address that a server may refuse; not run when it does."""
        answer = self.ask(address, findings)
        if 400 <= answer.status < 500:
            pytest.skip(f"the address {address} was refused: {told(answer.response)}")
        expect.answered("an attach with another form of the address", answer.response, 200)
        return answer.shown

    def ask(self, ticket: str, findings: Sequence[str], *, project: str | None = None) -> Answer:
        """Ask for findings to be attached, and return the answer, whatever it is."""
        asked = Attach(ticket, project or self.world.project, tuple(findings))
        response = self.target.attach(ticket, findings, project=project)
        return Answer(self.target.contract, response, asked)

    def look(self, ticket: str, anchor: str) -> Shown:
        """What a ticket shows when a finding that it holds already is attached once more."""
        return self.attach(ticket, [anchor])
