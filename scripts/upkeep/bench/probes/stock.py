"""What openapi-python-client renders with its own templates."""

# mypy: disable-error-code="import-not-found"
# It is rendered into the environment of its own only.

import json
from collections.abc import Callable, Sequence
from typing import Any

from stock_client import AuthenticatedClient
from stock_client.api.security_monitoring import attach_service_now_ticket as operation
from stock_client.models import (
    AttachRequest,
    CaseResponse,
    FindingIdentifier,
    FindingsRelationship,
    FindingsType,
    ProjectIdentifier,
    ProjectRelationship,
    ProjectsType,
    TicketAttachment,
    TicketAttributes,
    TicketRelationships,
    TicketsType,
)

from upkeep.bench.probes.timing import API_KEY, APP_KEY, TICKET_URL, AsyncCall, Call, main


def _body(findings: Sequence[str]) -> AttachRequest:
    return AttachRequest(
        data=TicketAttachment(
            attributes=TicketAttributes(servicenow_ticket_url=TICKET_URL),
            relationships=TicketRelationships(
                findings=FindingsRelationship(
                    data=[
                        FindingIdentifier(id=each, type_=FindingsType.FINDINGS) for each in findings
                    ]
                ),
                project=ProjectRelationship(
                    data=ProjectIdentifier(id="a-project", type_=ProjectsType.PROJECTS)
                ),
            ),
            type_=TicketsType.SERVICENOW_TICKETS,
        )
    )


def _client(url: str) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url=url,
        token=API_KEY,
        auth_header_name="DD-API-KEY",
        prefix="",
        headers={"DD-APPLICATION-KEY": APP_KEY},
    )


def call(url: str, findings: Sequence[str]) -> Call:
    """One attach."""
    client = _client(url)
    return lambda: operation.sync_detailed(client=client, body=_body(findings))


def acall(url: str, findings: Sequence[str]) -> AsyncCall:
    """The same, asynchronous."""
    client = _client(url)
    return lambda: operation.asyncio_detailed(client=client, body=_body(findings))


def reader() -> Callable[[str], Any]:
    """What reads the text of a 200 as a model."""
    return lambda text: CaseResponse.from_dict(json.loads(text))


def writer(text: str) -> Call:
    """What writes the model."""
    model = reader()(text)
    return lambda: json.dumps(model.to_dict())


main(call, reader, writer, acall)
