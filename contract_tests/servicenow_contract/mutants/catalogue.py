"""Every mutant of a server by name, and those that no request tells from the service."""

import re
import string
from collections.abc import Callable, Mapping

from attrs import field, frozen

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.mutants import (
    answering,
    derived_answers,
    derived_requests,
    holding,
    refusing,
    showing,
    sometimes,
    taking,
)
from servicenow_contract.mutants.kinds import Mutant

WRITTEN = (
    *refusing.TABLE,
    *taking.TABLE,
    *answering.TABLE,
    *showing.TABLE,
    *holding.TABLE,
    *refusing.HALVES,
    *sometimes.TABLE,
    *sometimes.CONCURRENCY,
)
"""The mutants that are written by hand."""


def catalogue(contract: Fragment) -> Mapping[str, Mutant]:
    """All mutants, with those that the contract's keywords bring along.

    Raises ValueError when two have one name.
    """
    derived = (*derived_requests.mutants(contract), *derived_answers.mutants(contract))
    found: dict[str, Mutant] = {}
    for each in (*WRITTEN, *derived):
        if each.name in found:
            raise ValueError(f"two mutants are called {each.name}")
        found[each.name] = each
    return found


@frozen
class Equivalent:
    """Why a mutant is not a fault, so that a program can check it."""

    reason: str
    holds: Callable[[Fragment], bool] = field(repr=False)
    """Whether the reason is true of a contract."""


def _values_are_strings(schema: str) -> Callable[[Fragment], bool]:
    def holds(contract: Fragment) -> bool:
        found = contract.at(f"/components/schemas/{schema}")
        return found["type"] == "string" and all(isinstance(each, str) for each in found["enum"])

    return holds


def _parameters_take_every_digit(contract: Fragment) -> bool:
    pattern = contract.ticket_url_pattern
    escapes = [match.start() for match in re.finditer(re.escape("|%[0-9A-Fa-f]{2}"), pattern)]
    letters = [re.search(r"\[[^]]+\]$", pattern[:place]) for place in escapes]
    if len(letters) != 1 or letters[0] is None:
        return False
    return all(re.fullmatch(letters[0][0], digit) for digit in string.hexdigits)


EQUIVALENTS: Mapping[str, Equivalent] = {
    "bends_count_3_up_in_ticket_attributes_servicenow_ticket_url": Equivalent(
        "A third hexadecimal digit behind a per cent sign is a letter that parameters take anyway.",
        _parameters_take_every_digit,
    ),
} | {
    f"takes_any_type_in_{name}_type": Equivalent(
        "Every listed value is a string, so that `enum` refuses all that `type` refuses.",
        _values_are_strings(f"{name.capitalize()}Type"),
    )
    for name in ("tickets", "findings", "projects")
}
"""The mutants that no request tells from the service."""
