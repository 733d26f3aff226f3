"""Carries one difference after the other, and keeps an edit only when it does what it should.

An edit is kept when its difference is gone, no other one came, and the fragment can still be used;
else it is taken back, and the difference is left to a person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, evolve, field, frozen

from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.fragment import Fragment
from upkeep.adopt import rows, shared
from upkeep.adopt.carry import EDITS
from upkeep.adopt.document import Edited
from upkeep.adopt.members import Editing
from upkeep.adopt.rows import NotDaredError
from upkeep.codegen import source
from upkeep.drift.differences import Contrast, compare
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.page_facts import page_facts
from upkeep.drift.report import Difference, differences
from upkeep.drift.schema_facts import FragmentError
from upkeep.drift.url_rule import url_rules
from upkeep.page.model import Page

_ORDER = ("status", "field", "array", "type", "format", "enum", "required")
"""What is carried first; examples come last."""
_FOLLOWS = {"curl-body", "curl-url", "permission-operator"}
"""Topics of which a page has a second statement, told when the first is carried."""


@frozen
class Carried:
    """A difference that is in the fragment now."""

    difference: Difference
    change: Contrast
    before: str
    """The fragment's text without it."""


@frozen
class Left:
    """A difference that is left to a person, and why."""

    difference: Difference
    why: str


@define
class Plan:
    """The differences of a page, carried into the fragment as far as they are mechanical."""

    page: Page
    file: Path
    """The fragment's file, which is written; it holds the last text that can be used."""
    skip: Mapping[str, str] = field(factory=dict)
    """The names of differences that are not to be carried, and why."""
    carried: list[Carried] = field(factory=list, init=False)
    left: list[Left] = field(factory=list, init=False)

    def work(self) -> None:
        """Carry what can be. Raises ContractError for a fragment that cannot be used before."""
        refused = dict[str, str]()
        while True:
            contract, changes = self._changes()
            todo = [each for each in changes if _name(each) not in refused]
            if not todo:
                break
            change = min(todo, key=_rank)
            why = self.skip.get(_name(change)) or self._carry(change, contract, changes)
            if why:
                refused[_name(change)] = why
        self.left = [Left(self._told(each, contract), refused[_name(each)]) for each in changes]

    def _changes(self) -> tuple[Facts, list[Contrast]]:
        contract, facts = Facts(source.read(self.file)), page_facts(self.page)
        found = [*compare(facts, contract.facts), *url_rules(facts, contract.facts)]
        return contract, [*_with_renames(found, facts, contract)]

    def _told(self, change: Contrast, contract: Facts) -> Difference:
        return differences([change], self.page, page_facts(self.page), contract, "fragment")[0]

    def _carry(self, change: Contrast, contract: Facts, changes: Sequence[Contrast]) -> str:
        """Carry one difference, in the shared schema or one of its own; gives why not, or ""."""
        edit = EDITS.get(f"{change.fact.topic}-{change.how}")
        if edit is None:
            return "it needs words or a decision of yours"
        told, before = self._told(change, contract), self.file.read_text(encoding="utf-8")
        why = ""
        for separately in (False, True):
            try:
                step = Editing(change, page_facts(self.page), contract, Edited(before))
                if separately and not (len(change.fact.subject) > 1 and shared.separate(step)):
                    break
                if separately:
                    now = Facts(step.edited.fragment)
                    own = evolve(change, old=change.old and now.facts.get(change.old.key))
                    step = Editing(own, step.page, now, step.edited)
                edit(step)
                step.edited.drop_unused()
                self.file.write_text(step.edited.written(), encoding="utf-8")
                Fragment.read(self.file)
                why = self._side_effect(change, changes)
            except NotDaredError as error:
                why = str(error)
            except LookupError:
                why = "the fragment has no such place"
            except (ContractError, FragmentError) as error:
                why = str(error).replace(f"{self.file}:", "the fragment would be unusable, line ")
            if not why:
                self.carried.append(Carried(told, change, before))
                return ""
            self.file.write_text(before, encoding="utf-8")
        return why

    def _side_effect(self, change: Contrast, before: Sequence[Contrast]) -> str:
        """Why the edit that was just written is not what was meant, or ""."""
        known = {_name(each) for each in before}
        _, after = self._changes()
        if _name(change) in {_name(each) for each in after}:
            return "the page says it in a way that the fragment has no place for"
        subject = change.fact.subject
        for each in after:
            own = each.fact.subject[: len(subject)] == subject and change.how != "removed"
            if _name(each) not in known and not own and each.fact.topic not in _FOLLOWS:
                return (
                    f"it would also change {'.'.join(each.fact.subject)}, which the page does not"
                )
        return ""


def _name(change: Contrast) -> str:
    """What tells a difference from others, whatever was edited meanwhile."""
    sides = [each.subject if each else () for each in (change.new, change.old)]
    return f"{change.fact.topic}-{change.how} {sides}"


def name_of(carried: Carried) -> str:
    """The name by which `Plan.skip` leaves a difference out."""
    return _name(carried.change)


def _rank(change: Contrast) -> tuple[int, int, int]:
    topic, line = change.fact.topic, change.fact.line
    place = _ORDER.index(topic) if topic in _ORDER else len(_ORDER)
    hows = ("moved", "added", "removed", "differs")
    return (place + (topic in {"example", "curl-body"}), hows.index(change.how), line)


def _with_renames(
    changes: Sequence[Contrast], page: rows.Said, contract: Facts
) -> Iterator[Contrast]:
    """The differences, where a member that is gone and one that is new in its place are one."""
    gone = [each for each in changes if each.fact.topic == "field" and each.how == "removed"]
    new = [each for each in changes if each.fact.topic == "field" and each.how == "added"]
    pairs = [(one, other) for one in new for other in gone if _alike(one, other, page, contract)]
    counted: Callable[[Contrast], int] = lambda each: sum(each in pair for pair in pairs)  # noqa: E731  # one line
    sure = [pair for pair in pairs if counted(pair[0]) == counted(pair[1]) == 1]
    done = [each for pair in sure for each in pair]
    yield from (Contrast("moved", one.new, other.old) for one, other in sure)
    hidden = [each.fact.subject for each in done]
    for each in changes:
        example = each.fact.topic in {"example", "curl-body"} and any(
            rows.bare(each.fact.subject)[: len(path)] == path for path in hidden
        )
        if each not in done and not example:
            yield each


def _alike(one: Contrast, other: Contrast, page: rows.Said, contract: Facts) -> bool:
    """Whether type, place and example say that one member became the other."""
    new, old = one.fact.subject, other.fact.subject
    if new[:-1] != old[:-1]:
        return False
    shown = [_shown(page, new), _shown(contract.facts, old)]
    told = [rows.told(page, new), rows.told(contract.facts, old)]
    return bool(shown[0]) and shown[0] == shown[1] and told[0] == told[1]


def _shown(facts: rows.Said, subject: tuple[str, ...]) -> frozenset[tuple[tuple[str, ...], str]]:
    """What the example shows of a member and all below it."""
    size = len(subject)
    return frozenset(
        (rows.bare(path)[size:], str(fact.value))
        for (topic, path), fact in facts.items()
        if topic == "example" and rows.bare(path)[:size] == subject
    )
