"""The command that judges: runs the suite, prints the verdicts, and exits 0, 1 or 2."""

import argparse
import contextlib
import gc
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any, NoReturn

import httpx
from _pytest.outcomes import Skipped  # what pytest.skip raises; its public name is no type
from attrs import evolve

from servicenow_contract.command import complain
from servicenow_contract.contract import contract, fragment
from servicenow_contract.contract.contract import Contract
from servicenow_contract.judging.verdict import Ledger
from servicenow_contract.report import record, write
from servicenow_contract.report.catalogue import requirements_page
from servicenow_contract.report.terminal import details, say, verdict_line
from servicenow_contract.run import options, plan, profiles, runner
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.progress import progress
from servicenow_contract.run.settings import RunSettings, SettingsError
from servicenow_contract.target import preflight
from servicenow_contract.target.wire import is_loopback
from servicenow_contract.text import counted


def main(argv: Sequence[str] | None = None, *, also: Sequence[Path] = ()) -> int:
    """Judge a target by the contract and print the verdicts.

    `also` holds test modules that judge something beside the embedded service, such as a client.
    Returns 0 when no MUST fails, 1 when one does, and 2 when the suite or the connection broke.
    """
    if argv is None:
        gc.freeze()  # what is loaded stays until the process ends; to walk it took a tenth of a run
    return options.command().run(lambda arguments: _run(arguments, also), argv)


def _run(arguments: argparse.Namespace, also: Sequence[Path]) -> int:
    read = contract.load()
    if arguments.show_contract:
        print((fragment.folder() / fragment.FILE).read_text(encoding="utf-8"), end="")
        return 0
    if arguments.requirements:
        print(requirements_page(read.requirements))
        return 0
    given = options.checked(arguments, read)
    judged = also if given.settings.url is None and not given.plan else ()
    ledger = _ledger(read, given.settings, judged)
    if given.plan:
        print(plan.text(read, given.settings, ledger))
        return 0
    if given.report is not None:
        write.check(given.report)
    profiles.keep_tables_in_cache()
    clock = record.Clock()
    judge = _judge(read, given, ledger, judged)
    said = _record(judge, clock)
    _print(judge.ledger, said)
    if given.report is not None:
        write.write(said, given.report)
        say(f"The report is in {given.report}.")
    if any(ledger.outcomes.values()):
        say(said["sentence"], style="bold")
    return int(said["exit_code"])


def _judge(
    contract: Contract, given: options.Options, ledger: Ledger, also: Sequence[Path]
) -> JudgePlugin:
    """Run everything that the options ask for; trouble is on the judge."""
    start, settings = monotonic(), given.settings
    if given.seconds:
        settings = evolve(settings, until=start + given.seconds)
    judge = JudgePlugin(contract, ledger=ledger, settings=settings)
    say(f"Judging {settings.target_name} by {ledger.size} (seed {settings.seed}).")
    say(f"The server is expected to know this world: {settings.world.told}.")
    with _until_interrupted(judge), progress() as judge.progress:
        _check_target(judge)
        if not judge.trouble:
            runner.run(judge, also=also)
        turn = 0
        while given.seconds and monotonic() - start < given.seconds and not judge.trouble:
            turn += 1
            judge.next_round()
            runner.run(judge, seed=settings.seed + turn, also=also)
    return judge


@contextlib.contextmanager
def _until_interrupted(judge: JudgePlugin) -> Iterator[None]:
    """Let Ctrl-C, and SIGTERM as well, end the run, and not the command: what it knows is said."""

    def end(_signal: int, _frame: FrameType | None) -> NoReturn:
        judge.interrupted = True
        raise KeyboardInterrupt

    reachable = threading.current_thread() is threading.main_thread()
    ends = (signal.SIGINT, signal.SIGTERM) if reachable else ()
    before = {each: signal.signal(each, end) for each in ends}
    try:
        yield
    except KeyboardInterrupt:
        judge.interrupted = True
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        if judge.interrupted:
            judge.trouble[:] = ["interrupted"]


def _ledger(contract: Contract, settings: RunSettings, also: Sequence[Path]) -> Ledger:
    """A ledger of what this run judges by. Raises SettingsError for what it cannot judge by."""
    every = contract.requirements if also else contract.of("server")
    for name in settings.only:
        if name not in every:
            keeper = contract.requirements[name].of
            raise SettingsError(
                f"--only {name}: this is a requirement for the {keeper}; it is "
                "judged by ./scripts/conformance without --target"
            )
    asked = {name: each for name, each in every.items() if name in settings.only}
    return Ledger(asked, len(every)) if settings.only else Ledger(every)


def _check_target(judge: JudgePlugin) -> None:
    """Ask the target a few times; what keeps it from being judged is the judge's trouble."""
    settings = judge.settings
    if settings.url is None:
        return
    try:
        target = settings.target(judge.contract.fragment)
    except SettingsError as error:
        judge.trouble.append(str(error))
        return
    try:
        with target.client:
            preflight.check(target, writes=settings.writes)
    except preflight.TargetError as error:
        judge.trouble.append(str(error))
    except Skipped:
        pass  # the budget is smaller than this
    finally:
        judge.count(target)
        judge.settings = settings.after(judge.sent)


def _record(judge: JudgePlugin, clock: record.Clock) -> dict[str, Any]:
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
    """Print what was judged, what was written, and what kept the suite from its work."""
    if any(ledger.outcomes.values()):
        for name in ledger.catalogue:
            verdict_line(ledger, name)
        details(said)
    url, written = said["target"]["url"], said["written"]
    if url is not None and written and is_loopback(httpx.URL(url)):
        ids = {finding for entry in written for finding in entry["findings"]}
        where = counted(len(written), "ticket")
        say(f"What was written: {counted(len(ids), 'finding')} on {where}.")
    elif url is not None and written:
        say("What was written:")
        for entry in written:
            say(f"  {entry['ticket']}: {', '.join(entry['findings']) or 'no finding'}")
    for each in said["trouble"]:
        complain("conformance", each)


if __name__ == "__main__":
    sys.exit(main())
