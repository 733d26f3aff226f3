# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

"""What goes on the wire and what comes back; sending is not done here."""

from typing import Any

from ...models.api_error_response import APIErrorResponse
from ...models.attach_request import AttachRequest
from ...models.case_response import CaseResponse


def get_kwargs(
    *,
    body: AttachRequest,
) -> dict[str, Any]:
    """The request that attaches what `body` says: method, url, headers and json."""
    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v2/security/findings/servicenow_tickets",
        "headers": {"Content-Type": "application/json"},
    }
    _kwargs["json"] = body.to_dict()

    return _kwargs


def parse_body(status_code: int, data: Any) -> APIErrorResponse | CaseResponse | None:
    """Read the JSON body of an answer.

    Returns None for a status that the contract does not list. Raises ReadError when a required
    member is missing or unusable.
    """
    if status_code == 200:
        return CaseResponse.from_dict(data)
    if status_code == 400:
        return APIErrorResponse.from_dict(data)
    if status_code == 404:
        return APIErrorResponse.from_dict(data)
    if status_code == 429:
        return APIErrorResponse.from_dict(data)
    return None
