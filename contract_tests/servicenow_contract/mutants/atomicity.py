"""Servers that change something although they refuse the request, or judge it by halves."""

import json
from collections.abc import Callable
from typing import Any

from attrs import evolve

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import (
    Asked,
    Family,
    asked,
    own_contract,
    rewritten,
    sent_keys,
)
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

family = Family()
Act = Callable[[State, Asked], None]


def _good(state: State, wish: Asked) -> Asked:
    """What is asked for, less what does not exist."""
    found = tuple(each for each in wish.findings if state.knows_finding(each))
    known = state.knows_project(wish.project)
    return Asked(wish.url, wish.project if known else state.world.project, found)


def _attaches(state: State, wish: Asked) -> None:
    good = _good(state, wish)
    state.attach(good.ticket, good.project, list(good.findings[:50]))


def _detaches(state: State, wish: Asked) -> None:
    """Move what is asked for to a ticket that nobody asks about."""
    nowhere = "https://nowhere.service-now.com/incident.do?sys_id=" + 32 * "e"
    _attaches(state, Asked(nowhere, wish.project, wish.findings))


def _after_refusal(
    name: str, sentence: str, when: Callable[[State, Request, Response], bool], act: Act
) -> None:
    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            response, wish = handle(state, request), _wish(request)
            if response.status >= 400 and wish is not None and when(state, request, response):
                act(state, wish)
            return response

        return respond

    family.add(name, sentence, make)


def _wish(request: Request) -> Asked | None:
    """What a request asks for, also when some of it is wrong."""
    found = asked(request)
    if found is not None:
        return found
    try:
        data, _ = json.JSONDecoder().raw_decode(request.body.decode("utf-8", "replace"))
        data = data["data"]
        relationships = data["relationships"]
        ids = [each.get("id") for each in relationships["findings"]["data"]]
        url = str(data["attributes"]["servicenow_ticket_url"])
        project = str(relationships["project"]["data"]["id"])
        wish = Asked(url, project, tuple(each for each in ids if isinstance(each, str)))
        return wish if wish.ticket else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _unknown_finding(state: State, request: Request, response: Response) -> bool:
    wish = asked(request)
    return (
        response.status == 404
        and wish is not None
        and not all(map(state.knows_finding, wish.findings))
    )


def _unknown_project(state: State, request: Request, response: Response) -> bool:
    wish = asked(request)
    return response.status == 404 and wish is not None and not state.knows_project(wish.project)


def _too_many(_state: State, request: Request, response: Response) -> bool:
    wish = asked(request)
    return response.status == 400 and wish is not None and len(wish.findings) > 50


def _otherwise_wrong(state: State, request: Request, response: Response) -> bool:
    return response.status == 400 and not _too_many(state, request, response)


def _no_api_key(_state: State, request: Request, response: Response) -> bool:
    return response.status == 403 and not sent_keys(request)["apiKeyAuth"]


def _no_app_key(_state: State, request: Request, response: Response) -> bool:
    return response.status == 403 and not sent_keys(request)["appKeyAuth"]


def _other_method(_state: State, _request: Request, response: Response) -> bool:
    return response.status == 405


def _other_media_type(_state: State, request: Request, response: Response) -> bool:
    sent = request.headers.get("content-type", "").partition(";")[0]
    return response.status == 400 and sent != own_contract().media_type


def _not_json(_state: State, request: Request, response: Response) -> bool:
    try:
        json.loads(request.body)
    except ValueError:
        return response.status == 400
    return False


_CAUSES: dict[str, tuple[str, Callable[[State, Request, Response], bool]]] = {
    "unknown_findings": ("a finding does not exist", _unknown_finding),
    "an_unknown_project": ("the project does not exist", _unknown_project),
    "too_many_findings": ("there are too many", _too_many),
    "a_wrong_body": ("something else in the body is wrong", _otherwise_wrong),
    "a_missing_api_key": ("the API key is missing", _no_api_key),
    "a_missing_application_key": ("the application key is missing", _no_app_key),
    "another_method": ("the method is another one", _other_method),
    "another_media_type": ("the media type is another one", _other_media_type),
    "broken_json": ("something behind the JSON is wrong", _not_json),
}
for _name, (_why, _when) in _CAUSES.items():
    _after_refusal(
        f"attaches_despite_{_name}",
        f"Attaches the findings and refuses, when {_why}.",
        _when,
        _attaches,
    )
    _after_refusal(
        f"detaches_despite_{_name}",
        f"Detaches the findings and refuses, when {_why}.",
        _when,
        _detaches,
    )


def _first_only(state: State, wish: Asked) -> None:
    good = _good(state, wish)
    state.attach(good.ticket, good.project, list(good.findings[:1]))


_after_refusal(
    "attaches_up_to_the_unknown_one",
    "Attaches the first finding, then finds that another one does not exist.",
    _unknown_finding,
    _first_only,
)


@family.service
def empties_the_ticket_on_refusal(world: World) -> Respond:
    """Detaches what a ticket held when a request about it is refused."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        response, wish = handle(state, request), _wish(request)
        if response.status >= 400 and wish is not None and all(sent_keys(request).values()):
            held = state.snapshot().get(wish.ticket.key, ())
            _detaches(state, Asked(wish.url, world.project, held))
        return response

    return respond


# Judging by halves: what exists.


def _only(findings: Callable[[list[Any]], list[Any]]) -> Callable[[World], Respond]:
    """A server that looks whether these findings exist, and takes the others for granted."""

    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            wish = asked(request)
            if wish is None or not state.knows_project(wish.project):
                return handle(state, request)
            looked = set(findings(list(wish.findings)))

            def drop(data: Any) -> None:
                data["relationships"]["findings"]["data"] = [
                    each
                    for each in data["relationships"]["findings"].get("data", [])
                    if each["id"] in looked or state.knows_finding(each["id"])
                ]

            return handle(state, rewritten(request, drop))

        return respond

    return make


family.add("looks_for_no_finding", "Ignores findings that do not exist.", _only(lambda _: []))
family.add(
    "looks_for_the_first_finding_only",
    "Ignores a finding that does not exist behind the first.",
    _only(lambda found: found[:1]),
)
family.add(
    "looks_for_the_last_finding_only",
    "Ignores a finding that does not exist before the last.",
    _only(lambda found: found[-1:]),
)
family.add(
    "looks_for_first_and_last_only",
    "Ignores a finding that does not exist between others.",
    _only(lambda found: [*found[:1], *found[-1:]]),
)


def _known(world: World) -> Any:
    def replace(data: Any) -> None:
        project = data["relationships"]["project"]["data"]
        if project["id"] == world.unknown_project:
            project["id"] = world.project

    return replace


@family.service
def takes_any_project(world: World) -> Respond:
    """Attaches through a project that does not exist."""
    state = State(own_contract(), world)
    return lambda request: handle(state, rewritten(request, _known(world)))


@family.service
def takes_any_project_for_linked_tickets(world: World) -> Respond:
    """Looks whether the project exists only when a case is to be created."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        linked = wish is not None and wish.ticket.key in state.snapshot()
        return handle(state, rewritten(request, _known(world)) if linked else request)

    return respond


@family.service
def attaches_what_does_not_exist(world: World) -> Respond:
    """Makes up a finding that does not exist, and shows it attached."""
    open_world = evolve(world, unknown_finding="another-unknown-finding", open=True)
    state = State(own_contract(), open_world)
    return lambda request: handle(state, request)


@family.service
def answers_404_to_tickets_without_a_case(world: World) -> Respond:
    """Wants a ticket to be linked by somebody else before."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        response, wish = handle(state, request), asked(request)
        if wish is not None and response.status == 200 and wish.ticket.key[1].endswith("7"):
            body = attach_body(wish.url, (), world.project)
            return Response(404, response.headers, json.dumps({"errors": [str(body)[:9]]}).encode())
        return response

    return respond
