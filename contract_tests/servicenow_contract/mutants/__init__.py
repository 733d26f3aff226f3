"""Servers that each break one promise of the contract: the suite is proven by killing them."""

from servicenow_contract.mutants.catalogue import groups, servers
from servicenow_contract.mutants.judge import Death, judge
from servicenow_contract.mutants.kinds import Mutant

__all__ = ["Death", "Mutant", "groups", "judge", "servers"]
