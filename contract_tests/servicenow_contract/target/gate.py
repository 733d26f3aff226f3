"""What may be sent to a server that is not on this machine, whichever test asks for it."""

import json
import re

import httpx

from servicenow_contract.contract import strict
from servicenow_contract.contract.addresses import Standing, standing
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD, NOBODYS
from servicenow_contract.service import Request, State, handle

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
"""The methods that ask for no change (RFC 9110, section 9.2.1)."""
UNOWNED = "LINK"
"""A method that no operation can own: OpenAPI 3.1 has no place for it in a path."""
MAY_BE_JSON = re.compile(
    r"\s*(?:|(?:application|text)/json|[^;]*[+]json)\s*(?:;.*)?", re.IGNORECASE
)
"""The media types that a server may take for JSON."""
_REFUSALS = (400, 403, 404)
"""How the reference service refuses what the page makes wrong; its own bounds have a 413."""


def may_be_another_operation(contract: Fragment, request: httpx.Request) -> str | None:
    """Why a request must not be sent even where writes are allowed; None when it may.

    Whatever changes something is sent to this operation alone. POST at its very path is another
    documented operation of Datadog, and an OpenAPI document can add PUT and DELETE any day.
    """
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    own = path.endswith(contract.path) and request.method in (contract.method, UNOWNED)
    if own or request.method in SAFE:
        return None
    return f"{request.method} {path} may be another operation, and is not sent to this server"


def may_be_carried_out(contract: Fragment, request: httpx.Request) -> str | None:
    """Why a request must not be sent where no writes are allowed; None when it may.

    What remains is safe, or is this operation and refused by every conforming server.
    """
    if why := may_be_another_operation(contract, request):
        return why
    refused = request.method == contract.method and _is_refused(contract, request)
    if refused or request.method in SAFE:
        return None
    return "a server may carry this out; it needs --allow-writes --world"


def _is_refused(contract: Fragment, request: httpx.Request) -> bool:
    """Whether every conforming server refuses this request to attach.

    Judged by a fresh reference service that holds every id but the two unknown ones. What it
    refuses and another server may understand is no such request.
    """
    # A made-up key is refused by the reference service, and another one may not mind it.
    headers = {name: key.replace(NOBODYS, "a-key") for name, key in request.headers.items()}
    if MAY_BE_JSON.fullmatch(headers.get("content-type", "")):
        headers["content-type"] = contract.media_type
    asked = Request(contract.method, contract.path, headers, request.content)
    refused = handle(State(contract, DEFAULT_WORLD), asked).status in _REFUSALS
    return refused and _is_within_bounds(contract, request.content)


def _is_within_bounds(contract: Fragment, body: bytes) -> bool:
    """Whether all can judge a body: nesting and numbers have bounds in Python and the validator.

    Another server may have wider ones, and may take an address that this service refuses.
    """
    try:
        read = strict.parsed(body)
        if contract.validator(contract.request_schema).accepts(read):
            address = read["data"]["attributes"]["servicenow_ticket_url"]
            return standing(address) is not Standing.OPEN
    except (json.JSONDecodeError, UnicodeDecodeError):
        return True  # no JSON for anybody
    except (ValueError, RecursionError):
        return False
    return True
