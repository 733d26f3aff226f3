"""The command `./scripts/compare`: what changed since a release, whom it breaks, and which version
carries it.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.text import visible
from upkeep.changes.api import compare_names
from upkeep.changes.base import Tree, unpacked, working_tree
from upkeep.changes.change import Changes
from upkeep.changes.fragment import compare_deviations, compare_fragments
from upkeep.changes.names import PACKAGE, Names, NamesError, read_names
from upkeep.changes.report import VERSION, Report, as_json, as_markdown, as_text
from upkeep.codegen import source
from upkeep.command import Command, CommandError
from upkeep.paths import ROOT
from upkeep.release.git import Repository
from upkeep.release.version import NoBaseError, Step, default_base, lacking


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print, and return the exit status."""
    return _command().run(_compare, argv)


def _compare(options: argparse.Namespace) -> int:
    try:
        report = compare(ROOT, options.base)
    except CommandError as error:
        if options.json:
            print(json.dumps({"version": VERSION, "error": str(error)}, indent=2))
        raise
    if options.json:
        print(as_json(report))
    else:
        lines = as_markdown(report) if options.markdown else map(visible, as_text(report))
        print("\n".join(lines))
    return 1 if report.problems else 0


def compare(root: Path, base: str | None) -> Report:
    """Compare a repository with a base, or with what binds its version."""
    tree, repository = working_tree(root), Repository(root)
    after = source.read(tree.fragment)
    try:
        base = base or default_base(repository, tree.version)
    except NoBaseError as error:
        return Report(None, None, tree.version, (), (), (str(error),))
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        place = Path(name)
        old = unpacked(base, repository, place / "base")
        before, names_before = _read(old)
        names_after, notes = _current_names(tree, after, place / "rendered")
        changes = Changes()
        compare_fragments(before, after, changes)
        if old.has_register:
            compare_deviations(old.deviations, tree.deviations, changes)
        compare_names(names_before, names_after, changes)
    found = tuple(changes)
    asked = max((each.step for each in found), default=Step.NONE)
    problems = tuple(lacking(root, old.version, tree.version, asked))
    return Report(old.name, old.version, tree.version, found, problems, notes)


def _read(base: Tree) -> tuple[Fragment, Names]:
    """The fragment and the names of the base. Raises CommandError."""
    try:
        return source.read_older(base.fragment), read_names(base.package_folder)
    except (ContractError, NamesError) as error:
        said = str(error).replace(f"{base.folder}/", "")
        raise CommandError(f"{base.name} cannot be compared with: {said}") from None


def _current_names(tree: Tree, fragment: Fragment, place: Path) -> tuple[Names, list[str]]:
    """The public names as `regenerate` would leave them, whether or not it has been run."""
    names = read_names(tree.package_folder)
    if names.constant("_generated.contract.FRAGMENT_SHA256") == repr(fragment.digest):
        return names, []
    # Most runs need no generator.
    from upkeep.codegen.rendering import RenderError, render  # noqa: PLC0415  # see above

    package = place / PACKAGE
    hand_written = shutil.ignore_patterns("_generated", "__pycache__")
    shutil.copytree(tree.package_folder / PACKAGE, package, ignore=hand_written)
    try:
        render(tree.fragment, package / "_generated")
    except RenderError as error:
        return names, [f"the Python names are those of before the fragment changed: {error}"]
    return read_names(place), ["the Python names are those that ./scripts/regenerate will give"]


def _command() -> Command:
    command = Command(
        "compare",
        "List what changed since a release, whom it breaks, and which step of the version it "
        "needs.",
        {
            0: "version and CHANGELOG have that step",
            1: "they do not",
            2: "the base or the fragment cannot be used",
        },
    )
    command.add_argument(
        "base",
        nargs="?",
        metavar="BASE",
        help="a revision of git, or a wheel of the client; by default the newest release tag, "
        "such as v1.0.0, or else the last commit with another version than the present one",
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the report as JSON")
    form.add_argument(
        "--markdown", action="store_true", help="print the report for the body of a pull request"
    )
    return command


if __name__ == "__main__":
    sys.exit(main())
