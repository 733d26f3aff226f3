"""The request that attaches findings to a ticket, as a body."""

from collections.abc import Sequence
from typing import Any


def attach_body(ticket: str, findings: Sequence[str], project: str) -> dict[str, Any]:
    """The request body that attaches findings to a ticket."""
    return {
        "data": {
            "attributes": {"servicenow_ticket_url": ticket},
            "relationships": {
                "findings": {"data": [{"id": each, "type": "findings"} for each in findings]},
                "project": {"data": {"id": project, "type": "projects"}},
            },
            "type": "servicenow_tickets",
        }
    }
