"""Which models other code writes, and which it reads; what a change of them breaks follows."""

import re
from collections.abc import Iterator, Set

import griffe
from attrs import field, frozen

from upkeep.changes.names import PACKAGE, Found, Names

MODELS = f"{PACKAGE}.models"


@frozen
class Usage:
    """The classes of the models module by what happens to them; all others are read only."""

    written: Set[str] = field(factory=frozenset)
    read: Set[str] = field(factory=frozenset)

    @classmethod
    def of(cls, *sides: Names) -> "Usage":
        """Follow the annotations of what is public, from parameters and from what comes back."""
        written, read = set[str](), set[str]()
        for names in sides:
            outside = {
                name: found
                for name, found in names.public.items()
                if not name.startswith(f"{MODELS}.")
            }
            written |= _closure(names, (a for each in outside.values() for a in _taken(each)))
            read |= _closure(names, (a for each in outside.values() for a in _given(each)))
        return cls(written, read)

    def is_written(self, name: str) -> bool:
        """Whether a class, or the class of a member, is made by callers. Unused ones may be."""
        model = _model_of(name)
        return model is not None and (model in self.written or model not in self.read)

    def is_read(self, name: str) -> bool:
        """Whether a class, or the class of a member, comes with answers. Unused ones may."""
        model = _model_of(name)
        return model is None or model in self.read or model not in self.written


def _model_of(name: str) -> str | None:
    inside = name.removeprefix(f"{MODELS}.")
    return None if inside == name else inside.partition(".")[0]


def _taken(found: Found) -> Iterator[object]:
    """What other code passes; answers and errors are made by the client, whatever they take."""
    if found.is_function and found.name != "__init__":
        yield from (each.annotation for each in found.parameters)


def _given(found: Found) -> Iterator[object]:
    if found.is_function:
        yield found.returns
    elif found.is_attribute:
        yield found.annotation
    elif found.is_class:
        yield from found.bases  # such as Response[CaseResponse]


def _closure(names: Names, annotations: Iterator[object]) -> set[str]:
    """The models that annotations name, and all that those hold."""
    todo, found = [*annotations], set[str]()
    while todo:
        for word in re.findall(r"\w+", str(todo.pop())):
            model = names.public.get(f"{MODELS}.{word}")
            if model is not None and model.is_class and word not in found:
                found.add(word)
                members = model.all_members.values()
                todo += [each.annotation for each in members if each.is_attribute]
    return found


def is_text(names: Names, word: str) -> bool:
    """Whether an annotation's word is an enumeration of strings, which are strings."""
    found = names.public.get(f"{MODELS}.{word}") or names.public.get(f"{PACKAGE}.{word}")
    target = found.final_target if isinstance(found, griffe.Alias) else found
    return isinstance(target, griffe.Class) and any(str(b) == "StrEnum" for b in target.bases)
