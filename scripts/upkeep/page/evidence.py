"""What an example says about the places of fields: evidence for the nesting of a table."""

from collections.abc import Callable
from typing import Any

from upkeep.page.model import ANY_KEY, Example, Field

MATCH, UNKNOWN, ABSENT, MISMATCH = 0, 1, 2, 3
"""How badly a place for a field agrees with the example."""

_MAX_VALUES = 50

_FITS: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "boolean": lambda value: isinstance(value, bool),
    **dict.fromkeys(
        ("string", "enum", "date-time", "date", "uuid", "uri", "email"),
        lambda value: isinstance(value, str),
    ),
    **dict.fromkeys(
        ("integer", "int32", "int64", "number", "double", "float"),
        lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    ),
}


class Shape:
    """The values of an example by their path; items of a list share their list's path."""

    def __init__(self, example: Example | None) -> None:
        self._values: dict[tuple[str, ...], list[Any]] = {}
        if example is not None:
            self._add((), example.value)

    def _add(self, path: tuple[str, ...], value: Any) -> None:
        known = self._values.setdefault(path, [])
        if len(known) < _MAX_VALUES:
            known.append(value)
            self._descend(path, value)

    def _descend(self, path: tuple[str, ...], value: Any) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                self._add((*path, name), member)
        elif isinstance(value, list):
            self._values.setdefault(path, []).extend(value[:_MAX_VALUES])
            for item in value[:_MAX_VALUES]:
                self._descend(path, item)

    @property
    def empty(self) -> bool:
        """Whether there is no example."""
        return not self._values

    def has_object(self, path: tuple[str, ...]) -> bool:
        """Whether an object stands at the path."""
        return any(isinstance(value, dict) for value in self._values.get(path, ()))

    def maps(self, path: tuple[str, ...]) -> list[str]:
        """The members of the object at the path that are maps."""
        objects = [value for value in self._values.get(path, ()) if isinstance(value, dict)]
        names = dict.fromkeys(name for value in objects for name in value)
        return [name for name in names if (*path, name, ANY_KEY) in self._values]

    def evidence(self, parent: tuple[str, ...], field: Field) -> int:
        """How badly the field fits below that path: MATCH, UNKNOWN, ABSENT or MISMATCH."""
        if not self.has_object(parent):
            return UNKNOWN
        values = self._values.get((*parent, field.name))
        if values is None:
            return ABSENT
        return MATCH if any(_fits(field, value) for value in values) else MISMATCH


def _fits(field: Field, value: Any) -> bool:
    if field.depth:
        return isinstance(value, list) and _items_fit(field, value)
    return _scalar_fits(field, value)


def _items_fit(field: Field, value: list[Any]) -> bool:
    for _ in range(field.depth - 1):
        value = [inner for item in value if isinstance(item, list) for inner in item]
    return not value or any(_scalar_fits(field, item) for item in value)


def _scalar_fits(field: Field, value: Any) -> bool:
    if field.enum and not (isinstance(value, str) and value in field.enum):
        return False
    return _FITS.get(field.type, lambda _: True)(value)
