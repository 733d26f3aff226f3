"""Judges recorded exchanges: each by the requirements that one exchange can show."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

from servicenow_contract.contract.addresses import incident
from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.verdict import (
    LENGTH,
    Ledger,
    NotShown,
    Outcome,
    Verdict,
    judged,
)
from servicenow_contract.target.exchange import Exchange, shown
from servicenow_contract.target.wire import key_variables
from servicenow_contract.text import first_line
from servicenow_contract.traffic.checks import BEYOND, Check, checks, same_case
from servicenow_contract.traffic.exchange import Headers, Recorded, header
from servicenow_contract.traffic.reading import Reading
from servicenow_contract.traffic.secrets import hidden

KEPT = 10
"""How many exchanges are kept for each requirement and verdict."""
_SHOWN_HEADERS = {
    *("accept", "allow", "content-type", "date", "retry-after", "server", "via"),
    *(f"x-ratelimit-{name}" for name in ("limit", "name", "period", "remaining", "reset")),
}
"""Headers that tell something and hold no secret; beside them the keys' names are shown."""


def concerns(contract: Fragment, exchange: Recorded) -> bool:
    """Whether this is the operation, on whatever host, behind whatever prefix."""
    try:
        path = urlsplit(exchange.url).path
    except ValueError:
        return False
    return exchange.method == contract.method and path.endswith(contract.path)


@define
class Traffic:
    """Files what recorded exchanges of the operation show."""

    contract: Contract
    secrets: Mapping[str, str] = field(repr=False)
    strict: bool = False
    ledger: Ledger = field(init=False)
    _kept: Counter[tuple[str, Verdict]] = field(factory=Counter, init=False)
    _silent: dict[str, list[Outcome]] = field(factory=dict, init=False)
    """What an exchange could have shown and does not; it hides nothing that others show."""

    def __attrs_post_init__(self) -> None:
        self.ledger = Ledger(self.contract.of("server"))

    def judge(self, recording: Sequence[Recorded]) -> None:
        """File what the exchanges of one recording show."""
        first: dict[tuple[str, ...], Reading] = {}
        for exchange in recording:
            if exchange.unread:
                continue
            reading = Reading.of(self.contract.fragment, exchange)
            safe = functools.cache(functools.partial(self._safe, exchange))
            for name, check in (*checks(reading.contract), *_with_earlier(first, reading)):
                self._file(name, check, reading, safe)

    def _safe(self, exchange: Recorded) -> Reading:
        return Reading.of(self.contract.fragment, hidden(exchange, self.secrets))

    def close(self) -> Ledger:
        """The ledger, in which every requirement without an outcome has its reason."""
        for name, outcomes in self.ledger.outcomes.items():
            passed = [each.test for each in outcomes if each.verdict is Verdict.PASS]
            silent = self._silent.get(name, [])
            missed = {each.test for each in silent}
            if held := len(set(passed) - missed):
                if silent:
                    first = f"{silent[0].test}: {silent[0].reason}"
                    reason = f"held in {held}, {len(missed)} not judged: {first}"
                    self.ledger.add(Outcome(name, Verdict.PASS, "recorded traffic", reason))
            else:
                for each in silent:
                    self.ledger.add(each)
            if not outcomes:
                reason = BEYOND.get(name, "no recorded exchange shows it")
                self.ledger.add(Outcome(name, Verdict.NOT_RUN, "recorded traffic", reason))
        return self.ledger

    def _file(self, name: str, check: Check, reading: Reading, safe: Callable[[], Reading]) -> None:
        where = reading.exchange.where
        try:
            check(reading)
        except Exception as error:  # noqa: BLE001  # an outcome, or the suite's own trouble
            if isinstance(error, NotShown) and not str(error):
                return
            verdict, _ = judged(name, error, excused=self.contract.excused(strict=self.strict))
            reason = _words(check, safe(), type(error))
            if verdict is Verdict.ERROR:
                reason = f"{type(error).__name__}: {reason}"
            self._kept[name, verdict] += 1
            exchanges = (
                [_record(reading.contract, safe().exchange)]
                if self._kept[name, verdict] <= KEPT
                else []
            )
            outcome = Outcome(name, verdict, where, reason, exchanges=exchanges)
            if verdict is Verdict.NOT_RUN:
                self._silent.setdefault(name, []).append(outcome)
            else:
                self.ledger.add(outcome)
        else:
            self.ledger.add(Outcome(name, Verdict.PASS, where))


def _words(check: Check, safe: Reading, kind: type[BaseException]) -> str:
    """Why a check does not pass, said of the exchange without its secrets.

    To take them from the reason itself would be too late: it is cut, and half a key is not found.
    """
    try:
        check(safe)
    except kind as error:
        return first_line(str(error))[:LENGTH]
    except Exception:  # noqa: BLE001, S110  # as above
        pass
    return "the reason cannot be told without a key that the exchange holds"


def _with_earlier(
    first: dict[tuple[str, ...], Reading], reading: Reading
) -> Iterator[tuple[str, Check]]:
    """What the first exchange with the same ticket lets this one show."""
    if (ticket := reading.ticket) is None or reading.case is None:
        return
    server = urlsplit(reading.exchange.url).netloc.lower()
    earlier = first.setdefault((server, *incident(ticket)), reading)
    if earlier is not reading:
        same = ticket == earlier.ticket
        name = "linked-ticket-keeps-its-case" if same else "one-incident-is-one-ticket"
        yield name, functools.partial(same_case, earlier)


def _record(contract: Fragment, exchange: Recorded) -> Mapping[str, Any]:
    """The exchange as verdict.schema.json describes it; it is without secrets already."""
    answer = exchange.response
    body = f"({answer.missing})" if answer.content is None else _text(answer.content)
    record = Exchange(
        exchange.method,
        exchange.url,
        _shown_headers(contract, exchange.request_headers),
        exchange.request.content or b"",
        exchange.status,
        _shown_headers(contract, exchange.response_headers),
        shown(body),
        0.0,  # what was recorded has no clock of ours
        exchange.seconds,
    ).as_record()
    if exchange.request.content is None:
        record["request"]["body"] = f"({exchange.request.missing})"
    return record


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")


def _shown_headers(contract: Fragment, headers: Headers) -> Mapping[str, str]:
    """What tells something; a key is a variable, however short it is."""
    variables = key_variables(contract)
    keys = {each.lower(): f"${{{variables[of]}}}" for of, each in contract.key_headers.items()}
    names = {name.lower() for name, _ in headers} & (_SHOWN_HEADERS | keys.keys())
    return {name: keys.get(name) or header(headers, name) or "" for name in sorted(names)}
