"""The command `./scripts/bench`."""

import argparse
import sys
from collections.abc import Sequence

from upkeep.bench_client import (
    FIGURES,
    OURS,
    BenchError,
    benching,
    measured,
    prepare,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, 1 when a goal is missed, 2 when nothing can be measured."""
    names = [figure.name for figure in FIGURES]
    parser = argparse.ArgumentParser(
        prog="bench",
        description="What the client costs, beside bare httpx and the official client.",
    )
    parser.add_argument("figure", nargs="*", help=f"one of {', '.join(names)}; by default all")
    parser.add_argument("--count", type=int, default=2000, help="calls in a measurement (2000)")
    options = parser.parse_args(argv)
    unknown = set(options.figure) - set(names)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    figures = [figure for figure in FIGURES if not options.figure or figure.name in options.figure]
    try:
        for contender in {OURS, *(rival for figure in figures for rival in figure.rivals)}:
            print(f"{contender.name}: environment …", file=sys.stderr)
            prepare(contender)
        print("figure        ours      other  ratio")
        missed = False
        with benching(options.count) as bench:
            for figure in figures:
                for line in measured(bench, figure).lines():
                    print(line, flush=True)
                    missed = missed or "missed" in line
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
