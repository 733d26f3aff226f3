"""Servers that each break one promise of the contract: the suite is proven by killing them.

The tables are named after what their servers do: they refuse, take, answer, show, hold and refuse
by halves; `sometimes` holds what goes wrong on some occasions only. `kinds` says how a row is
written, `derived_requests` and `derived_answers` make mutants of the fragment's own keywords.
"""

from servicenow_contract.mutants.catalogue import catalogue
from servicenow_contract.mutants.judge import Death, judge
from servicenow_contract.mutants.kinds import Mutant

__all__ = ["Death", "Mutant", "catalogue", "judge"]
