"""Servers of a kind that the suite once took for good: each differs in a corner of its own."""

import json
from collections.abc import Mapping
from typing import Any

from attrs import define, evolve

from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Asked, Family, asked, edited, own_contract, rewritten
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond
from servicenow_contract.service.state import Case, Ticket, limited_keys

family = Family()


def _with_permissions(world: World, permissions: Mapping[str, frozenset[str]]) -> Respond:
    state = State(own_contract(), world, permissions=permissions)
    return lambda request: handle(state, request)


@family.service
def takes_keys_without_permission(world: World) -> Respond:
    """Lets every application key attach, whatever its permissions."""
    return _with_permissions(world, {})


@family.service
def demands_both_permissions(world: World) -> Respond:
    """Refuses an application key that holds one of the two permissions only."""
    return _with_permissions(world, dict.fromkeys(limited_keys(own_contract()), frozenset()))


@family.service
def knows_the_first_permission_only(world: World) -> Respond:
    """Refuses an application key that holds the second of the two permissions only."""
    first = own_contract().operation["x-permission"]["permissions"][:1]
    held = {
        key: permissions.intersection(first)
        for key, permissions in limited_keys(own_contract()).items()
    }
    return _with_permissions(world, held)


@family.case
def dates_changes_before_the_creation(data: Any, _wish: Asked) -> None:
    """Says that every case was last modified before it was created."""
    data["attributes"]["modified_at"] = "2001-01-01T00:00:00Z"


@family.service
def turns_the_clock_back(world: World) -> Respond:
    """Says at each attach that the case was last modified a day earlier than it said before."""
    state, days = State(own_contract(), world), iter(range(10**6))

    def age(data: Any) -> None:
        day = 28 - next(days) % 28
        data["attributes"].update(
            created_at="2001-01-01T00:00:00Z", modified_at=f"2020-02-{day:02}T00:00:00Z"
        )

    return lambda request: edited(handle(state, request), age)


@family.state
@define
class TellsTicketsBy64Bits(State):
    """Tells tickets apart by the latter half of their sys_id."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Forget the first half of the sys_id."""
        return super().attach(evolve(ticket, sys_id=ticket.sys_id[-16:]), project, findings)


@family.state
@define
class MovesWithinAProjectOnly(State):
    """Leaves a finding on its earlier ticket when the two cases are in different projects."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Forget who holds what in another project."""
        for finding in findings:
            holder = self._holders.get(finding)
            if holder is not None and holder.project != project:
                del self._holders[finding]
        return super().attach(ticket, project, findings)


@family.state
@define
class DetachesTenAtMost(State):
    """Detaches ten findings of a request at most from their earlier tickets."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Forget who holds the findings after the tenth that moves."""
        here = self._cases.get(ticket.key)
        moving = [each for each in findings if self._holders.get(each) not in (None, here)]
        for finding in moving[10:]:
            del self._holders[finding]
        return super().attach(ticket, project, findings)


@family.state
@define
class FollowsTheLatestProject(State):
    """Puts a linked case into the project of the latest request."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Move the case."""
        super().attach(ticket, project, findings)
        self._cases[ticket.key].project = project
        return super().attach(ticket, project, findings)


@family.state
@define
class EmptiesATicketByAnEmptyList(State):
    """Takes a list without findings for the order to detach them all."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Detach them all."""
        case = super().attach(ticket, project, findings)
        if findings:
            return case
        for finding in self._cases[ticket.key].findings:
            del self._holders[finding]
        self._cases[ticket.key].findings.clear()
        return super().attach(ticket, project, findings)


@family.state
@define
class RemembersThirtyTickets(State):
    """Forgets the ticket that was linked first when there are more than thirty."""

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Forget the oldest."""
        if ticket.key not in self._cases and len(self._cases) >= 30:
            oldest = self._cases.pop(next(iter(self._cases)))
            for finding in oldest.findings:
                self._holders.pop(finding, None)
        return super().attach(ticket, project, findings)


@family.service
def looks_up_the_last_finding_only(world: World) -> Respond:
    """Answers 404 only when the last finding of a request is unknown, and takes the others."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        if wish is None or not wish.findings or not state.knows_finding(wish.findings[-1]):
            return handle(state, request)

        def forgive(data: Any) -> None:
            found = data["relationships"]["findings"]["data"]
            found[:] = [each for each in found if state.knows_finding(each["id"])]

        return handle(state, rewritten(request, forgive))

    return respond


@family.service
def asks_for_the_project_of_new_cases_only(world: World) -> Respond:
    """Takes an unknown project for a ticket that has its case already."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        unknown = wish is not None and not state.knows_project(wish.project)
        if wish is None or not unknown or wish.ticket.key not in state.snapshot():
            return handle(state, request)
        return handle(
            state,
            rewritten(
                request,
                lambda data: data["relationships"]["project"]["data"].update(id=world.project),
            ),
        )

    return respond


@family.service
def opens_the_case_before_it_judges(world: World) -> Respond:
    """Links a ticket to a new case although the request is refused."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        response, wish = handle(state, request), asked(request)
        if response.status >= 400 and wish is not None:
            state.attach(wish.ticket, wish.project, [])
        return response

    return respond


@family.service
def acts_on_methods_that_it_refuses(world: World) -> Respond:
    """Answers another method with 405, and attaches the findings all the same."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        response = handle(state, request)
        if response.status == 405:
            handle(state, evolve(request, method=own_contract().method))
        return response

    return respond


@family.request
def checks_nine_findings(request: Request) -> Request | Response:
    """Takes a finding of whatever type for a good one from the tenth place on."""

    def repair(data: Any) -> None:
        for each in data["relationships"]["findings"]["data"][9:]:
            each.update(id=str(each["id"]), type="findings")

    return rewritten(request, repair)


@family.request
def takes_keys_from_other_headers(request: Request) -> Request | Response:
    """Looks for a missing key among other headers."""
    headers = dict(request.headers)
    for name in own_contract().key_headers.values():
        others = (headers.get(each, "") for each in ("authorization", "x-api-key", "dd-app-key"))
        headers.setdefault(name.lower(), next(filter(None, others), ""))
    return evolve(request, headers=headers)


@family.request
def reads_json_in_a_string(request: Request) -> Request | Response:
    """Takes a body that is JSON in a JSON string for that JSON."""
    try:
        inner = json.loads(request.body)
    except (ValueError, RecursionError):
        return request
    return evolve(request, body=inner.encode()) if isinstance(inner, str) else request
