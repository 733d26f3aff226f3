"""What the tests of the client share: a request, mocked answers, and both clients as one."""

import asyncio
import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import AsyncClient, Client, ServiceNowTicketsError, Site, models
from tests.contract import FRAGMENT

API_HEADER, APP_HEADER = (FRAGMENT.key_headers[each] for each in ("apiKeyAuth", "appKeyAuth"))
ELSEWHERE = [*Site][-1]
"""A site that is not the default."""
API_KEY = "an-api-key-0123456789abcdef01234"
APP_KEY = "an-application-key-0123456789abcdef01234"
TICKET_URL = f"https://example.service-now.com/incident.do?sys_id={'a' * 32}"
REQUEST: dict[str, Any] = {
    "ticket_url": TICKET_URL,
    "project_id": "a-project",
    "finding_ids": ["a-finding"],
}
_SHOWN = FRAGMENT.response_example(200)["data"]["attributes"]
NEEDED = {
    name: _SHOWN[name]
    for name in FRAGMENT.at("/components/schemas/CaseAttributes").get("required", ())
}
"""The attributes that each case has."""
CASE = {"data": {"type": "cases", "id": "a-case", "attributes": NEEDED}}
MODES = ["sync", "async"]
CLIENTS = pytest.mark.parametrize("kind", [Client, AsyncClient])
Kind = type[Client] | type[AsyncClient]

Handler = Callable[[httpx2.Request], httpx2.Response]
KEYS: dict[str, Any] = {"api_key": API_KEY, "app_key": APP_KEY}


class Network(httpx2.HTTPTransport, httpx2.AsyncHTTPTransport):  # type: ignore[misc]  # of both kinds
    """A transport of the library's own kind: what `handler` raises, the network did."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Take the body, as a connection does, and answer as `handler` does."""
        list(request.stream)  # type: ignore[arg-type]  # ours are of both kinds
        return self._handler(request)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The same, asynchronously."""
        return self.handle_request(request)

    def close(self) -> None:
        """There is nothing to close."""

    async def aclose(self) -> None:
        """There is nothing to close."""


@contextlib.contextmanager
def nothing_refused() -> Iterator[None]:
    """Around a call with a good request and a documented answer: an error is the client's fault."""
    try:
        yield
    except ServiceNowTicketsError as error:
        message = f"what the contract allows was refused: {type(error).__name__}: {error}"
        raise AssertionError(message) from error


def answering(*answers: httpx2.Response | Exception) -> tuple[Handler, list[httpx2.Request]]:
    """A handler that gives copies of these answers in turn, and the requests that it got."""
    left = list(answers)
    requests: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return httpx2.Response(
            outcome.status_code, headers=outcome.headers, content=outcome.content
        )

    return handle, requests


def call(
    mode: str,
    handler: Handler,
    *args: Any,
    method: str = "attach_findings",
    prepare: Callable[[Any], object] = lambda _: None,
    request: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """What a call on a fresh client returns; `handler` answers, `prepare` sees the client first."""
    options = {**KEYS, "transport": Network(handler), **options}
    kwargs = REQUEST if request is None and not args else request or {}
    if mode == "sync":
        with Client(**options) as client:
            prepare(client)
            return getattr(client, method)(*args, **kwargs)

    async def wait() -> Any:
        async with AsyncClient(**options) as client:
            prepare(client)
            return await getattr(client, method)(*args, **kwargs)

    return asyncio.run(wait())


def naps(client: Client | AsyncClient) -> list[float]:
    """The waits of a client from now on, in seconds; none of them takes time."""
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    is_async = inspect.iscoroutinefunction(client.attach)
    client._sleep = sleep if is_async else taken.append
    return taken


def body(**changes: Any) -> models.AttachRequest:
    """A request model."""
    findings = changes.pop("findings", ["a-finding"])
    types = {"type_": models.TicketsType.SERVICENOW_TICKETS, **changes}
    project = models.ProjectIdentifier(id="a-project", type_=models.ProjectsType.PROJECTS)
    return models.AttachRequest(
        data=models.TicketAttachment(
            attributes=models.TicketAttributes(servicenow_ticket_url=TICKET_URL),
            relationships=models.TicketRelationships(
                findings=models.FindingsRelationship(
                    data=[
                        models.FindingIdentifier(id=id_, type_=models.FindingsType.FINDINGS)
                        for id_ in findings
                    ]
                ),
                project=models.ProjectRelationship(data=project),
            ),
            **types,
        )
    )
