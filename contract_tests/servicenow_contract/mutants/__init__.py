"""Servers that each break one promise of the contract: the suite is proven by killing them."""

from servicenow_contract.mutants.catalogue import groups, servers
from servicenow_contract.mutants.family import Mutant
from servicenow_contract.mutants.running import Death, judge

__all__ = ["Death", "Mutant", "groups", "judge", "servers"]
