"""The record of a run: what `--json` writes, and the table is made from."""

import datetime
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema_rs

from upkeep.bench.contenders import (
    BARE,
    JAVA_GENERATOR,
    OFFICIAL,
    OURS,
    BenchError,
    Contender,
    versions,
)
from upkeep.bench.statistics import Goal, Spread, ratios
from upkeep.bench.trials import Figure, Trial, Values

_SCHEMA = Path(__file__).with_name("bench.schema.json")
Record = dict[str, Any]

NAMED = {
    "datadog-servicenow-tickets": OURS,
    "httpx2": BARE,
    "datadog-api-client": OFFICIAL,
    "openapi-generator-cli": JAVA_GENERATOR,
}
"""The packages that the table names, and whose environment holds them."""
OF_THE_LOCK = ("openapi-python-client", "schemathesis", "pyperf")
"""Those that it names, and that are in the repository's own."""


def begun(*, quick: bool) -> Record:
    """A record without figures."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "quick": quick,
        "machine": {
            "system": f"{platform.system()} {platform.release().partition('-')[0]}",
            "processor": _processor(),
            "cores": os.cpu_count() or 1,
            "load": [round(os.getloadavg()[0], 2)],
        },
        "versions": {},
        "packages": {},
        "figures": [],
    }


def finished(record: Record) -> Record:
    """The record with the versions of what took part, and the load at the end."""
    record["machine"]["load"].append(round(os.getloadavg()[0], 2))
    packages = record["packages"]
    found = {
        name: packages[contender.environment][name]
        for name, contender in NAMED.items()
        if contender.environment in packages
    }
    own = {name: metadata.version(name) for name in OF_THE_LOCK}
    record["versions"] = {"Python": platform.python_version(), **found, **own}
    return record


def add(
    record: Record, figure: Figure, values: Iterable[tuple[Trial, Values | BenchError]]
) -> None:
    """Add what was taken for a figure, or why it was not."""
    entry: Record = {"name": figure.name, "title": figure.title, "cases": [], "not_measured": []}
    record["figures"].append(entry)
    for trial, result in values:
        if isinstance(result, BenchError):
            names = ", ".join(case.name for case in trial.cases)
            entry["not_measured"].append(f"{names}: {result}")
        else:
            entry["cases"] += _cases(trial, result)
            _add_packages(record, trial.contenders)


def _add_packages(record: Record, contenders: Sequence[Contender]) -> None:
    for contender in contenders:
        if contender.environment:
            record["packages"][contender.environment] = versions(contender)


def _cases(trial: Trial, values: Values) -> list[Record]:
    cases = []
    for index, case in enumerate(trial.cases):
        columns = {each.title: [row[index] for row in rows] for each, rows in values.items()}
        subject, *others = columns
        cases.append(
            {
                "name": case.name,
                "unit": case.unit,
                "more_is_better": case.more,
                "contenders": [
                    {"title": title, **_spread(Spread.of(column)), "values": column}
                    for title, column in columns.items()
                ],
                "ratios": [
                    _ratio(ratios(columns[subject], columns[other]), other, case.goals)
                    for other in others
                ],
            }
        )
    return cases


def _ratio(ratio: Spread, other: str, goals: Mapping[str, Goal]) -> Record:
    goal = goals.get(other)
    return {
        "beside": other,
        **_spread(ratio),
        "goal": str(goal) if goal else None,
        "goal_ratio": (goal.most or goal.least) if goal else None,
        "met": goal.met(ratio) if goal else None,
    }


def _spread(spread: Spread) -> dict[str, float]:
    return {"median": spread.median, "low": spread.low, "high": spread.high}


def missed(record: Record) -> list[str]:
    """Every goal that was missed, by figure, case and contender."""
    return [
        f"{figure['name']}, {case['name']}, beside {ratio['beside']}"
        for figure in record["figures"]
        for case in figure["cases"]
        for ratio in case["ratios"]
        if ratio["met"] is False
    ]


def read(path: Path) -> Record:
    """A record that `--json` wrote. Raises BenchError, which says what is wrong with the file."""
    try:
        record: Record = json.loads(path.read_text(encoding="utf-8"))
        jsonschema_rs.validate(json.loads(_SCHEMA.read_text()), record)
    except OSError as error:
        raise BenchError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        what = getattr(error, "message", "it is not JSON").splitlines()[0]
        raise BenchError(
            f"{path} is not a record of a run: {what[:200]}; make one with --json"
        ) from None
    return record


def _processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
