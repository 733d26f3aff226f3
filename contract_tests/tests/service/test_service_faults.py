"""Faults strike the request that was named, alike in httpx and on a socket."""

import asyncio
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.service import Ending, Service, State
from servicenow_contract.service.asgi import running
from servicenow_contract.service.faults import InjectedFault
from servicenow_contract.service.mock import mocked, transport
from tests.contract import FRAGMENT
from tests.service.calls import BODY, HEADERS, refused, request, send, serve

Outcome = int | type[Exception]
Ask = Callable[[Service, float | None], Outcome]


def _outcome(ask: Callable[[], httpx.Response]) -> Outcome:
    try:
        return ask().status_code
    except httpx.HTTPError as error:
        assert error.request.method == "PATCH"  # noqa: PT017  # half of the outcomes are no errors
        return type(error)


def _in_transport(service: Service, timeout: float | None) -> Outcome:
    with httpx.Client(
        transport=transport(service), base_url="https://x.invalid", timeout=timeout
    ) as client:
        return _outcome(lambda: send(client))


def _in_respx(service: Service, timeout: float | None) -> Outcome:
    with (
        mocked(service),
        httpx.Client(base_url="https://api.datadoghq.eu", timeout=timeout, verify=False) as client,  # noqa: S501  # it meets nobody
    ):
        return _outcome(lambda: send(client))


def _in_respx_async(service: Service, timeout: float | None) -> Outcome:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(timeout=timeout, verify=False) as client:  # noqa: S501  # as above
            url = "https://api.datadoghq.com" + FRAGMENT.path
            return await client.patch(url, content=BODY, headers=HEADERS)

    with mocked(service):
        return _outcome(lambda: asyncio.run(ask()))


@define
class _Line:
    """A running server whose service a test chooses."""

    service: Service = field(factory=lambda: Service(State(FRAGMENT)))

    def __call__(self, *arguments: Any) -> Any:
        return self.service(*arguments)


@pytest.fixture(scope="module")
def on_a_socket() -> Iterator[Ask]:
    """Ask a service through a socket."""
    line = _Line()

    def ask(service: Service, timeout: float | None) -> Outcome:
        line.service = service
        with httpx.Client(base_url=url, timeout=timeout, trust_env=False) as client:
            return _outcome(lambda: send(client))

    with running(line) as url:
        yield ask


@pytest.fixture(params=["transport", "respx", "respx, async", "socket"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Each way to the service."""
    ways: dict[str, Ask] = {
        "transport": _in_transport,
        "respx": _in_respx,
        "respx, async": _in_respx_async,
    }
    found: Ask = ways.get(request.param) or request.getfixturevalue("on_a_socket")
    return found


@pytest.mark.parametrize(
    ("specification", "outcome", "applied"),
    [
        ("status=503", 503, False),
        ("status=503,applied=yes", 503, True),
        ("status=520", 520, False),
        ("status=204", 204, False),
        ("html=502", 502, False),
        ("html=504,applied=yes", 504, True),
        ("reset", httpx.ReadError, True),
        ("reset,applied=no", httpx.ReadError, False),
        ("truncate", httpx.RemoteProtocolError, True),
        ("delay=0.01", 200, True),
        ("delay=5", httpx.ReadTimeout, True),
    ],
)
def test_outcome(ask: Ask, specification: str, outcome: Outcome, applied: bool) -> None:
    """A caller meets the same on each way: the status, or what httpx raises for such a line."""
    service = Service(State(FRAGMENT))
    service.fault(specification)
    assert ask(service, 0.2) == outcome
    assert bool(service.state.snapshot()) == applied
    service.faults.clear()
    assert ask(service, None) == 200


@pytest.mark.parametrize("first", ["status=503", "reset", "truncate"])
def test_delays_add_up(ask: Ask, first: str) -> None:
    """A delay goes before any other fault; two delays add up."""
    service = Service(State(FRAGMENT))
    for each in ("delay=0.04,at=1", first, "delay=0.03,at=1", "status=500"):
        service.fault(each)
    start = time.monotonic()
    outcome = ask(service, None)
    assert time.monotonic() - start >= 0.07
    assert outcome in (503, httpx.ReadError, httpx.RemoteProtocolError)


def test_half_of_the_body_arrives() -> None:
    """A body that is cut short stands under the length of the whole."""
    service = Service(State(FRAGMENT))
    service.fault("truncate")
    with running(service) as url, httpx.Client(base_url=url) as client:
        parts: list[bytes] = []
        with client.stream("PATCH", FRAGMENT.path, content=BODY, headers=HEADERS) as response:
            length = int(response.headers["content-length"])
            with pytest.raises(httpx.RemoteProtocolError):
                parts += response.iter_raw()
            arrived = response.num_bytes_downloaded
    assert arrived == length // 2


def test_gateway_page() -> None:
    """A gateway's page is HTML that names the status, and no JSON."""
    service = Service(State(FRAGMENT))
    service.fault("html=504")
    response = service(request())
    assert response.headers["content-type"] == "text/html"
    assert b"<h1>504 Gateway Timeout</h1>" in response.body
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(response.body)


@pytest.mark.parametrize("status", [400, 401, 404, 408, 429, 500, 503, 599])
def test_error_model(contract: Fragment, status: int) -> None:
    """A status on demand comes in the documented error model."""
    service = Service(State(FRAGMENT))
    service.fault(f"status={status}")
    body = json.loads(service(request()).body)
    assert contract.validator("/components/schemas/APIErrorResponse").accepts(body)


def test_at() -> None:
    """A fault `at` the n-th request counts from when it was added, and strikes once."""
    service = Service(State(FRAGMENT))
    service(request())
    service.fault("status=503,at=2")
    service.fault("status=500,at=4")
    assert [service(request()).status for _ in range(5)] == [200, 503, 200, 500, 200]


@given(seed=st.integers(0, 10**9), rate=st.sampled_from([0.1, 0.5, 0.9]))
def test_rate(seed: int, rate: float) -> None:
    """A rate strikes about that share of the requests, the same ones for the same seed."""
    one, other = Service(State(FRAGMENT)), Service(State(FRAGMENT))
    for service in (one, other):
        service.fault(f"reset,rate={rate},seed={seed}")
    struck = [one(request(path="/")).ending is Ending.RESET for _ in range(200)]
    assert struck == [other(request(path="/")).ending is Ending.RESET for _ in range(200)]
    assert abs(sum(struck) / 200 - rate) < 0.2


def test_threads() -> None:
    """Of threads that ask at once, one meets the fault at the n-th request."""
    service = Service(State(FRAGMENT))
    service.fault("status=503,at=100")
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.extend(service(request()).status for _ in "1" * 50)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(503) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("status=503,at=2", InjectedFault("status", status=503, at=2, applied=False)),
        (
            "rate=0.1,html=502,seed=1",
            InjectedFault("html", status=502, rate=0.1, seed=1, applied=False),
        ),
        ("delay=1.5,at=1", InjectedFault("delay", seconds=1.5, at=1)),
        ("reset,at=3", InjectedFault("reset", at=3)),
        ("reset,applied=no", InjectedFault("reset", applied=False)),
        ("truncate,rate=0.5", InjectedFault("truncate", rate=0.5)),
    ],
)
def test_specifications(text: str, fault: InjectedFault) -> None:
    """The parts of a specification stand in any order."""
    assert InjectedFault.parse(text) == fault


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "''"),
        ("flood", "'flood'"),
        ("at=1", "'at=1' names no fault"),
        ("reset,truncate", "'reset,truncate' names 2 faults"),
        ("reset=1", "'reset=1'"),
        ("status", "'status'"),
        ("status=", "'status='"),
        ("status=199", "'status=199': status is a number from 200 to 599"),
        ("status=600", "'status=600'"),
        ("html=x", "'html=x'"),
        ("delay=0", "'delay=0': delay is above 0"),
        ("delay=nan", "'delay=nan'"),
        ("delay=inf", "'delay=inf'"),
        ("reset,at=0", "'at=0': at is a number from 1"),
        ("reset,at=1,at=2", "'at=2' a second time"),
        ("reset,rate=1.5", "'rate=1.5': rate is above 0 and at most 1"),
        ("reset,rate=0.1,at=1", "'reset,rate=0.1,at=1' has at and rate"),
        ("reset,seed=1", "seed without rate"),
        ("reset,applied=perhaps", "'applied=perhaps': applied is yes or no"),
        ("truncate,applied=no", "applied goes with status, html or reset"),
    ],
)
def test_bad_specifications(text: str, part: str) -> None:
    """What is wrong is named, with what is allowed."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is judged below
        InjectedFault.parse(text)
    assert part in str(caught.value)


def test_bad_fault_of_the_command() -> None:
    """`serve` refuses a bad fault with the option's name, the part, and what is allowed."""
    line = refused("--fault", "reset", "--fault", "status=503,on=2")
    assert line.startswith("serve: argument --fault: 'on=2' is not part of a fault; allowed is ")
    assert "truncate" in line


def test_command() -> None:
    """`serve --fault`, given twice, strikes on the wire."""
    with (
        serve("--fault", "status=503,at=1", "--fault", "reset,at=2") as url,
        httpx.Client(base_url=url) as client,
    ):
        assert send(client).status_code == 503
        with pytest.raises(httpx.ReadError):
            send(client)
        assert send(client).status_code == 200


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_an_answer_is_delayed(stop: signal.Signals) -> None:
    """A signal ends `serve` with 0 and no word within 2 s, whatever is still delayed."""
    with serve("--fault", "delay=3000", stop=stop) as url:
        with httpx.Client(base_url=url) as client, pytest.raises(httpx.ReadTimeout):
            send(client, timeout=0.3)
        start = time.monotonic()
    assert time.monotonic() - start < 2
