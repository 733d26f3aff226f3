"""Servers that do one thing wrong on one occasion only: each fault crossed with each occasion.

Of the crosses every third is a mutant: each fault and each occasion is among them, and they are
judged in a third of the time.
"""

from collections.abc import Sequence

from servicenow_contract.mutants.crossed import rights, wrongs
from servicenow_contract.mutants.kinds import Mutant

_SHARE = 3


def crosses() -> Sequence[Mutant]:
    """All of them."""
    return [*rights.crosses(), *wrongs.crosses()]


def mutants() -> Sequence[Mutant]:
    """Those that belong to the family."""
    return crosses()[::_SHARE]
