"""Servers that keep the contract for one caller at a time only."""

import contextlib
import threading
import time
from typing import Any

from attrs import define

from servicenow_contract.contract.world import World
from servicenow_contract.mutants.kinds import Family, own_contract, refusal
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.handler import Respond
from servicenow_contract.service.state import Case, Ticket

family = Family()


class _Yielding(dict[str, Case]):
    """A dictionary that lets other threads go first after each look."""

    def get(self, key: str, default: Any = None) -> Any:
        """Look, wait, and answer with what was there."""
        found = super().get(key, default)
        time.sleep(0.002)
        return found


@family.state
@define
class LooksBeforeItLocks(State):
    """Acts on concurrent requests without a lock: a finding can end up on two tickets."""

    def __attrs_post_init__(self) -> None:
        self._holders = _Yielding()
        self._lock = contextlib.nullcontext()  # type: ignore[assignment]  # no lock is the fault

    def attach(self, ticket: Ticket, project: str, findings: list[str]) -> Case:
        """Survive what happens without a lock."""
        with contextlib.suppress(KeyError):
            return super().attach(ticket, project, findings)
        return super().attach(ticket, project, [])


@family.service
def mixes_up_concurrent_answers(world: World) -> Respond:
    """Shows one caller the case of another when two ask at once."""
    state, latest = State(own_contract(), world), list[Response]()

    def respond(request: Request) -> Response:
        response = handle(state, request)
        if response.status != 200:
            return response
        latest[:] = [response]
        time.sleep(0.002)
        return latest[0]

    return respond


@family.service
def breaks_when_two_ask_at_once(world: World) -> Respond:
    """Answers 500 to a request that comes while another is being answered."""
    state, busy = State(own_contract(), world), threading.Lock()

    def respond(request: Request) -> Response:
        if not busy.acquire(blocking=False):
            return refusal(500, "Internal Server Error")
        try:
            time.sleep(0.002)
            return handle(state, request)
        finally:
            busy.release()

    return respond
