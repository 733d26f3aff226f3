"""A run as one plain record: what verdict.json holds and the reports are made of."""

import datetime
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from attrs import define, field

from servicenow_contract import deviations, fragment
from servicenow_contract.runner import Judge
from servicenow_contract.settings import Settings
from servicenow_contract.verdict import Outcome, Verdict

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


def of_run(judge: Judge, settings: Settings, clock: Clock) -> dict[str, Any]:
    """The record of a run, as verdict.schema.json describes it. No key is in it."""
    ledger, contract = judge.ledger, fragment.load()
    broken = bool(judge.trouble)
    exit_code = 2 if broken else ledger.exit_code
    return {
        "format": 1,
        "tool": {"name": PACKAGE, "version": metadata.version(PACKAGE)},
        "fragment": {"version": contract.document["info"]["version"], "sha256": contract.digest},
        "target": {"name": settings.target_name, "url": settings.url},
        "profile": settings.profile,
        "seed": settings.seed,
        "strict": settings.strict,
        "started": clock.started.isoformat(timespec="seconds"),
        "seconds": round(clock.seconds, 3),
        "requests": judge.sent,
        "exit_code": exit_code,
        "sentence": f"Not judged: {judge.trouble[0]}" if broken else ledger.sentence,
        "counts": {verdict.value: ledger.count(verdict) for verdict in Verdict},
        "requirements": [_requirement(judge, name) for name in ledger.catalogue],
        "written": [
            {"ticket": ticket, "findings": list(findings)}
            for ticket, findings in judge.written.items()
        ],
        "trouble": list(judge.trouble),
    }


def _requirement(judge: Judge, name: str) -> dict[str, Any]:
    ledger, requirement = judge.ledger, judge.ledger.catalogue[name]
    verdict = ledger.verdict(name)
    return {
        "id": name,
        "level": requirement.level.value,
        "of": requirement.of,
        "statement": requirement.statement,
        "at": requirement.at,
        "verdict": verdict.value,
        "reasons": [] if verdict is Verdict.PASS else ledger.reasons(name),
        "deviation": _deviation(name) if verdict is Verdict.DEVIATES else None,
        "outcomes": [_outcome(each) for each in ledger.outcomes[name]],
    }


def _deviation(name: str) -> Mapping[str, str] | None:
    for each in deviations.load():
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
    }
