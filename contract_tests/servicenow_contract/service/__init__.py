"""The reference service: it keeps the contract, needs no account, and lives in plain state."""

from servicenow_contract.service.handler import Request, Response, handle
from servicenow_contract.service.state import State

__all__ = ["Request", "Response", "State", "handle"]
