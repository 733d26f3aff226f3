"""Bare httpx that does the same by hand: the body as a dictionary, the answer as one."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from upkeep.bench_probes.timing import API_KEY, APP_KEY, PATH, TICKET_URL, main


def _body(ticket_url: str, project_id: str, finding_id: str) -> dict[str, Any]:
    return {
        "data": {
            "attributes": {"servicenow_ticket_url": ticket_url},
            "relationships": {
                "findings": {"data": [{"id": finding_id, "type": "findings"}]},
                "project": {"data": {"id": project_id, "type": "projects"}},
            },
            "type": "servicenow_tickets",
        }
    }


def call(url: str) -> Callable[[], object]:
    """One finding, attached."""
    client = httpx.Client()
    headers = {"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APP_KEY}

    def patch() -> object:
        body = _body(TICKET_URL, "a-project", "a-finding")
        response = client.patch(f"{url}{PATH}", json=body, headers=headers)
        response.raise_for_status()
        return response.json()["data"]

    return patch


def reader() -> Callable[[str], object]:
    """What reads the text of a 200, as a dictionary."""
    return json.loads


main(call, reader)
