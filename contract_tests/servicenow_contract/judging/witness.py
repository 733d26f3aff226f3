"""Judges every answer of a run, whichever test asked for it, and what the answers say together.

A test asks on purpose; the witness sees what comes by the way: the one answer in a hundred that
breaks its model, a 429 at any time, two answers that contradict each other.
"""

import functools
import json
import threading
from collections.abc import Callable, Mapping

import httpx
from attrs import define, field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.answers import Answer, Attach, media_type
from servicenow_contract.judging.rules import owed, rules
from servicenow_contract.judging.together import Memory, Timed
from servicenow_contract.judging.verdict import Broken, NotShown
from servicenow_contract.target.target import Keys


def sees(contract: Fragment) -> frozenset[str]:
    """The requirements that a witness judges."""
    return frozenset({*(rule.requirement for rule in rules(contract)), *Memory().rules()})


@frozen
class Seen:
    """One request with both keys of the target, its answer, and when the two passed."""

    contract: Fragment = field(repr=False)
    request: httpx.Request
    response: httpx.Response
    began: float
    ended: float
    alone: bool = False
    """Whether it is known that no other request was on its way meanwhile."""

    @property
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
    _together: Mapping[str, Callable[[Timed], None]] = field(
        factory=lambda: Memory().rules(), init=False, repr=False
    )
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def see(self, seen: Seen) -> list[tuple[str, str | None]]:
        """Each requirement that this exchange shows something of, and how it breaks it, if so.

        A request that the operation may refuse before it is read, for its method or its keys, shows
        nothing.
        """
        sent, keys = seen.request, self.keys.headers(seen.contract)
        own = all(sent.headers.get(name) == key for name, key in keys.items())
        if not own or sent.method != seen.contract.method:
            return []
        answer = seen.answer
        timed = Timed(answer, seen.began, seen.ended)
        asked = [
            (rule.requirement, functools.partial(rule, answer))
            for rule in owed(seen.contract, answer.status)
        ]
        asked += [(name, functools.partial(rule, timed)) for name, rule in self._together.items()]
        found = list[tuple[str, str | None]]()
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
