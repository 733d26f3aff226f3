"""What installing the kit gives a consumer's pytest."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import respx

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import World
from servicenow_contract.service import Response, Service
from servicenow_contract.service.asgi import running
from tests.contract import FRAGMENT
from tests.service.calls import BODY, HEADERS, send

README = Path(__file__).parents[2] / "README.md"
HEAVY = ("attr", "httpx", "hypothesis", "jsonschema_rs", "respx", "uvicorn", "yaml")


def _readme_example() -> str:
    """The program in the README's section on consumers' tests."""
    section = README.read_text().split("## Testing your own code\n")[1].split("\n## ")[0]
    return section.split("```python\n")[1].split("```")[0]


def test_readme(tmp_path: Path) -> None:
    """The README's ten lines, exactly as they stand, are a consumer's test that passes."""
    example = _readme_example()
    assert len([line for line in example.splitlines() if line]) == 10
    assert "RateLimitedError" in example
    (tmp_path / "test_example.py").write_text(example)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_cheap_to_load() -> None:
    """A pytest run that asks for no fixture of the kit loads nothing on its behalf but a module."""
    code = (
        "import sys, pytest; before = set(sys.modules); import servicenow_contract.plugin\n"
        f"print(*sorted((set(sys.modules) - before) & set({HEAVY!r})))\n"
        "print(*sorted(each for each in sys.modules if each.startswith('servicenow_contract')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "servicenow_contract servicenow_contract.plugin"]


LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda each: each.__name__)


@LIBRARIES
@pytest.mark.parametrize("site", FRAGMENT.sites)
def test_every_site(
    servicenow_tickets: Service, contract: Fragment, site: str, library: Any
) -> None:
    """Each site's host is the service, for clients of both kinds and both HTTP libraries."""
    url = f"https://api.{site}{contract.path}"

    async def ask() -> Any:
        async with library.AsyncClient(verify=False) as client:
            return await client.patch(url, content=BODY, headers=HEADERS)

    with library.Client(verify=False) as client:
        answers = [client.patch(url, content=BODY, headers=HEADERS), asyncio.run(ask())]
    assert [each.status_code for each in answers] == [200, 200]
    assert [call.response.status for call in servicenow_tickets.calls] == [200, 200]
    assert servicenow_tickets.calls[0].request.body == BODY
    assert [*servicenow_tickets.state.snapshot().values()] == [("finding-001",)]


@LIBRARIES
@pytest.mark.parametrize(
    ("fault", "error"), [("reset", "ReadError"), ("truncate", "RemoteProtocolError")]
)
def test_fault_is_the_librarys_own(
    servicenow_tickets: Service, library: Any, fault: str, error: str
) -> None:
    """A connection that breaks is told by the errors of the library that the caller uses."""
    servicenow_tickets.fault(fault)
    with (
        library.Client(base_url="https://api.datadoghq.com", verify=False) as client,
        pytest.raises(getattr(library, error)),
    ):
        send(client)


def test_nothing_of_one_test_is_left_in_the_next(servicenow_tickets: Service) -> None:
    """Each test has a service of its own, without calls, cases, faults or limits."""
    assert servicenow_tickets.calls == []
    assert servicenow_tickets.state.snapshot() == {}


def test_limit_fault_and_permission(servicenow_tickets: Service) -> None:
    """The object limits, goes wrong, forbids, and shows no key."""
    servicenow_tickets.rate_limit(2, per=60)
    servicenow_tickets.fault("status=503,at=1")
    servicenow_tickets.forbid("powerless-key")
    powerless = {**HEADERS, FRAGMENT.key_headers["appKeyAuth"]: "powerless-key"}
    with httpx.Client(base_url="https://api.datadoghq.com", verify=False) as client:  # noqa: S501  # it meets nobody
        answers = [send(client), send(client), send(client, headers=powerless), send(client)]
    assert [each.status_code for each in answers] == [503, 200, 403, 429]
    assert "key" not in repr(servicenow_tickets).replace("keeps_calls", "")
    assert HEADERS[FRAGMENT.key_headers["apiKeyAuth"]] not in repr(servicenow_tickets.calls)


@pytest.fixture
def another_server() -> Iterator[str]:
    """A server of the consumer's own."""
    with running(lambda _request: Response(200, {}, b"hello")) as url:
        yield url


@pytest.mark.usefixtures("servicenow_tickets")
@LIBRARIES
def test_other_hosts_are_not_touched(another_server: str, library: Any) -> None:
    """Requests to another host go to the network."""
    assert library.get(another_server, trust_env=False).text == "hello"


@pytest.mark.usefixtures("servicenow_tickets")
@LIBRARIES
def test_beside_a_router_of_the_consumers_own(library: Any) -> None:
    """A respx router of the test's own still answers for its hosts, and refuses unknown ones."""
    using = library.__name__.replace("httpx", "httpcore")
    with respx.mock(base_url="https://elsewhere.invalid", using=using) as router:
        router.get("/").respond(text="mine")
        assert library.get("https://elsewhere.invalid/").text == "mine"
        assert library.get("https://api.datadoghq.com/").status_code == 404
        with pytest.raises(AssertionError, match="not"):
            library.get("https://third.invalid/")


def test_on_a_port(servicenow_tickets_url: str, servicenow_tickets_server: Service) -> None:
    """The fixtures of the port give one service, at its address, and it can be spoiled."""
    assert servicenow_tickets_server.url == servicenow_tickets_url
    servicenow_tickets_server.fault("reset,at=2")
    with httpx.Client(base_url=servicenow_tickets_url) as client:
        assert send(client).status_code == 200
        with pytest.raises(httpx.ReadError):
            send(client)
    assert [call.response.status for call in servicenow_tickets_server.calls] == [200, 200]


def test_on_the_same_port_again(servicenow_tickets_server: Service) -> None:
    """The next test finds an empty service on the port."""
    assert servicenow_tickets_server.calls == []
    with httpx.Client(base_url=servicenow_tickets_server.url) as client:
        assert send(client).json()["data"]["attributes"]["key"] == "AEAD-1"


class TestWorldOfOnesOwn:
    """A consumer overrides the world."""

    @pytest.fixture
    def servicenow_tickets_world(self) -> World:
        """A world with one finding."""
        return World("p", ("only",), ("https://a.service-now.com/",), "no-finding", "no-project")

    def test_world(self, servicenow_tickets: Service) -> None:
        """The service knows the consumer's world, and nothing else."""
        assert servicenow_tickets.world.findings == ("only",)
        assert not servicenow_tickets.state.knows_finding("finding-001")
