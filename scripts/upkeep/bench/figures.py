"""The figures: who is measured against whom, how often, and with which goal."""

from collections.abc import Mapping
from types import MappingProxyType

from upkeep.bench.contenders import (
    BARE,
    CONFORMANCE,
    FLOOR,
    JAVA_GENERATOR,
    LARGE,
    OFFICIAL,
    OURS,
    REGENERATE,
    SCHEMATHESIS,
    SMALL,
    STOCK,
    STOCK_GENERATOR,
    Contender,
    weight,
)
from upkeep.bench.faults import faults
from upkeep.bench.statistics import Goal
from upkeep.bench.taking import Bench, codegen, first_answer, process, suite
from upkeep.bench.trials import Cost, Figure, Take, Trial
from upkeep.paths import FRAGMENT


def _calls(findings: int) -> tuple[Trial, Trial]:
    def take(work: str) -> Take:
        return lambda bench, contender: (
            1e6 * bench.timed(contender, 300, work, bench.answering(findings), str(findings)),
        )

    name = "1 finding" if findings == 1 else f"{findings} findings"
    goals = {BARE.title: Goal(0.85), OFFICIAL.title: Goal(0.30)}
    return (
        Trial((Cost(name, "µs", goals),), (OURS, BARE, STOCK, OFFICIAL), take("call"), rounds=21),
        Trial((Cost(f"{name}, async", "µs"),), (OURS, BARE, STOCK), take("acall"), rounds=7),
    )


def _throughput(
    name: str,
    work: str,
    count: int,
    contenders: tuple[Contender, ...],
    goals: Mapping[str, Goal] = MappingProxyType({}),
) -> Trial:
    def take(bench: Bench, contender: Contender) -> tuple[float]:
        url = bench.answering(0)
        return (1 / bench.timed(contender, 320, work, url, str(count)),)

    return Trial((Cost(name, "calls/s", goals, more=True),), contenders, take, rounds=5)


def _model(name: str, findings: int, goals: Mapping[str, Goal]) -> tuple[Trial, Trial]:
    def take(work: str) -> Take:
        return lambda bench, contender: (
            1e6 * bench.timed(contender, 200, work, str(bench.answer(findings)), "-"),
        )

    everyone = (OURS, FLOOR, STOCK, OFFICIAL)
    return (
        Trial((Cost(f"read {name}", "µs", goals),), everyone, take("read"), rounds=7),
        Trial((Cost(f"write {name}", "µs"),), everyone, take("write"), rounds=7),
    )


def _import(_bench: Bench, contender: Contender) -> tuple[float, ...]:
    code = "\nfrom upkeep.bench.probes.timing import say_done\nsay_done()"
    return process([contender.python, "-c", f"import {_MODULES[contender.title]}{code}"])


_MODULES = {
    OURS.title: "datadog_servicenow_tickets",
    BARE.title: "httpx2",
    STOCK.title: "stock_client.api.security_monitoring.attach_service_now_ticket",
    OFFICIAL.title: "datadog_api_client.v2.api.security_monitoring_api",
}


def _handled(bench: Bench, contender: Contender) -> tuple[float]:
    return (1 / bench.timed(contender, 1000, "handle", str(FRAGMENT), contender.detail),)


def _served(bench: Bench, contender: Contender) -> tuple[float]:
    url = bench.service(contender.detail)
    return (1 / bench.timed(contender, 300, "send", str(FRAGMENT), url),)


_CLIENTS = (OURS, BARE, STOCK, OFFICIAL)
_FLAT = {SMALL.title: Goal(least=0.95)}

FIGURES = (
    Figure(
        "call",
        "one attach over loopback, keep-alive",
        (*_calls(1), *_calls(10), *_calls(50)),
    ),
    Figure(
        "throughput",
        "attaches over loopback with one client",
        (
            _throughput("8 threads", "threads", 8, _CLIENTS),
            _throughput(
                "64 tasks", "tasks", 64, (OURS, BARE, STOCK), {BARE.title: Goal(least=1.10)}
            ),
        ),
    ),
    Figure(
        "cold",
        "a fresh process",
        (
            Trial(
                (
                    Cost(
                        "to its first answer",
                        "ms",
                        {BARE.title: Goal(1.05), OFFICIAL.title: Goal(1.00)},
                    ),
                    Cost("memory at its first answer", "MB"),
                ),
                _CLIENTS,
                first_answer,
                rounds=21,
                quick=5,
                warm_up=True,
            ),
            Trial(
                (Cost("to import alone", "ms"), Cost("memory after import", "MB")),
                _CLIENTS,
                _import,
                rounds=21,
                quick=5,
                warm_up=True,
            ),
        ),
    ),
    Figure(
        "model",
        "an answer to model and back, json.loads and dumps included",
        (
            *_model("the page's 200", 0, {OFFICIAL.title: Goal(0.10)}),
            *_model("50 findings", 50, {}),
        ),
    ),
    Figure(
        "weight",
        "what an installation adds to a clean environment",
        (
            Trial(
                (
                    Cost("installed", "kB", {OFFICIAL.title: Goal(0.10)}),
                    Cost("packages", "packages"),
                ),
                _CLIENTS,
                lambda _, contender: weight(contender),
                rounds=1,
                quick=1,
            ),
        ),
    ),
    Figure(
        "codegen",
        "from the fragment to a client's code",
        (
            Trial(
                (Cost("rendering", "s", {JAVA_GENERATOR.title: Goal(0.60)}),),
                (REGENERATE, JAVA_GENERATOR, STOCK_GENERATOR),
                codegen,
                rounds=7,
                warm_up=True,
            ),
        ),
    ),
    Figure(
        "suite",
        "judging the reference service through a socket",
        (
            Trial(
                (
                    Cost("a run", "s", {SCHEMATHESIS.title: Goal(1.20)}),
                    Cost("requests sent", "requests", more=True),
                ),
                (CONFORMANCE, SCHEMATHESIS),
                suite,
                rounds=5,
                quick=1,
            ),
        ),
    ),
    Figure(
        "faults",
        "judging faulty servers through a socket, one after the other",
        (
            Trial(
                (
                    Cost("a fault found", "s", {SCHEMATHESIS.title: Goal(0.15)}),
                    Cost("faults found", "faults", more=True),
                ),
                (CONFORMANCE, SCHEMATHESIS),
                faults,
                rounds=1,
                quick=1,
            ),
        ),
    ),
    Figure(
        "service",
        "the reference service with a large state, beside one with a small",
        (
            Trial(
                (Cost("its function", "requests/s", _FLAT, more=True),),
                (LARGE, SMALL),
                _handled,
                7,
            ),
            Trial(
                (Cost("its server", "requests/s", _FLAT, more=True),),
                (LARGE, SMALL),
                _served,
                15,
            ),
        ),
    ),
)
