# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

from enum import StrEnum

from ..types import unknown_member


class TicketsType(StrEnum):
    """The resource type of a ServiceNow ticket. Other strings are kept as unknown members."""

    SERVICENOW_TICKETS = "servicenow_tickets"

    @classmethod
    def _missing_(cls, value: object) -> "TicketsType | None":
        return unknown_member(cls, value)
