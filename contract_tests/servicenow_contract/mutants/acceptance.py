"""Servers that refuse what the contract allows."""

import json
import re
from urllib.parse import urlsplit

from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Family, asked, own_contract, refusal
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond

family = Family()


def _refuse_if(condition: bool, request: Request) -> Request | Response:
    return refusal() if condition else request


def _url(request: Request) -> str:
    wish = asked(request)
    return wish.url if wish else ""


def _count(request: Request) -> int:
    wish = asked(request)
    return len(wish.findings) if wish else 0


@family.request
def refuses_percent_encoded_addresses(request: Request) -> Request | Response:
    """Refuses an address whose question mark or equals sign is percent-encoded."""
    return _refuse_if("%3" in _url(request), request)


@family.request
def refuses_small_percent_letters(request: Request) -> Request | Response:
    """Refuses an address that writes percent-encoding in small letters, such as %3f."""
    return _refuse_if(bool(re.search("%[0-9]?[a-f]", _url(request))), request)


@family.request
def refuses_the_classic_frame(request: Request) -> Request | Response:
    """Refuses addresses below /now/nav/ui/classic."""
    return _refuse_if("/classic/" in _url(request), request)


@family.request
def refuses_nav_to_addresses(request: Request) -> Request | Response:
    """Refuses addresses of the form /nav_to.do?uri=."""
    return _refuse_if("nav_to.do" in _url(request), request)


@family.request
def refuses_nav_to_with_a_slash(request: Request) -> Request | Response:
    """Refuses nav_to addresses whose target begins with a plain slash."""
    return _refuse_if("nav_to.do?uri=/incident" in _url(request), request)


@family.request
def refuses_parameters_behind_the_sys_id(request: Request) -> Request | Response:
    """Refuses an address with further parameters."""
    return _refuse_if("&" in _url(request) or "%26" in _url(request), request)


@family.request
def refuses_encoded_ampersands(request: Request) -> Request | Response:
    """Refuses an address whose further parameters follow a percent-encoded ampersand."""
    return _refuse_if("%26" in _url(request), request)


@family.request
def refuses_capital_hexadecimal(request: Request) -> Request | Response:
    """Refuses a sys_id with capital letters."""
    wish = asked(request)
    return _refuse_if(
        wish is not None and wish.ticket.sys_id != wish.ticket.sys_id.lower(), request
    )


@family.request
def refuses_hyphens_in_the_instance(request: Request) -> Request | Response:
    """Refuses an instance whose name has a hyphen."""
    return _refuse_if("-" in _url(request).partition(".service-now")[0], request)


@family.request
def refuses_digits_in_the_instance(request: Request) -> Request | Response:
    """Refuses an instance whose name has a digit."""
    return _refuse_if(bool(re.search("[0-9]", _url(request).partition(".service-now")[0])), request)


@family.request
def refuses_capitals_in_the_instance(request: Request) -> Request | Response:
    """Refuses an instance whose name has a capital letter."""
    return _refuse_if(bool(re.search("//.*[A-Z].*[.]service-now", _url(request))), request)


@family.request
def refuses_instances_of_two_labels(request: Request) -> Request | Response:
    """Refuses a host with more than one label in front of service-now.com."""
    return _refuse_if(urlsplit(_url(request)).netloc.count(".") > 2, request)


@family.request
def refuses_50_findings(request: Request) -> Request | Response:
    """Refuses the largest number of findings that is allowed."""
    return _refuse_if(_count(request) == own_contract().max_findings, request)


@family.request
def refuses_49_findings(request: Request) -> Request | Response:
    """Refuses one finding less than the limit, and only that number."""
    return _refuse_if(_count(request) == own_contract().max_findings - 1, request)


@family.request
def refuses_two_findings(request: Request) -> Request | Response:
    """Takes one finding a request."""
    return _refuse_if(_count(request) > 1, request)


@family.request
def refuses_a_finding_named_twice(request: Request) -> Request | Response:
    """Refuses a list of findings with duplicates."""
    wish = asked(request)
    return _refuse_if(wish is not None and len(set(wish.findings)) < len(wish.findings), request)


@family.request
def refuses_charset_parameters(request: Request) -> Request | Response:
    """Refuses a media type with a charset parameter."""
    return _refuse_if(";" in request.headers.get("content-type", ""), request)


@family.request
def refuses_media_types_in_capitals(request: Request) -> Request | Response:
    """Refuses a media type that is not written in small letters."""
    sent = request.headers.get("content-type", "")
    return _refuse_if(sent != sent.lower(), request)


@family.request
def refuses_callers_that_accept_anything(request: Request) -> Request | Response:
    """Answers 406 unless Accept names JSON, although the page documents no such status."""
    named = own_contract().media_type in request.headers.get("accept", "")
    return request if named else refusal(406, "Not Acceptable")


@family.request
def refuses_unknown_members(request: Request) -> Request | Response:
    """Refuses a body with a member that the page does not list."""
    try:
        data = json.loads(request.body)
        known = {"attributes", "relationships", "type"}
        strange = set(data) != {"data"} or not set(data["data"]) <= known
        inner = data["data"]["attributes"].keys() != {"servicenow_ticket_url"}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return request
    return _refuse_if(strange or inner, request)


@family.request
def refuses_requests_without_findings(request: Request) -> Request | Response:
    """Refuses a request that names no finding."""
    return _refuse_if(asked(request) is not None and _count(request) == 0, request)


@family.request
def refuses_members_in_another_order(request: Request) -> Request | Response:
    """Refuses a body whose `type` stands before its `attributes`."""
    text = request.body.replace(b" ", b"")
    return _refuse_if(text.startswith(b'{"data":{"type"'), request)


@family.request
def refuses_white_space_between_tokens(request: Request) -> Request | Response:
    """Refuses JSON with line breaks between its tokens."""
    return _refuse_if(asked(request) is not None and b"\n" in request.body, request)


@family.request
def refuses_escaped_letters(request: Request) -> Request | Response:
    """Refuses JSON with an escaped letter in a string."""
    return _refuse_if(asked(request) is not None and b"\\u" in request.body, request)


@family.request
def refuses_letters_beyond_ascii(request: Request) -> Request | Response:
    """Refuses ids with a letter that is not ASCII."""
    wish = asked(request)
    return _refuse_if(
        wish is not None and not "".join((*wish.findings, wish.project)).isascii(), request
    )


@family.request
def refuses_ids_over_64_letters(request: Request) -> Request | Response:
    """Refuses an id of a finding that is longer than 64 letters."""
    wish = asked(request)
    return _refuse_if(wish is not None and any(len(each) > 64 for each in wish.findings), request)


@family.request
def refuses_ids_with_an_equals_sign(request: Request) -> Request | Response:
    """Refuses an id of a finding that is padded like Base64."""
    wish = asked(request)
    return _refuse_if(wish is not None and any("=" in each for each in wish.findings), request)


@family.service
def refuses_a_second_request_for_a_ticket(world: World) -> Respond:
    """Answers 400 to a ticket that is linked to a case already."""
    state, seen = State(own_contract(), world), set[tuple[str, str]]()

    def respond(request: Request) -> Response:
        wish = asked(request)
        if wish is not None and wish.ticket.key in seen:
            return refusal(400, "The ticket has a case")
        response = handle(state, request)
        if wish is not None and response.status == 200:
            seen.add(wish.ticket.key)
        return response

    return respond


@family.service
def refuses_findings_of_another_ticket(world: World) -> Respond:
    """Answers 400 to a finding that another ticket holds, where it ought to move."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        if wish is not None:
            for key, findings in state.snapshot().items():
                if key != wish.ticket.key and set(findings) & set(wish.findings):
                    return refusal(400, "The finding is attached already")
        return handle(state, request)

    return respond


@family.service
def refuses_to_repeat(world: World) -> Respond:
    """Answers 400 when every finding is on the ticket already."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        held = state.snapshot().get(wish.ticket.key, ()) if wish else ()
        if wish is not None and wish.findings and set(wish.findings) <= set(held):
            return refusal(400, "Nothing to do")
        return handle(state, request)

    return respond


for _name in (
    "refuses_unknown_members",
    "refuses_requests_without_findings",
    "refuses_letters_beyond_ascii",  # a server may know none of such ids
):
    family.leave_open(_name)
