"""A case as the service shows it, under the names that the page gives what is known of it."""

from typing import Any

from servicenow_contract.service.state import Case, Ticket

USER = "00000000-0000-0000-2345-000000000000"
"""The one user that the service knows: it creates and changes every case."""


def case_of(case: Case, ticket: Ticket) -> dict[str, Any]:
    """What the service knows of a case, under the names that the page gives it."""
    user = {"data": {"id": USER, "type": "users"}}
    return {
        "data": {
            "attributes": {
                "created_at": _timestamp(case.created_at),
                "creation_source": "CS_SECURITY_FINDING",
                "description": "Security findings that are attached to a ServiceNow ticket.",
                "insights": [_insight(finding) for finding in case.findings],
                "key": case.key,
                "modified_at": _timestamp(case.modified_at),
                "priority": "NOT_DEFINED",
                "servicenow_ticket": {"result": _ticket_result(ticket), "status": "COMPLETED"},
                "status": "OPEN",
                "status_group": "SG_OPEN",
                "status_name": "Open",
                "title": f"Security findings of incident {ticket.sys_id}",
                "type": "SECURITY",
            },
            "id": case.id,
            "relationships": {
                "created_by": user,
                "modified_by": user,
                "project": {"data": {"id": case.project, "type": "projects"}},
            },
            "type": "cases",
        }
    }


def _insight(finding: str) -> dict[str, str]:
    return {
        "ref": f"/security/findings/{finding}",
        "resource_id": finding,
        "type": "SECURITY_FINDING",
    }


def _ticket_result(ticket: Ticket) -> dict[str, str]:
    direct = f"https://{ticket.instance}.service-now.com/{ticket.table}.do?sys_id={ticket.sys_id}"
    return {
        "instance_name": ticket.instance,
        "sys_id": ticket.sys_id,
        "sys_target_link": direct,
        "sys_target_sys_id": ticket.sys_id,
        "table_name": ticket.table,
        "url": ticket.url,
    }


def _timestamp(moment: object) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
