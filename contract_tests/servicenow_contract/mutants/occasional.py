"""Servers that break a promise on some occasions only."""

import itertools
from collections.abc import Callable
from typing import Any

from attrs import evolve

from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Asked, Family, asked, edited, own_contract, refusal
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond, answer

family = Family()


def _every(name: str, sentence: str, rate: int, fault: Callable[[Response], Response]) -> None:
    def make(world: World) -> Respond:
        state, count = State(own_contract(), world), itertools.count(1)

        def respond(request: Request) -> Response:
            response = handle(state, request)
            return fault(response) if next(count) % rate == 0 else response

        return respond

    family.add(name, sentence, make)


def _html(response: Response) -> Response:
    return Response(response.status, {"content-type": "text/html"}, b"<html></html>")


_every(
    "breaks_every_third_time",
    "Answers 500 to every third request.",
    3,
    lambda _: refusal(500, "Internal Server Error"),
)
_every(
    "breaks_every_twentieth_time",
    "Answers 503 to every twentieth request.",
    20,
    lambda _: refusal(503, "Service Unavailable"),
)
_every("answers_html_every_seventh_time", "Answers HTML to every seventh request.", 7, _html)
_every(
    "answers_nothing_every_eleventh_time",
    "Sends no body with every eleventh answer.",
    11,
    lambda response: evolve(response, body=b""),
)


def _throttle(name: str, sentence: str, response: Response) -> None:
    """Answer every ninth request with a 429 that may be sent again at once."""

    def make(world: World) -> Respond:
        state, count = State(own_contract(), world), itertools.count(1)
        headers = {**response.headers, "x-ratelimit-reset": "0"}
        throttled = evolve(response, headers=headers)
        return lambda request: throttled if next(count) % 9 == 0 else handle(state, request)

    family.add(name, sentence, make)


_throttle("throttles_in_html", "Answers 429 in HTML.", evolve(_html(refusal(429)), status=429))
_throttle(
    "throttles_without_errors",
    "Answers 429 with an empty list of errors.",
    answer(429, {"errors": []}),
)
_throttle(
    "throttles_with_a_string",
    "Answers 429 with a string for the list of errors.",
    answer(429, {"errors": "Too Many Requests"}),
)
_throttle(
    "throttles_as_text",
    "Answers 429 as text/plain.",
    evolve(refusal(429), headers={"content-type": "text/plain"}),
)


def _sometimes(
    name: str, sentence: str, when: Callable[[Asked], bool], edit: Callable[[Any], object]
) -> None:
    """Edit the `data` of a 200 on occasions that the request decides."""

    def make(world: World) -> Respond:
        state = State(own_contract(), world)

        def respond(request: Request) -> Response:
            response, wish = handle(state, request), asked(request)
            return edited(response, edit) if wish is not None and when(wish) else response

        return respond

    family.add(name, sentence, make)


def _lose_last(data: Any) -> None:
    data["attributes"]["insights"] = data["attributes"]["insights"][:-1]


def _other_record(data: Any) -> None:
    result = data["attributes"]["servicenow_ticket"]["result"]
    result["sys_id"] = result["sys_target_sys_id"] = 32 * "0"


def _other_instance(data: Any) -> None:
    data["attributes"]["servicenow_ticket"]["result"]["instance_name"] = "another"


def _no_type(data: Any) -> None:
    del data["type"]


def _swap_type(data: Any) -> None:
    for each in data["attributes"]["insights"][1:]:
        each["type"] = "OTHER"


def _number_for_title(data: Any) -> None:
    data["attributes"]["title"] = 7


_sometimes(
    "loses_one_of_three_findings",
    "Hides the last finding of three or more.",
    lambda wish: len(wish.findings) > 2,
    _lose_last,
)
_sometimes(
    "loses_one_of_exactly_50_findings",
    "Hides the last of just fifty findings.",
    lambda wish: len(wish.findings) == 50,
    _lose_last,
)
_sometimes(
    "loses_one_of_49_findings",
    "Hides the last of just 49 findings.",
    lambda wish: len(wish.findings) == 49,
    _lose_last,
)
_sometimes(
    "loses_a_finding_behind_nav_to",
    "Hides the last finding for nav_to addresses.",
    lambda wish: "nav_to" in wish.url,
    _lose_last,
)
_sometimes(
    "loses_a_finding_in_the_frame",
    "Hides the last finding for framed addresses.",
    lambda wish: "/classic/" in wish.url,
    _lose_last,
)
_sometimes(
    "mistakes_the_record_behind_nav_to",
    "Shows another record for nav_to addresses.",
    lambda wish: "nav_to" in wish.url,
    _other_record,
)
_sometimes(
    "mistakes_the_record_in_the_frame",
    "Shows another record for framed addresses.",
    lambda wish: "/classic/" in wish.url,
    _other_record,
)
_sometimes(
    "mistakes_the_record_when_encoded",
    "Shows another record for encoded addresses.",
    lambda wish: "%3" in wish.url,
    _other_record,
)
_sometimes(
    "mistakes_the_record_with_parameters",
    "Shows another record behind parameters.",
    lambda wish: "&" in wish.url,
    _other_record,
)
_sometimes(
    "mistakes_the_instance_behind_nav_to",
    "Shows another instance for nav_to addresses.",
    lambda wish: "nav_to" in wish.url,
    _other_instance,
)
_sometimes(
    "mistakes_capital_records",
    "Shows another record for a sys_id in capitals.",
    lambda wish: wish.ticket.sys_id != wish.ticket.sys_id.lower(),
    _other_record,
)
_sometimes(
    "mistakes_capital_instances",
    "Shows another instance for one in capitals.",
    lambda wish: wish.ticket.instance != wish.ticket.instance.lower(),
    _other_instance,
)
_sometimes(
    "mistakes_records_with_letters",
    "Shows another record when its sys_id has letters.",
    lambda wish: not wish.ticket.sys_id.isdigit(),
    _other_record,
)
_sometimes(
    "mistakes_two_part_instances",
    "Shows another instance when it has two labels.",
    lambda wish: "." in wish.ticket.instance,
    _other_instance,
)
_sometimes(
    "forgets_its_type_with_50_findings",
    "Leaves `type` out with fifty findings.",
    lambda wish: len(wish.findings) == 50,
    _no_type,
)
_sometimes(
    "forgets_its_type_with_two_findings",
    "Leaves `type` out with two findings.",
    lambda wish: len(wish.findings) == 2,
    _no_type,
)
_sometimes(
    "forgets_its_type_without_findings",
    "Leaves `type` out when nothing is attached.",
    lambda wish: not wish.findings,
    _no_type,
)
_sometimes(
    "calls_later_findings_other",
    "Shows another type on all insights but the first.",
    lambda wish: len(wish.findings) > 1,
    _swap_type,
)
_sometimes(
    "numbers_the_title_of_encoded_tickets",
    "Sends a number as title there.",
    lambda wish: "%3" in wish.url,
    _number_for_title,
)


@family.service
def forgets_its_type_on_repeat(world: World) -> Respond:
    """Leaves `type` out when a ticket is asked about once more."""
    return _later(world, _no_type, 2)


@family.service
def loses_a_finding_at_the_third_request(world: World) -> Respond:
    """Hides the last finding from the third request about a ticket on."""
    return _later(world, _lose_last, 3)


@family.service
def mistakes_the_record_on_repeat(world: World) -> Respond:
    """Shows another record when a ticket is asked about once more."""
    return _later(world, _other_record, 2)


def _later(world: World, edit: Callable[[Any], object], number: int) -> Respond:
    """Edit the answers about a ticket from the `number`th request about it on."""
    state, seen = State(own_contract(), world), dict[tuple[str, str], int]()

    def respond(request: Request) -> Response:
        response, wish = handle(state, request), asked(request)
        if wish is None or response.status != 200:
            return response
        seen[wish.ticket.key] = seen.get(wish.ticket.key, 0) + 1
        return edited(response, edit) if seen[wish.ticket.key] >= number else response

    return respond


@family.service
def breaks_on_the_second_request_for_a_ticket(world: World) -> Respond:
    """Answers 500 when a ticket is linked to a case already."""
    state = State(own_contract(), world)

    def respond(request: Request) -> Response:
        wish = asked(request)
        if wish is not None and wish.ticket.key in state.snapshot():
            return refusal(500, "Internal Server Error")
        return handle(state, request)

    return respond
