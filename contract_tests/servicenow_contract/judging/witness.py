"""Judges every answer of a run, whichever test asked for it, and what the answers say together.

A test asks on purpose; the witness sees what comes by the way: the one answer in a hundred that
breaks its model, a 429 at any time, two answers that contradict each other.
"""

import functools
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

import httpx
from attrs import define, evolve, field, frozen

from servicenow_contract.contract.addresses import Standing, incident, standing
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import World
from servicenow_contract.judging.answers import Answer, Attach, Shown, media_type, told
from servicenow_contract.judging.holdings import HELD, Attached, Holdings, Incident
from servicenow_contract.judging.refusals import REFUSED, broken_by
from servicenow_contract.judging.rules import owed, rules
from servicenow_contract.judging.together import Memory, Timed
from servicenow_contract.judging.verdict import Broken, NotShown
from servicenow_contract.target.target import AccountKeys

Said = tuple[str, str | None]
"""A requirement of which an exchange shows something, and how it breaks it, if it does."""


def sees(contract: Fragment) -> frozenset[str]:
    """The requirements that a witness judges."""
    answers = (rule.requirement for rule in rules(contract))
    return frozenset({*answers, *Memory().rules(), *REFUSED, *HELD, "permission-demanded"})


@frozen(slots=False)
class Seen:
    """One request, its answer, and when the two passed."""

    contract: Fragment = field(repr=False)
    request: httpx.Request
    response: httpx.Response
    began: float
    ended: float
    alone: bool = False
    """Whether it is known that no other request was on its way meanwhile."""
    again: Callable[[], Iterable[httpx.Response]] = field(default=tuple, repr=False)
    """Later answers to the same request, as long as it makes sense to wait for another one."""

    @property
    def taken(self) -> bool:
        """Whether the answer says that what was asked for is done."""
        return 200 <= self.response.status_code < 300

    @functools.cached_property
    def answer(self) -> Answer:
        """The answer, with what the request asked for."""
        found = media_type(self.request.headers.get("content-type", ""))
        is_json = found == self.contract.media_type
        asked = self._asked() if is_json and self.response.status_code == 200 else None
        return Answer(self.contract, self.response, asked, says_json=is_json, alone=self.alone)

    def _asked(self) -> Attach | None:
        """What was asked for, when it satisfies the contract, and beyond doubt."""
        try:
            body = json.loads(self.request.content)
            if not self.contract.validator(self.contract.request_schema).accepts(body):
                return None
        except (ValueError, RecursionError):
            return None
        asked = Attach.of(body)
        return asked if standing(asked.ticket) is Standing.CERTAIN else None


@define(eq=False)
class Witness:
    """Sees every exchange of a run with one target, from any thread."""

    keys: AccountKeys = field(repr=False)
    world: World = field(repr=False)
    _together: Mapping[str, Callable[[Timed], None]] = field(
        factory=lambda: Memory().rules(), init=False, repr=False
    )
    _holdings: Holdings = field(init=False, repr=False)
    _cases: dict[Incident, object] = field(factory=dict, init=False, repr=False)
    """The case that each ticket was shown first."""
    _barred_once: bool = field(default=False, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    @_holdings.default
    def _of_the_world(self) -> Holdings:
        return Holdings(frozenset(self.world.findings))

    def see(self, seen: Seen) -> list[Said]:
        """Each requirement that this exchange shows something of, and how it breaks it, if so.

        Another method than the documented one shows nothing, nor does a refusal of keys that are
        not the target's: the operation need not have been asked.
        """
        own = seen.request.method == seen.contract.method
        broken = [*self._taken(seen)] if own and seen.taken else []
        opens = own and self._opens(seen)
        with self._lock:
            broken += self._barred(seen) if own else ()
            judged = [*self._judged(seen)] if opens else []
            held = self._held(seen, right=opens and not broken)
            return [*broken, *judged, *held]

    def _barred(self, seen: Seen) -> Iterator[Said]:
        """What becomes of the key without permission; one that stands in may not be known as one.

        A server that refused it once knows it, and one that took it once does not mind.
        """
        key = seen.request.headers.get(seen.contract.key_headers["appKeyAuth"])
        if key is None or key != self.keys.limited.get(None):
            return
        if seen.response.status_code in (401, 403):
            self._barred_once = True
        elif seen.taken and (self._barred_once or not self.keys.stand_ins):
            yield (
                "permission-demanded",
                f"a request with a key without permission was answered {told(seen.response)}",
            )

    def lost(self) -> None:
        """A request got no answer: whether it was carried out is not known."""
        with self._lock:
            self._holdings.unsure()

    def _opens(self, seen: Seen) -> bool:
        """Whether a request carries keys that open the target."""
        names, sent = seen.contract.key_headers, seen.request.headers
        limited = {key for of, key in self.keys.limited.items() if of is not None}
        if self.keys.stand_ins and seen.response.status_code in (401, 403):
            limited = set()  # a server need not know them
        return sent.get(names["apiKeyAuth"]) == self.keys.api_key and sent.get(
            names["appKeyAuth"]
        ) in {self.keys.app_key, *limited}

    def _judged(self, seen: Seen) -> Iterator[Said]:
        """What an answer owes by itself, and together with those before."""
        answer = seen.answer
        timed = Timed(answer, seen.began, seen.ended)
        asked = [
            (rule.requirement, functools.partial(rule, answer))
            for rule in owed(seen.contract, answer.status)
        ]
        asked += [(name, functools.partial(rule, timed)) for name, rule in self._together.items()]
        for name, rule in asked:
            try:
                rule()
            except NotShown:
                continue
            except Broken as broken:
                yield name, str(broken)
            else:
                yield name, None

    def _taken(self, seen: Seen) -> Iterator[Said]:
        """What a request breaks that was taken."""
        for name, how in broken_by(seen.contract, self.world, seen.request):
            said = f"it was answered {told(seen.response)}"
            yield name, f"a request was accepted although {how}; {said}"

    def _held(self, seen: Seen, *, right: bool) -> Iterable[Said]:
        """What an answer shows of where the findings are."""
        status, attach = seen.response.status_code, seen.answer.attach
        if 400 <= status < 500 and not seen.alone:
            return ()  # a request at the same time may have done rightly what this one asked for
        if 400 <= status < 500:
            texts = set(re.findall('"([^"]*)"', seen.request.content.decode("utf-8", "replace")))
            tickets = {ticket for text in texts if (ticket := _incident(text))}
            self._holdings.refused([*tickets, *texts], told(seen.response))
            return ()
        if not right or attach is None or (ticket := _incident(attach.ticket)) is None:
            self._holdings.unsure()
            return ()
        if not seen.alone:
            self._holdings.unsure(attach.findings)
            return ()
        if self._is_another_case(ticket, seen.answer.shown):
            self._holdings.unsure()
            return ()
        attached = Attached(ticket, attach.findings, _listed(seen.answer.shown))
        if self._holdings.is_broken_by(attached):
            for later in seen.again():
                attached = evolve(attached, shown=_listed(Shown(later)))
                if not self._holdings.is_broken_by(attached):
                    break
        return self._holdings.attached(attached)

    def _is_another_case(self, ticket: Incident, shown: Shown) -> bool:
        """Whether a ticket is shown another case than the first time.

        That is a fault by itself, and says nothing of the findings: they may be on the other one.
        """
        case = shown.get_or_none("id")
        return case is not None and self._cases.setdefault(ticket, case) != case


def _incident(address: str) -> Incident | None:
    """The incident that an address names; None for what names none."""
    try:
        return incident(address) if "service-now" in address else None
    except ValueError:
        return None


def _listed(shown: Shown) -> frozenset[str] | None:
    """The ids that an answer lists; None when it leaves out what they are."""
    insights = shown.insights_or_none()
    if insights is None:
        return None
    named = [each.get("resource_id") for each in insights]
    kinds = [each.get("type", "SECURITY_FINDING") for each in insights]
    if any(
        not isinstance(name, str) and kind == "SECURITY_FINDING"
        for name, kind in zip(named, kinds, strict=True)
    ):
        return None
    return frozenset(each for each in named if isinstance(each, str))
