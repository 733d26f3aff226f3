"""What several answers of one server owe together."""

import contextlib
import functools
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field, frozen

from servicenow_contract.contract.addresses import incident
from servicenow_contract.judging.answers import Answer
from servicenow_contract.judging.moments import Moment, Timeline
from servicenow_contract.judging.verdict import Broken, NotShown

_OF_THE_CASE = (
    *(("id",), ("attributes", "key"), ("attributes", "creation_source")),
    ("relationships", "created_by", "data", "id"),
)
"""What never changes of a case, whatever is done with it."""


@frozen
class Timed:
    """An answer to an attach, and when its request began and the answer ended, in seconds."""

    answer: Answer
    began: float
    ended: float

    @property
    def incident(self) -> tuple[str, str]:
        """The incident that was named. Raises NotShown when nothing was granted."""
        if self.answer.status != 200:
            raise NotShown
        return incident(self.answer.sent.ticket)

    @property
    def address(self) -> str:
        """The address by which it was named. Raises NotShown when nothing was granted."""
        _ = self.incident
        return self.answer.sent.ticket

    @property
    def case(self) -> object:
        """The case that a ticket was shown; where that is left out, the address stands for it."""
        shown = self.answer.shown.get_or_none("id")
        return (self.incident, shown) if isinstance(shown, str) else self.address

    def get(self, *path: str) -> Any:
        """The member of a 200 at a path of names below `data`. Raises NotShown without one."""
        return self.answer.shown.get(*path)


@define(eq=False)
class Memory:
    """What the answers of a run showed of each ticket, so that the next can be held against it."""

    _shown: dict[tuple[object, str], tuple[Any, int]] = field(factory=dict, init=False)
    """What was shown first of each case, and which case by each address, and how often."""
    _addresses: dict[tuple[str, str], dict[str, None]] = field(
        factory=lambda: defaultdict(dict), init=False
    )
    _owners: dict[str, tuple[str, str]] = field(factory=dict, init=False)
    """The incident that each case was shown for."""
    _created: dict[object, Moment] = field(factory=dict, init=False)
    """When each case was created, as exactly as any answer showed it."""
    _modified: dict[object, Timeline] = field(factory=lambda: defaultdict(Timeline), init=False)
    """When each incident's case was modified."""
    _times_shown: set[tuple[object, str]] = field(factory=set, init=False)

    def rules(self) -> Mapping[str, Callable[[Timed], None]]:
        """Each requirement, and how an answer is held against those before; these are kept."""
        return {
            "answer-names-the-project": self._same_project,
            "linked-ticket-keeps-its-case": self._same_case,
            "one-incident-is-one-ticket": self._one_case,
            "unlinked-ticket-gets-a-case": self._own_case,
            "case-times-do-not-go-back": self._times,
        }

    def _same_project(self, timed: Timed) -> None:
        """A case stays in its project."""
        self._same(timed, "relationships", "project", "data", "id")

    def _same_case(self, timed: Timed) -> None:
        """A ticket keeps its case, and the case its key, its creator and its birth."""
        shown = False
        parts = [functools.partial(self._same, timed, *path) for path in _OF_THE_CASE]
        for hold in (*parts, functools.partial(self._same_birth, timed)):
            with contextlib.suppress(NotShown):
                hold()
                shown = True
        if not shown:
            raise NotShown

    def _same(self, timed: Timed, *path: str) -> None:
        value, name = timed.get(*path), ".".join(("data", *path))
        here = timed.address if name == "data.id" else timed.case
        before, times = self._shown.get((here, name), (value, 0))
        self._shown[here, name] = before, times + 1 if before == value else 0
        if before != value:
            raise Broken(f"{name} of a ticket's case was {before!r} and is now {value!r}")

    def _one_case(self, timed: Timed) -> None:
        """The case is the same by another address, if it stays the same by one of the two."""
        here, case = timed.address, timed.get("id")
        known = self._addresses[timed.incident]
        known[here] = None
        if len(known) < 2:
            raise NotShown
        own = self._shown[here, "data.id"][1]
        for address in known:
            before, times = self._shown[address, "data.id"]
            if max(own, times) > 1 and before != case:
                raise Broken(
                    f"data.id is {case!r} for {here}, but was {before!r} for {address}, "
                    "another address of the incident"
                )

    def _same_birth(self, timed: Timed) -> None:
        here, created = timed.case, Moment.read(timed.get("attributes", "created_at"))
        if created is None:
            raise NotShown
        before = self._created.setdefault(here, created)
        if before.precedes(created) or created.precedes(before):
            raise Broken(f"created_at of a case was {before.text} and is now {created.text}")
        self._created[here] = min(before, created, key=lambda each: each.unit)

    def _own_case(self, timed: Timed) -> None:
        """No two tickets are linked to one case."""
        here, case = timed.incident, timed.get("id")
        if not isinstance(case, str):
            raise NotShown
        owner = self._owners.setdefault(case, here)
        if owner != here:
            was, now = (f"{each[1]} on {each[0]}" for each in (owner, here))
            raise Broken(f"case {case!r} was shown for the incident {was}, and now also for {now}")

    def _times(self, timed: Timed) -> None:
        """No case is modified earlier than it already was.

        A time that was shown before may come from a copy that lags behind.
        """
        here = timed.incident, str(timed.answer.shown.get_or_none("id"))
        modified = Moment.read(timed.get("attributes", "modified_at"))
        if modified is None:
            raise NotShown
        known = (here, modified.text) in self._times_shown
        self._times_shown.add((here, modified.text))
        broken = self._modified[here].add(timed.began, timed.ended, modified)
        if broken and known:
            raise NotShown
        if broken:
            was, then = broken
            raise Broken(f"modified_at was {was.text} and went back to {then.text}")
