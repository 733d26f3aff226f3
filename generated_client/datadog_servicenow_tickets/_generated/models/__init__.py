# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

"""Contains all the data models used in inputs/outputs"""

from .api_error_response import APIErrorResponse
from .attach_request import AttachRequest
from .case import Case
from .case_attributes import CaseAttributes
from .case_relationships import CaseRelationships
from .case_response import CaseResponse
from .cases_type import CasesType
from .custom_attributes import CustomAttributes
from .finding_identifier import FindingIdentifier
from .findings_relationship import FindingsRelationship
from .findings_type import FindingsType
from .insight import Insight
from .jira_issue import JiraIssue
from .jira_issue_result import JiraIssueResult
from .project_identifier import ProjectIdentifier
from .project_relationship import ProjectRelationship
from .projects_type import ProjectsType
from .service_now_ticket import ServiceNowTicket
from .service_now_ticket_result import ServiceNowTicketResult
from .ticket_attachment import TicketAttachment
from .ticket_attributes import TicketAttributes
from .ticket_relationships import TicketRelationships
from .tickets_type import TicketsType
from .user_identifier import UserIdentifier
from .user_relationship import UserRelationship
from .users_type import UsersType

__all__ = (
    "APIErrorResponse",
    "AttachRequest",
    "Case",
    "CaseAttributes",
    "CaseRelationships",
    "CaseResponse",
    "CasesType",
    "CustomAttributes",
    "FindingIdentifier",
    "FindingsRelationship",
    "FindingsType",
    "Insight",
    "JiraIssue",
    "JiraIssueResult",
    "ProjectIdentifier",
    "ProjectRelationship",
    "ProjectsType",
    "ServiceNowTicket",
    "ServiceNowTicketResult",
    "TicketAttachment",
    "TicketAttributes",
    "TicketRelationships",
    "TicketsType",
    "UserIdentifier",
    "UserRelationship",
    "UsersType",
)
