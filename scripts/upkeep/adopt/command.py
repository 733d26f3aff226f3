"""The command `./scripts/adopt`: a saved page becomes a change of the tree, to be read."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from servicenow_contract.text import visible
from upkeep.adopt.adopt import Adopted, adopt
from upkeep.codegen.rendering import RenderError
from upkeep.command import Command, CommandError
from upkeep.drift.report import Difference
from upkeep.drift.wording import as_lines
from upkeep.paths import FRAGMENT, ROOT


def main(argv: Sequence[str] | None = None) -> int:
    """Adopt a page. Returns 0 when all is carried, 1 when something is left, and 2."""
    command = Command(
        "adopt",
        "Apply what changed on a saved page to the tree: fragment, sources.yaml, rendered models, "
        "version and changelog; then check the result. What needs words or a decision of yours is "
        "listed and left to you.",
        {
            0: "everything is applied, or nothing changed",
            1: "something is left, or the suite does not agree",
            2: "the page, the fragment or the tree cannot be used, and nothing was changed",
        },
    )
    command.add_argument("page", type=Path, metavar="PAGE", help="the saved page")
    command.add_argument("--dry-run", action="store_true", help="change nothing; print the patch")
    command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return command.run(_adopt, argv)


def _adopt(options: argparse.Namespace) -> int:
    try:
        found = adopt(options.root, options.page, dry=options.dry_run)
    except RenderError as error:
        raise CommandError(f"{error}; nothing was changed") from None
    out = sys.stderr if options.dry_run else sys.stdout
    if options.dry_run:
        print(found.patch, end="")
    for line in _lines(found, str(options.page)):
        print(visible(line), file=out)
    return int(not found.whole)


def _lines(found: Adopted, page: str) -> Iterator[str]:
    """What was done, and what is left to a person."""
    if found.idle:
        yield f"{page} is the page that the fragment was written from; there is nothing to adopt."
        return
    yield f"Applied to {FRAGMENT.relative_to(ROOT)}: {len(found.carried)} of {_all(found)}."
    for carried in found.carried:
        yield from _told(carried.difference, page)
    if found.report:
        yield from (f"compare: {each}" for each in found.report.problems)
        yield f"compare: {found.report.verdict}"
    yield from (f"conformance: {each}" for each in _failed(found))
    yield ""
    yield from _left(found, page)
    yield "Then run ./scripts/regenerate, read the diff, and run ./scripts/test."


def _all(found: Adopted) -> str:
    count = len(found.carried) + len(found.left)
    return f"{count} difference{'s' * (count != 1)}"


def _told(each: Difference, page: str) -> Iterator[str]:
    yield f"  {each.kind}  {each.subject}".rstrip() + f"  {page}:{each.line}"
    yield f"    {each.pointer}"
    yield f"    {each.message}"


def _failed(found: Adopted) -> Iterator[str]:
    lines = found.conformance[1].split("\n")
    if found.conformance[0]:
        yield from (line for line in lines if line.startswith(("fail", "error", "  ")))
    yield lines[-1]


def _left(found: Adopted, page: str) -> Iterator[str]:
    fragment = FRAGMENT.relative_to(ROOT)
    words = found.words
    if words and found.carried and not (words.new or words.gone):
        words = None  # the page is another one, of course
    if not (found.left or found.gaps or found.gone or found.named or words):
        yield "Nothing is left to you."
        return
    yield "Left to you:"
    for left in found.left:
        yield from _told(left.difference, page)
        yield f"    Not applied: {left.why}."
        yield f"    {left.difference.edit}"
    yield from (f"  {fragment}:{line}  A description is missing; write it." for line in found.gaps)
    yield from (f"  requirements.yaml  {each}." for each in found.gone)
    yield from (f"  {each}" for each in found.named)
    yield from (f"  {each}" for each in (as_lines(words, page) if words else ()))


if __name__ == "__main__":
    sys.exit(main())
