"""Every mutant of the server family, by name."""

import functools
from collections.abc import Mapping

from servicenow_contract.mutants import (
    acceptance,
    atomicity,
    bodies,
    concurrency,
    derived_answers,
    derived_requests,
    entrance,
    envelopes,
    keeping,
    lenience,
    linking,
    moving,
    occasional,
    overlooked,
    refusal,
    shown_cases,
    shown_findings,
    shown_tickets,
    statuses,
)
from servicenow_contract.mutants.kinds import Mutant

_WRITTEN = (
    acceptance,
    atomicity,
    bodies,
    concurrency,
    entrance,
    envelopes,
    keeping,
    lenience,
    linking,
    moving,
    occasional,
    overlooked,
    refusal,
    shown_cases,
    shown_findings,
    shown_tickets,
    statuses,
)


def written() -> list[Mutant]:
    """The mutants that are written by hand."""
    return [each for module in _WRITTEN for each in module.family]


def derived() -> list[Mutant]:
    """The mutants that the fragment's keywords bring with them."""
    return [*derived_requests.family(), *derived_answers.family()]


def groups() -> Mapping[str, str]:
    """What each mutant is about, in a word or two, by its name."""
    parts = {module.__name__.rpartition(".")[2]: list(module.family) for module in _WRITTEN}
    parts["derived requests"] = derived_requests.family()
    parts["derived answers"] = derived_answers.family()
    return {each.name: part.replace("_", " ") for part, found in parts.items() for each in found}


@functools.cache
def servers() -> Mapping[str, Mutant]:
    """The whole family. Raises ValueError when two mutants have one name."""
    found: dict[str, Mutant] = {}
    for each in (*written(), *derived()):
        if each.name in found:
            raise ValueError(f"two mutants are called {each.name}")
        found[each.name] = each
    return found
