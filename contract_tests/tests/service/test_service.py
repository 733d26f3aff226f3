"""The reference service keeps the contract: as a function, in httpx, and on a port."""

import copy
import datetime
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import attrs
import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.service import Request, Response, State, handle
from servicenow_contract.service.asgi import running
from servicenow_contract.service.handler import MAX_BODY
from servicenow_contract.service.mock import responder, side_effect, transport
from servicenow_contract.service.state import Ticket
from servicenow_contract.target.target import AccountKeys
from tests.contract import FRAGMENT

KEYS = AccountKeys("the-api-key", "the-application-key")
TICKETS = DEFAULT_WORLD.tickets
HEADERS = {"Content-Type": "application/json", **KEYS.headers(FRAGMENT)}


def _ask(state: State, body: Any, **changes: Any) -> Response:
    """One good request, but for the changes."""
    contract = FRAGMENT
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    parts = {"method": contract.method, "path": contract.path, "headers": HEADERS, **changes}
    return handle(state, Request(body=content, **parts))


def _attach(state: State, ticket: str, *findings: str, project: str = DEFAULT_WORLD.project) -> Any:
    response = _ask(state, attach_body(ticket, findings, project))
    assert response.status == 200, response.body
    return json.loads(response.body)["data"]


def _held(state: State) -> dict[str, str]:
    """Which ticket holds each finding; a finding on two tickets fails here."""
    holders: dict[str, str] = {}
    for (_instance, sys_id), findings in state.snapshot().items():
        for finding in findings:
            assert finding not in holders, f"{finding} is on two tickets"
            holders[finding] = sys_id
    return holders


def test_documented_example(contract: Fragment) -> None:
    """The documented request gets a case whose ticket block is the documented one."""
    response = _ask(State(FRAGMENT), contract.request_example)
    body = json.loads(response.body)
    assert contract.validator(contract.response_schema(200)).accepts(body)
    documented = contract.response_example(200)["data"]
    found = body["data"]["attributes"]["servicenow_ticket"]
    assert found == documented["attributes"]["servicenow_ticket"]
    assert body["data"]["relationships"]["project"] == documented["relationships"]["project"]
    [insight] = body["data"]["attributes"]["insights"]
    assert insight["resource_id"] == documented["attributes"]["insights"][0]["resource_id"]


@given(
    moves=st.lists(
        st.tuples(st.integers(0, 3), st.lists(st.integers(0, 7), max_size=6)), max_size=12
    )
)
def test_every_finding_is_where_it_was_sent_last(moves: list[tuple[int, list[int]]]) -> None:
    """After any sequence of attaches, each finding is on the last ticket that it was sent to."""
    state, expected = State(FRAGMENT), {}
    cases: dict[int, str] = {}
    for ticket, numbers in moves:
        findings = [f"finding-{number}" for number in numbers]
        data = _attach(state, TICKETS[ticket], *findings)
        expected.update(dict.fromkeys(findings, f"{ticket + 1:032x}"))
        assert cases.setdefault(ticket, data["id"]) == data["id"]
        shown = [each["resource_id"] for each in data["attributes"]["insights"]]
        assert sorted(shown) == sorted(f for f, t in expected.items() if t == f"{ticket + 1:032x}")
    assert _held(state) == expected
    assert len(set(cases.values())) == len(cases)


def test_concurrent_attaches() -> None:
    """Threads that fight over the same findings leave each on exactly one ticket."""
    state = State(FRAGMENT)
    findings = [f"finding-{number}" for number in range(40)]

    def work(shift: int) -> None:
        for turn in range(50):
            first = (turn + shift) % 31
            _attach(state, TICKETS[(turn * 7 + shift) % 10], *findings[first : first + 10])

    threads = [threading.Thread(target=work, args=(shift,)) for shift in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(_held(state)) == set(findings)


def test_project_of_the_first_attach_stays() -> None:
    """A linked ticket keeps its case, and with it the project that the case was created in."""
    state = State(FRAGMENT)
    _attach(state, TICKETS[0], "f", project="first")
    again = _attach(state, TICKETS[0], "g", project="second")
    assert again["relationships"]["project"]["data"]["id"] == "first"


def test_keys_count_up_in_each_project() -> None:
    """Cases are numbered within their project."""
    state = State(FRAGMENT)
    keys = [
        _attach(state, ticket, "f", project=project)["attributes"]["key"]
        for ticket, project in zip(TICKETS, ["alpha", "alpha", "beta"], strict=False)
    ]
    assert keys == ["ALPH-1", "ALPH-2", "BETA-1"]


def test_times() -> None:
    """`modified_at` advances when something changed, `created_at` never."""
    state = State(FRAGMENT)
    first = _attach(state, TICKETS[0], "f")["attributes"]
    same = _attach(state, TICKETS[0], "f")["attributes"]
    more = _attach(state, TICKETS[0], "g")["attributes"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{6}Z", first["created_at"])
    assert first["modified_at"] == same["modified_at"] <= more["modified_at"]
    assert first["created_at"] == more["created_at"]


def test_times_never_go_back() -> None:
    """A clock that is set back, or stands still, makes no later change look earlier."""
    moments = iter([5, 3, 3, 9])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    state = State(FRAGMENT, clock=lambda: start + datetime.timedelta(seconds=next(moments)))
    times = [
        _attach(state, TICKETS[0], f"finding-{turn}")["attributes"]["modified_at"]
        for turn in range(4)
    ]
    assert times == sorted(set(times))


def test_cost_of_an_attach() -> None:
    """An attach costs no more in a service that holds 100,000 findings than in an empty one."""

    def seconds(state: State) -> float:
        ticket = Ticket.from_url(TICKETS[0])
        start = time.perf_counter()
        for number in range(500):
            state.attach(ticket, "p", [f"own-{number % 50}"])
        return time.perf_counter() - start

    full = State(FRAGMENT)
    for number in range(2000):
        other = Ticket.from_url(f"https://a.service-now.com/incident.do?sys_id={number + 99:032x}")
        full.attach(other, "p", [f"finding-{number}-{turn}" for turn in range(50)])
    assert min(seconds(full) for _ in range(3)) < 10 * min(
        seconds(State(FRAGMENT)) for _ in range(3)
    )


@pytest.mark.parametrize(
    ("project", "findings", "status"),
    [
        (DEFAULT_WORLD.project, [DEFAULT_WORLD.findings[0], DEFAULT_WORLD.findings[-1]], 200),
        (DEFAULT_WORLD.project, [DEFAULT_WORLD.findings[0], "finding-121"], 404),
        (DEFAULT_WORLD.project, [DEFAULT_WORLD.unknown_finding], 404),
        ("another-project", [DEFAULT_WORLD.findings[0]], 404),
        (DEFAULT_WORLD.unknown_project, [DEFAULT_WORLD.findings[0]], 404),
    ],
)
def test_closed_world(project: str, findings: list[str], status: int) -> None:
    """A world that is not open holds its own ids only; the rest is 404 and changes nothing."""
    state = State(FRAGMENT, attrs.evolve(DEFAULT_WORLD, open=False))
    response = _ask(state, attach_body(TICKETS[0], findings, project))
    assert response.status == status
    assert bool(state.snapshot()) == (status == 200)


def test_many_unknown_findings() -> None:
    """However many ids are unknown, and however long they are, the answer stays short."""
    state = State(FRAGMENT, attrs.evolve(DEFAULT_WORLD, open=False))
    response = _ask(state, attach_body(TICKETS[0], ["x" * 10_000] * 50, DEFAULT_WORLD.project))
    errors = json.loads(response.body)["errors"]
    assert response.status == 404
    assert len(errors) == 20
    assert all(len(each) <= 300 for each in errors)


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ([], 403),
        (["another_write"], 403),
        (FRAGMENT.permissions[:1], 200),
        ([FRAGMENT.permissions[-1], "another_write"], 200),
    ],
)
def test_permissions(contract: Fragment, held: list[str], status: int) -> None:
    """One of the documented permissions is enough; an application key without both is 403."""
    state = State(FRAGMENT, permissions={KEYS.app_key: frozenset(held)})
    response = _ask(state, contract.request_example)
    assert response.status == status
    assert bool(state.snapshot()) == (status == 200)
    assert KEYS.app_key not in repr(state)
    other = {**HEADERS, FRAGMENT.key_headers["appKeyAuth"]: "another key"}
    assert _ask(state, contract.request_example, headers=other).status == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"path": "/api/v2/security/findings"}, 404),
        ({"method": "POST"}, 405),
        ({"method": "GET"}, 405),
        ({"headers": {"Content-Type": "application/json"}}, 403),
        ({"headers": {**HEADERS, "Content-Type": "text/plain"}}, 400),
        ({"headers": {**HEADERS, "Content-Type": "application/json; charset=latin-1"}}, 400),
        ({"headers": KEYS.headers(FRAGMENT)}, 400),
    ],
)
def test_refused(contract: Fragment, changes: dict[str, Any], status: int) -> None:
    """What is not the operation is refused in the documented error model, and changes nothing."""
    state = State(FRAGMENT)
    response = _ask(state, contract.request_example, **changes)
    assert response.status == status
    documented = status if status in contract.statuses else 400
    validator = contract.validator(contract.response_schema(documented))
    assert validator.accepts(json.loads(response.body))
    assert state.snapshot() == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b"\xff",
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"data": "\\ud800"}',
        b'{"data": 1e999}',
    ],
    ids=lambda body: ascii(body[:12]),
)
def test_unusable_bodies(body: bytes) -> None:
    """Whatever the bytes are, the answer is the documented 400."""
    response = _ask(State(FRAGMENT), body)
    assert response.status == 400
    assert json.loads(response.body)["errors"]


def test_error_says_where(contract: Fragment) -> None:
    """Each mistake is told with its JSON Pointer, and the messages stay short."""
    body = copy.deepcopy(contract.request_example)
    body["data"]["type"] = "x" * 10_000
    del body["data"]["relationships"]["findings"]["data"][0]["id"]
    errors = json.loads(_ask(State(FRAGMENT), body).body)["errors"]
    assert [each.partition(":")[0] for each in errors] == [
        "/data/relationships/findings/data/0",
        "/data/type",
    ]
    assert all(len(each) <= 300 for each in errors)


def test_keys_are_never_shown(contract: Fragment) -> None:
    """Neither a request's repr nor an answer holds a key."""
    request = Request("PATCH", contract.path, HEADERS, b"{}")
    shown = repr(request) + repr(handle(State(FRAGMENT), request)) + repr(KEYS)
    assert KEYS.api_key not in shown
    assert KEYS.app_key not in shown


def test_respx_uses_the_same_function(contract: Fragment) -> None:
    """A respx route with the service's side effect answers httpx clients, sync and async."""
    state = State(FRAGMENT)
    with respx.mock(base_url="https://api.datadoghq.com") as mock:
        mock.route().mock(side_effect=side_effect(responder(state)))
        url = "https://api.datadoghq.com" + contract.path
        response = httpx.patch(url, json=contract.request_example, headers=KEYS.headers(FRAGMENT))
    assert response.status_code == 200
    assert len(_held(state)) == 1


def test_transport(contract: Fragment) -> None:
    """As a transport, the service gives complete answers: read, timed, with their length."""
    with httpx.Client(
        transport=transport(responder(State(FRAGMENT))), base_url="https://x.invalid"
    ) as client:
        response = client.patch(
            contract.path, json=contract.request_example, headers=KEYS.headers(FRAGMENT)
        )
    assert response.status_code == 200
    assert int(response.headers["content-length"]) == len(response.content)
    assert response.elapsed.total_seconds() >= 0


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of a service on a real port."""
    with running(responder(State(FRAGMENT))) as url:
        yield url


def test_on_a_port(contract: Fragment, served: str) -> None:
    """Through a socket, the service answers as the function does."""
    with httpx.Client(base_url=served, headers=KEYS.headers(FRAGMENT)) as client:
        good = client.patch(contract.path, json=contract.request_example)
        bad = client.patch(
            contract.path, content=b"{", headers={"Content-Type": "application/json"}
        )
        long = client.patch(contract.path, content=b" " * (MAX_BODY + 1))
        other = client.get("/")
    assert [each.status_code for each in (good, bad, long, other)] == [200, 400, 413, 404]
    assert bad.json() == {"errors": ["The body is not usable JSON"]}


def _serve(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "servicenow_contract.service.command", *options],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_busy_port(served: str) -> None:
    """A port that is in use is said in one sentence."""
    port = served.rpartition(":")[2]
    done = _serve("--port", port)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"serve: port {port} cannot be opened: it is in use; name another, or 0 for any free one"
    ]


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_no_port(port: str) -> None:
    """What is no port number is refused with the option's name."""
    done = _serve("--port", port)
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
