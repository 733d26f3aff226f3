"""Servers that keep other findings on a ticket, or another case behind it, than was attached."""

import functools
import itertools
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from servicenow_contract.contract.addresses import FORMS, addresses
from servicenow_contract.mutants.kinds import Row, Rows, changed, over, serving
from servicenow_contract.mutants.original import Original
from servicenow_contract.mutants.showing import INSIGHTS
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.state import Case, Ticket

TABLE = Rows("holding")


@define
class Cases(State):
    """A state that attaches in another way, and what it remembers for that."""

    instead: "Callable[[Attaching], Case]" = field(kw_only=True, repr=False)
    memory: dict[Any, Any] = field(factory=dict, init=False, repr=False)
    turns: Iterator[int] = field(factory=lambda: itertools.count(1), init=False, repr=False)

    @property
    def by_ticket(self) -> dict[tuple[str, str], Case]:
        """Every case, by the key of its ticket."""
        return self._cases

    @property
    def holders(self) -> dict[str, Case]:
        """The case that holds each finding."""
        return self._holders

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Attach in the other way."""
        return self.instead(Attaching(self, ticket, project, findings))

    def rightly(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Attach as the service does."""
        return super().attach(ticket, project, findings)

    def drop(self, findings: Iterable[str]) -> None:
        """Detach findings, wherever they are."""
        for each in list(findings):
            holder = self._holders.pop(each, None)
            if holder is not None:
                holder.findings.pop(each, None)


@frozen
class Attaching:
    """One attach, before it is done."""

    cases: Cases
    ticket: Ticket
    project: str
    found: list[str]
    """The findings to attach."""

    @property
    def key(self) -> tuple[str, str]:
        """The key of the ticket."""
        return self.ticket.key

    @property
    def limit(self) -> int:
        """How many findings one request can attach."""
        return self.cases.contract.max_findings

    @property
    def held(self) -> list[str]:
        """What the ticket holds."""
        return list(self.cases.snapshot().get(self.key, ()))

    @property
    def others(self) -> Mapping[tuple[str, str], set[str]]:
        """What each other ticket holds."""
        held = self.cases.snapshot().items()
        return {key: set(found) for key, found in held if key != self.key}

    @property
    def moving(self) -> list[str]:
        """The findings to attach that other tickets hold."""
        held = {each for found in self.others.values() for each in found}
        return [each for each in self.found if each in held]

    @property
    def shown(self) -> Case:
        """The case of the ticket as an answer may show it."""
        own = self.cases.by_ticket[self.key]
        return evolve(own, findings=dict(own.findings))

    def rightly(self, found: Iterable[str] | None = None) -> Case:
        """Attach these findings, or all, as the service does."""
        chosen = self.found if found is None else list(found)
        return self.cases.rightly(self.ticket, self.project, chosen)


def attached(sentence: str, instead: Callable[[Attaching], Case]) -> Row:
    """Attaches in another way."""
    return over(sentence, functools.partial(Cases, instead=instead))


def _keeping(sentence: str, pick: Callable[[list[str]], list[str]]) -> Row:
    """Keeps only some of the findings that a case would hold."""

    def attach(one: Attaching) -> Case:
        one.rightly()
        one.cases.drop(set(one.held).difference(pick(one.held)))
        return one.shown

    return attached(sentence, attach)


def _first_dropping(sentence: str, pick: Callable[[Attaching], Iterable[str]]) -> Row:
    """Detaches some findings, wherever they are, before it attaches."""

    def attach(one: Attaching) -> Case:
        one.cases.drop(pick(one))
        return one.rightly()

    return attached(sentence, attach)


def _then_dropping(sentence: str, pick: Callable[[Attaching], Iterable[str]]) -> Row:
    """Detaches some findings after it attached, chosen by what was there before."""

    def attach(one: Attaching) -> Case:
        chosen = list(pick(one))
        one.rightly()
        one.cases.drop(chosen)
        return one.shown

    return attached(sentence, attach)


def _leaving(sentence: str, pick: Callable[[Attaching], Iterable[str]]) -> Row:
    """Leaves some findings on their earlier tickets, too."""

    def attach(one: Attaching) -> Case:
        for each in list(pick(one)):
            one.cases.holders.pop(each, None)
        return one.rightly()

    return attached(sentence, attach)


def _with(case: Case, *held: Iterable[str]) -> Case:
    """The case as if it held these, too."""
    return evolve(case, findings={each: None for some in (case.findings, *held) for each in some})


TABLE |= {
    "attaches_the_first_finding_only": attached(
        "Attaches the first finding of a request and ignores the others.",
        lambda one: one.rightly(one.found[:1]),
    ),
    "attaches_less_than_allowed": attached(
        "Attaches all findings of a request but the last one that is allowed.",
        lambda one: one.rightly(one.found[: one.limit - 1]),
    ),
    "attaches_nothing": attached(
        "Opens the case and attaches no finding.", lambda one: one.rightly([])
    ),
    "refuses_to_move_silently": attached(
        "Answers 200, but leaves a finding on the ticket that already holds it.",
        lambda one: one.rightly(set(one.found).difference(one.moving)),
    ),
    "pretends_to_move": attached(
        "Shows a finding on its new ticket once, but leaves it on the old one.",
        lambda one: _with(one.rightly(set(one.found).difference(one.moving)), one.found),
    ),
    "holds_ten_findings_at_most": _keeping(
        "Keeps only the latest ten findings of a case.", lambda held: held[-10:]
    ),
    "holds_no_more_than_a_request": _then_dropping(
        "Drops findings when a case holds more than a request may name.",
        lambda one: [each for each in one.found if each not in one.held][
            max(one.limit - len(one.held), 0) :
        ],
    ),
    "toggles_findings": _then_dropping(
        "Detaches a finding when it is attached to the same ticket again.",
        lambda one: set(one.found).intersection(one.held),
    ),
    "empties_on_repeat": _then_dropping(
        "Empties the ticket when a request changes nothing.",
        lambda one: one.held if set(one.held) == set(one.found) else (),
    ),
    "detaches_without_attaching": _then_dropping(
        "Detaches a finding that moves from its earlier ticket, but does not attach it.",
        lambda one: one.moving,
    ),
    "loses_earlier_findings": _first_dropping(
        "Replaces the findings of a ticket instead of adding to them.", lambda one: one.held
    ),
    "empties_a_ticket_by_an_empty_list": _first_dropping(
        "Detaches all findings when the list of findings is empty.",
        lambda one: () if one.found else one.held,
    ),
    "empties_a_ticket_every_time_nothing_is_sent": _then_dropping(
        "Detaches all findings whenever a request names none.",
        lambda one: () if one.found else one.held,
    ),
    "detaches_everything": _first_dropping(
        "Detaches all findings of the earlier ticket when one of them moves.",
        lambda one: {
            each for held in one.others.values() if held.intersection(one.found) for each in held
        },
    ),
    "moves_within_a_project_only": _leaving(
        "Leaves a finding on its earlier ticket when the two cases are in different projects.",
        lambda one: [
            each
            for each in one.found
            if (holder := one.cases.holders.get(each)) and holder.project != one.project
        ],
    ),
    "detaches_ten_at_most": _leaving(
        "Detaches at most ten findings of a request from their earlier tickets.",
        lambda one: one.moving[10:],
    ),
    "answers_with_another_tickets_findings": changed(
        "Shows the findings of the previous ticket.",
        INSIGHTS,
        lambda insights, sent: sent.original.previous(insights),
    ),
    "answers_one_caller_with_all_findings": changed(
        "Shows what every ticket holds, whichever was sent.",
        INSIGHTS,
        lambda _, sent: [
            {"resource_id": each, "type": "SECURITY_FINDING"}
            for held in sent.original.state.snapshot().values()
            for each in held
        ],
    ),
    "forgets_everything_at_once": serving(
        "Forgets everything before each request.",
        lambda original, request: handle(original.fresh(), request),
    ),
}


@TABLE.row(serving)
def loses_its_memory_now_and_then(original: Original, request: Request) -> Response:
    """Forgets everything at every tenth request."""
    if next(original.turns) % 10 == 0:
        original.state = original.fresh()
    return original.answer(request)


@TABLE.row(serving)
def answers_from_a_cache(original: Original, request: Request) -> Response:
    """Answers for a ticket as it did the first time, whatever was attached since."""
    response, sent = original.answer(request), original.sent(request)
    if sent is not None and response.status == 200:
        response = original.memory.setdefault(sent.ticket.key, response)
    return response


@TABLE.row(serving)
def answers_the_same_body_from_a_cache(original: Original, request: Request) -> Response:
    """Answers a body that it has seen before as it did then, and does nothing."""
    known = all(original.keys(request).values()) and request.body in original.memory
    response = original.memory[request.body] if known else original.answer(request)
    if response.status == 200:
        original.memory[request.body] = response
    return response


@TABLE.row(attached)
def keeps_the_latest_two_attaches(one: Attaching) -> Case:
    """Remembers only the latest two requests for each ticket."""
    latest = one.cases.memory[one.key] = [*one.cases.memory.get(one.key, [])[-1:], one.found]
    case, recent = one.rightly(), {each for some in latest for each in some}
    return evolve(case, findings={each: None for each in case.findings if each in recent})


@TABLE.row(attached)
def forgets_after_answering(one: Attaching) -> Case:
    """Shows the findings that were sent, but keeps none of them."""
    case = one.rightly()
    one.cases.drop(one.found)
    return case


@TABLE.row(attached)
def answers_with_the_state_before(one: Attaching) -> Case:
    """Shows the case as it was before the request."""
    before = dict.fromkeys(one.held)
    return evolve(one.rightly(), findings=before)


@TABLE.row(attached)
def remembers_thirty_tickets(one: Attaching) -> Case:
    """Forgets the oldest ticket when there are more than thirty."""
    known = one.cases.by_ticket
    if one.key not in known and len(known) >= 30:
        one.cases.drop(known.pop(next(iter(known))).findings)
    return one.rightly()


# Findings that do not move from ticket to ticket as the page describes.


@TABLE.row(attached)
def never_detaches(one: Attaching) -> Case:
    """Leaves a finding on its earlier ticket when it is attached elsewhere."""
    held = one.cases.memory.setdefault(one.key, {})
    held.update(dict.fromkeys(one.found))
    return _with(one.rightly(), held)


def _detaching(sentence: str, leaves: slice, stays: slice) -> Row:
    """Shows findings on their earlier tickets, too, unless they stand where findings leave."""

    def attach(one: Attaching) -> Case:
        memory = one.cases.memory
        for key, held in one.others.items():
            stay = [each for each in one.found[stays] if each in held]
            memory.setdefault(key, {}).update(dict.fromkeys(stay))
        for kept in memory.values():
            for each in one.found[leaves]:
                kept.pop(each, None)
        return _with(one.rightly(), memory.get(one.key, ()))

    return attached(sentence, attach)


TABLE |= {
    "detaches_the_first_finding_only": _detaching(
        "Of several findings that move, only the first leaves its earlier ticket.",
        slice(1),
        slice(1, None),
    ),
    "detaches_the_last_finding_only": _detaching(
        "Of several findings that move, only the last leaves its earlier ticket.",
        slice(-1, None),
        slice(-1),
    ),
}


@TABLE.row(attached)
def cannot_move_back(one: Attaching) -> Case:
    """Never attaches a finding to a ticket that it has left."""
    for key, held in one.others.items():
        one.cases.memory.setdefault(key, set()).update(held.intersection(one.found))
    left = one.cases.memory.get(one.key, ())
    return one.rightly([each for each in one.found if each not in left])


@TABLE.row(attached)
def keeps_its_only_finding(one: Attaching) -> Case:
    """Leaves a finding on its earlier ticket when it is the only one there."""
    shown = one.cases.memory
    for key, held in one.others.items():
        for each in one.found:
            if each in held and len(shown[key]) > 1:
                del shown[key][each]
    own = shown.setdefault(one.key, {})
    own.update(dict.fromkeys(one.found))
    return _with(one.rightly(), own)


# Tickets and cases that are not linked one to one, for good.


def _renamed(case: Case, *names: Any) -> Case:
    """The case as it would be under another identity."""
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, names))))
    return evolve(case, id=identity, key=f"CASE-{int(identity[:6], 16)}")


def _named(sentence: str, names: Callable[[Attaching], tuple[Any, ...]]) -> Row:
    """Names the case after other things than its ticket."""
    return attached(sentence, lambda one: _renamed(one.rightly(), *names(one)))


def _by_form(form: str, one: Attaching) -> tuple[Any, ...]:
    return (*one.key, one.ticket.url == addresses(one.ticket.url)[form])


def _taken_for(sentence: str, change: Callable[[Ticket], Mapping[str, str]]) -> Row:
    """Takes a ticket for another one."""
    return attached(
        sentence,
        lambda one: evolve(one, ticket=evolve(one.ticket, **change(one.ticket))).rightly(),
    )


def _own_name_in_capitals(ticket: Ticket) -> str:
    small = ticket.instance == ticket.instance.lower()
    return ticket.instance + ("" if small else ticket.instance.encode().hex())


TABLE |= {
    "opens_a_case_every_time": _named(
        "Answers every request with a new case.", lambda one: (next(one.cases.turns),)
    ),
    "opens_a_case_for_each_address": _named(
        "Links each address to a case of its own, even if two name the same incident.",
        lambda one: (one.ticket.url,),
    ),
    **{
        f"opens_a_case_for_the_form_{'_'.join(re.findall('[a-z]+', form))}": _named(
            f"Treats the ticket as another one when its address has this form: {form}.",
            functools.partial(_by_form, form),
        )
        for form in FORMS
    },
    "opens_a_case_for_each_project": _named(
        "Links a ticket to another case when another project is sent.",
        lambda one: (*one.key, one.project),
    ),
    "keeps_one_case_for_an_instance": _named(
        "Shows one case id and key for all tickets of an instance, each with its own findings.",
        lambda one: (one.ticket.instance,),
    ),
    "keeps_one_case_for_all_tickets": _taken_for(
        "Links every ticket of an instance to one case.", lambda _: {"sys_id": 32 * "0"}
    ),
    "tells_tickets_by_eight_digits": _taken_for(
        "Tells tickets apart by the first eight digits of their sys_id.",
        lambda ticket: {"sys_id": ticket.sys_id[:8]},
    ),
    "tells_tickets_by_64_bits": _taken_for(
        "Tells tickets apart by the latter half of their sys_id.",
        lambda ticket: {"sys_id": ticket.sys_id[-16:]},
    ),
    "forgets_the_instance": _taken_for(
        "Treats records of two instances as one ticket when their sys_ids are the same.",
        lambda _: {"instance": "any"},
    ),
    "tells_host_letters_apart": _taken_for(
        "Treats an instance in upper case as another one, though hosts ignore case.",
        lambda ticket: {"instance": _own_name_in_capitals(ticket)},
    ),
    "uses_one_key_for_all_cases": attached(
        "Gives every case the key CASE-1.", lambda one: evolve(one.rightly(), key="CASE-1")
    ),
    "renumbers_cases": attached(
        "Changes the key of a case with every request.",
        lambda one: evolve(one.rightly(), key=f"CASE-{next(one.cases.turns)}"),
    ),
}


@TABLE.row(attached)
def opens_a_case_when_findings_left(one: Attaching) -> Case:
    """Links a ticket to another case after its last finding moved away."""
    empty = one.key in one.cases.by_ticket and not one.held
    times = one.cases.memory[one.key] = one.cases.memory.get(one.key, 0) + empty
    return _renamed(one.rightly(), *one.key, times) if times else one.rightly()


@TABLE.row(attached)
def opens_a_case_for_moved_findings(one: Attaching) -> Case:
    """Links a ticket to another case when it receives a finding of another ticket."""
    moved = one.moving
    one.rightly()
    own = one.cases.by_ticket[one.key]
    if moved:
        renamed = _renamed(own, own.id, "moved")
        own.id, own.key = renamed.id, renamed.key
    return one.shown


@TABLE.row(attached)
def answers_with_the_earlier_tickets_case(one: Attaching) -> Case:
    """Shows the case that a finding left when it moves."""
    earlier = [one.cases.holders[each] for each in one.moving]
    case = one.rightly()
    return evolve(earlier[0], findings=dict(case.findings)) if earlier else case


@TABLE.row(attached)
def follows_the_latest_project(one: Attaching) -> Case:
    """Moves a linked case to the project of the latest request."""
    one.rightly()
    one.cases.by_ticket[one.key].project = one.project
    return one.shown
