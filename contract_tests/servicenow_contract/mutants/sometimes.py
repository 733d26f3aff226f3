"""Servers that break a promise on some occasions only, or only when two callers ask at once."""

import contextlib
import datetime
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from attrs import define, evolve

from servicenow_contract.mutants.kinds import (
    Row,
    Rows,
    When,
    changed,
    fixed,
    over,
    refused,
    serving,
    without,
)
from servicenow_contract.mutants.original import Original, Sent, parsed, refusal, with_body
from servicenow_contract.mutants.showing import INSIGHTS, RESULT, several
from servicenow_contract.service import Request, Response, State
from servicenow_contract.service.handler import answer
from servicenow_contract.service.state import Case, Ticket

TABLE = Rows("sometimes")
CONCURRENCY = Rows("concurrency")
"""What these do wrong shows by chance: a survivor among them deserves another judgement."""


def _every(sentence: str, rate: int, fault: Callable[[Response], Response]) -> Row:
    """Acts on every request, and answers every so-many-th wrongly."""

    def act(original: Original, request: Request) -> Response:
        response = original.answer(request)
        return fault(response) if next(original.turns) % rate == 0 else response

    return serving(sentence, act)


def _throttling(sentence: str, response: Response) -> Row:
    """Answers every ninth request with a 429 that may be sent again at once."""
    throttled = evolve(response, headers={**response.headers, "x-ratelimit-reset": "0"})
    return serving(
        sentence,
        lambda original, request: (
            throttled if next(original.turns) % 9 == 0 else original.answer(request)
        ),
    )


def _acting_on_the_ninth(original: Original, request: Request) -> Response:
    response = original.answer(request)
    soon = {"content-type": "application/json", "x-ratelimit-reset": "0"}
    throttled = next(original.turns) % 9 == 0 and response.status == 200
    return evolve(refusal(429), headers=soon) if throttled else response


def _html(response: Response) -> Response:
    return Response(response.status, {"content-type": "text/html"}, b"<html></html>")


TABLE |= {
    "breaks_every_third_time": _every(
        "Answers 500 to every third request.", 3, lambda _: refusal(500, "Internal Server Error")
    ),
    "breaks_every_twentieth_time": _every(
        "Answers 503 to every twentieth request.", 20, lambda _: refusal(503, "Service Unavailable")
    ),
    "answers_html_every_seventh_time": _every("Answers HTML to every seventh request.", 7, _html),
    "answers_nothing_every_eleventh_time": _every(
        "Sends every eleventh answer without a body.",
        11,
        lambda response: evolve(response, body=b""),
    ),
    "throttles_in_html": _throttling("Answers 429 in HTML.", _html(refusal(429))),
    "throttles_without_errors": _throttling(
        "Answers 429 with an empty list of errors.", answer(429, {"errors": []})
    ),
    "throttles_with_a_string": _throttling(
        "Answers 429 with a string instead of the list of errors.",
        answer(429, {"errors": "Too Many Requests"}),
    ),
    "throttles_as_text": _throttling(
        "Answers 429 as text/plain.", evolve(refusal(429), headers={"content-type": "text/plain"})
    ),
    "throttles_and_attaches": serving(
        "Answers every ninth request with 429, but acts on it all the same.",
        _acting_on_the_ninth,
    ),
    "breaks_on_the_second_request_for_a_ticket": refused(
        "Answers 500 when the ticket is already linked to a case.",
        lambda sent: sent.held is not None,
        500,
        "Internal Server Error",
    ),
}


def _losing(occasion: str, when: When) -> Row:
    sentence = f"Hides the last finding {occasion}."
    return changed(sentence, INSIGHTS, lambda insights, _: insights[:-1], when)


def _other_record(occasion: str, when: When) -> Row:
    other = {"sys_id": 32 * "0", "sys_target_sys_id": 32 * "0"}
    sentence = f"Shows another record {occasion}."
    return changed(sentence, RESULT, lambda result, _: {**result, **other}, when)


def _other_instance(occasion: str, when: When) -> Row:
    return fixed(f"Shows another instance {occasion}.", f"{RESULT}.instance_name", "another", when)


def _without_type(occasion: str, when: When) -> Row:
    return without(f"Leaves out `type` {occasion}.", "type", when)


def _behind_nav_to(sent: Sent) -> bool:
    return "nav_to" in sent.url


def _in_the_frame(sent: Sent) -> bool:
    return "/classic/" in sent.url


def _encoded(sent: Sent) -> bool:
    return "%3" in sent.url


def _found(number: int) -> When:
    """Whether just so many findings were sent."""
    return lambda sent: len(sent.findings) == number


def _time(number: int) -> When:
    """Whether a ticket is asked about for this time, or later."""

    def when(sent: Sent) -> bool:
        seen = sent.original.memory
        seen[sent.ticket.key] = seen.get(sent.ticket.key, 0) + 1
        return bool(seen[sent.ticket.key] >= number)

    return when


TABLE |= {
    "loses_one_of_three_findings": _losing(
        "of a request with three or more", lambda sent: len(sent.findings) > 2
    ),
    "loses_one_of_as_many_as_allowed": _losing(
        "of a request with as many as allowed", lambda sent: sent.over == 0
    ),
    "loses_one_below_the_limit": _losing(
        "of a request with one less than allowed", lambda sent: sent.over == -1
    ),
    "loses_a_finding_behind_nav_to": _losing("for nav_to addresses", _behind_nav_to),
    "loses_a_finding_in_the_frame": _losing("for framed addresses", _in_the_frame),
    "loses_a_finding_at_the_third_request": _losing(
        "from the third request for a ticket on", _time(3)
    ),
    "mistakes_the_record_behind_nav_to": _other_record("for nav_to addresses", _behind_nav_to),
    "mistakes_the_record_in_the_frame": _other_record("for framed addresses", _in_the_frame),
    "mistakes_the_record_when_encoded": _other_record("for encoded addresses", _encoded),
    "mistakes_the_record_with_parameters": _other_record(
        "when parameters follow the sys_id", lambda sent: "&" in sent.url
    ),
    "mistakes_capital_records": _other_record(
        "for a sys_id in upper case", lambda sent: re.search("[A-F]", sent.ticket.sys_id)
    ),
    "mistakes_records_with_letters": _other_record(
        "for a sys_id with letters", lambda sent: not sent.ticket.sys_id.isdigit()
    ),
    "mistakes_the_record_on_repeat": _other_record("when a ticket is sent again", _time(2)),
    "mistakes_the_instance_behind_nav_to": _other_instance("for nav_to addresses", _behind_nav_to),
    "mistakes_capital_instances": _other_instance(
        "for an instance in upper case", lambda sent: re.search("[A-Z]", sent.ticket.instance)
    ),
    "mistakes_two_part_instances": _other_instance(
        "for an instance with two labels", lambda sent: "." in sent.ticket.instance
    ),
    "forgets_its_type_at_the_limit": _without_type(
        "with as many findings as allowed", lambda sent: sent.over == 0
    ),
    "forgets_its_type_with_two_findings": _without_type("with two findings", _found(2)),
    "forgets_its_type_without_findings": _without_type("without findings", _found(0)),
    "forgets_its_type_on_repeat": _without_type("when a ticket is sent again", _time(2)),
    "calls_later_findings_other": changed(
        "Shows another type for all insights except the first.",
        INSIGHTS,
        lambda all_, _: [*all_[:1], *({**each, "type": "OTHER"} for each in all_[1:])],
        several,
    ),
    "numbers_the_title_of_encoded_tickets": fixed(
        "Sends a number as the title for encoded addresses.", "attributes.title", 7, _encoded
    ),
}


class _Yielding(dict[str, Case]):
    """A dictionary that lets other threads go first after each look."""

    def get(self, key: str, default: Any = None) -> Any:
        """Look, wait, and answer with what was there."""
        found = super().get(key, default)
        time.sleep(0.002)
        return found


class _Forgiving(dict[str, None]):
    """A dictionary from which may be deleted what another thread deleted meanwhile."""

    def __delitem__(self, key: str) -> None:
        self.pop(key, None)


@define
class _Unlocked(State):
    """A state without a lock, whose looks take a while."""

    def __attrs_post_init__(self) -> None:
        self._holders = _Yielding()
        self._lock = contextlib.nullcontext()  # type: ignore[assignment]  # no lock is the fault

    def _open(self, ticket: Ticket, project: str, now: datetime.datetime) -> Case:
        case = super()._open(ticket, project, now)
        case.findings = _Forgiving()
        return case


CONCURRENCY |= {
    "looks_before_it_locks": over(
        "Acts on concurrent requests without a lock: a finding can end up on two tickets.",
        _Unlocked,
    )
}


@CONCURRENCY.row(serving)
def mixes_up_concurrent_answers(original: Original, request: Request) -> Response:
    """Shows one caller another caller's case when two requests come at once."""
    response = original.answer(request)
    if response.status != 200:
        return response
    original.memory["latest"] = response
    time.sleep(0.002)
    latest: Response = original.memory["latest"]
    return latest


@CONCURRENCY.row(serving)
def links_twice_when_two_forms_come_at_once(original: Original, request: Request) -> Response:
    """Shows another case to the second of two addresses of a new ticket that come at once."""
    sent = original.sent(request)
    if sent is None or sent.held is not None:
        return original.answer(request)
    time.sleep(0.01)
    first = original.memory.setdefault(("first", sent.ticket.key), sent.url)
    response = original.answer(request)
    if first == sent.url or response.status != 200:
        return response
    body = parsed(response)
    body["data"]["id"] = "the second case of one ticket"
    return with_body(response, body)


def _busy(status: int) -> Row:
    def answered(original: Original, request: Request) -> Response:
        busy = original.memory.setdefault("busy", threading.Lock())
        if not busy.acquire(blocking=False):
            return refusal(status)
        try:
            time.sleep(0.002)
            return original.answer(request)
        finally:
            busy.release()

    sentence = f"Answers {status} to a request that comes while it answers another."
    return serving(sentence, answered)


CONCURRENCY |= {
    "breaks_when_two_ask_at_once": _busy(500),
    "refuses_when_two_ask_at_once": _busy(400),
}


@CONCURRENCY.row(serving)
def opens_a_case_for_each_address_at_once(original: Original, request: Request) -> Response:
    """Opens two cases for a new ticket when two of its addresses come at once."""
    sent = original.sent(request)
    if sent is None or sent.held is not None:
        return original.answer(request)
    time.sleep(0.01)
    response = original.answer(request)
    if response.status != 200 or original.memory.setdefault(sent.ticket.key, sent.url) == sent.url:
        return response
    body = parsed(response)
    body["data"]["id"] = body["data"]["id"][::-1]
    return with_body(response, body)
