"""Adopts a saved page in a copy of the repository, and says what was done and what is left."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from servicenow_contract.contract import requirements
from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Requirement
from upkeep.adopt.document import SCHEMAS
from upkeep.adopt.plan import Carried, Left, Plan, name_of
from upkeep.adopt.records import (
    carry_deviations,
    carry_sites,
    carry_verdict,
    carry_version,
    carry_words,
    write_sources,
)
from upkeep.adopt.rows import bare
from upkeep.adopt.tree import Copy
from upkeep.changes.report import Report
from upkeep.codegen import names, rendering, source
from upkeep.command import CommandError
from upkeep.drift.command import against_fragment, read_page, refuse_another
from upkeep.drift.differences import Contrast
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.page_facts import page_facts
from upkeep.drift.wording import Wording, wording
from upkeep.page.model import Page
from upkeep.paths import FRAGMENT, GAP, KIT, ROOT, TARGET
from upkeep.release.git import Repository

_FRAGMENT, _TARGET = FRAGMENT.relative_to(ROOT), TARGET.relative_to(ROOT)
_SOURCES = _FRAGMENT.with_name("sources.yaml")
_REGISTER = _FRAGMENT.with_name("deviations.yaml")
_CATALOGUE = (KIT / "contract" / "requirements.yaml").relative_to(ROOT)

_NAMED = 5
"""So many lines that name a member are shown."""


@frozen
class Adopted:
    """What became of a page."""

    carried: tuple[Carried, ...]
    left: tuple[Left, ...]
    words: Wording | None
    """What is new in the page's words; None for the page that sources.yaml names."""
    gaps: tuple[int, ...] = ()
    """The lines of the fragment that want words."""
    gone: tuple[str, ...] = ()
    """The requirements that rest on words which the page has no more."""
    named: tuple[str, ...] = ()
    """Where code or a README names a member that is gone."""
    report: Report | None = None
    conformance: tuple[int, str] = (0, "")
    """The exit status of `conformance`, and what it printed."""
    patch: str = field(default="", repr=False)

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.patch or self.left)

    @property
    def whole(self) -> bool:
        """Whether the fragment says all that the page says, and the suite agrees."""
        return not (self.left or self.gone or self.named or self.conformance[0])


def adopt(root: Path, saved: Path, *, dry: bool) -> Adopted:
    """Carry a saved page through a tree; a dry run leaves the tree alone.

    Raises CommandError for a tree that is no commit, and for a page or a fragment that cannot be
    used. Nothing is changed then.
    """
    Repository(root).refuse_changes(but=saved)
    contract = Facts(source.read(root / _FRAGMENT))
    page = _read(contract, saved)
    words = wording(page, saved, root / _SOURCES)
    if words is None and not against_fragment(page, contract):
        return Adopted((), (), None)
    with tempfile.TemporaryDirectory(prefix="adopt-") as name:
        copy = Copy.of(root, Path(name).resolve() / "tree")
        plan = _carried(copy, page)
        write_sources(copy.root / _SOURCES, page, saved)
        text = saved.read_text(encoding="utf-8-sig")
        changes = [each.change for each in plan.carried]
        carry_words(copy.root / _CATALOGUE, text, changes)
        fragment, catalogue = _contract(copy.root)
        carry_deviations(copy.root / _REGISTER, catalogue)
        carry_sites(copy.root / ".github/workflows/live.yml", fragment)
        lost = _lost(fragment, changes)
        for old, new in lost.items():
            if "_" in old and new.isidentifier():  # any other word may mean another thing
                copy.rename(old, new)
        report = carry_version(copy.root)
        conformance = copy.run("upkeep.conformance", "--profile", "quick")
        carry_verdict(copy.root / "README.md", conformance[1])
        found = Adopted(
            tuple(plan.carried),
            tuple(plan.left),
            words,
            tuple(_gaps(copy.root / _FRAGMENT)),
            tuple(_gone(fragment, catalogue, text)),
            tuple(_named(copy, [*lost, *_lost_sites(changes)])),
            report,
            conformance,
            copy.patch(),
        )
        if not dry:
            copy.move_in()
    return found


def _read(contract: Facts, saved: Path) -> Page:
    """The page. Raises CommandError for that of another operation, and for half of one."""
    page = read_page(saved)
    refuse_another(page, contract, saved)
    facts = page_facts(page)
    for topic in ("method", "path"):
        new, old = facts[topic, ()], contract.facts[topic, ()]
        if new.value != old.value:
            said = (
                f"line {new.line}: the {topic} is {new.value}, and that of the fragment {old.value}"
            )
            raise CommandError(f"{saved}: {said}; another operation is not adopted")
    fields = [key for key in contract.facts if key[0] == "field"]
    known = sum(key in facts for key in fields)
    if 2 * known < len(fields):
        said = f"only {known} of the {len(fields)} fields of the fragment are on this page"
        raise CommandError(f"{saved}: {said}; save the whole page again")
    return page


def _carried(copy: Copy, page: Page) -> Plan:
    """Carry what can be, and render the client of it. Raises CommandError."""
    fragment, target = copy.root / _FRAGMENT, copy.root / _TARGET
    before = fragment.read_text(encoding="utf-8")

    def tried(skip: dict[str, str]) -> tuple[Plan, str]:
        fragment.write_text(before, encoding="utf-8")
        plan = Plan(page, fragment, skip)
        plan.work()
        try:
            rendering.replace(fragment, target)
        except rendering.RenderError as error:
            return plan, str(error).replace(f"{fragment}:", "the client would not work, line ")
        return plan, ""

    plan, why = tried({})
    if not why:
        return plan
    groups, skip = _groups(plan.carried), dict[str, str]()
    for at, group in enumerate(groups):
        later = [name for each in groups[at + 1 :] for name in each]
        _, why = tried({**dict.fromkeys(later, "not yet"), **skip})
        if why:
            skip |= dict.fromkeys(group, why)
    plan, why = tried(skip)
    if why:
        raise CommandError(why)
    return plan


def _groups(carried: Sequence[Carried]) -> list[list[str]]:
    """The names of the differences; those of one member, its example included, are together."""
    found: dict[tuple[str, ...], list[str]] = {}
    for each in carried:
        fact = each.change.fact
        subject = bare(fact.subject)
        above = (size for size in range(1, len(subject)) if subject[:size] in found)
        own = subject[: next(above, len(subject))]
        found.setdefault(own or (fact.topic,), []).append(name_of(each))
    return list(found.values())


def _gaps(fragment: Path) -> Iterator[int]:
    lines = fragment.read_text(encoding="utf-8").split("\n")
    yield from (number for number, line in enumerate(lines, 1) if GAP in line)


def _contract(root: Path) -> tuple[Fragment, Mapping[str, Requirement]]:
    try:
        contract = Fragment.read(root / _FRAGMENT)
        return contract, requirements.read(root / _CATALOGUE, contract.statuses)
    except ContractError as error:  # the plan keeps it usable
        raise CommandError(str(error)) from None


def _lost(contract: Fragment, changes: Sequence[Contrast]) -> dict[str, str]:
    """The names of members that no schema has any more, and what each is called now, or ""."""
    left = {name for each in contract.at(SCHEMAS).values() for name in each.get("properties", ())}
    found = {}
    for each in (each for each in changes if each.fact.topic == "field" and each.old):
        before, after = (side.subject if side else () for side in (each.old, each.new))
        if before[-1] not in left:
            found[before[-1]] = after[-1] if before[:-1] == after[:-1] else ""
    return found


def _lost_sites(changes: Sequence[Contrast]) -> list[str]:
    """What sites that are gone were called."""
    gone = [str(each.old.value) for each in changes if each.fact.topic == "site" and each.old]
    return [f"Site.{name}" for name, _ in names.of_sites(gone)]


def _named(copy: Copy, names: Iterable[str]) -> Iterator[str]:
    """The lines of code and READMEs that name what is not in the contract any more."""
    for name in names:
        lines = copy.lines(name)
        more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
        if lines:
            yield f"`{name}` is gone, but still named in {', '.join(lines[:_NAMED])}{more}."


def _gone(contract: Fragment, catalogue: Mapping[str, Requirement], text: str) -> Iterator[str]:
    """The requirements whose words are not on the page, and those whose place is gone."""
    for each in catalogue.values():
        try:
            contract.at(each.at)
        except KeyError:
            yield f"{each.id}: there is no longer anything at {each.at}"
        if each.words and each.words not in text:
            yield f"{each.id}: the page no longer has the words {each.words!r}"
