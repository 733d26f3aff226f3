"""Compares two sets of facts: what one has, what it lacks, and what differs."""

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import chain

from attrs import frozen

from upkeep.drift.page_facts import Fact, Key

_FIELD = {"field", "required", "array", "type", "format", "enum", "default", "deprecated", "mark"}
_FIELD |= {"limit", "url-rule", "description", "rule"}

_BELOW: dict[str, set[str]] = {
    "status": _FIELD | {"model", "example", "summary"},
    "body": _FIELD | {"model", "example", "body-required"},
    "model": _FIELD,
    "field": _FIELD,
    "example": {"example"},
    "curl-body": {"curl-body"},
    "curl": {"curl-method", "curl-url", "header", "accept", "content-type", "curl-body"},
    "site": {"site-endpoint"},
}
"""What follows, anywhere below a subject, from a fact of this topic that one side lacks."""

_BESIDE = {"array": {"type", "format"}, "type": {"format", "enum"}}
"""What follows for the same subject from a fact of this topic that differs."""

_PAIRS: dict[str, Callable[[Fact], Hashable]] = {
    "accept": lambda _: None,
    "content-type": lambda _: None,
    "field": lambda fact: (fact.subject[0], fact.subject[-1]),
    "header": lambda _: None,
    "limit": lambda _: None,
    "permission": lambda _: None,
    "sentence": lambda _: None,
    "site": lambda fact: fact.value,
    "unread": lambda _: None,
    "wording": lambda _: None,
}
"""When one fact is new and one is gone and this agrees, the one became the other."""

_ONLY_IN_BOTH = {"permission-operator"}
"""Means something only where there is more than one permission."""


@frozen
class Contrast:
    """A fact that is not the same on both sides; `how` is added, removed, differs or moved."""

    how: str
    new: Fact | None
    old: Fact | None

    @property
    def fact(self) -> Fact:
        """The fact, as the new side has it if it does."""
        fact = self.new or self.old
        assert fact is not None, "a change has a side"  # noqa: S101  # holds for each constructor here
        return fact


def compare(new: Mapping[Key, Fact], old: Mapping[Key, Fact]) -> list[Contrast]:
    """Every difference, without those that follow from another one."""
    changes = {
        key: _change(new.get(key), old.get(key))
        for key in dict.fromkeys(chain(new, old))
        if not same(new.get(key), old.get(key))
    }
    for key in _unplaced(changes):
        del changes[key]
    return list(_paired([change for key, change in changes.items() if not _follows(key, changes)]))


def _unplaced(changes: Mapping[Key, Contrast]) -> list[Key]:
    """The limit that is the same on both sides, where its list is not."""
    limits = [(key, change.fact) for key, change in changes.items() if key[0] == "limit"]
    hows = {changes[key].how for key, _ in limits}
    if len(limits) == len(hows) == 2 and same(limits[0][1], limits[1][1]):
        return [key for key, _ in limits]
    return []


def same(new: Fact | None, old: Fact | None) -> bool:
    """Whether two facts of the same topic say the same."""
    if new is None or old is None:
        return (new or old).topic in _ONLY_IN_BOTH  # type: ignore[union-attr]  # one of them is there
    if new.topic == "array":
        return str(new.value).count("[") == str(old.value).count("[")
    if new.topic == "header" and None in (new.value, old.value):
        return True  # no variable is known for this header
    if new.topic == "url-rule" and isinstance(new.value, list) != isinstance(old.value, list):
        return True  # words and a pattern: docs_rules compares them
    return _text(new.value) == _text(old.value)


def _text(value: object) -> str:
    """A form in which 1, 1.0, true and "1" differ."""
    return json.dumps(value, sort_keys=True, default=str)


def _change(new: Fact | None, old: Fact | None) -> Contrast:
    how = "differs" if new and old else "added" if new else "removed"
    return Contrast(how, new, old)


def _follows(key: Key, changes: Mapping[Key, Contrast]) -> bool:
    topic, subject = key
    for length in range(len(subject) + 1):
        for above, below in _BELOW.items():
            other = (above, subject[:length])
            if topic in below and other != key and other in changes:
                return True
    causes = [beside for beside, others in _BESIDE.items() if topic in others]
    return any((cause, subject) in changes for cause in causes)


def _paired(changes: list[Contrast]) -> Iterator[Contrast]:
    groups: defaultdict[tuple[str, Hashable], list[Contrast]] = defaultdict(list)
    for change in changes:
        topic = change.fact.topic
        if topic in _PAIRS and change.how != "differs":
            groups[topic, _PAIRS[topic](change.fact)].append(change)
        else:
            yield change
    for (topic, _), group in groups.items():
        if sorted(change.how for change in group) != ["added", "removed"]:
            yield from group
            continue
        new = next(change.new for change in group if change.new)
        old = next(change.old for change in group if change.old)
        yield Contrast("moved" if topic == "field" else "differs", new, old)
