# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

from enum import StrEnum

from ..types import unknown_member


class UsersType(StrEnum):
    """The resource type of a user. Other strings are kept as unknown members."""

    USERS = "users"

    @classmethod
    def _missing_(cls, value: object) -> "UsersType | None":
        return unknown_member(cls, value)
