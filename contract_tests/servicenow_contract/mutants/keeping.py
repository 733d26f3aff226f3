"""Servers that lose, cut or forget findings, or answer with another state than theirs."""

import itertools
from typing import Any

from attrs import define, evolve, field

from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Family, asked, edited, own_contract, sent_keys
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond
from servicenow_contract.service.state import Case, Ticket

family = Family()


@family.state
@define
class LosesEarlierFindings(State):
    """An attach replaces what the ticket held."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Empty the case first."""
        case = self._cases.get(ticket.key)
        for each in list(case.findings) if case else []:
            del self._holders[each]
            self._cases[ticket.key].findings.pop(each)
        return super().attach(ticket, project, findings)


@family.state
@define
class KeepsTheLatestTwoAttaches(State):
    """Forgets what was attached to a ticket three requests ago."""

    _sent: dict[tuple[str, str], list[list[str]]] = field(factory=dict, init=False)

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Show what the latest two requests named."""
        sent = self._sent.setdefault(ticket.key, [])
        sent.append(list(findings))
        case = super().attach(ticket, project, findings)
        recent = {each for one in sent[-2:] for each in one}
        return evolve(case, findings={each: None for each in case.findings if each in recent})


@family.state
@define
class AttachesTheFirstFindingOnly(State):
    """Attaches the first finding of a request and ignores the others."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Cut the list."""
        return super().attach(ticket, project, findings[:1])


@family.state
@define
class Attaches49AtMost(State):
    """Attaches the first 49 findings of a request and ignores the fiftieth."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Cut the list."""
        return super().attach(ticket, project, findings[:49])


@family.state
@define
class HoldsTenFindingsAtMost(State):
    """A case holds ten findings; a further one pushes the oldest out."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Drop the oldest."""
        super().attach(ticket, project, findings)
        case = self._cases[ticket.key]
        for each in list(case.findings)[:-10]:
            del case.findings[each]
            self._holders.pop(each, None)
        return evolve(case, findings=dict(case.findings))


@family.state
@define
class HoldsFiftyFindingsAtMost(State):
    """A case holds fifty findings; further ones are dropped, though the limit is a request's."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Drop the newest."""
        super().attach(ticket, project, findings)
        case = self._cases[ticket.key]
        for each in list(case.findings)[50:]:
            del case.findings[each]
            self._holders.pop(each, None)
        return evolve(case, findings=dict(case.findings))


@family.state
@define
class AttachesNothing(State):
    """Opens the case and attaches no finding."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Forget the list."""
        return super().attach(ticket, project, findings[:0])


@family.state
@define
class ForgetsAfterAnswering(State):
    """Shows what was sent, and keeps nothing of it for the next request."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Attach, answer, forget."""
        answer = super().attach(ticket, project, findings)
        for each in findings:
            holder = self._holders.pop(each, None)
            if holder is not None:
                holder.findings.pop(each, None)
        return answer


@family.state
@define
class AnswersWithTheStateBefore(State):
    """Shows the case as it was before the request."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Look first, then act."""
        before = self.snapshot().get(ticket.key, ())
        return evolve(super().attach(ticket, project, findings), findings=dict.fromkeys(before))


@family.state
@define
class TogglesFindings(State):
    """Detaches a finding that is attached to the same ticket once more."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Drop what was there already."""
        held = self.snapshot().get(ticket.key, ())
        super().attach(ticket, project, findings)
        case = self._cases[ticket.key]
        for each in set(findings) & set(held):
            del case.findings[each]
            self._holders.pop(each, None)
        return evolve(case, findings=dict(case.findings))


@family.state
@define
class EmptiesOnRepeat(State):
    """A request that changes nothing empties the ticket."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Empty a case that holds just what is sent."""
        before = set(self.snapshot().get(ticket.key, ()))
        case = super().attach(ticket, project, findings)
        if before and before == set(findings):
            own = self._cases[ticket.key]
            for each in list(own.findings):
                self._holders.pop(each, None)
            own.findings.clear()
            return evolve(case, findings={})
        return case


@family.service
def answers_with_another_tickets_findings(world: World) -> Respond:
    """Shows the findings of the ticket that was sent before."""
    state, last = State(own_contract(), world), list[Any]()

    def respond(request: Request) -> Response:
        def swap(data: Any) -> None:
            last.append(data["attributes"]["insights"])
            data["attributes"]["insights"] = last[-2] if len(last) > 1 else last[-1]

        return edited(handle(state, request), swap)

    return respond


@family.service
def answers_one_caller_with_all_findings(world: World) -> Respond:
    """Shows what every ticket holds, whichever was sent."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        def fill(data: Any) -> None:
            data["attributes"]["insights"] = [
                {"resource_id": each, "type": "SECURITY_FINDING"}
                for held in state.snapshot().values()
                for each in held
            ]

        return edited(handle(state, request), fill)

    return respond


@family.service
def answers_from_a_cache(world: World) -> Respond:
    """Answers a ticket as it did the first time, whatever was attached since."""
    state, seen = State(own_contract(), world), dict[tuple[str, str], Response]()

    def respond(request: Request) -> Response:
        response, wish = handle(state, request), asked(request)
        if wish is None or response.status != 200:
            return response
        return seen.setdefault(wish.ticket.key, response)

    return respond


@family.service
def answers_the_same_body_from_a_cache(world: World) -> Respond:
    """Answers a body that came before as it did then, without acting again."""
    state, seen = State(own_contract(), world), dict[bytes, Response]()

    def respond(request: Request) -> Response:
        if not all(sent_keys(request).values()) or request.body not in seen:
            response = handle(state, request)
            if response.status != 200:
                return response
            seen[request.body] = response
        return seen[request.body]

    return respond


@family.service
def forgets_everything_at_once(world: World) -> Respond:
    """Starts from nothing at each request."""
    return lambda request: handle(State(own_contract(), world), request)


@family.service
def loses_its_memory_now_and_then(world: World) -> Respond:
    """Starts from nothing at every tenth request."""
    state, count = [State(own_contract(), world)], itertools.count(1)

    def respond(request: Request) -> Response:
        if next(count) % 10 == 0:
            state[0] = State(own_contract(), world)
        return handle(state[0], request)

    return respond
