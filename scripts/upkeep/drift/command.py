"""The command `./scripts/check-docs`: a saved documentation page against the fragment.

A page whose digest openapi/sources.yaml lacks also gets a list of the words that are new.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from servicenow_contract.contract.fragment import folder
from servicenow_contract.text import visible
from upkeep.codegen import source
from upkeep.command import Command, CommandError
from upkeep.drift.differences import compare
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.page_facts import page_facts
from upkeep.drift.report import VERSION, Difference, as_json, as_text, differences
from upkeep.drift.url_rule import url_rules
from upkeep.drift.wording import as_lines, wording
from upkeep.page import reader as pages
from upkeep.page.model import Page, PageError

FRAGMENT = folder() / "servicenow_tickets.yaml"
SOURCES = folder() / "sources.yaml"


def against_fragment(page: Page, contract: Facts) -> list[Difference]:
    """Everything in which the page and the fragment differ."""
    facts = page_facts(page)
    changes = [*compare(facts, contract.facts), *url_rules(facts, contract.facts)]
    return differences(changes, page, facts, contract, "fragment")


def against_page(page: Page, old: Page, contract: Facts) -> list[Difference]:
    """Everything that the page adds, removes or alters; the contract gives the pointers."""
    facts = page_facts(page, descriptions=True)
    changes = compare(facts, page_facts(old, descriptions=True))
    return differences(changes, page, facts, contract, "old page")


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print, and return the exit status."""
    return _command().run(_check, argv)


def _check(options: argparse.Namespace) -> int:
    page_name, fragment = str(options.page), _short(options.fragment)
    try:
        contract = Facts(source.read(options.fragment))
        page = read_page(options.page)
        refuse_another(page, contract, options.page)
        words = None
        if options.fragment == FRAGMENT and not options.against:
            words = wording(page, options.page, SOURCES)
        if options.against:
            found = against_page(page, read_page(options.against), contract)
        else:
            found = against_fragment(page, contract)
    except CommandError as error:
        if options.json:
            report = {"version": VERSION, "page": page_name, "error": str(error)}
            print(json.dumps(report, indent=2))
        raise
    against = str(options.against) if options.against else None
    if options.json:
        print(as_json(found, page_name, fragment, against, words))
    else:
        print("\n".join(as_text(found, page_name, against or fragment)))
        if words:
            print(
                visible(f"{page_name} is not the page of openapi/sources.yaml: its digest differs.")
            )
            print("\n".join(visible(line) for line in as_lines(words, page_name)))
    return 1 if found else 0


def read_page(path: Path) -> Page:
    """Read a saved page. Raises CommandError, which names the file."""
    try:
        return pages.read_file(path)
    except PageError as error:
        raise CommandError(f"{path}: {error}") from None


def refuse_another(page: Page, contract: Facts, path: Path) -> None:
    """Raises CommandError for the page of another operation.

    It has another method or path, and lacks most of the fields: a page that only renames its path
    is a changed page.
    """
    facts, known = page_facts(page), contract.facts
    endpoint = [(topic, ()) for topic in ("method", "path")]
    fields = [key for key in known if key[0] == "field"]
    moved = any(facts[key].value != known[key].value for key in endpoint)
    if moved and 2 * sum(key in facts for key in fields) < len(fields):
        here, there = (
            " ".join(str(side[key].value) for key in endpoint) for side in (facts, known)
        )
        line = facts["path", ()].line
        what = f"line {line}: this is the page of {here}, not of {there}"
        raise CommandError(f"{path}: {what}; name the saved page of that operation")


def _short(path: Path) -> str:
    """The path from here, where that is shorter."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _command() -> Command:
    command = Command(
        "check-docs",
        "List every difference between a saved documentation page and the fragment. "
        "The members of the JSON are described in scripts/upkeep/drift/report.py.",
        {
            0: "no difference of facts (new words are listed)",
            1: "a fact differs",
            2: "the page cannot be read",
        },
    )
    command.add_argument("page", type=Path, metavar="PAGE", help="the saved page")
    command.add_argument("--json", action="store_true", help="print the report as JSON")
    command.add_argument(
        "--against",
        type=Path,
        metavar="OLD_PAGE",
        help="list what PAGE adds, removes and alters, instead of comparing it with the fragment",
    )
    command.add_argument("--fragment", type=Path, default=FRAGMENT, help=argparse.SUPPRESS)
    return command


if __name__ == "__main__":
    sys.exit(main())
