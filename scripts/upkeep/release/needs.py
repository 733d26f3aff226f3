"""What installed distributions declare to need."""

from collections.abc import Iterable, Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(needs: Iterable[Requirement], *, everywhere: bool = False) -> set[str]:
    """The names of what is asked for and of all that this needs: on this machine, or `everywhere`.

    What is not installed counts with its name alone.
    """
    todo, found = [*needs], set[tuple[str, str]]()
    while todo:
        need = todo.pop()
        for extra in ("", *need.extras):
            each = canonicalize_name(need.name), extra
            if each not in found:
                found.add(each)
                todo += _needed(*each, everywhere)
    return {name for name, _ in found}


def _needed(name: str, extra: str, everywhere: bool) -> Iterator[Requirement]:
    try:
        declared = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for need in map(Requirement, declared):
        elsewhere = everywhere and "extra" not in str(need.marker)
        if elsewhere or not need.marker or need.marker.evaluate({"extra": extra}):
            yield need
