# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

"""What the models are read with and written with.

Reading keeps everything: a value that is not what the contract documents stays, as it came, in
`additional_properties` of the model that holds it, its attribute stays `UNSET`, and `to_dict` writes
it back. Only a required member that is missing or unusable makes a model unreadable.
"""

import datetime
from collections.abc import Callable, Mapping, MutableMapping
from enum import StrEnum
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Self, TypeVar

from attrs import define, evolve, fields

if TYPE_CHECKING:
    from uuid import UUID

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Unset:
    """The type of `UNSET`: the member is absent."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()
_ABSENT = object()


@define(eq=False, repr=False)
class Model:
    """What all models have in common: their members make them equal, and their `repr` shows them.

    attrs would write both anew for each model, and compile them in every process.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [field.name for field in fields(type(self))]
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __replace__(self, **changes: Any) -> Self:
        """What `copy.replace` makes, as `attrs.evolve` does: a twin, and what is open stays."""
        return evolve(self, **changes)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # its members change

    @recursive_repr()
    def __repr__(self) -> str:
        names = [field.name for field in fields(type(self))]
        members = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({members})"


@define
class Response(Generic[T]):
    """An answer: its status, body, headers, and the model that was read from the body."""

    status_code: int
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


class ReadError(ValueError):
    """A JSON value is not what the contract documents.

    `pointer` is the JSON Pointer (RFC 6901) of the value, `problem` says what is wrong with it.
    """

    def __init__(self, problem: str, pointer: str = "") -> None:
        super().__init__(problem, pointer)
        self.problem = problem
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer or 'the whole body'}: {self.problem}"

    def below(self, key: str) -> "ReadError":
        """The same error, seen from the object that holds the value under `key`."""
        token = key.replace("~", "~0").replace("/", "~1")
        return ReadError(self.problem, f"/{token}{self.pointer}")


class Timestamp(datetime.datetime):
    """A point in time that remembers the text it was read from.

    `text` holds every digit of that text; a value that was computed from it has none.
    """

    text: str | None = None

    @classmethod
    def read(cls, text: str) -> "Timestamp":
        """Read a date-time of RFC 3339; a leap second is the first moment of the next minute.

        Raises ValueError or OverflowError when `text` is no such date-time, or has no offset.
        """
        plain = text.upper()
        leap = plain[16:19] == ":60"
        value = cls.fromisoformat(f"{plain[:17]}59{plain[19:]}" if leap else plain)
        if value.tzinfo is None:
            raise ValueError("a date-time needs an offset")
        if leap:
            value += datetime.timedelta(seconds=1)
        value.text = text
        return value

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.text is None:
            return super().__reduce_ex__(protocol)
        return Timestamp.read, (self.text,)


def write_datetime(value: datetime.datetime) -> str:
    """The text that `value` was read from, else its ISO 8601 form."""
    text: str | None = getattr(value, "text", None)
    return value.isoformat() if text is None else text


def unknown_member(enum: type[E], value: object) -> E | None:
    """A member of `enum` for a string that the contract does not list, so that it is kept."""
    if not isinstance(value, str):
        return None
    member = str.__new__(enum, value)
    member._name_ = "UNKNOWN"
    member._value_ = value
    return member


def read_any(value: Any) -> Any:
    """Any JSON value, as it is."""
    return value


def _reader(expected: str, kind: type[T], *, but_not: type | None = None) -> Callable[[Any], T]:
    def read(value: Any) -> T:
        if isinstance(value, kind) and not (but_not and isinstance(value, but_not)):
            return value
        raise ReadError(f"expected {expected}, found {kind_of(value)}")

    return read


def kind_of(value: Any) -> str:
    """The JSON type of a Python value, in words; never the value itself."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an object" if isinstance(value, Mapping) else "an array"


def read_str(value: Any) -> str:
    """Any string."""
    if isinstance(value, str):
        return value
    raise ReadError(f"expected a string, found {kind_of(value)}")


read_bool = _reader("a boolean", bool)
read_int = _reader("a whole number", int, but_not=bool)
_read_list: Callable[[Any], list[Any]] = _reader("an array", list)
_read_object: Callable[[Any], Mapping[str, Any]] = _reader("an object", Mapping)  # type: ignore[type-abstract]  # only isinstance


def read_none(value: Any) -> None:
    """Null."""
    if value is not None:
        raise ReadError(f"expected null, found {kind_of(value)}")


def read_float(value: Any) -> float:
    """Any number; a whole one stays whole, so that it is written as it came."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ReadError(f"expected a number, found {kind_of(value)}")


def _read_text(what: str, parse: Callable[[str], T]) -> Callable[[Any], T]:
    def read(value: Any) -> T:
        text = read_str(value)
        try:
            return parse(text)
        except (ValueError, OverflowError):
            raise ReadError(f"expected {what}, found another string") from None

    return read


def _uuid(text: str) -> "UUID":
    from uuid import UUID  # slow to load, and few contracts have any

    return UUID(text)


read_datetime = _read_text("a date-time of RFC 3339", Timestamp.read)
read_date = _read_text("a full-date of RFC 3339", datetime.date.fromisoformat)
read_uuid = _read_text("a UUID", _uuid)


def enum_of(enum: type[E]) -> Callable[[Any], E]:
    """A reader of the strings that `enum` lists, and of any other string as an unknown member."""

    def read(value: Any) -> E:
        return enum(read_str(value))

    return read


def list_of(read_item: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """A reader of arrays whose items `read_item` reads."""

    def read(value: Any) -> list[T]:
        found = _read_list(value)
        items: list[T] = []
        try:
            for item in found:
                items.append(read_item(item))
        except ReadError as error:
            raise error.below(str(len(items))) from None
        return items

    return read


def one_of(*readers: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A reader of what the first fitting one of `readers` reads."""

    def read(value: Any) -> Any:
        for reader in readers:
            try:
                return reader(value)
            except ReadError:
                continue
        raise ReadError(f"expected another type, found {kind_of(value)}")

    return read


def open_object(value: Any) -> dict[str, Any]:
    """A copy of a JSON object, to take members from. Raises ReadError for anything else."""
    return dict(_read_object(value))


def take(members: dict[str, Any], key: str, read: Callable[[Any], T]) -> T:
    """Take a required member. Raises ReadError when it is missing or `read` refuses it."""
    value: Any = members.pop(key, _ABSENT)
    if value is _ABSENT:
        raise ReadError("missing").below(key)
    try:
        return read(value)
    except ReadError as error:
        raise error.below(key) from None


def take_str(members: dict[str, Any], key: str) -> str:
    """The same with `read_str`, in less time."""
    value = members.pop(key, _ABSENT)
    if isinstance(value, str):
        return value
    return take({key: value}, key, read_str)


def take_enum(members: dict[str, Any], key: str, enum: type[E]) -> E:
    """The same with a reader of `enum`, in less time."""
    return enum(take_str(members, key))


def take_optional(members: dict[str, Any], key: str, read: Callable[[Any], T]) -> T | Unset:
    """Take a member that may be absent; what `read` refuses stays in `members`."""
    value: Any = members.pop(key, _ABSENT)
    if value is _ABSENT:
        return UNSET
    try:
        return read(value)
    except ReadError:
        members[key] = value
        return UNSET


def put_back(members: dict[str, Any], key: str, value: Any) -> Unset:
    """Leave what is no string in `members`, if it was there: the attribute is unset then."""
    if value is not UNSET:
        members[key] = value
    return UNSET


def read_members(members: dict[str, Any], read: Callable[[Any], T]) -> dict[str, T]:
    """Read every member of an object whose members are alike."""
    return {key: take(members, key, read) for key in list(members)}


__all__ = ["UNSET", "ReadError", "Response", "Timestamp", "Unset"]
