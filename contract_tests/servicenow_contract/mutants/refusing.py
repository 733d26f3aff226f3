"""Servers that refuse what the contract allows, or refuse by halves: they act all the same."""

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from attrs import evolve

from servicenow_contract.contract.addresses import FORMS, address_of, addresses
from servicenow_contract.contract.requirements import Level
from servicenow_contract.mutants.kinds import (
    Row,
    Rows,
    When,
    findings,
    passed,
    permitting,
    refused,
    serving,
)
from servicenow_contract.mutants.original import Original, Sent, refusal, rewritten
from servicenow_contract.service import Request, Response

TABLE = Rows("refusing")
HALVES = Rows("half refusing")
"""Servers that change something although they refuse, or judge only half of a request."""


def _whatever_it_asks(
    sentence: str, when: Callable[[Original, Request], object], status: int = 400
) -> Row:
    """Refuses a request by how it is sent."""
    return serving(
        sentence,
        lambda original, request: (
            refusal(status) if when(original, request) else original.answer(request)
        ),
    )


def _instance(sent: Sent) -> str:
    return sent.url.partition(".service-now")[0]


def _slug(form: str) -> str:
    return "_".join(re.findall("[a-z]+", form))


def _of_the_form(name: str) -> When:
    return lambda sent: sent.url == addresses(sent.url)[name]


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "")


def _strange(_original: Original, request: Request) -> bool:
    """Whether a body has a member that the page does not list."""
    try:
        body = json.loads(request.body)
        known = {"attributes", "relationships", "type"}
        inner = body["data"]["attributes"].keys() != {"servicenow_ticket_url"}
        return set(body) != {"data"} or not set(body["data"]) <= known or inner
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False


TABLE |= {
    "refuses_percent_encoded_addresses": refused(
        "Refuses an address whose question mark or equals sign is percent-encoded.",
        lambda sent: "%3" in sent.url,
    ),
    "refuses_small_percent_letters": refused(
        "Refuses an address with lower-case percent-encoding, such as %3f.",
        lambda sent: re.search("%[0-9]?[a-f]", sent.url),
    ),
    "refuses_the_classic_frame": refused(
        "Refuses addresses below /now/nav/ui/classic.", lambda sent: "/classic/" in sent.url
    ),
    "refuses_nav_to_addresses": refused(
        "Refuses addresses of the form /nav_to.do?uri=.", lambda sent: "nav_to.do" in sent.url
    ),
    "refuses_nav_to_with_a_slash": refused(
        "Refuses nav_to addresses whose target begins with an unencoded slash.",
        lambda sent: "nav_to.do?uri=/incident" in sent.url,
    ),
    "refuses_parameters_behind_the_sys_id": refused(
        "Refuses an address with parameters after the sys_id.",
        lambda sent: "&" in sent.url or "%26" in sent.url,
    ),
    "refuses_encoded_ampersands": refused(
        "Refuses an address with more parameters after a percent-encoded ampersand.",
        lambda sent: "%26" in sent.url,
    ),
    "refuses_capital_hexadecimal": refused(
        "Refuses a sys_id with capital letters.",
        lambda sent: re.search("[A-Z]", sent.ticket.sys_id),
    ),
    "refuses_hyphens_in_the_instance": refused(
        "Refuses an instance whose name has a hyphen.", lambda sent: "-" in _instance(sent)
    ),
    "refuses_digits_in_the_instance": refused(
        "Refuses an instance whose name has a digit.",
        lambda sent: re.search("[0-9]", _instance(sent)),
    ),
    "refuses_capitals_in_the_instance": refused(
        "Refuses an instance whose name has a capital letter.",
        lambda sent: re.search("//.*[A-Z].*[.]service-now", sent.url),
    ),
    "refuses_instances_of_two_labels": refused(
        "Refuses a host with more than one label before service-now.com.",
        lambda sent: urlsplit(sent.url).netloc.count(".") > 2,
    ),
    **{
        f"refuses_addresses_{_slug(name)}": refused(
            f"Refuses an address of this form: {name}.", _of_the_form(name)
        )
        for name in FORMS
    },
    "refuses_other_forms_than_the_page": refused(
        "Refuses every form of an address except the one that the page shows.",
        lambda sent: not _of_the_form("the page's own")(sent),
    ),
    "refuses_addresses_of_500_characters": refused(
        "Refuses an address of 500 characters or more.", lambda sent: len(sent.url) >= 500
    ),
    "refuses_addresses_of_1000_characters": refused(
        "Refuses an address of 1,000 characters or more.", lambda sent: len(sent.url) >= 1000
    ),
    "refuses_hosts_in_capitals": refused(
        "Refuses a host with a capital letter.",
        lambda sent: re.search("[A-Z]", urlsplit(sent.url).netloc),
    ),
    "refuses_schemes_in_capitals": refused(
        "Refuses a scheme in capitals.", lambda sent: sent.url.startswith("H")
    ),
    "refuses_workspaces": refused(
        "Refuses the record pages of every workspace.", lambda sent: "/record/" in sent.url
    ),
    "refuses_portals": refused(
        "Refuses the pages of every portal.", lambda sent: "table=incident" in sent.url
    ),
    "refuses_as_many_findings_as_allowed": refused(
        "Refuses exactly as many findings as are allowed.", lambda sent: sent.over == 0
    ),
    "refuses_one_finding_less_than_allowed": refused(
        "Refuses exactly one finding less than are allowed.",
        lambda sent: sent.over == -1,
    ),
    "refuses_two_findings": refused(
        "Refuses more than one finding in a request.", lambda sent: len(sent.findings) > 1
    ),
    "refuses_charset_parameters": _whatever_it_asks(
        "Refuses a media type with a charset parameter.",
        lambda _, request: ";" in _media_type(request),
    ),
    "refuses_media_types_in_capitals": _whatever_it_asks(
        "Refuses a media type that is not in lower case.",
        lambda _, request: re.search("[A-Z]", _media_type(request)),
    ),
    "refuses_callers_that_accept_anything": _whatever_it_asks(
        "Answers 406, which the page does not document, unless Accept names JSON.",
        lambda original, request: (
            original.contract.media_type not in request.headers.get("accept", "")
        ),
        406,
    ),
    "refuses_members_in_another_order": _whatever_it_asks(
        "Refuses a body that has `type` before `attributes`.",
        lambda _, request: request.body.replace(b" ", b"").startswith(b'{"data":{"type"'),
    ),
    "refuses_white_space_between_tokens": refused(
        "Refuses JSON with line breaks between its tokens.", lambda sent: b"\n" in sent.body
    ),
    "refuses_escaped_letters": refused(
        "Refuses JSON with an escaped letter in a string.", lambda sent: b"\\u" in sent.body
    ),
    "refuses_ids_over_64_letters": refused(
        "Refuses a finding whose id has more than 64 characters.",
        lambda sent: any(len(each) > 64 for each in sent.findings),
    ),
    "refuses_ids_with_an_equals_sign": refused(
        "Refuses a finding whose id has an equals sign, as in Base64.",
        lambda sent: any("=" in each for each in sent.findings),
    ),
    "refuses_a_second_request_for_a_ticket": refused(
        "Answers 400 when the ticket is already linked to a case.",
        lambda sent: sent.held is not None,
    ),
    "refuses_findings_of_another_ticket": refused(
        "Answers 400 to a finding that another ticket holds, instead of moving it.",
        lambda sent: sent.elsewhere.intersection(sent.findings),
    ),
    "refuses_to_repeat": refused(
        "Answers 400 when every finding is already on the ticket.",
        lambda sent: sent.findings and set(sent.findings) <= set(sent.held or ()),
    ),
    "demands_both_permissions": permitting(
        "Refuses an application key that holds only one of the two permissions.",
        lambda _, held: dict.fromkeys(held, frozenset()),
    ),
    "knows_the_first_permission_only": permitting(
        "Refuses an application key that holds only the second of the two permissions.",
        lambda contract, held: {
            key: each.intersection(contract.permissions[:1]) for key, each in held.items()
        },
    ),
}
TABLE.add(
    {
        "refuses_unknown_members": _whatever_it_asks(
            "Refuses a body with a member that the page does not list.", _strange
        ),
        "refuses_requests_without_findings": refused(
            "Refuses a request without findings.", lambda sent: not sent.findings
        ),
        "refuses_letters_beyond_ascii": refused(
            "Refuses ids with characters that are not ASCII, which a server may do.",
            lambda sent: not "".join((*sent.findings, sent.project)).isascii(),
        ),
    },
    Level.MAY,
)

# Refusing by halves.
_NOWHERE = address_of("nowhere", 32 * "e")
"""A ticket that nobody asks about."""


def _attaches(sent: Sent, most: int | None = None) -> None:
    """Attach what exists of what is asked for, no more than the limit allows."""
    state, most = sent.original.state, most or sent.original.contract.max_findings
    found = [each for each in sent.findings if state.knows_finding(each)]
    project = state.world.project if sent.unknown_project else sent.project
    state.attach(sent.ticket, project, found[:most])


def _detaches(sent: Sent) -> None:
    """Move what is asked for to a ticket that nobody asks about."""
    _attaches(evolve(sent, url=_NOWHERE))


Cause = Callable[[Original, Request, Sent | None], object]
"""Whether a request is wrong in one way; what it asks for is known when it is well-formed."""


def _despite(sentence: str, status: int, cause: Cause, act: Callable[[Sent], object]) -> Row:
    """Refuses with a status, and acts all the same."""

    def respond(original: Original, request: Request) -> Response:
        response, sent = original.answer(request), original.roughly_sent(request)
        wrong = response.status == status and cause(original, request, original.sent(request))
        if wrong and sent is not None:
            act(sent)
        return response

    return serving(sentence, respond)


def _not_json(request: Request) -> bool:
    try:
        json.loads(request.body)
    except ValueError:
        return True
    return False


def _sent_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0]


_CAUSES: dict[str, tuple[str, int, Cause]] = {
    "unknown_findings": (
        "a finding does not exist",
        404,
        lambda _, __, sent: sent and sent.unknown_findings,
    ),
    "an_unknown_project": (
        "the project does not exist",
        404,
        lambda _, __, sent: sent and sent.unknown_project,
    ),
    "too_many_findings": (
        "there are too many findings",
        400,
        lambda _, __, sent: sent and sent.over > 0,
    ),
    "a_wrong_body": (
        "something else in the body is wrong",
        400,
        lambda _, __, sent: not (sent and sent.over > 0),
    ),
    "a_missing_api_key": (
        "the API key is missing",
        403,
        lambda original, request, _: not original.keys(request)["apiKeyAuth"],
    ),
    "a_missing_application_key": (
        "the application key is missing",
        403,
        lambda original, request, _: not original.keys(request)["appKeyAuth"],
    ),
    "another_method": ("the method is not the documented one", 405, lambda *_: True),
    "another_media_type": (
        "the media type is not JSON",
        400,
        lambda original, request, _: _sent_type(request) != original.contract.media_type,
    ),
    "broken_json": (
        "the body is not JSON",
        400,
        lambda _, request, __: _not_json(request),
    ),
}
for _name, (_why, _status, _cause) in _CAUSES.items():
    HALVES |= {
        f"attaches_despite_{_name}": _despite(
            f"Refuses when {_why}, but attaches the findings all the same.",
            _status,
            _cause,
            _attaches,
        ),
        f"detaches_despite_{_name}": _despite(
            f"Refuses when {_why}, but detaches the findings all the same.",
            _status,
            _cause,
            _detaches,
        ),
    }
HALVES |= {
    "attaches_up_to_the_unknown_one": _despite(
        "Refuses when a finding does not exist, but attaches the first one all the same.",
        404,
        _CAUSES["unknown_findings"][2],
        lambda sent: _attaches(sent, 1),
    ),
}


@HALVES.row(serving)
def empties_the_ticket_on_refusal(original: Original, request: Request) -> Response:
    """Detaches what a ticket held when a request about it is refused."""
    response, sent = original.answer(request), original.roughly_sent(request)
    if response.status >= 400 and sent is not None and all(original.keys(request).values()):
        _detaches(evolve(sent, findings=sent.held or ()))
    return response


@HALVES.row(serving)
def opens_the_case_before_it_judges(original: Original, request: Request) -> Response:
    """Links a ticket to a new case although the request is refused."""
    response, sent = original.answer(request), original.sent(request)
    if response.status >= 400 and sent is not None:
        original.state.attach(sent.ticket, sent.project, [])
    return response


@HALVES.row(serving)
def acts_on_methods_that_it_refuses(original: Original, request: Request) -> Response:
    """Answers another method with 405, but attaches the findings all the same."""
    response = original.answer(request)
    if response.status == 405:
        original.answer(evolve(request, method=original.contract.method))
    return response


def _looking_for(sentence: str, pick: Callable[[list[str]], list[str]]) -> Row:
    """Looks whether these findings exist, and drops the others that do not."""

    def read(original: Original, request: Request) -> Request:
        sent, knows = original.sent(request), original.state.knows_finding
        looked = set(pick(list(sent.findings))) if sent else set()
        drop = findings(
            lambda found: [each for each in found if each["id"] in looked or knows(each["id"])]
        )
        return request if sent is None else rewritten(request, drop)

    return passed(sentence, read)


def _any_project(sentence: str, when: When) -> Row:
    """Takes a project that does not exist for the one that does."""

    def read(original: Original, request: Request) -> Request:
        sent, project = original.sent(request), original.world.project
        if sent is None or not (sent.unknown_project and when(sent)):
            return request
        return rewritten(
            request, lambda data: data["relationships"]["project"]["data"].update(id=project)
        )

    return passed(sentence, read)


HALVES |= {
    "looks_for_no_finding": _looking_for("Ignores findings that do not exist.", lambda _: []),
    "looks_for_the_first_finding_only": _looking_for(
        "Ignores a finding that does not exist, unless it is the first.", lambda found: found[:1]
    ),
    "looks_for_the_last_finding_only": _looking_for(
        "Ignores a finding that does not exist, unless it is the last.", lambda found: found[-1:]
    ),
    "looks_for_first_and_last_only": _looking_for(
        "Ignores a finding that does not exist, unless it is the first or the last.",
        lambda found: [*found[:1], *found[-1:]],
    ),
    "takes_any_project": _any_project("Accepts a project that does not exist.", bool),
    "takes_any_project_for_linked_tickets": _any_project(
        "Accepts a project that does not exist for a ticket that has a case, and creates none.",
        lambda sent: sent.held is not None,
    ),
    "attaches_what_does_not_exist": (
        "Accepts a finding that does not exist, and shows it as attached.",
        lambda contract, world: serving("", Original.answer)[1](
            contract, evolve(world, unknown_finding="another-unknown-finding", open=True)
        ),
    ),
}


@HALVES.row(serving)
def answers_404_to_tickets_without_a_case(original: Original, request: Request) -> Response:
    """Answers 404 to a ticket whose sys_id ends in 7, as if it did not exist."""
    response, sent = original.answer(request), original.sent(request)
    lost = sent is not None and response.status == 200 and sent.ticket.key[1].endswith("7")
    return refusal(404, "Not Found") if lost else response
