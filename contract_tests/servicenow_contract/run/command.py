"""The command that judges: runs the suite, prints the verdicts, and exits 0, 1 or 2."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
from attrs import evolve
from rich.console import Console
from rich.text import Text

from servicenow_contract.command import CommandError, complain
from servicenow_contract.contract import contract
from servicenow_contract.contract.contract import Contract
from servicenow_contract.judging.verdict import Ledger
from servicenow_contract.report import record, write
from servicenow_contract.report.catalogue import requirements_page
from servicenow_contract.report.terminal import details, say, verdict_line
from servicenow_contract.run import options, profiles, runner
from servicenow_contract.run.settings import Settings, SettingsError
from servicenow_contract.target import preflight
from servicenow_contract.target.target import STAND_INS, embedded


def main(argv: Sequence[str] | None = None, *, also: Sequence[Path] = ()) -> int:
    """Judge a target by the contract and print the verdicts.

    `also` holds test modules that judge something beside the embedded service, such as a client.
    Returns 0 when no MUST fails, 1 when one does, and 2 when the suite or the connection broke.
    """
    return options.command().run(lambda arguments: _run(arguments, also), argv)


def _run(arguments: argparse.Namespace, also: Sequence[Path]) -> int:
    read = contract.load()
    given = options.checked(arguments, read)
    judged = also if given.settings.url is None and not given.plan else ()
    ledger = _ledger(read, given.settings, judged)
    if given.requirements:
        print(requirements_page(read.requirements))
        return 0
    if given.plan:
        return _plan(read, given.settings, ledger)
    profiles.keep_tables_in_cache()
    clock = record.Clock()
    judge = _judge(read, given, ledger, judged)
    said = _record(judge, clock)
    _print(judge.ledger, said)
    if given.report is not None:
        write.write(said, given.report)
        say(f"The report is in {given.report}.")
    return int(said["exit_code"])


def _judge(
    contract: Contract, given: options.Options, ledger: Ledger, also: Sequence[Path]
) -> runner.Judge:
    """Run everything that the options ask for; trouble is on the judge."""
    settings, progress = given.settings, Console(stderr=True)
    judge = runner.Judge(contract, ledger=ledger, settings=settings)
    say(f"Judging {settings.target_name} by {ledger.size} (seed {settings.seed}).")
    try:
        _check_target(contract, settings)
    except (preflight.TargetError, SettingsError) as error:
        judge.trouble.append(str(error))
        return judge
    start, turn = monotonic(), 0
    with progress.status("collecting …") as status:
        judge.progress = lambda done, total, name: status.update(
            Text(f"{done}/{total} {name}"[: progress.width - 4])
        )
        runner.run(judge, also=also)
        while given.seconds and monotonic() - start < given.seconds and not judge.trouble:
            turn += 1
            judge.next_round()
            runner.run(judge, seed=settings.seed + turn, also=also)
    return judge


def _ledger(contract: Contract, settings: Settings, also: Sequence[Path]) -> Ledger:
    """A ledger of what this run judges by. Raises SettingsError for what it cannot judge by."""
    every = contract.requirements if also else contract.of("server")
    for name in settings.only:
        if name not in every:
            keeper = contract.requirements[name].of
            raise SettingsError(
                f"--only {name}: it is the {keeper} that keeps this one, and it is "
                "judged by ./scripts/conformance without --target"
            )
    asked = {name: each for name, each in every.items() if name in settings.only}
    return Ledger(asked, len(every)) if settings.only else Ledger(every)


def _check_target(contract: Contract, settings: Settings) -> None:
    if settings.url is None:
        return
    target = settings.target(contract.fragment)
    with target.client:
        preflight.check(target, writes=settings.writes)


def _plan(contract: Contract, settings: Settings, ledger: Ledger) -> int:
    """List what a run would send."""
    requests, trouble = planned(contract, settings, ledger)
    if trouble:
        raise CommandError(trouble[0])
    for each in requests:
        print(_planned(each))
    methods = Counter(each.method for each in requests)
    counts = ", ".join(f"{count} {method}" for method, count in methods.most_common()) or "none"
    print(
        f"{len(requests)} requests ({counts}) would be sent to {settings.target_name}; "
        "nothing was sent."
    )
    return 0


def planned(
    contract: Contract, settings: Settings, ledger: Ledger
) -> tuple[list[httpx.Request], list[str]]:
    """What a run would send, and what keeps the suite from its work.

    Found by running it against the embedded service with the target's world and its gate. Raises
    SettingsError when the keys of an account are not in the environment.
    """
    real = settings.target(contract.fragment)
    limited = dict.fromkeys(real.keys.limited, STAND_INS.app_key)
    keys = evolve(STAND_INS, limited=limited)
    target = embedded(contract.fragment, settings.world, keys=keys)
    with real.client:
        if real.wire is not None and target.wire is not None:
            target.wire.holds_back = real.wire.holds_back
            target.wire.max_requests = real.wire.max_requests
    requests: list[httpx.Request] = []
    if target.wire is not None:
        target.wire.observe = requests.append
    judge = runner.Judge(contract, target, ledger=ledger, settings=settings)
    runner.run(judge)
    return requests, judge.trouble


def _planned(request: httpx.Request) -> str:
    text = request.content.decode("utf-8", "backslashreplace")
    shown = text if len(text) <= 300 else f"{text[:300]} … ({len(text)} characters)"
    return f"{request.method} {request.url.raw_path.decode('ascii')} {shown!r}"


def _record(judge: runner.Judge, clock: record.Clock) -> dict[str, Any]:
    """The record of a run of the suite, as verdict.schema.json describes it. No key is in it."""
    settings = judge.settings
    run = record.Run(
        target=settings.target_name,
        url=settings.url,
        profile=settings.profile,
        seed=settings.seed,
        strict=settings.strict,
        requests=judge.sent,
        written=judge.written,
        trouble=judge.trouble,
    )
    return record.of_ledger(judge.contract, judge.ledger, run, clock)


def _print(ledger: Ledger, said: dict[str, Any]) -> None:
    if said["trouble"]:
        for each in said["trouble"]:
            complain("conformance", each)
        return
    for name in ledger.catalogue:
        verdict_line(ledger, name)
    details(ledger)
    if said["target"]["url"] is not None and said["written"]:
        say("\nWhat was written:")
        for entry in said["written"]:
            say(f"  {entry['ticket']}: {', '.join(entry['findings']) or 'no finding'}")
    say(said["sentence"], style="bold")


if __name__ == "__main__":
    sys.exit(main())
