"""Datadog's own Python client, unchanged, works with the reference service as with the real one.

The service keeps the contract that this release of the client was made for.
"""

import contextlib
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import pytest

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD as WORLD
from servicenow_contract.service import Service, State
from servicenow_contract.service.asgi import running
from servicenow_contract.target.target import STAND_INS
from tests.specimen import FRAGMENT

_MISSING = "not run: datadog-api-client, the dependency group `official`, is not installed"
# As values of type Any: mypy would read the client's 10,000 modules.
datadog = pytest.importorskip("datadog_api_client", reason=_MISSING)
api = pytest.importorskip("datadog_api_client.v2.api.security_monitoring_api", reason=_MISSING)
errors = pytest.importorskip("datadog_api_client.exceptions", reason=_MISSING)


@contextlib.contextmanager
def _serve(*limit: int) -> Iterator[str]:
    service = Service(State(FRAGMENT))
    if limit:
        service.rate_limit(1, per=limit[0])
    with running(service) as url:
        yield url


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the service is, with nothing in its way."""
    with _serve() as url:
        yield url


def _attach(url: str, findings: list[str], project: str = WORLD.project, **options: Any) -> Any:
    keys = {"apiKeyAuth": STAND_INS.api_key, "appKeyAuth": STAND_INS.app_key}
    configuration = datadog.Configuration(host=url, api_key=keys, **options)
    with datadog.ApiClient(configuration) as client:
        body = attach_body(WORLD.tickets[0], findings, project)
        return api.SecurityMonitoringApi(client).attach_service_now_ticket(body=body).data


def test_version() -> None:
    """The client is the release that the service was compared with."""
    assert metadata.version("datadog-api-client") == "2.62.0"


def test_case(address: str) -> None:
    """An attach gives the client's own model of the case, ticket and findings in it."""
    case = _attach(address, ["finding-001", "finding-002"])
    assert type(case).__name__ == "FindingCaseResponseData"
    assert case.attributes.key == "AEAD-1"
    assert str(case.type) == "cases"
    assert [each.resource_id for each in case.attributes.insights] == ["finding-001", "finding-002"]
    assert case.attributes.servicenow_ticket.result.url == WORLD.tickets[0]
    assert case.relationships.project.data.id == WORLD.project
    assert case.attributes.created_at.tzinfo is not None


@pytest.mark.parametrize(
    ("findings", "project", "status"),
    [
        (
            [f"finding-{number:03}" for number in range(FRAGMENT.max_findings + 1)],
            WORLD.project,
            400,
        ),
        ([WORLD.unknown_finding], WORLD.project, 404),
        (["finding-001"], WORLD.unknown_project, 404),
    ],
)
def test_refused(address: str, findings: list[str], project: str, status: int) -> None:
    """A refusal reaches the caller with its status and its messages."""
    with pytest.raises(errors.ApiException) as caught:
        _attach(address, findings, project)
    assert caught.value.status == status
    [message] = caught.value.body["errors"]
    assert f"more than {FRAGMENT.max_findings}" in message or message.startswith("Not Found: ")


def test_rate_limit() -> None:
    """A 429 reaches the caller, with the headers that it looks for."""
    with _serve(3600) as url:
        _attach(url, ["finding-001"])
        with pytest.raises(errors.ApiException) as caught:
            _attach(url, ["finding-002"])
    assert caught.value.status == 429
    assert 3500 < int(caught.value.headers["X-RateLimit-Reset"]) <= 3600


def test_rate_limit_that_is_waited_out() -> None:
    """The client's own retry waits as X-RateLimit-Reset says, and gets through."""
    with _serve(1) as url:
        _attach(url, ["finding-001"])
        case = _attach(url, ["finding-002"], enable_retry=True, max_retries=1)
    assert len(case.attributes.insights) == 2
