"""What stands beside the fragment: where it comes from, the version, and the changelog."""

import contextlib
import datetime
import hashlib
import io
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import FoldedScalarString

from servicenow_contract.contract import documents
from servicenow_contract.contract.fragment import Fragment, pointer
from upkeep.changes.change import Change
from upkeep.changes.command import compare
from upkeep.changes.report import Report
from upkeep.drift.differences import Contrast
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
    digests = fingerprints(page)
    words = FoldedScalarString(" ".join(digests))
    size = len(digests[0]) + 1 if digests else 0
    words.fold_pos = [at * size - 1 for at in range(_A_LINE, len(digests), _A_LINE)]
    with _edited(file) as sources:
        sources[0].update(
            title=page.title,
            read=datetime.datetime.now(datetime.UTC).date(),
            sha256=hashlib.sha256(saved.read_bytes()).hexdigest(),
            words=words,
        )


@contextlib.contextmanager
def _edited(file: Path) -> Iterator[Any]:
    """What a YAML file holds, to be edited; comments and quotes stay."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    value = yaml.load(file.read_text(encoding="utf-8"))
    yield value
    stream = io.StringIO()
    yaml.dump(value, stream)
    file.write_text(stream.getvalue(), encoding="utf-8")


def carry_deviations(file: Path, catalogue: Collection[str]) -> None:
    """Take out of the register what is said of requirements that are gone, such as a status's."""
    with _edited(file) as register:
        register[:] = [each for each in register if each["requirement"] in catalogue]


def carry_verdict(file: Path, printed: str) -> None:
    """Let the front page show the first and the last line of a run as they were printed."""
    text = file.read_text(encoding="utf-8")
    for begin in ("Judging the embedded reference service by ", "The contract is kept "):
        line = re.compile(f"^{begin}.*$", re.MULTILINE)
        now = line.search(printed)
        text = line.sub(now[0], text) if now else text
    file.write_text(text, encoding="utf-8")


def carry_sites(file: Path, contract: Fragment) -> None:
    """Let the workflow that judges a live server offer the documented sites."""
    server = contract.at("/servers/0/url")
    listed = "".join(f"          - {server.format(site=each)}\n" for each in contract.sites)
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?<=options:\n)( +- .*\n)+", lambda _: listed, text), encoding="utf-8")


def carry_words(file: Path, page: str, carried: Sequence[Contrast]) -> None:
    """Let the catalogue of requirements quote the page anew, where just what was carried changed.

    The words of an entry follow when the page has them with the new name, number or values in the
    place of the old, and its place when a member is called otherwise; the rest is left to a person.
    """
    text = file.read_text(encoding="utf-8")
    for each in carried:
        if each.fact.topic == "field" and each.old and each.new:
            where = each.old.pointer
            renamed = where.rpartition("/")[0] + pointer(each.new.subject[-1])
            text = re.sub(rf"(?m)(at: {re.escape(where)})(?=/|$)", f"at: {renamed}", text)
    for entry in documents.read(file).value:
        words = str(entry.get("words", ""))
        for now in () if words in page else _quoted_anew(words, page, carried):
            if now != words and now in page:
                text = text.replace(words, now)
    file.write_text(text, encoding="utf-8")


def _quoted_anew(words: str, page: str, carried: Sequence[Contrast]) -> Iterator[str]:
    """Words of the page with what was carried in the place of what stood there before."""
    for old, new in _replacements(carried):
        whole = rf"(?<![\w-]){re.escape(old)}(?![\w-])"
        yield re.sub(whole, new.replace("\\", r"\\"), words)
    for each in carried:
        if each.fact.topic == "enum" and each.old and all(str(v) in words for v in each.old.value):
            listed = re.sub("`[^`]*`", "`[^`]*`", re.escape(words))
            found = re.search(listed, page.split("\n")[each.fact.line - 1])
            yield found[0] if found else words


def _replacements(carried: Sequence[Contrast]) -> Iterator[tuple[str, str]]:
    """What stands in the place of what: names and values that became others."""
    for each in carried:
        if each.old and each.new:
            named = (each.old.subject, each.new.subject)
            yield from ((a, b) for a, b in zip(*named, strict=False) if a != b)
            values = (each.old.value, each.new.value)
            if values[0] != values[1] and all(isinstance(value, str | int) for value in values):
                yield str(values[0]), str(values[1])


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
