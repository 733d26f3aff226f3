"""The client of this repository."""

import json
from collections.abc import Callable, Sequence

from datadog_servicenow_tickets import AsyncClient, Client, models
from upkeep.bench.probes.timing import API_KEY, APP_KEY, TICKET_URL, AsyncCall, Call, main


def call(url: str, findings: Sequence[str]) -> Call:
    """One attach."""
    client = Client(api_key=API_KEY, app_key=APP_KEY, base_url=url)
    return lambda: client.attach_findings(
        ticket_url=TICKET_URL, project_id="a-project", finding_ids=findings
    )


def acall(url: str, findings: Sequence[str]) -> AsyncCall:
    """The same, asynchronous."""
    client = AsyncClient(api_key=API_KEY, app_key=APP_KEY, base_url=url)
    return lambda: client.attach_findings(
        ticket_url=TICKET_URL, project_id="a-project", finding_ids=findings
    )


def reader() -> Callable[[str], models.CaseResponse]:
    """What reads the text of a 200 as a model."""
    return lambda text: models.CaseResponse.from_dict(json.loads(text))


def writer(text: str) -> Call:
    """What writes the model."""
    model = reader()(text)
    return lambda: json.dumps(model.to_dict())


main(call, reader, writer, acall)
