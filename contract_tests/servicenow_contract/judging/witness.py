"""Judges every answer of a run, whichever test asked for it, and what the answers say together.

A test asks on purpose; the witness sees what comes by the way: the one answer in a hundred that
breaks its model, a 429 at any time, two answers that contradict each other.
"""

import functools
import json
import threading
from collections.abc import Callable, Iterator, Mapping

import httpx
from attrs import define, field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import World
from servicenow_contract.judging.answers import Answer, Attach, media_type, told
from servicenow_contract.judging.refusals import REFUSED, broken_by
from servicenow_contract.judging.rules import owed, rules
from servicenow_contract.judging.together import Memory, Timed
from servicenow_contract.judging.verdict import Broken, NotShown
from servicenow_contract.target.target import Keys


def sees(contract: Fragment) -> frozenset[str]:
    """The requirements that a witness judges."""
    answers = (rule.requirement for rule in rules(contract))
    return frozenset({*answers, *Memory().rules(), *REFUSED})


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
        """What was asked for, when it satisfies the contract."""
        try:
            body = json.loads(self.request.content)
            if not self.contract.validator(self.contract.request_schema).accepts(body):
                return None
        except (ValueError, RecursionError):
            return None
        return Attach.of(body)


@define(eq=False)
class Witness:
    """Sees every exchange of a run with one target, from any thread."""

    keys: Keys = field(repr=False)
    world: World = field(repr=False)
    _together: Mapping[str, Callable[[Timed], None]] = field(
        factory=lambda: Memory().rules(), init=False, repr=False
    )
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def see(self, seen: Seen) -> list[tuple[str, str | None]]:
        """Each requirement that this exchange shows something of, and how it breaks it, if so.

        Another method than the documented one shows nothing, nor does a refusal of keys that are
        not the target's: the operation need not have been asked.
        """
        if seen.request.method != seen.contract.method:
            return []
        found = [*self._taken(seen)]
        sent, keys = seen.request.headers, self.keys.headers(seen.contract)
        if any(sent.get(name) != key for name, key in keys.items()):
            return found
        answer = seen.answer
        timed = Timed(answer, seen.began, seen.ended)
        asked = [
            (rule.requirement, functools.partial(rule, answer))
            for rule in owed(seen.contract, answer.status)
        ]
        asked += [(name, functools.partial(rule, timed)) for name, rule in self._together.items()]
        with self._lock:
            for name, rule in asked:
                try:
                    rule()
                except NotShown:
                    continue
                except Broken as broken:
                    found.append((name, str(broken)))
                else:
                    found.append((name, None))
        return found

    def _taken(self, seen: Seen) -> Iterator[tuple[str, str | None]]:
        """What a request breaks, if it was taken all the same."""
        if seen.taken:
            for name, how in broken_by(seen.contract, self.world, seen.request):
                yield name, f"a request was taken although {how}: {told(seen.response)}"
