# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

from enum import StrEnum

from ..types import unknown_member


class CasesType(StrEnum):
    """The resource type of a case. Other strings are kept as unknown members."""

    CASES = "cases"

    @classmethod
    def _missing_(cls, value: object) -> "CasesType | None":
        return unknown_member(cls, value)
