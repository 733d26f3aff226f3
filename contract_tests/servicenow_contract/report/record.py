"""A run as one plain record: what verdict.json holds and the reports are made of."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any

from attrs import define, field, frozen

from servicenow_contract.contract.contract import Contract
from servicenow_contract.judging.verdict import Ledger, Outcome, Verdict

PACKAGE = "servicenow-tickets-contract"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@define
class Clock:
    """When a run started."""

    started: datetime.datetime = field(factory=_now)

    @property
    def seconds(self) -> float:
        """How long ago that was."""
        return (_now() - self.started).total_seconds()


@frozen
class Run:
    """What a record says of a run beside its verdicts."""

    target: str
    """What is judged, in words."""
    url: str | None
    profile: str
    seed: int
    strict: bool
    requests: int
    written: Mapping[str, Iterable[str]]
    trouble: Sequence[str]


def of_ledger(contract: Contract, ledger: Ledger, run: Run, clock: Clock) -> dict[str, Any]:
    """The record of whatever filled a ledger, in the same form."""
    fragment = contract.fragment
    broken = bool(run.trouble)
    exit_code = 2 if broken else ledger.exit_code
    return {
        "format": 1,
        "tool": {"name": PACKAGE, "version": metadata.version(PACKAGE)},
        "fragment": {"version": fragment.document["info"]["version"], "sha256": fragment.digest},
        "target": {"name": run.target, "url": run.url},
        "profile": run.profile,
        "seed": run.seed,
        "strict": run.strict,
        "started": clock.started.isoformat(timespec="seconds"),
        "seconds": round(clock.seconds, 3),
        "requests": run.requests,
        "exit_code": exit_code,
        "sentence": _sentence(ledger, run),
        "counts": {verdict.value: ledger.count(verdict) for verdict in Verdict},
        "requirements": [_requirement(contract, ledger, name) for name in ledger.catalogue],
        "written": [
            {"ticket": ticket, "findings": list(findings)}
            for ticket, findings in run.written.items()
        ],
        "trouble": list(run.trouble),
    }


def line(record: Mapping[str, Any]) -> str:
    """A run in one line for a ticket: target, verdict with its counts, date and versions."""
    tool, fragment = record["tool"], record["fragment"]
    return (
        f"{record['target']['name']}: {record['sentence']} {record['started'][:10]}, "
        f"{tool['name']} {tool['version']}, contract {fragment['version']}, "
        f"{record['profile']}, seed {record['seed']}"
    )


def _sentence(ledger: Ledger, run: Run) -> str:
    if not run.trouble:
        return ledger.sentence
    if not any(ledger.outcomes.values()):
        return f"Not judged: {run.trouble[0]}"
    return f"Not judged to the end: {run.trouble[0]}, and until then {ledger.counts}."


def _requirement(contract: Contract, ledger: Ledger, name: str) -> dict[str, Any]:
    requirement = ledger.catalogue[name]
    verdict = ledger.verdict(name)
    return {
        "id": name,
        "level": requirement.level.value,
        "of": requirement.of,
        "statement": requirement.statement,
        "words": requirement.words,
        "at": requirement.at,
        "verdict": verdict.value,
        "reasons": ledger.reasons(name),
        "deviation": _deviation(contract, name) if verdict is Verdict.DEVIATES else None,
        "outcomes": [_outcome(each) for each in ledger.outcomes[name]],
    }


def _deviation(contract: Contract, name: str) -> Mapping[str, str] | None:
    for each in contract.deviations:
        if each.requirement == name:
            return {
                "since": each.since.isoformat(),
                "evidence": each.evidence,
                "statement": each.statement,
            }
    return None


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "test": outcome.test,
        "verdict": outcome.verdict.value,
        "reason": outcome.reason,
        "seconds": outcome.seconds,
        "exchanges": list(outcome.exchanges),
        "repeat": list(outcome.repeat),
        "left_out": outcome.left_out,
    }
