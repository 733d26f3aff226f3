"""Which of two regular expressions takes more texts, where that can be shown.

A pattern of JSON Schema is searched for (2020-12, section 6.3.3). It becomes a finite automaton,
and every text that one takes is looked for in the other, by sets of states. What is no regular
language (a look ahead, a reference to a group), or has too many states, stays unknown.
"""

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

# The one reader of expressions that the standard library has; hypothesis reads with it, too.
from re import _constants, _parser
from typing import Any

from attrs import field, frozen

_LAST = 0x10FFFF
_MOST_STATES = 3000
_MOST_STEPS = 20_000

Ranges = tuple[tuple[int, int], ...]
States = frozenset[int]
_Pair = tuple[States, States, tuple[Any, ...]]

_BREAKS = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
_SPACES = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_DIGITS = ((0x30, 0x39),)
_WORDS = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_ANY = ((0, _LAST),)


class Relation(StrEnum):
    """What a new pattern takes, beside an old one."""

    SAME = "rewritten"
    WIDER = "widened"
    NARROWER = "narrowed"
    UNKNOWN = "changed"


class _UnknownError(Exception):
    """It cannot be shown."""


@functools.cache
def relation(old: str, new: str) -> tuple[Relation, str | None]:
    """How a new pattern relates to an old one, and a text that only one of them takes."""
    try:
        before, after = _Automaton.of(old), _Automaton.of(new)
        lost, won = _beyond(before, after), _beyond(after, before)
    except (re.error, _UnknownError, RecursionError):
        return Relation.UNKNOWN, None
    if lost is None:
        return (Relation.SAME, None) if won is None else (Relation.WIDER, won)
    return (Relation.NARROWER if won is None else Relation.UNKNOWN), lost


@frozen
class _Automaton:
    """States from 0 on; it starts in `start`, and takes a text when it ends in `end`."""

    moves: list[list[tuple[Ranges, int]]] = field(factory=list)
    jumps: list[list[tuple[Any, int]]] = field(factory=list)
    """Moves that read nothing; with a position where they are allowed only there."""
    ends: list[int] = field(factory=list)

    @classmethod
    def of(cls, pattern: str) -> "_Automaton":
        """Raises re.error, and _UnknownError for what is no regular language."""
        tree = _parser.parse(pattern, re.ASCII)
        if tree.state.flags & ~(re.ASCII | re.DEBUG):
            raise _UnknownError
        made = cls()
        start = made.state()
        made.moves[start].append((_ANY, start))
        end = made.sequence(tree, start)
        made.moves[end].append((_ANY, end))
        made.ends.append(end)
        return made

    def state(self) -> int:
        """A new state."""
        if len(self.moves) >= _MOST_STATES:
            raise _UnknownError
        self.moves.append([])
        self.jumps.append([])
        return len(self.moves) - 1

    def sequence(self, items: Iterable[tuple[Any, Any]], start: int) -> int:
        """The state behind these parts."""
        for code, value in items:
            start = self._part(code, value, start)
        return start

    def _part(self, code: Any, value: Any, start: int) -> int:
        if code in _READS:
            end = self.state()
            self.moves[start].append((_READS[code](value), end))
        elif code is _constants.AT and value in _POSITIONS:
            end = self.state()
            self.jumps[start].append((value, end))
        elif code is _constants.BRANCH:
            end = self.state()
            for branch in value[1]:
                self.jumps[self.sequence(branch, start)].append((None, end))
        elif code is _constants.SUBPATTERN and not (value[1] or value[2]):
            end = self.sequence(value[3], start)
        elif code in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            end = self._repeated(start, *value)
        else:
            raise _UnknownError
        return end

    def _repeated(self, start: int, least: int, most: Any, items: Any) -> int:
        for _ in range(least):
            start = self.sequence(items, start)
        end = self.state()
        self.jumps[start].append((None, end))
        if most is _constants.MAXREPEAT:
            again = self.state()
            self.jumps[end].append((None, again))
            self.jumps[self.sequence(items, again)].append((None, end))
            return end
        for _ in range(most - least):
            start = self.sequence(items, start)
            self.jumps[start].append((None, end))
        return end

    def closure(self, states: Iterable[int], *positions: Any) -> States:
        """These states and all that they jump to, at some positions in the text."""
        found, todo = set(states), list(states)
        while todo:
            for where, target in self.jumps[todo.pop()]:
                if target not in found and (where is None or where in positions):
                    found.add(target)
                    todo.append(target)
        return frozenset(found)

    def ways(self, characters: Iterable[int]) -> list[dict[int, set[int]]]:
        """For each state, the states behind it by the character that leads there."""
        return [
            {
                character: {
                    target
                    for ranges, target in moves
                    if any(first <= character <= last for first, last in ranges)
                }
                for character in characters
            }
            for moves in self.moves
        ]

    def takes(self, states: States, *positions: Any) -> bool:
        """Whether a text that ends here is taken."""
        at_end = self.closure(states, *positions, *_ENDS)
        return not at_end.isdisjoint(self.ends)


def _beyond(these: _Automaton, those: _Automaton) -> str | None:
    """The shortest text that the one takes and the other does not; None where there is none."""
    characters = _characters(these, those)
    my_ways, other_ways = these.ways(characters), those.ways(characters)
    first: _Pair = (frozenset([0]), frozenset([0]), _STARTS)
    seen, todo = {first}, [(first, "")]
    for steps, ((mine, others, positions), text) in enumerate(todo):  # it grows meanwhile
        if these.takes(mine, *positions) and not those.takes(others, *positions):
            return text
        if steps > _MOST_STEPS:
            raise _UnknownError
        from_mine = these.closure(mine, *positions)
        from_others = those.closure(others, *positions)
        for character in characters:
            ahead = frozenset().union(*(my_ways[state][character] for state in from_mine))
            others_ahead = (other_ways[state][character] for state in from_others)
            found: _Pair = (ahead, frozenset().union(*others_ahead), ())
            if ahead and found not in seen:
                seen.add(found)
                todo.append((found, text + chr(character)))
    return None


def _characters(*automata: _Automaton) -> list[int]:
    """One character of each kind that the automata tell apart; a letter or digit is one."""
    starts = {0, ord("a"), ord("A"), ord("0")}
    for automaton in automata:
        for ranges, _ in (move for moves in automaton.moves for move in moves):
            starts |= {edge for first, last in ranges for edge in (first, last + 1)}
    return sorted(each for each in starts if each <= _LAST)


def _united(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = -1
    for first, end in sorted(ranges):
        if end > last:
            yield max(first, last + 1), end
            last = end


def _without(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All other characters."""
    found, start = [], 0
    for first, last in _united(ranges):
        if first > start:
            found.append((start, first - 1))
        start = last + 1
    return (*found, (start, _LAST)) if start <= _LAST else tuple(found)


def _class(items: Iterable[tuple[Any, Any]]) -> Ranges:
    """The characters of a class such as `[^a-z]`."""
    found: list[tuple[int, int]] = []
    is_negated = False
    for code, value in items:
        if code is _constants.NEGATE:
            is_negated = True
        elif code is _constants.RANGE:
            found.append(value)
        elif code is _constants.LITERAL:
            found.append((value, value))
        elif value in _CATEGORIES:
            found += _CATEGORIES[value]
        else:
            raise _UnknownError
    return _without(found) if is_negated else tuple(found)


_CATEGORIES: dict[Any, Ranges] = {
    _constants.CATEGORY_DIGIT: _DIGITS,
    _constants.CATEGORY_NOT_DIGIT: _without(_DIGITS),
    _constants.CATEGORY_SPACE: _SPACES,
    _constants.CATEGORY_NOT_SPACE: _without(_SPACES),
    _constants.CATEGORY_WORD: _WORDS,
    _constants.CATEGORY_NOT_WORD: _without(_WORDS),
}
_READS: dict[Any, Callable[[Any], Ranges]] = {
    _constants.LITERAL: lambda value: ((value, value),),
    _constants.NOT_LITERAL: lambda value: _without([(value, value)]),
    _constants.ANY: lambda _: _without(_BREAKS),
    _constants.IN: _class,
}
_STARTS = (_constants.AT_BEGINNING,)
_ENDS = (_constants.AT_END,)
_POSITIONS = {*_STARTS, *_ENDS}
