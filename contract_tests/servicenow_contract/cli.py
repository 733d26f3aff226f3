"""The command that judges: runs the suite, prints the verdicts, and exits 0, 1 or 2."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from servicenow_contract import profiles, requirements, runner
from servicenow_contract.target import EMBEDDED, embedded
from servicenow_contract.verdict import Ledger, Verdict

_STYLES = {
    Verdict.PASS: "green",
    Verdict.NOT_RUN: "dim",
    Verdict.DEVIATES: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
}
BROKEN = 2
"""The exit code when the suite itself, not the target, is at fault."""


def main(argv: Sequence[str] | None = None, *, also: Sequence[Path] = ()) -> int:
    """Judge a target by the contract and print the verdicts.

    `also` holds test modules that judge something beside the target, such as a client. Returns 0
    when no MUST fails, 1 when one does, and 2 when the suite could not do its work.
    """
    options = _parser().parse_args(argv)
    out, progress = Console(), Console(stderr=True)
    judges = {"server", "fragment", "client"} if also else {"server"}
    catalogue = {name: each for name, each in requirements.load().items() if each.of in judges}
    judge = runner.Judge(embedded(), profile=options.profile, ledger=Ledger(catalogue))
    out.print(f"Judging {EMBEDDED} by {len(catalogue)} requirements (seed {options.seed}).")
    with progress.status("collecting …") as status:
        judge.progress = lambda done, total, name: status.update(
            Text(f"{done}/{total} {name}"[: progress.width - 4])
        )
        runner.run(judge, seed=options.seed, also=also)
    if judge.trouble:
        for each in judge.trouble:
            progress.print(f"conformance: {each}", style="bold magenta", markup=False)
        return BROKEN
    for name in catalogue:
        out.print(line(judge.ledger, name), soft_wrap=not out.is_terminal)
    for each in details(judge.ledger):
        out.print(each, markup=False, highlight=False, soft_wrap=True)
    out.print(judge.ledger.sentence, style="bold", highlight=False)
    return judge.ledger.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conformance",
        description="Judge a server by the contract of the ServiceNow tickets operation.",
        epilog="Exit status: 0 no MUST fails, 1 a MUST fails, 2 the suite could not do its work.",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the generated cases (default: 0)")
    parser.add_argument(
        "--profile",
        choices=profiles.PROFILES,
        default="ci",
        help="how many cases are generated (default: ci)",
    )
    return parser


def line(ledger: Ledger, name: str) -> Text:
    """One requirement: its verdict, level and id, and the first reason if it does not pass."""
    verdict = ledger.verdict(name)
    why = "" if verdict is Verdict.PASS else next(iter(ledger.reasons(name)), "")
    shown = Text(f"{verdict:<9}", style=_STYLES[verdict], no_wrap=True, overflow="ellipsis")
    shown.append(f"{ledger.catalogue[name].level:<7}", style="default")
    shown.append(f"{name:<41}", style="default")
    shown.append(why, style="dim")
    return shown


def details(ledger: Ledger) -> list[str]:
    """For each requirement that fails or could not be judged: its statement, and every reason."""
    lines = []
    for name, requirement in ledger.catalogue.items():
        if ledger.verdict(name) in (Verdict.FAIL, Verdict.ERROR):
            lines += ["", f"{name}: {requirement.statement}"]
            lines += [f"  {reason}" for reason in ledger.reasons(name)]
    return lines


if __name__ == "__main__":
    sys.exit(main())
