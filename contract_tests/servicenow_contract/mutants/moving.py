"""Servers on which findings do not move from ticket to ticket as the page describes."""

from attrs import define, evolve, field

from servicenow_contract.mutants.kinds import Family
from servicenow_contract.service import State
from servicenow_contract.service.state import Case, Ticket

family = Family()
Held = dict[str, None]


@family.state
@define
class NeverDetaches(State):
    """A finding stays on its earlier ticket when it is attached elsewhere."""

    _held: dict[tuple[str, str], Held] = field(factory=dict, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Show whatever the ticket ever held."""
        case = super().attach(ticket, project, findings)
        held = self._held.setdefault(ticket.key, {})
        held.update(dict.fromkeys(findings))
        return evolve(case, findings={**case.findings, **held})


@family.state
@define
class DetachesTheFirstFindingOnly(State):
    """Of several findings that move, the first leaves its earlier ticket and the others stay."""

    _kept: dict[tuple[str, str], Held] = field(factory=dict, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Remember all but the first where they were."""
        for key, held in self.snapshot().items():
            stay = [each for each in findings[1:] if each in held and key != ticket.key]
            self._kept.setdefault(key, {}).update(dict.fromkeys(stay))
        for each in findings[:1]:
            for kept in self._kept.values():
                kept.pop(each, None)
        case = super().attach(ticket, project, findings)
        return evolve(case, findings={**case.findings, **self._kept.get(ticket.key, {})})


@family.state
@define
class DetachesTheLastFindingOnly(State):
    """Of several findings that move, the last leaves its earlier ticket and the others stay."""

    _kept: dict[tuple[str, str], Held] = field(factory=dict, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Remember all but the last where they were."""
        for key, held in self.snapshot().items():
            stay = [each for each in findings[:-1] if each in held and key != ticket.key]
            self._kept.setdefault(key, {}).update(dict.fromkeys(stay))
        case = super().attach(ticket, project, findings)
        return evolve(case, findings={**case.findings, **self._kept.get(ticket.key, {})})


@family.state
@define
class RefusesToMoveSilently(State):
    """A finding that another ticket holds stays there; the answer is 200 all the same."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Attach only what no other ticket holds."""
        taken = {
            each for key, held in self.snapshot().items() if key != ticket.key for each in held
        }
        return super().attach(ticket, project, [each for each in findings if each not in taken])


@family.state
@define
class PretendsToMove(State):
    """Shows a moved finding at its new ticket in the same answer, and leaves it at the old one."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Attach only what no other ticket holds, and show all."""
        taken = {
            each for key, held in self.snapshot().items() if key != ticket.key for each in held
        }
        case = super().attach(ticket, project, [each for each in findings if each not in taken])
        return evolve(case, findings={**case.findings, **dict.fromkeys(findings)})


@family.state
@define
class DetachesEverything(State):
    """When one finding moves, its earlier ticket loses all of its findings."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Empty each earlier holder."""
        for case in self._cases.values():
            if any(each in case.findings for each in findings) and (
                case is not self._cases.get(ticket.key)
            ):
                for each in list(case.findings):
                    del self._holders[each]
                case.findings.clear()
        return super().attach(ticket, project, findings)


@family.state
@define
class DetachesWithoutAttaching(State):
    """A finding that moves leaves its earlier ticket and arrives nowhere."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Drop what moved."""
        earlier = {key: set(held) for key, held in self.snapshot().items() if key != ticket.key}
        moved = {each for each in findings if any(each in held for held in earlier.values())}
        case = super().attach(ticket, project, findings)
        for each in moved:
            holder = self._holders.pop(each, None)
            if holder is not None:
                holder.findings.pop(each, None)
        return evolve(case, findings={each: None for each in case.findings if each not in moved})


@family.state
@define
class CannotMoveBack(State):
    """A finding that has left a ticket never comes back to it."""

    _left: dict[tuple[str, str], set[str]] = field(factory=dict, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Attach what has not left this ticket before."""
        for key, held in self.snapshot().items():
            if key != ticket.key:
                self._left.setdefault(key, set()).update(set(held) & set(findings))
        left = self._left.get(ticket.key, set())
        return super().attach(ticket, project, [each for each in findings if each not in left])


@family.state
@define
class KeepsItsOnlyFinding(State):
    """The only finding that a ticket shows stays there, also when it is attached elsewhere."""

    _shown: dict[tuple[str, str], Held] = field(factory=dict, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Show with each ticket what never left it."""
        for key, held in self.snapshot().items():
            for each in findings:
                if key != ticket.key and each in held and len(self._shown[key]) > 1:
                    del self._shown[key][each]
        case = super().attach(ticket, project, findings)
        shown = self._shown.setdefault(ticket.key, {})
        shown.update(dict.fromkeys(findings))
        return evolve(case, findings={**case.findings, **shown})
