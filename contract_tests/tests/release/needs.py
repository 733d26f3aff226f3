"""What installed distributions declare to need."""

from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(names: set[str], *, everywhere: bool = False) -> set[str]:
    """These distributions and all that they need: on this machine, or `everywhere`.

    What is not installed because only another machine needs it counts with its name alone.
    """
    names, found = set(names), set[str]()
    while names:
        name = canonicalize_name(names.pop())
        if name not in found:
            found.add(name)
            names |= _needed(name, everywhere)
    return found


def _needed(name: str, everywhere: bool) -> set[str]:
    try:
        needs = [Requirement(each) for each in metadata.requires(name) or []]
    except metadata.PackageNotFoundError:
        if not everywhere:
            raise
        return set()
    return {each.name for each in needs if _applies(each, everywhere)}


def _applies(need: Requirement, everywhere: bool) -> bool:
    if everywhere and "extra" not in str(need.marker):
        return True
    return not need.marker or need.marker.evaluate({"extra": ""})
