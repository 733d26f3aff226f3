"""The reference service: it keeps the contract, needs no account, and lives in plain state."""

from servicenow_contract.service.handler import Ending, Request, Respond, Response, handle
from servicenow_contract.service.service import Call, Service
from servicenow_contract.service.state import State

PORT = 8910
"""Where `serve` listens unless told otherwise: 8125 and 8126 belong to Datadog's agent."""
__all__ = ["PORT", "Call", "Ending", "Request", "Respond", "Response", "Service", "State", "handle"]
