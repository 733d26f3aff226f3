"""The client of this repository's client."""

import json
from collections.abc import Callable

from datadog_servicenow_tickets import Client, models
from upkeep.bench_probes.timing import API_KEY, APP_KEY, TICKET_URL, main


def call(url: str) -> Callable[[], object]:
    """One finding, attached."""
    client = Client(api_key=API_KEY, app_key=APP_KEY, base_url=url)
    return lambda: client.attach_findings(
        ticket_url=TICKET_URL, project_id="a-project", finding_ids=["a-finding"]
    )


def reader() -> Callable[[str], object]:
    """What reads the text of a 200 as a model."""
    return lambda text: models.CaseResponse.from_dict(json.loads(text))


main(call, reader)
