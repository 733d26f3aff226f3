"""Servers that take requests without keys, other methods, and loose addresses."""

from typing import Any
from urllib.parse import quote

from attrs import evolve

from servicenow_contract.contract.requirements import Level
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Family, asked, own_contract, rewritten, sent_keys
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond
from servicenow_contract.target.gate import SAFE, UNOWNED

family = Family()
_KEYS = {"apiKeyAuth": "takes_no_api_key", "appKeyAuth": "takes_no_application_key"}


def _filled(request: Request, *schemes: str) -> Request:
    """The request as if these keys had been sent."""
    names = own_contract().key_headers
    filled = {
        names[scheme].lower(): request.headers.get(names[scheme].lower()) or "a-key"
        for scheme in schemes
    }
    return evolve(request, headers={**request.headers, **filled})


@family.request
def takes_no_api_key(request: Request) -> Request | Response:
    """Takes a request without an API key, or with an empty one."""
    return _filled(request, "apiKeyAuth")


@family.request
def takes_no_application_key(request: Request) -> Request | Response:
    """Takes a request without an application key, or with an empty one."""
    return _filled(request, "appKeyAuth")


@family.request
def takes_either_key(request: Request) -> Request | Response:
    """Takes a request with one of the two keys."""
    return _filled(request, *_KEYS) if any(sent_keys(request).values()) else request


@family.request
def takes_strangers(request: Request) -> Request | Response:
    """Takes a request without any key; one key alone is refused."""
    return request if any(sent_keys(request).values()) else _filled(request, *_KEYS)


@family.request
def takes_an_empty_api_key(request: Request) -> Request | Response:
    """Takes an API key that is there and empty."""
    name = own_contract().key_headers["apiKeyAuth"].lower()
    return _filled(request, "apiKeyAuth") if name in request.headers else request


@family.request
def takes_an_empty_application_key(request: Request) -> Request | Response:
    """Takes an application key that is there and empty."""
    name = own_contract().key_headers["appKeyAuth"].lower()
    return _filled(request, "appKeyAuth") if name in request.headers else request


def _with_method(name: str, method: str) -> None:
    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            own = own_contract().method
            taken = evolve(request, method=own) if request.method == method else request
            response = handle(state, taken)
            return evolve(response, body=b"") if request.method == "HEAD" else response

        return respond

    family.add(name, f"Answers {method} as if it were the documented method.", make, Level.MAY)


for _method in (*SAFE, UNOWNED):  # what another operation may own is no fault
    _with_method(f"takes_{_method.lower()}_too", _method)


@family.service
def takes_every_method(world: World) -> Respond:
    """Never looks at the method."""
    state = State(own_contract(), world)
    return lambda request: handle(state, evolve(request, method=own_contract().method))


@family.request
def redirects_other_methods(request: Request) -> Request | Response:
    """Answers another method with 204, as if it had worked."""
    if request.method == own_contract().method:
        return request
    return Response(204, {}, b"")


for _name in ("takes_every_method", "redirects_other_methods"):
    family.leave_open(_name)


@family.request
def trims_addresses(request: Request) -> Request | Response:
    """Takes an address with white space around it."""

    def trim(data: Any) -> None:
        data["attributes"]["servicenow_ticket_url"] = data["attributes"][
            "servicenow_ticket_url"
        ].strip()

    return rewritten(request, trim)


@family.request
def takes_addresses_without_scheme(request: Request) -> Request | Response:
    """Puts https:// in front of an address that lacks it."""

    def complete(data: Any) -> None:
        url = data["attributes"]["servicenow_ticket_url"]
        data["attributes"]["servicenow_ticket_url"] = url if "://" in url else f"https://{url}"

    return rewritten(request, complete)


@family.request
def takes_any_address(request: Request) -> Request | Response:
    """Never looks at the address: any string names a ticket."""

    def stand_in(data: Any) -> None:
        url = data["attributes"]["servicenow_ticket_url"]
        if isinstance(url, str) and not asked(request):
            number = "".join(f"{ord(letter) % 16:x}" for letter in quote(url))[:32].rjust(32, "0")
            data["attributes"]["servicenow_ticket_url"] = (
                f"https://any.service-now.com/incident.do?sys_id={number}"
            )

    return rewritten(request, stand_in)
