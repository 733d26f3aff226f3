"""Servers that hide the case, or parts of it."""

from typing import Any

from attrs import evolve

from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Family, edited, own_contract, parsed, with_body
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

family = Family()


@family.response
def hides_data_in_an_envelope(_request: Request, response: Response) -> Response:
    """Puts the case under data.data."""
    if response.status != 200:
        return response
    return with_body(response, {"data": parsed(response)})


@family.response
def answers_a_list_of_cases(_request: Request, response: Response) -> Response:
    """Puts the case into a list."""
    if response.status != 200:
        return response
    return with_body(response, {"data": [parsed(response)["data"]]})


@family.response
def answers_null_for_the_case(_request: Request, response: Response) -> Response:
    """Answers 200 with null for `data`."""
    return with_body(response, {"data": None}) if response.status == 200 else response


@family.response
def answers_an_empty_object(_request: Request, response: Response) -> Response:
    """Answers 200 with an empty object, which the model allows and which shows nothing."""
    return with_body(response, {}) if response.status == 200 else response


@family.response
def answers_with_what_was_sent(request: Request, response: Response) -> Response:
    """Answers 200 with the body of the request."""
    return evolve(response, body=request.body) if response.status == 200 else response


def _without(name: str, sentence: str, *path: str) -> None:
    def drop(data: Any) -> None:
        for each in path[:-1]:
            data = data[each]
        del data[path[-1]]

    def make(world: World) -> Respond:
        state = State(own_contract(), world)
        return lambda request: edited(handle(state, request), drop)

    family.add(name, sentence, make)


_without("hides_the_case_id", "Leaves the id of the case out.", "id")
_without("hides_the_attributes", "Leaves the attributes out.", "attributes")
_without("hides_the_relationships", "Leaves the relationships out.", "relationships")
_without("hides_the_insights", "Leaves the insights out.", "attributes", "insights")
_without("hides_the_ticket", "Leaves the ticket out.", "attributes", "servicenow_ticket")
_without(
    "hides_the_ticket_result",
    "Leaves the record of the ticket out.",
    *("attributes", "servicenow_ticket", "result"),
)
_without("hides_the_project", "Leaves the project out.", "relationships", "project")
_without("hides_the_resource_type", "Leaves `type` out.", "type")
