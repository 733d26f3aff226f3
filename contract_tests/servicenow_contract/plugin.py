"""The pytest plugin that the installed kit brings: a marker, and the service for consumers' tests.

Every pytest run of every consumer loads this module, so it imports nothing but pytest until a
fixture is asked for.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from servicenow_contract.contract.fragment import Fragment
    from servicenow_contract.contract.world import World
    from servicenow_contract.service import Service
    from servicenow_contract.service.handler import Request, Response


_PREFIX = "servicenow_tickets"
"""How the name of each fixture here begins."""
_CONTRACT: "pytest.StashKey[Fragment]" = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "requirement(id): the requirement of requirements.yaml that this test judges"
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Say in one sentence that the contract cannot be used, before any test that needs it runs."""
    if not any(name.startswith(_PREFIX) for item in session.items for name in _fixtures(item)):
        return
    from servicenow_contract.contract import fragment  # noqa: PLC0415  # see the module
    from servicenow_contract.contract.documents import ContractError  # noqa: PLC0415  # see the module

    try:
        session.config.stash[_CONTRACT] = fragment.load()
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())  # a doctest, say, has none


class _Line:
    """What listens on the port of a session; each test that asks for it puts its service there."""

    def __init__(self) -> None:
        self.url = ""
        self.service: Service | None = None

    def __call__(self, request: "Request") -> "Response":
        from servicenow_contract.service.handler import answer  # noqa: PLC0415  # see the module

        if self.service is None:
            return answer(503, {"errors": ["no test that uses this service is running"]})
        return self.service(request)


@pytest.fixture
def servicenow_tickets_world() -> "World":
    """The findings, tickets and project that the service knows; override this to change them."""
    from servicenow_contract.contract.world import DEFAULT_WORLD  # noqa: PLC0415  # see the module

    return DEFAULT_WORLD


@pytest.fixture(scope="session")
def _servicenow_tickets_contract(pytestconfig: pytest.Config) -> "Fragment":
    from servicenow_contract.contract import fragment  # noqa: PLC0415  # see the module

    # A fixture that a test asks for by name while it runs was not seen when tests were collected.
    return pytestconfig.stash[_CONTRACT] if _CONTRACT in pytestconfig.stash else fragment.load()


def _service(contract: "Fragment", world: "World") -> "Service":
    from servicenow_contract.service import Service, State  # noqa: PLC0415  # see the module

    return Service(State(contract, world), keeps_calls=True)


@pytest.fixture
def servicenow_tickets(
    _servicenow_tickets_contract: "Fragment", servicenow_tickets_world: "World"
) -> "Iterator[Service]":
    """The reference service in place of every Datadog site, for all httpx and httpx2 clients.

    Sync and async. Gives the Service: `.state`, `.world`, `.calls`, `.rate_limit(1, per=60)`,
    `.fault("status=503,at=1")`, `.forbid(app_key)`. Requests to other hosts are not touched.
    """
    from servicenow_contract.service.mock import mocked  # noqa: PLC0415  # see the module

    service = _service(_servicenow_tickets_contract, servicenow_tickets_world)
    with mocked(service):
        yield service


@pytest.fixture(scope="session")
def _servicenow_tickets_line() -> Iterator[_Line]:
    from servicenow_contract.service.asgi import running  # noqa: PLC0415  # see the module

    line = _Line()
    with running(line) as line.url:
        yield line


@pytest.fixture
def servicenow_tickets_server(
    _servicenow_tickets_contract: "Fragment",
    servicenow_tickets_world: "World",
    _servicenow_tickets_line: _Line,
) -> "Iterator[Service]":
    """The reference service on a loopback port, new in each test: the Service, with its `.url`."""
    service = _service(_servicenow_tickets_contract, servicenow_tickets_world)
    service.url = _servicenow_tickets_line.url
    _servicenow_tickets_line.service = service
    yield service
    _servicenow_tickets_line.service = None


@pytest.fixture
def servicenow_tickets_url(servicenow_tickets_server: "Service") -> str:
    """The base URL of the reference service on a loopback port."""
    return servicenow_tickets_server.url
