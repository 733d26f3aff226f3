"""The service's rate limit counts right, says so truthfully, and holds under threads."""

import json
import threading
import time

import httpx
import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.service import Request, Response, Service, State
from servicenow_contract.service.limits import Limit
from tests.contract import FRAGMENT
from tests.service.calls import refused, request, send, serve

_HEADERS = ("Limit", "Period", "Remaining", "Reset", "Name")


@define
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def _limited(requests: int, per: int) -> tuple[Service, Clock]:
    service, clock = Service(State(FRAGMENT)), Clock()
    service.rate_limit(requests, per=per, clock=clock)
    return service, clock


def _told(response: Response) -> dict[str, str]:
    return {name.lower(): response.headers[f"X-RateLimit-{name}"] for name in _HEADERS}


def test_limit_is_kept(contract: Fragment) -> None:
    """N requests of a window are answered, the next is 429 in the documented error model."""
    service, clock = _limited(2, 60)
    first, second, third = service(request()), service(request()), service(request())
    assert [each.status for each in (first, second, third)] == [200, 200, 429]
    assert contract.validator(contract.response_schema(429)).accepts(json.loads(third.body))
    assert [_told(each)["remaining"] for each in (first, second, third)] == ["1", "0", "0"]
    assert _told(third)["limit"] == "2"
    assert _told(third)["period"] == "60"
    clock.now += 60
    assert service(request()).status == 200


def test_refused_by_the_limit_changes_nothing() -> None:
    """What is answered 429 is not attached."""
    service, _ = _limited(1, 60)
    service(request(path="/"))
    assert service(request()).status == 429
    assert service.state.snapshot() == {}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (request(), 200),
        (request(body=b"{"), 400),
        (request(headers={}), 403),
        (request(path="/"), 404),
        (request(method="GET"), 405),
        (request(body=b" " * (1 << 21)), 413),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_headers_on_every_answer(wrong: Request, status: int) -> None:
    """Whatever the status, the answer tells the limit, and the request counts."""
    service, _ = _limited(5, 60)
    response = service(wrong)
    assert response.status == status
    assert _told(response) == {
        "limit": "5",
        "period": "60",
        "remaining": "4",
        "reset": "60",
        "name": "attach_servicenow_ticket",
    }


@given(
    limit=st.integers(1, 4),
    period=st.integers(1, 5),
    gaps=st.lists(st.floats(0, 3, allow_subnormal=False), min_size=1, max_size=30),
)
def test_reset_is_true(limit: int, period: int, gaps: list[float]) -> None:
    """Who waits as long as X-RateLimit-Reset says gets through; it is less than 1 s too long."""
    service, clock = _limited(limit, period)
    opened, used = clock.now, 0
    for gap in gaps:
        clock.now += gap
        if clock.now >= opened + period or used == 0:
            opened, used = clock.now, 0
        used += 1
        response = service(request(path="/"))
        assert response.status == (404 if used <= limit else 429)
        reset = int(_told(response)["reset"])
        assert 0 <= clock.now + reset - (opened + period) < 1
        assert 1 <= reset <= period


@given(st.floats(0, 59.9))
def test_waiting_as_told_is_enough(moment: float) -> None:
    """A 429 at any moment of the window ends after exactly the seconds that it names."""
    service, clock = _limited(1, 60)
    service(request(path="/"))
    clock.now += moment
    refused_ = service(request(path="/"))
    clock.now += int(_told(refused_)["reset"])
    assert (refused_.status, service(request(path="/")).status) == (429, 404)


def test_threads() -> None:
    """Threads that ask at once get through as often as the limit says, not once more."""
    service, _ = _limited(100, 60)
    statuses: list[int] = []

    def work() -> None:
        statuses.extend(service(request()).status for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 100 + [429] * 300


def test_command() -> None:
    """`serve --rate-limit` answers 429 on the wire, and 200 again after the seconds it names."""
    with serve("--rate-limit", "1/2") as url, httpx.Client(base_url=url) as client:
        first, second = send(client), send(client)
        time.sleep(int(second.headers["X-RateLimit-Reset"]))
        third = send(client)
    assert [each.status_code for each in (first, second, third)] == [200, 429, 200]


@pytest.mark.parametrize("text", ["", "5", "5/", "/5", "0/5", "5/0", "-1/5", "1.5/2", "a/b", "٣/٣"])
def test_bad_limits(text: str) -> None:
    """What is no limit is refused, with a sentence about what one is."""
    with pytest.raises(ValueError, match=r"N/S|at least 1"):
        Limit.parse(text)


def test_bad_limit_of_the_command() -> None:
    """`serve` refuses what is no limit with the option's name and what is allowed."""
    line = refused("--rate-limit", "ten")
    assert line.startswith("serve: argument --rate-limit: 'ten'")
    assert "N/S" in line
