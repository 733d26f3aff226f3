"""Bare httpx2 that does the same by hand: the body as a dictionary, the answer as one."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx2

from upkeep.bench.probes.timing import API_KEY, APP_KEY, PATH, TICKET_URL, AsyncCall, Call, main

_HEADERS = {"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APP_KEY}


def _body(ticket_url: str, project_id: str, findings: Sequence[str]) -> dict[str, Any]:
    return {
        "data": {
            "attributes": {"servicenow_ticket_url": ticket_url},
            "relationships": {
                "findings": {"data": [{"id": each, "type": "findings"} for each in findings]},
                "project": {"data": {"id": project_id, "type": "projects"}},
            },
            "type": "servicenow_tickets",
        }
    }


def call(url: str, findings: Sequence[str]) -> Call:
    """One attach."""
    client = httpx2.Client()

    def patch() -> object:
        body = _body(TICKET_URL, "a-project", findings)
        response = client.patch(f"{url}{PATH}", json=body, headers=_HEADERS)
        response.raise_for_status()
        return response.json()["data"]

    return patch


def acall(url: str, findings: Sequence[str]) -> AsyncCall:
    """The same, asynchronous."""
    client = httpx2.AsyncClient()

    async def patch() -> object:
        body = _body(TICKET_URL, "a-project", findings)
        response = await client.patch(f"{url}{PATH}", json=body, headers=_HEADERS)
        response.raise_for_status()
        return response.json()["data"]

    return patch


def reader() -> Callable[[str], object]:
    """What reads the text of a 200, as a dictionary."""
    return json.loads


def writer(text: str) -> Call:
    """What writes it."""
    document = json.loads(text)
    return lambda: json.dumps(document)


main(call, reader, writer, acall)
