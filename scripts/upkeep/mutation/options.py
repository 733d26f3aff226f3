"""The options of `./scripts/mutants`, read and held to what they can mean."""

import argparse
import os
import re
from pathlib import Path

from attrs import frozen

from upkeep.command import Command, CommandError, number
from upkeep.page import reader as pages
from upkeep.page.model import Page, PageError

FAMILIES = ("servers", "freedoms", "fragments", "clients")


@frozen
class Choices:
    """What a run is told."""

    families: tuple[str, ...]
    only: tuple[str, ...]
    sample: int | None
    seed: int
    workers: int
    report: Path | None
    page: Page | None
    shard: tuple[int, int] = (1, 1)
    """Which part of each family, and of how many; all parts together are all of it."""
    gate: bool = False
    """Whether this is what every change has to pass: of the clients, a sample."""
    readme: bool = False
    """Whether the README is to show what whole families came to."""

    @property
    def stop(self) -> bool:
        """Whether a mutant's first killer is enough to know; a matrix names them all."""
        return self.report is None


def checked(given: argparse.Namespace) -> Choices:
    """The options, held against each other. Raises CommandError, which says what to do."""
    families = FAMILIES if given.family == "all" else (given.family,)
    if given.report is not None and given.report.exists() and not given.report.is_dir():
        raise CommandError(f"--report {given.report}: that is a file; name a folder")
    some = given.sample or given.only or given.shard != (1, 1)
    if given.gate and (some or given.family != "all"):
        raise CommandError("--gate chooses the mutants itself; leave the other choices out")
    if given.readme and (some or given.gate):
        raise CommandError("--readme shows whole families; choose them by --family alone")
    return Choices(
        families,
        tuple(given.only or ()),
        given.sample,
        given.seed,
        given.workers,
        given.report,
        _page(given.page),
        given.shard,
        given.gate,
        given.readme,
    )


def _page(path: Path | None) -> Page | None:
    try:
        return pages.read_file(path) if path is not None else None
    except PageError as error:
        raise CommandError(f"--page {path}: {error}") from None


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
    if found is None or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"takes a part and how many there are: 2/6, not {text!r}")
    return int(found[1]), int(found[2])


def command() -> Command:
    """The command's options."""
    found = Command(
        "mutants",
        "Prove the suite: something must notice each mutant, which breaks one promise; nothing may "
        "accuse a freedom, which breaks none.",
        {
            0: "every mutant is killed, and no freedom is accused",
            1: "a mutant survives, or a freedom is accused",
            2: "the work could not be done",
        },
    )
    add = found.add_argument
    add(
        "--family",
        choices=(*FAMILIES, "all"),
        default="all",
        help="the family of mutants (default: all)",
    )
    add("--only", action="append", metavar="NAME", help="only this mutant; can be repeated")
    add(
        "--sample",
        type=number(1),
        metavar="N",
        help="no more than N of a family, chosen by the seed",
    )
    add(
        "--gate",
        action="store_true",
        help="what every change has to pass: all families, but only a sample of the clients",
    )
    add("--shard", type=_shard, default=(1, 1), metavar="K/N", help="the Kth of N equal parts")
    add(
        "--seed",
        type=number(0),
        default=0,
        help="the seed of the sample and of the generated cases (default: 0)",
    )
    add(
        "--report",
        type=Path,
        metavar="DIR",
        help="write kill-matrix.json and report.html there; no server or fragment then stops at "
        "its first kill",
    )
    add(
        "--readme",
        action="store_true",
        help="put the last line of each family into scripts/README.md, with the day",
    )
    add(
        "-j",
        dest="workers",
        type=number(1, 256),
        default=os.cpu_count() or 1,
        metavar="N",
        help="run in N processes (default: one for each core)",
    )
    add(
        "--page",
        type=Path,
        metavar="FILE",
        help="a saved documentation page, so that check-docs judges the fragments too",
    )
    return found
