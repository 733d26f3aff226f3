"""Gives the classes of attrs, and named tuples, the constructor that they have at run time.

griffe reads source and does so for the standard library's data classes only.
"""

import re
from collections.abc import Iterator

import griffe

_DEFINED = {"attrs.define", "attrs.frozen", "attrs.mutable"}
_KIND = griffe.ParameterKind


def add_constructors(holder: griffe.Module | griffe.Class) -> None:
    """Add `__init__` to every class below that has none of its own, and is made of its fields."""
    for member in list(holder.members.values()):
        if isinstance(member, griffe.Class):
            if "__init__" not in member.members and _is_made_of_fields(member):
                member.set_member("__init__", _constructor(member))
            add_constructors(member)
        elif isinstance(member, griffe.Module):
            add_constructors(member)


def _is_made_of_fields(cls: griffe.Class) -> bool:
    if {str(each.callable_path) for each in cls.decorators} & _DEFINED:
        return True
    return any(str(base).rpartition(".")[2] == "NamedTuple" for base in cls.bases)


def _constructor(cls: griffe.Class) -> griffe.Function:
    itself = griffe.Parameter("self", kind=_KIND.positional_or_keyword)
    fields = {each.name: each for each in _parameters(cls)}.values()
    by_place = [each for each in fields if each.kind is not _KIND.keyword_only]
    by_name = [each for each in fields if each.kind is _KIND.keyword_only]
    parameters = griffe.Parameters(itself, *by_place, *by_name)
    return griffe.Function("__init__", parameters=parameters, parent=cls, returns="None")


def _parameters(cls: griffe.Class) -> Iterator[griffe.Parameter]:
    """The fields of the bases, then those of the class."""
    for base in reversed(cls.resolved_bases):
        target = base.final_target if isinstance(base, griffe.Alias) else base
        if isinstance(target, griffe.Class) and _is_made_of_fields(target):
            yield from _parameters(target)
    decorators = " ".join(str(each.value) for each in cls.decorators)
    kind = _KIND.keyword_only if "kw_only=True" in decorators else _KIND.positional_or_keyword
    for name, member in cls.members.items():
        if not isinstance(member, griffe.Attribute) or member.annotation is None:
            continue
        constant = "class-attribute" in member.labels and "instance-attribute" not in member.labels
        if "property" in member.labels or constant:
            continue
        default, is_given = _default(member)
        if is_given:
            yield griffe.Parameter(
                name.lstrip("_"), annotation=member.annotation, kind=kind, default=default
            )


def _default(field: griffe.Attribute) -> tuple[str | griffe.Expr | None, bool]:
    """The default of a field, and whether the constructor takes it."""
    if not re.match(r"(\w+\.)?\w*field\(", str(field.value)):
        return field.value, True
    said = str(field.value)
    default = re.search(r"\b(?:default|factory)=([^,)]+)", said)
    return default[1] if default else None, "init=False" not in said
