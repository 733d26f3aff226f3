"""The tree of fields behind a Model table.

The table lists the tree in order, each row with its parent's name only, and one name (`data`,
`attributes`, `result`) occurs at several depths. A row belongs to the deepest open field of that
name which lacks such a field, unless the example of the same section speaks for another one. Where
that leads into a contradiction, rows may stand out of order, or their parent's row may be missing:
each costs, and the cheapest reading wins. The search keeps WIDTH readings, so the work is bounded.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import attrs
from attrs import frozen

from upkeep.page.evidence import MATCH, UNKNOWN, Shape
from upkeep.page.model import ANY_KEY, Field, PageError

WIDTH = 12
MAX_DEPTH = 24
MAP_PARENT = "additionalProperties"

_AFTER_MAP = 3  # a field of an object whose map row came already
_MAP_LATE = 8  # a map row under an object that has fields, where the example shows no map
_OUT_OF_ORDER = 8  # a field of an object that is not open any more
_NO_ROW = 8  # a field of an object that has no row
_TWICE = 5  # a row that stood before
_ROOT = -1


@frozen
class Row:
    """A row of the table: its field, without children, and the name in the Parent column."""

    parent: str
    field: Field


class _FieldNode(NamedTuple):
    name: str
    parent: int
    row: int | None  # None for a field without a row
    path: tuple[str, ...]


class _Move(NamedTuple):
    """One place for the next row."""

    cost: int
    ups: int
    reading: "_Nesting"
    parent: int
    missing: str | None = None  # a parent without a row, to put between
    same: int | None = None  # the field that the row describes, when it is there already


class _Nesting(NamedTuple):
    cost: int
    ups: int  # how often a deeper field of the same name was passed over
    nodes: tuple[_FieldNode, ...]
    taken: frozenset[tuple[int, str]]
    last: int
    twice: int | None  # a row that stood before

    def chain(self, node: int) -> Iterator[int]:
        """The node and its ancestors, from the deepest."""
        while node != _ROOT:
            yield node
            node = self.nodes[node].parent

    def path(self, node: int) -> tuple[str, ...]:
        return () if node == _ROOT else self.nodes[node].path


def nest(rows: Sequence[Row], shape: Shape) -> tuple[Field, ...]:
    """The fields without a parent, each with the fields below it.

    Raises PageError for a row that has no place: its parent is not above it, or the field stands
    twice.
    """
    best: _Nesting | None = None
    others: list[_Nesting] = []
    with suppress(PageError):  # the full search below finds a place, or says why there is none
        best, *others = _search(rows, shape, strict=True)
    if best is None or best.cost > (UNKNOWN * len(rows) if shape.empty else MATCH):
        best, *others = _search(rows, shape, strict=False)
    if best.twice is not None:
        row = rows[best.twice].field
        raise PageError(row.line, f"the row of {row.name!r} appears twice", "remove one of the two")
    return _tree(best.nodes, _with_others(best, others, rows), _ROOT)


def _with_others(best: _Nesting, others: Sequence[_Nesting], rows: Sequence[Row]) -> list[Row]:
    """The rows; each knows the further places that readings of the same cost give it."""
    equal = [best, *(each for each in others if each.cost == best.cost)]
    first, *more = [{node.row: node.path for node in each.nodes} for each in equal]
    found = []
    for number, row in enumerate(rows):
        paths = dict.fromkeys(each[number] for each in more if number in each)
        also = tuple(path for path in paths if path != first.get(number))
        found.append(attrs.evolve(row, field=attrs.evolve(row.field, also=also)))
    return found


def _search(rows: Sequence[Row], shape: Shape, *, strict: bool) -> list[_Nesting]:
    readings = [_Nesting(0, 0, (), frozenset(), _ROOT, None)]
    for number, row in enumerate(rows):
        moves = [
            move
            for reading in readings
            for move in _moves(reading, row, rows, shape, strict=strict)
            if len(reading.path(move.parent)) < MAX_DEPTH
        ]
        if not moves:
            raise _no_place(row)
        moves.sort(key=lambda move: (move.cost, move.ups))
        readings = [_apply(move, number, row.field.name) for move in moves[:WIDTH]]
    return readings


def _no_place(row: Row) -> PageError:
    name, parent = row.field.name, row.parent
    if not parent:
        return PageError(
            row.field.line, f"the row of {name!r} appears twice", "remove one of the two"
        )
    what = f"no row above is a parent {parent!r} that still lacks the field {name!r}"
    return PageError(
        row.field.line, what, "correct the Parent field column, or save the page again"
    )


def _moves(
    reading: _Nesting, row: Row, rows: Sequence[Row], shape: Shape, *, strict: bool
) -> Iterator[_Move]:
    """Every place for the row; the strict ones are the open fields of its parent's name."""
    name = row.field.name
    if not row.parent:
        if (_ROOT, name) not in reading.taken:
            cost = shape.evidence((), row.field)
            yield _Move(reading.cost + cost, reading.ups, reading, _ROOT)
        return
    chain = list(reading.chain(reading.last))
    for ups, node in enumerate(n for n in chain if _is_parent(reading, n, row, rows)):
        cost = shape.evidence(reading.path(node), row.field)
        cost += reading.cost + _map_cost(reading, node, row, cost)
        if (node, name) not in reading.taken:
            yield _Move(cost, reading.ups + ups, reading, node)
        elif (known := _child(reading, node, name)).row is None or (
            not strict and _alike(rows[known.row], row)
        ):
            cost += 0 if known.row is None else _TWICE
            number = reading.nodes.index(known)
            yield _Move(cost, reading.ups + ups, reading, node, same=number)
    if not strict:
        yield from _closed(reading, row, shape, set(chain))
        yield from _without_row(reading, row, rows, shape, chain)


def _is_parent(reading: _Nesting, node: int, row: Row, rows: Sequence[Row]) -> bool:
    if row.parent == MAP_PARENT and row.field.name == ANY_KEY:
        return _holds_fields(reading, node, rows)
    return reading.nodes[node].name == row.parent


def _holds_fields(reading: _Nesting, node: int, rows: Sequence[Row]) -> bool:
    row = reading.nodes[node].row
    return row is None or rows[row].field.type == "object"


def _map_cost(reading: _Nesting, node: int, row: Row, evidence: int) -> int:
    if row.field.name == ANY_KEY:
        return 0 if MATCH in {evidence, node - reading.last} else _MAP_LATE
    return _AFTER_MAP if (node, ANY_KEY) in reading.taken else 0


def _child(reading: _Nesting, node: int, name: str) -> _FieldNode:
    return next(each for each in reading.nodes if each.parent == node and each.name == name)


def _alike(one: Row, other: Row) -> bool:
    first, second = one.field, other.field
    return (first.type_word, first.description) == (second.type_word, second.description)


def _closed(reading: _Nesting, row: Row, shape: Shape, chain: set[int]) -> Iterator[_Move]:
    """Places under fields that are not open any more: the row stands out of order."""
    name = row.field.name
    named = (n for n in range(len(reading.nodes)) if reading.nodes[n].name == row.parent)
    closed = [n for n in named if n not in chain and (n, name) not in reading.taken]
    for node in closed[-WIDTH:]:
        cost = shape.evidence(reading.path(node), row.field) + _OUT_OF_ORDER
        yield _Move(reading.cost + cost, reading.ups, reading, node)


def _without_row(
    reading: _Nesting, row: Row, rows: Sequence[Row], shape: Shape, chain: Sequence[int]
) -> Iterator[_Move]:
    """Places under a parent that has no row of its own, where the example shows that parent."""
    for node in (*(n for n in chain if _holds_fields(reading, n, rows)), _ROOT):
        path = reading.path(node)
        names = [row.parent] if row.parent != MAP_PARENT else shape.maps(path)
        for missing in names:
            if (node, missing) not in reading.taken and shape.has_object((*path, missing)):
                cost = shape.evidence((*path, missing), row.field) + _NO_ROW
                yield _Move(reading.cost + cost, reading.ups, reading, node, missing=missing)


def _apply(move: _Move, row: int, name: str) -> _Nesting:
    reading, parent, nodes, taken = move.reading, move.parent, move.reading.nodes, set()
    if move.same is not None:
        known = nodes[move.same]
        if known.row is not None:
            return reading._replace(cost=move.cost, ups=move.ups, twice=row)
        nodes = (*nodes[: move.same], known._replace(row=row), *nodes[move.same + 1 :])
        return reading._replace(cost=move.cost, ups=move.ups, nodes=nodes, last=move.same)
    if move.missing is not None:
        path = (*reading.path(parent), move.missing)
        taken.add((parent, move.missing))
        nodes = (*nodes, _FieldNode(move.missing, parent, None, path))
        parent = len(nodes) - 1
    path = (*(() if parent == _ROOT else nodes[parent].path), name)
    taken.add((parent, name))
    nodes = (*nodes, _FieldNode(name, parent, row, path))
    taken |= reading.taken
    last = len(nodes) - 1
    return _Nesting(move.cost, move.ups, nodes, frozenset(taken), last, reading.twice)


def _tree(nodes: Sequence[_FieldNode], rows: Sequence[Row], parent: int) -> tuple[Field, ...]:
    fields = []
    for number, node in enumerate(nodes):
        if node.parent == parent:
            below = _tree(nodes, rows, number)
            if node.row is None:
                line = below[0].line
                fields.append(Field(line, node.name, "object", 0, children=below, implied=True))
            else:
                fields.append(attrs.evolve(rows[node.row].field, children=below))
    return tuple(fields)
