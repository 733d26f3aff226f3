"""What stands beside the fragment: where it comes from, the version, and the changelog."""

import datetime
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import FoldedScalarString

from upkeep.changes.change import Change
from upkeep.changes.command import compare
from upkeep.changes.report import Report
from upkeep.drift.wording import fingerprints
from upkeep.page.model import Page
from upkeep.release.version import (
    CHANGELOG,
    FILE,
    Step,
    logged,
    next_version,
    step_between,
    version_of,
)

_A_LINE = 7
"""So many digests stand in a line of `words`."""
_SCHEMA = re.compile(r"/components/schemas/([^/]+)/")


def write_sources(file: Path, page: Page, saved: Path) -> None:
    """Say in sources.yaml that the fragment is written from this page, as of today."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    sources = yaml.load(file.read_text(encoding="utf-8"))
    digests = fingerprints(page)
    words = FoldedScalarString(" ".join(digests))
    size = len(digests[0]) + 1 if digests else 0
    words.fold_pos = [at * size - 1 for at in range(_A_LINE, len(digests), _A_LINE)]
    sources[0].update(
        title=page.title,
        read=datetime.datetime.now(datetime.UTC).date(),
        sha256=hashlib.sha256(saved.read_bytes()).hexdigest(),
        words=words,
    )
    stream = io.StringIO()
    yaml.dump(sources, stream)
    file.write_text(stream.getvalue(), encoding="utf-8")


def carry_version(root: Path) -> Report:
    """Give the tree the version that its changes ask for, and the changelog what they are.

    Returns what `compare` says of it then. Raises CommandError.
    """
    report = compare(root, None)
    told = report if report.base is not None else compare(root, "HEAD")
    if not told.changes:
        return report
    current = new = version_of(root)
    if report.base_version is not None:
        taken = step_between(report.base_version, current) or Step.NONE
        new = current if taken >= report.step else next_version(report.base_version, report.step)
    if new != current:
        _replace(root / FILE, f'"{current}"', f'"{new}"')
    log = root / CHANGELOG
    text = logged(log.read_text(encoding="utf-8"), new, [*_entries(told.changes)])
    log.write_text(text, encoding="utf-8")
    return compare(root, None)


def _replace(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def _entries(changes: Sequence[Change]) -> Iterator[str]:
    """What changed, a line each; names that a fact of the fragment brings along are left out."""
    seen = set[str]()
    facts = [each for each in changes if each.where.startswith("/")]
    for change in changes:
        if facts and change.rule == "name-added":
            continue
        found = _SCHEMA.match(change.where)
        where = f", in `{found[1]}`" if found else ""
        said = f"- {change.message[:1].upper()}{change.message[1:]}{where}."
        if said not in seen:
            seen.add(said)
            yield said
