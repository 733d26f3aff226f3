"""A consumer of the client's wheel: run by path, where nothing but the wheel and its needs is.

It calls the reference service at the URL it is given, both ways, and prints what it met and what
the wheel says of itself. The service answers the first request with 503.
"""

import asyncio
import json
import sys
from importlib.metadata import files, version
from pathlib import Path

import datadog_servicenow_tickets as tickets

API_KEY, APP_KEY = "a-stand-in", "another-stand-in"
PROJECT = "a-project"
UNKNOWN = "ZmluZGluZy10aGF0LW5vYm9keS1oYXM="  # that of the service's own world
TICKET = "https://example.service-now.com/incident.do?sys_id=" + "0" * 31


def attached(url: str) -> list[int]:
    """Attach a finding; the status of the answer, and how many attempts it took."""
    with tickets.Client(api_key=API_KEY, app_key=APP_KEY, base_url=url) as client:
        answer = client.attach_findings_detailed(
            ticket_url=f"{TICKET}1", project_id=PROJECT, finding_ids=["finding-001"]
        )
    return [answer.status_code, answer.attempts]


async def attached_async(url: str) -> list[object]:
    """Attach another finding; what the case lists as attached."""
    async with tickets.AsyncClient(api_key=API_KEY, app_key=APP_KEY, base_url=url) as client:
        case = await client.attach_findings(
            ticket_url=f"{TICKET}2", project_id=PROJECT, finding_ids=["finding-002"]
        )
    insights = case.attributes.insights if case.attributes else None
    return [insight.resource_id for insight in insights or []]


def refusal(url: str, finding: str, ticket: str = f"{TICKET}3") -> str:
    """The error that a wrong call raises, and whether it was applied."""
    with tickets.Client(api_key=API_KEY, app_key=APP_KEY, base_url=url, max_retries=0) as client:
        try:
            client.attach_findings(ticket_url=ticket, project_id=PROJECT, finding_ids=[finding])
        except tickets.ServiceNowTicketsError as error:
            return f"{type(error).__name__} {error.applied}"
    return "no error"


def main(url: str) -> None:
    """Call, and print what was met as JSON."""
    said = {
        "sync": attached(url),
        "async": asyncio.run(attached_async(url)),
        "unknown": refusal(url, UNKNOWN),
        "invalid": refusal(url, "finding-001", ticket="ftp://elsewhere"),
        "unreachable": refusal("http://127.0.0.1:1", "finding-001"),
        "typed": any(path.name == "py.typed" for path in files("datadog-servicenow-tickets") or ()),
        "installed": "site-packages" in Path(tickets.__file__).parts,
        "metadata": version("datadog-servicenow-tickets"),
        "version": tickets.provenance.version,
        "commit": tickets.provenance.commit,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
