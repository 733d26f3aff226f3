"""Faults on demand: what consumers' code meets on bad days, at the request that a test names."""

import http
import math
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from servicenow_contract.service.handler import Ending, Request, Respond, Response, answer

ALLOWED = (
    "one of status=N, html=N, delay=SECONDS, reset, truncate; "
    "then at=N, or rate=P with seed=N; then applied=yes or applied=no"
)
"""What a specification is made of."""
_KINDS = ("status", "html", "delay", "reset", "truncate")
_BARE = ("reset", "truncate")
_APPLIED_BY_DEFAULT = {"status": False, "html": False, "reset": True}
_LONGEST = 3600.0


@frozen
class InjectedFault:
    """One fault, and the requests that it strikes: every one, the n-th, or a share of all."""

    kind: str
    status: int = 0
    """Of the kinds `status` and `html`."""
    seconds: float = 0.0
    """Of the kind `delay`."""
    at: int | None = None
    """Which request it strikes, counted from 1 and from when the fault was added."""
    rate: float | None = None
    """The share of requests that it strikes, above 0 and up to 1."""
    seed: int = 0
    """What the choice of a share follows from."""
    applied: bool = True
    """Whether the service handles the request although its answer does not arrive."""

    @classmethod
    def parse(cls, text: str) -> "InjectedFault":
        """Read a specification such as `status=503,at=2` (see ALLOWED).

        Raises ValueError with a sentence that names the part and what is allowed.
        """
        parts = _parts(text)
        kinds = [name for name in parts if name in _KINDS]
        if len(kinds) != 1:
            raise ValueError(f"{text!r} names {len(kinds) or 'no'} faults; allowed is {ALLOWED}")
        kind = kinds[0]
        if "at" in parts and "rate" in parts:
            raise ValueError(f"{text!r} has at and rate; allowed is {ALLOWED}")
        if "seed" in parts and "rate" not in parts:
            raise ValueError(f"{text!r} has seed without rate; allowed is {ALLOWED}")
        if "applied" in parts and kind not in _APPLIED_BY_DEFAULT:
            raise ValueError(
                f"{text!r}: applied goes with status, html or reset; {kind} is always applied"
            )
        values: dict[str, Any] = {
            name: _READ[name](value) for name, value in parts.items() if name in _READ
        }
        status = values.pop("status", values.pop("html", 0))
        seconds = values.pop("delay", 0.0)
        values.setdefault("applied", _APPLIED_BY_DEFAULT.get(kind, True))
        return cls(kind=kind, status=status, seconds=seconds, **values)


def _parts(text: str) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        known = name in _READ or name in _BARE
        if not known or (name in _BARE) == bool(equals) or name in parts:
            twice = " a second time" if name in parts else ""
            raise ValueError(f"{part!r}{twice} is not part of a fault; allowed is {ALLOWED}")
        parts[name] = value
    return parts


def _number(name: str, lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= int(text[:12]) <= highest):
            raise ValueError(f"'{name}={text}': {name} is a number from {lowest} to {highest}")
        return int(text)

    return read


def _amount(name: str, highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 < value <= highest:
            raise ValueError(f"'{name}={text}': {name} is above 0 and at most {highest:g}")
        return value

    return read


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"'applied={text}': applied is yes or no")
    return text == "yes"


_READ: Mapping[str, Callable[[str], Any]] = {
    "status": _number("status", 200, 599),
    "html": _number("html", 200, 599),
    "delay": _amount("delay", _LONGEST),
    "at": _number("at", 1, 10**9),
    "rate": _amount("rate", 1.0),
    "seed": _number("seed", 0, 10**9),
    "applied": _yes_or_no,
}


@define
class _Armed:
    """A fault, and how many requests it saw."""

    fault: InjectedFault
    dice: random.Random
    seen: int = 0

    def strikes(self) -> bool:
        """Count one request, and tell whether the fault strikes it."""
        self.seen += 1
        if self.fault.at is not None:
            return self.seen == self.fault.at
        return self.fault.rate is None or self.dice.random() < self.fault.rate


@define(eq=False)
class Faults:
    """The faults of one service. Each sees every request; several can strike the same one."""

    _armed: list[_Armed] = field(factory=list, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def add(self, fault: InjectedFault) -> None:
        """From the next request on, this fault strikes too."""
        dice = random.Random(fault.seed)  # noqa: S311  # a repeatable choice, no secret
        with self._lock:
            self._armed.append(_Armed(fault, dice))

    def clear(self) -> None:
        """No fault strikes any more."""
        with self._lock:
            self._armed.clear()

    def answer(self, respond: Respond, request: Request) -> Response:
        """Answer with `respond`, spoiled: delays add up, of all others the first one counts."""
        with self._lock:
            struck = [armed.fault for armed in self._armed if armed.strikes()]
        others = [fault for fault in struck if fault.kind != "delay"]
        response = _spoil(others[0], respond, request) if others else respond(request)
        return evolve(response, delay=sum(fault.seconds for fault in struck))


def _spoil(fault: InjectedFault, respond: Respond, request: Request) -> Response:
    response = respond(request) if fault.applied else Response(500, {}, b"")
    match fault.kind:
        case "reset":
            return evolve(response, ending=Ending.RESET)
        case "truncate":
            return evolve(response, ending=Ending.TRUNCATED)
        case "html":
            return _page(fault.status)
        case _ if fault.status in (204, 205, 304):  # RFC 9110, section 15: these have no content
            return Response(fault.status, {}, b"")
        case _:
            return answer(fault.status, {"errors": [_phrase(fault.status)]})


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown Status"


def _page(status: int) -> Response:
    """A page for people, as a gateway in front of the service sends it."""
    title = f"{status} {_phrase(status)}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\r\n"
    return Response(status, {"content-type": "text/html"}, page.encode())
