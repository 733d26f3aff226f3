"""Judges every answer of a run, whichever test asked for it, and what the answers say together.

A test asks on purpose; the witness sees what comes by the way: the one answer in a hundred that
breaks its model, a 429 at any time, two answers that contradict each other.
"""

import functools
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from attrs import define, field, frozen

from servicenow_contract.contract.addresses import incident
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.moments import Moment, Timeline
from servicenow_contract.judging.rules import (
    Shown,
    hold_findings,
    hold_media_type,
    hold_model,
    hold_security_case,
    hold_ticket,
    hold_ticket_status,
    hold_times,
    media_type,
    told,
)
from servicenow_contract.target.target import Keys


@frozen
class Attach:
    """What a request asked for that satisfies the contract."""

    ticket: str
    project: str
    findings: tuple[str, ...]


@frozen(slots=False)
class Seen:
    """One request with both keys of the target, its answer, and when the two passed."""

    contract: Fragment = field(repr=False)
    request: httpx.Request
    response: httpx.Response
    began: float
    ended: float
    alone: bool = False
    """Whether it is known that no other request was on its way meanwhile."""

    @functools.cached_property
    def is_json(self) -> bool:
        """Whether the request says that it is what the page documents."""
        found = media_type(self.request.headers.get("content-type", ""))
        return bool(found == self.contract.media_type)

    @functools.cached_property
    def attach(self) -> Attach | None:
        """What was asked for, when it was granted and satisfies the contract."""
        contract = self.contract
        if self.response.status_code != 200 or not self.is_json:
            return None
        try:
            body = json.loads(self.request.content)
            if not contract.validator(contract.request_schema).accepts(body):
                return None
        except (ValueError, RecursionError):
            return None
        data = body["data"]
        related = data["relationships"]
        return Attach(
            data["attributes"]["servicenow_ticket_url"],
            related["project"]["data"]["id"],
            tuple(each["id"] for each in related["findings"].get("data", [])),
        )

    @functools.cached_property
    def shown(self) -> Shown:
        """What the answer shows."""
        return Shown(self.response)


def _model(status: int) -> Callable[[Seen], bool]:
    def judge(seen: Seen) -> bool:
        if seen.response.status_code != status:
            return False
        hold_model(seen.contract, seen.response)
        return True

    return judge


def _media_type(seen: Seen) -> bool:
    if seen.response.status_code not in seen.contract.statuses:
        return False
    hold_media_type(seen.contract, seen.response)
    return True


def _status(seen: Seen) -> bool:
    """A gateway may answer another media type with a status of its own."""
    if seen.is_json and seen.response.status_code not in seen.contract.statuses:
        pytest.fail(f"the status is no documented one: {told(seen.response)}")
    return seen.is_json


def _ticket(seen: Seen) -> bool:
    if seen.attach is None:
        return False
    block = seen.shown.get_or_none("attributes", "servicenow_ticket")
    result = block.get("result") if isinstance(block, dict) else None
    if not isinstance(result, dict):
        return False
    hold_ticket(seen.attach.ticket, result)
    if block.get("status") is not None:
        hold_ticket_status(seen.shown)
    return True


def _findings(seen: Seen) -> bool:
    """An attach at the same time may take a finding away before this answer is written."""
    if seen.attach is None or seen.shown.insights_or_none() is None:
        return False
    held = seen.shown.findings
    owed = [each for each in seen.attach.findings if seen.alone or each in held]
    hold_findings(seen.shown, owed)
    return len(owed) == len(seen.attach.findings)


def _case_type(seen: Seen) -> bool:
    if seen.attach is None or seen.shown.get_or_none("attributes", "type") is None:
        return False
    hold_security_case(seen.shown)
    return True


_ALONE: Mapping[str, Callable[[Seen], bool]] = {
    **{f"answer-{status}-model": _model(status) for status in (200, 400, 404, 429)},
    "answer-media-type": _media_type,
    "answer-statuses-documented": _status,
    "answer-describes-the-ticket-sent": _ticket,
    "answer-lists-every-finding": _findings,
    "case-is-a-security-case": _case_type,
}
"""What each answer owes by itself: False when it does not show it, AssertionError when broken."""
_TOGETHER = (
    "answer-names-the-project",
    "linked-ticket-keeps-its-case",
    "unlinked-ticket-gets-a-case",
    "case-times-do-not-go-back",
)
"""What answers owe together."""
SEES = frozenset({*_ALONE, *_TOGETHER})
"""The requirements that a witness judges."""


@define(eq=False)
class _Memory:
    """What the answers of a run showed of each ticket, so that the next can be held against it."""

    shown: dict[tuple[tuple[str, str], str], Any] = field(factory=dict)
    owners: dict[str, tuple[str, str]] = field(factory=dict)
    """The incident that each case was shown for."""
    created: dict[tuple[str, str], Moment] = field(factory=dict)
    """When each incident's case was created, as exactly as any answer showed it."""
    modified: dict[tuple[str, str], Timeline] = field(factory=lambda: defaultdict(Timeline))
    """When each incident's case was modified."""

    def same_project(self, seen: Seen) -> bool:
        """A case stays in its project."""
        return self._same(seen, ("relationships", "project", "data", "id"))

    def same_case(self, seen: Seen) -> bool:
        """A ticket keeps its case, and the case its key and its birth."""
        held = [self._same(seen, part) for part in [("id",), ("attributes", "key")]]
        return any([*held, self._same_birth(seen)])  # each is remembered

    def _same_birth(self, seen: Seen) -> bool:
        created = Moment.read(seen.shown.get_or_none("attributes", "created_at"))
        if seen.attach is None or created is None:
            return False
        here = incident(seen.attach.ticket)
        before = self.created.setdefault(here, created)
        if before.precedes(created) or created.precedes(before):
            pytest.fail(f"created_at of one case was {before.text} and is {created.text}")
        self.created[here] = min(before, created, key=lambda each: each.unit)
        return True

    def _same(self, seen: Seen, path: tuple[str, ...]) -> bool:
        value = seen.shown.get_or_none(*path) if seen.attach else None
        if seen.attach is None or value is None:
            return False
        name = ".".join(("data", *path))
        before = self.shown.setdefault((incident(seen.attach.ticket), name), value)
        if before != value:
            pytest.fail(f"{name} of one ticket's case was {before!r} and is {value!r}")
        return True

    def own_case(self, seen: Seen) -> bool:
        """No two tickets are linked to one case."""
        case = seen.shown.get_or_none("id") if seen.attach else None
        if seen.attach is None or not isinstance(case, str):
            return False
        here = incident(seen.attach.ticket)
        owner = self.owners.setdefault(case, here)
        if owner != here:
            pytest.fail(f"case {case!r} was shown for {owner}, and is for {here}")
        return True

    def times(self, seen: Seen) -> bool:
        """No case is modified before it is created, or earlier than it already was."""
        modified = Moment.read(seen.shown.get_or_none("attributes", "modified_at"))
        if seen.attach is None or modified is None:
            return False
        hold_times(seen.shown)
        timeline = self.modified[incident(seen.attach.ticket)]
        if broken := timeline.add(seen.began, seen.ended, modified):
            was, then = broken
            pytest.fail(f"modified_at was {was.text} and went back to {then.text}")
        return True


@define(eq=False)
class Witness:
    """Sees every exchange of a run with one target, from any thread."""

    keys: Keys = field(repr=False)
    _rules: Mapping[str, Callable[[Seen], bool]] = field(init=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    @_rules.default
    def _with_memory(self) -> Mapping[str, Callable[[Seen], bool]]:
        memory = _Memory()
        together = [memory.same_project, memory.same_case, memory.own_case, memory.times]
        return {**_ALONE, **dict(zip(_TOGETHER, together, strict=True))}

    def see(self, seen: Seen) -> list[tuple[str, str | None]]:
        """Each requirement that this exchange shows something of, and how it breaks it, if so.

        A request that the operation may refuse before it is read, for its method or its keys, shows
        nothing.
        """
        sent, keys = seen.request, self.keys.headers(seen.contract)
        own = all(sent.headers.get(name) == key for name, key in keys.items())
        if not own or sent.method != seen.contract.method:
            return []
        found = list[tuple[str, str | None]]()
        with self._lock:
            for name, rule in self._rules.items():
                try:
                    if rule(seen):
                        found.append((name, None))
                except (AssertionError, pytest.fail.Exception) as broken:
                    found.append((name, str(broken)))
        return found
