"""The command `./scripts/bench`."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from servicenow_contract.contract import contract
from upkeep.bench import readme, strangers
from upkeep.bench import record as bench_record
from upkeep.bench import report as bench_report
from upkeep.bench.contenders import BenchError, prepare_all
from upkeep.bench.figures import FIGURES
from upkeep.bench.taking import Bench
from upkeep.bench.trials import Figure, Trial, Values, taken
from upkeep.command import Command, CommandError

_NAMES = [figure.name for figure in FIGURES]


def _command() -> Command:
    command = Command(
        "bench",
        "Measure what everything here costs, beside its alternatives, in one run.",
        {0: "every goal is met", 1: "one is missed", 2: "something could not be measured"},
    )
    add = command.add_argument
    only = (
        f"measure this figure alone, one of {', '.join(_NAMES)}; repeatable. Or {strangers.NAME}: "
        f"only judge the mocks of {', '.join(strangers.STRANGERS)}; no verdict may be an error"
    )
    choices = [*_NAMES, strangers.NAME]
    add("--only", metavar="NAME", action="append", choices=choices, help=only)
    add("--quick", action="store_true", help="few rounds, for trying out")
    add("--json", metavar="FILE", type=_new_file, help="write the record there")
    add("--markdown", action="store_true", help="print the table as the README has it")
    add("--readme", action="store_true", help="put the figures into the READMEs that show them")
    record = "measure nothing: show the record that --json wrote"
    add("--from", metavar="FILE", type=Path, dest="record", help=record)
    return command


def _new_file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(
            f"{text} cannot be written; name a file in a folder that is there"
        )
    return path


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and write what is asked for. Returns the exit status."""
    return _command().run(_bench, argv)


def _bench(options: argparse.Namespace) -> int:
    if options.only and strangers.NAME in options.only:
        if len(options.only) > 1 or options.json or options.markdown or options.readme:
            raise CommandError(f"--only {strangers.NAME} measures nothing; give it by itself")
        return strangers.told(contract.load().fragment.document)
    if options.record and (options.only or options.quick or options.json):
        raise CommandError("--from measures nothing, so it goes with --markdown and --readme only")
    record = bench_record.read(options.record) if options.record else _measured(options)
    # Shown first: a long run is not lost with a folder that has gone meanwhile.
    show = bench_report.markdown if options.markdown else bench_report.lines
    print("\n".join(show(record)), flush=True)
    _write_all(options, record)
    if any(figure["not_measured"] for figure in record["figures"]):
        return 2
    return int(bool(bench_record.missed(record)))


def _measured(options: argparse.Namespace) -> bench_record.Record:
    fragment = contract.load().fragment
    record = bench_record.begun(quick=options.quick)
    with Bench.running(fragment, quick=options.quick) as bench:
        for figure in FIGURES:
            if not options.only or figure.name in options.only:
                bench_record.add(record, figure, _trials(bench, figure))
    return bench_record.finished(record)


def _trials(bench: Bench, figure: Figure) -> Iterator[tuple[Trial, Values | BenchError]]:
    for trial in figure.trials:
        name = f"{figure.name}: {', '.join(case.name for case in trial.cases)}"

        def told(number: int, rounds: int, name: str = name) -> None:
            print(f"{name}: round {number} of {rounds}", file=sys.stderr, flush=True)

        try:
            prepare_all(trial.contenders)
            yield trial, taken(bench, trial, told)
        except BenchError as error:
            print(f"{name}: {error}", file=sys.stderr)
            yield trial, error


def _write_all(options: argparse.Namespace, record: bench_record.Record) -> None:
    if options.json:
        _write(options.json, json.dumps(record, indent=1) + "\n")
    if options.readme:
        readme.fill(record)


def _write(path: Path, text: str) -> None:
    """All of it or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise BenchError(f"{path} cannot be written: {error.strerror}") from None


if __name__ == "__main__":
    sys.exit(main())
