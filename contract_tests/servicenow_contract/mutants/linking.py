"""Servers that link tickets and cases otherwise than one to one, for good."""

import itertools
import uuid
from typing import Any

from attrs import define, evolve, field

from servicenow_contract.mutants.kinds import Family
from servicenow_contract.service import State
from servicenow_contract.service.state import Case, Ticket

family = Family()


def _renamed(case: Case, *names: str) -> Case:
    """The case as it would be under another identity."""
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(names)))
    return evolve(case, id=identity, key=f"CASE-{int(identity[:6], 16)}")


@family.state
@define
class OpensACaseEveryTime(State):
    """Answers every request with a new case."""

    _count: Any = field(factory=itertools.count, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Give it a new identity."""
        return _renamed(super().attach(ticket, project, findings), str(next(self._count)))


@family.state
@define
class OpensACaseForEachAddress(State):
    """Tells tickets by their address, so that one incident has many cases."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Name the case after the address."""
        return _renamed(super().attach(ticket, project, findings), ticket.url)


@family.state
@define
class OpensACaseForEachProject(State):
    """A ticket that is sent with another project gets another case."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Name the case after ticket and project."""
        return _renamed(super().attach(ticket, project, findings), *ticket.key, project)


@family.state
@define
class OpensACaseWhenFindingsLeft(State):
    """A ticket whose last finding moved away gets another case at the next request."""

    _generation: dict[tuple[str, str], int] = field(factory=dict, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Count how often the ticket was found empty."""
        held = self.snapshot().get(ticket.key)
        if held == ():
            self._generation[ticket.key] = self._generation.get(ticket.key, 0) + 1
        case = super().attach(ticket, project, findings)
        number = self._generation.get(ticket.key, 0)
        return _renamed(case, *ticket.key, str(number)) if number else case


@family.state
@define
class OpensACaseForMovedFindings(State):
    """A ticket that receives a finding of another one gets another case."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Rename the case for good when something moves in."""
        moved = any(
            set(held) & set(findings) for key, held in self.snapshot().items() if key != ticket.key
        )
        super().attach(ticket, project, findings)
        own = self._cases[ticket.key]
        if moved:
            renamed = _renamed(own, own.id, "moved")
            own.id, own.key = renamed.id, renamed.key
        return evolve(own, findings=dict(own.findings))


@family.state
@define
class KeepsOneCaseForAllTickets(State):
    """Links every ticket to one case."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Act as if the instance had one record."""
        return super().attach(evolve(ticket, sys_id=32 * "0"), project, findings)


@family.state
@define
class KeepsOneCaseForAnInstance(State):
    """Gives all tickets of one instance one case's id and key, and keeps their findings apart."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Name the case after the instance."""
        return _renamed(super().attach(ticket, project, findings), ticket.instance)


@family.state
@define
class TellsTicketsByEightDigits(State):
    """Tells tickets by the first eight digits of their sys_id."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Cut the sys_id."""
        return super().attach(evolve(ticket, sys_id=ticket.sys_id[:8]), project, findings)


@family.state
@define
class ForgetsTheInstance(State):
    """Takes records of two instances for one ticket when their sys_ids are the same."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Leave the instance out."""
        return super().attach(evolve(ticket, instance="any"), project, findings)


@family.state
@define
class TellsHostLettersApart(State):
    """Takes an instance in capital letters for another one, though hosts ignore case."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Make capitals count."""
        own = ticket.instance.encode().hex() if ticket.instance != ticket.instance.lower() else ""
        return super().attach(evolve(ticket, instance=ticket.instance + own), project, findings)


@family.state
@define
class UsesOneKeyForAllCases(State):
    """Every case has the key CASE-1."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Replace the key."""
        return evolve(super().attach(ticket, project, findings), key="CASE-1")


@family.state
@define
class RenumbersCases(State):
    """The key of a case changes with every request."""

    _count: Any = field(factory=itertools.count, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Count on."""
        return evolve(
            super().attach(ticket, project, findings), key=f"CASE-{next(self._count) + 1}"
        )


@family.state
@define
class AnswersWithTheEarlierTicketsCase(State):
    """When a finding moves, shows the case that it left."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Find the earlier case, then act."""
        earlier = [self._holders[each] for each in findings if each in self._holders]
        case = super().attach(ticket, project, findings)
        left = [each for each in earlier if each.id != case.id]
        return evolve(left[0], findings=dict(case.findings)) if left else case
