"""The command `./scripts/bench`."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from servicenow_contract.contract import contract
from servicenow_contract.contract.documents import ContractError
from upkeep.bench import readme
from upkeep.bench import record as bench_record
from upkeep.bench import report as bench_report
from upkeep.bench.contenders import BenchError, prepare_all
from upkeep.bench.figures import FIGURES, Figure, Trial, Values, taken
from upkeep.bench.taking import Bench

_NAMES = [figure.name for figure in FIGURES]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, and exit 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="bench",
        description="What everything here costs, beside what one would use instead, in one run.",
        epilog="Exit status: 0 when every goal is met, 1 when one is missed, 2 when something "
        "could not be measured.",
    )
    only = f"measure this figure alone, one of {', '.join(_NAMES)}; repeatable"
    parser.add_argument("--only", metavar="NAME", action="append", choices=_NAMES, help=only)
    parser.add_argument("--quick", action="store_true", help="few rounds, for trying out")
    parser.add_argument("--json", metavar="FILE", type=_new_file, help="write the record there")
    parser.add_argument(
        "--markdown", action="store_true", help="print the table as the README has it"
    )
    parser.add_argument(
        "--readme", action="store_true", help="put the table into both READMEs of this repository"
    )
    record = "measure nothing: show the record that --json wrote"
    parser.add_argument("--from", metavar="FILE", type=Path, dest="record", help=record)
    options = parser.parse_args(argv)
    if options.record and (options.only or options.quick or options.json):
        parser.error("--from measures nothing, so that it takes --markdown and --readme only")
    return options


def _new_file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(
            f"{text} cannot be written; name a file in a folder that is there"
        )
    return path


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and write what is asked for. Returns the exit status."""
    options = _options(argv)
    try:
        record = bench_record.read(options.record) if options.record else _measured(options)
        # Shown first: a long run is not lost with a folder that has gone meanwhile.
        show = bench_report.markdown if options.markdown else bench_report.lines
        print("\n".join(show(record)), flush=True)
        _write_all(options, record)
    except (BenchError, ContractError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
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
