"""The official client, with no module imported that the call does not need."""

# mypy: disable-error-code="import-not-found"
# It is installed in the environment of its own only.

import json
from collections.abc import Callable, Sequence
from typing import Any

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.model_utils import data_to_dict
from datadog_api_client.v2.api.security_monitoring_api import SecurityMonitoringApi
from datadog_api_client.v2.model.attach_service_now_ticket_request import (
    AttachServiceNowTicketRequest,
)
from datadog_api_client.v2.model.attach_service_now_ticket_request_data import (
    AttachServiceNowTicketRequestData,
)
from datadog_api_client.v2.model.attach_service_now_ticket_request_data_attributes import (
    AttachServiceNowTicketRequestDataAttributes,
)
from datadog_api_client.v2.model.attach_service_now_ticket_request_data_relationships import (
    AttachServiceNowTicketRequestDataRelationships,
)
from datadog_api_client.v2.model.case_management_project import CaseManagementProject
from datadog_api_client.v2.model.case_management_project_data import CaseManagementProjectData
from datadog_api_client.v2.model.case_management_project_data_type import (
    CaseManagementProjectDataType,
)
from datadog_api_client.v2.model.finding_data import FindingData
from datadog_api_client.v2.model.finding_data_type import FindingDataType
from datadog_api_client.v2.model.findings import Findings
from datadog_api_client.v2.model.service_now_tickets_data_type import ServiceNowTicketsDataType

from upkeep.bench.probes.timing import API_KEY, APP_KEY, TICKET_URL, Call, main


def _body(findings: Sequence[str]) -> AttachServiceNowTicketRequest:
    return AttachServiceNowTicketRequest(
        data=AttachServiceNowTicketRequestData(
            attributes=AttachServiceNowTicketRequestDataAttributes(
                servicenow_ticket_url=TICKET_URL
            ),
            relationships=AttachServiceNowTicketRequestDataRelationships(
                findings=Findings(
                    data=[FindingData(id=each, type=FindingDataType.FINDINGS) for each in findings]
                ),
                project=CaseManagementProject(
                    data=CaseManagementProjectData(
                        id="a-project", type=CaseManagementProjectDataType.PROJECTS
                    )
                ),
            ),
            type=ServiceNowTicketsDataType.SERVICENOW_TICKETS,
        )
    )


def call(url: str, findings: Sequence[str]) -> Call:
    """One attach."""
    configuration = Configuration(host=url)
    configuration.api_key["apiKeyAuth"] = API_KEY
    configuration.api_key["appKeyAuth"] = APP_KEY
    api = SecurityMonitoringApi(ApiClient(configuration))
    return lambda: api.attach_service_now_ticket(_body(findings))


def reader() -> Callable[[str], Any]:
    """What reads the text of a 200 as a model."""
    from datadog_api_client.v2.model.finding_case_response import (  # noqa: PLC0415  # `call` has no need of it
        FindingCaseResponse,
    )

    client = ApiClient(Configuration())
    return lambda text: client.deserialize(text, (FindingCaseResponse,), True)


def writer(text: str) -> Call:
    """What writes the model."""
    model = reader()(text)
    return lambda: json.dumps(data_to_dict(model))


main(call, reader, writer)
