"""A request as a server of this kind sees it, before it answers, and the occasions to do wrong."""

import functools
import json
from collections.abc import Callable, Mapping

from attrs import frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import World
from servicenow_contract.mutants.holding import Attaching, Cases
from servicenow_contract.mutants.kinds import Make
from servicenow_contract.mutants.original import Original, Sent, new_state
from servicenow_contract.service import Request, Response
from servicenow_contract.service.handler import Respond
from servicenow_contract.service.state import Case


@frozen
class Asked:
    """A request that names a ticket, as far as it can be read."""

    original: Original
    cases: Cases
    request: Request
    sent: Sent

    @property
    def held(self) -> tuple[str, ...] | None:
        """What the ticket holds; None when it has no case."""
        return self.sent.held

    @property
    def others(self) -> list[str]:
        """What the ticket holds beside what was sent."""
        return [each for each in self.held or () if each not in self.sent.findings]

    @property
    def limit(self) -> int:
        """How many findings fill a request."""
        return self.original.contract.max_findings

    @property
    def holders(self) -> list[Case]:
        """The case of another ticket that holds a finding of this request, for each that moves."""
        own = self.cases.by_ticket.get(self.sent.ticket.key)
        found = [self.cases.holders.get(each) for each in self.sent.findings]
        return [each for each in found if each is not None and each is not own]

    @property
    def permissions(self) -> frozenset[str] | None:
        """Those of the application key; None when it holds all."""
        return self.cases.permissions.get(self.original.keys(self.request)["appKeyAuth"] or "")

    def answer(self) -> Response:
        """The right answer."""
        return self.original.answer(self.request)

    def mended(self) -> Request:
        """The request as a server reads it that minds nothing wrong."""
        contract, sent = self.original.contract, self.sent
        known = [each for each in sent.findings if self.cases.knows_finding(each)][: self.limit]
        project = self.original.world.project if sent.unknown_project else sent.project
        headers = {"content-type": contract.media_type}
        headers |= {name.lower(): "a-key" for name in contract.key_headers.values()}
        body = json.dumps(attach_body(sent.url, known, project)).encode()
        return Request(contract.method, contract.path, headers, body)


Occasion = Callable[[Asked], object]
Fault = Callable[[Asked], Response]


def _permitted(place: int) -> Occasion:
    """Whether the application key holds one permission alone."""

    def when(asked: Asked) -> bool:
        listed = asked.original.contract.permissions
        return asked.permissions == frozenset({listed[place]})

    return when


STATES: Mapping[str, Occasion] = {
    "a_new_ticket": lambda asked: asked.held is None,
    "a_linked_ticket": lambda asked: asked.held,
    "a_full_ticket": lambda asked: len(asked.held or ()) >= asked.limit,
    "an_emptied_ticket": lambda asked: asked.held == (),
}
OCCASIONS: Mapping[str, Occasion] = {
    **STATES,
    "one_finding": lambda asked: len(asked.sent.findings) == 1,
    "no_finding": lambda asked: not asked.sent.findings,
    "two_findings": lambda asked: len(asked.sent.findings) == 2,
    "nearly_too_many": lambda asked: asked.sent.over == -1,
    "as_many_as_can_be": lambda asked: asked.sent.over == 0,
    "what_it_holds": lambda asked: (
        asked.held and {*filter(asked.cases.knows_finding, asked.sent.findings)} <= {*asked.held}
    ),
    "another_address": lambda asked: (
        asked.original.memory.setdefault(asked.sent.ticket.key, asked.sent.url) != asked.sent.url
    ),
    "a_moving_finding": lambda asked: asked.holders,
    "a_finding_of_a_full_ticket": lambda asked: any(
        len(each.findings) >= asked.limit for each in asked.holders
    ),
    "the_only_finding_of_a_ticket": lambda asked: any(
        len(each.findings) == 1 for each in asked.holders
    ),
    "the_first_permission": _permitted(0),
    "the_second_permission": _permitted(1),
}
SHAPES = "no_finding", "what_it_holds", "as_many_as_can_be", "a_moving_finding", "another_address"
"""The occasions that differ in what a request asks for, whatever the ticket holds."""


def serving(
    concerned: Callable[[Original, Request], Sent | None], when: Occasion, do: Fault
) -> Make:
    """Does something wrong with the requests that concern it, on an occasion."""

    def make(contract: Fragment, world: World) -> Respond:
        original = Original(contract, world)
        kind = functools.partial(Cases, instead=Attaching.rightly)
        cases = original.state = new_state(contract, world, kind)

        def respond(request: Request) -> Response:
            if seen := original.roughly_sent(request):
                original.memory.setdefault(seen.ticket.key, seen.url)
            sent = concerned(original, request)
            if sent is None or not isinstance(cases, Cases):
                return original.answer(request)
            asked = Asked(original, cases, request, sent)
            return do(asked) if when(asked) else asked.answer()

        return respond

    return make


def told(occasion: str) -> str:
    """An occasion in words, to stand after those for a request."""
    return _WORDS.get(occasion) or f"for {occasion.replace('_', ' ')}"


_WORDS: Mapping[str, str] = {
    "a_linked_ticket": "for a ticket that holds findings",
    "one_finding": "with one finding",
    "no_finding": "without findings",
    "two_findings": "with two findings",
    "nearly_too_many": "with one finding less than allowed",
    "as_many_as_can_be": "with as many findings as allowed",
    "what_it_holds": "with findings that the ticket already holds",
    "another_address": "with another address of the ticket",
    "a_moving_finding": "with a finding of another ticket",
    "a_finding_of_a_full_ticket": "with a finding of a full ticket",
    "the_only_finding_of_a_ticket": "with the only finding of another ticket",
    "the_first_permission": "with a key that has only the first permission",
    "the_second_permission": "with a key that has only the second permission",
}
