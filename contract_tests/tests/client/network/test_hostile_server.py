"""Whatever a server does on the wire, a call ends in time and in the right way; no key is seen."""

import asyncio
import copy
import logging
import pickle
import socket
import ssl
import time
import traceback
import tracemalloc
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    APIError,
    AsyncClient,
    Client,
    ConnectError,
    MalformedResponseError,
    OutcomeUnknownError,
    RateLimitedError,
    ServiceNowTicketsError,
    UnexpectedStatusError,
    models,
)
from tests.client.calls import ELSEWHERE
from tests.client.network.hostile import faults
from tests.client.network.hostile import server as hostile

REQUEST: dict[str, Any] = {
    "ticket_url": f"https://example.service-now.com/incident.do?sys_id={'a' * 32}",
    "project_id": "a-project",
    "finding_ids": ["a-finding"],
}
MODES = ["sync", "async"]
_PATIENT = httpx2.Timeout(5.0)
_IMPATIENT = httpx2.Timeout(5.0, read=0.3)
_IN_TIME = 2.5
"""Seconds within which every call ends, on a machine that is busy with other things."""


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys come from the environment, so that no frame of a test holds them."""
    monkeypatch.setenv("DD_API_KEY", hostile.API_KEY)
    monkeypatch.setenv("DD_APP_KEY", hostile.APP_KEY)


def call(mode: str, **options: Any) -> models.Case | Exception:
    """What one call comes to: the case, or the exception that leaves it."""

    async def wait() -> models.Case:
        async with AsyncClient(**options) as client:
            return await client.attach_findings(**REQUEST)

    try:
        if mode == "async":
            return asyncio.run(wait())
        with Client(**options) as client:
            return client.attach_findings(**REQUEST)
    except Exception as error:  # noqa: BLE001  # any other than the expected one fails the test
        return error


def shown(outcome: object, log: str) -> Iterator[str]:
    """Every form in which an outcome is shown to people or to other processes."""
    yield from (str(outcome), repr(outcome), repr(pickle.dumps(outcome)), log)
    if isinstance(outcome, Exception):
        yield "".join(traceback.format_exception(outcome))
        rendered = traceback.TracebackException.from_exception(outcome, capture_locals=True)
        yield "".join(rendered.format())
        yield repr(vars(outcome))


def hold_no_key(outcome: object, log: str) -> None:
    """No key is in any form of the outcome, nor in the log."""
    for text in shown(outcome, log):
        assert hostile.API_KEY not in text
        assert hostile.APP_KEY not in text


def _is_whole(error: ServiceNowTicketsError) -> None:
    """An error chains to nothing of httpx2's, and survives pickling with all it carries."""
    assert error.__cause__ is None
    assert error.__context__ is None
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  # our own pickle
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name.replace(" ", "_"))
def test_fault(fault: faults.Fault, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each fault ends in the outcome that its row names, in time, and without a key."""
    caplog.set_level(logging.DEBUG)
    timeout = _IMPATIENT if fault.slow else _PATIENT
    started = time.monotonic()
    with hostile.serving(fault.act, early=fault.early) as server:
        outcome = call(mode, base_url=server.url, timeout=timeout, max_retries=0)
        elapsed = time.monotonic() - started
    assert isinstance(outcome, fault.outcome), repr(outcome)
    assert elapsed < _IN_TIME
    if isinstance(outcome, ServiceNowTicketsError):
        assert outcome.attempts == 1
        _is_whole(outcome)
    if isinstance(outcome, APIError | MalformedResponseError):
        assert len(outcome.content) <= 8 << 20
    hold_no_key(outcome, caplog.text)


@pytest.mark.parametrize("mode", MODES)
def test_connection_refused(mode: str) -> None:
    """A port on which nobody listens is a ConnectError: nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    outcome = call(mode, base_url=f"http://127.0.0.1:{port}", max_retries=0)
    assert isinstance(outcome, ConnectError)
    assert outcome.applied is False
    _is_whole(outcome)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n\r\n", bytes(100)])
def test_no_tls(mode: str, said: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A server that does not speak TLS is a ConnectError, and sees no request."""
    caplog.set_level(logging.DEBUG)
    with hostile.serving(hostile.says(said), early=True) as server:
        outcome = call(mode, base_url=f"https://127.0.0.1:{server.port}", max_retries=0)
    assert isinstance(outcome, ConnectError)
    _is_whole(outcome)
    hold_no_key(outcome, caplog.text)


_TLS = [
    faults.Fault("a case", hostile.says(hostile.answer()), models.Case),
    *(fault for fault in faults.CONNECTIONS if fault.slow),
    *faults.ECHOES,
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", _TLS, ids=lambda fault: fault.name)
def test_fault_over_tls(fault: faults.Fault, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """Over TLS a call ends as it does without: in time, and without a key in sight."""
    caplog.set_level(logging.DEBUG)
    options = {
        "verify": ssl.create_default_context(cafile=hostile.CERTIFICATE),
        "timeout": _IMPATIENT if fault.slow else _PATIENT,
        "max_retries": 0,
    }
    started = time.monotonic()
    with hostile.serving(fault.act, tls=True) as server:
        outcome = call(mode, base_url=f"https://localhost:{server.port}", **options)
        elapsed = time.monotonic() - started
    assert isinstance(outcome, fault.outcome), repr(outcome)
    assert elapsed < _IN_TIME
    hold_no_key(outcome, caplog.text)


@pytest.mark.parametrize("mode", MODES)
def test_certificate_that_nobody_signed(mode: str) -> None:
    """A certificate that is not trusted is a ConnectError, and the server sees no request."""
    with hostile.serving(hostile.says(hostile.answer()), tls=True) as server:
        outcome = call(mode, base_url=f"https://localhost:{server.port}", max_retries=0)
    assert isinstance(outcome, ConnectError)
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.reason
    assert not server.requests


@pytest.mark.parametrize("mode", MODES)
def test_proxy_that_refuses(mode: str) -> None:
    """A proxy sees the host to connect to, and neither key nor request; its refusal is told."""
    with hostile.serving(hostile.says(hostile.answer(407, b""))) as server:
        outcome = call(mode, proxy=server.url, site=ELSEWHERE, max_retries=0)
    assert isinstance(outcome, ConnectError)
    assert "407" in outcome.reason
    assert server.requests[0].startswith(f"CONNECT api.{ELSEWHERE}:443 ".encode())
    assert hostile.API_KEY.encode() not in server.requests[0]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_to_another_server(mode: str, status: int) -> None:
    """A redirect is not followed: the other server sees neither the keys nor a request."""
    with hostile.serving(hostile.says(hostile.answer())) as other:
        redirect = hostile.answer(status, b"", f"Location: {other.url}/")
        with hostile.serving(hostile.says(redirect)) as server:
            outcome = call(mode, base_url=server.url)
        assert not other.requests
    assert isinstance(outcome, UnexpectedStatusError)
    assert outcome.status_code == status
    assert outcome.headers["location"] == f"{other.url}/"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "value", ["7, 7", "0", "-1", "1767225600", "soon", "", "1e9", "9" * 50, "٣"]
)
@pytest.mark.parametrize("name", ["X-RateLimit-Reset", "X-RateLimit-Remaining", "Retry-After"])
def test_odd_rate_limit(mode: str, name: str, value: str) -> None:
    """An odd rate-limit header does not hide that the limit is used up."""
    header = f"{name}: {value}".encode().decode("latin-1")
    with hostile.serving(hostile.says(hostile.answer(429, b"{}", header))) as server:
        outcome = call(mode, base_url=server.url, max_retries=0)
    assert isinstance(outcome, RateLimitedError)
    assert outcome.retry_after is None or outcome.retry_after > 0


@pytest.mark.parametrize("mode", MODES)
def test_lost_answers_are_not_repeated(mode: str) -> None:
    """A request that may have been applied is sent once when the caller wants it so."""
    with hostile.serving(hostile.reset) as server:
        outcome = call(mode, base_url=server.url, max_retries=5, retry_unknown_outcome=False)
    assert isinstance(outcome, OutcomeUnknownError)
    assert outcome.applied is None
    assert len(server.requests) == 1


@pytest.mark.parametrize("mode", MODES)
def test_connection_closed_in_between(mode: str) -> None:
    """A connection that the server has closed since the last answer is not used again."""

    async def twice(url: str) -> list[models.Case]:
        async with AsyncClient(base_url=url, max_retries=0) as client:
            first = await client.attach_findings(**REQUEST)
            await asyncio.sleep(0.1)
            return [first, await client.attach_findings(**REQUEST)]

    with hostile.serving(hostile.says(hostile.answer())) as server:
        if mode == "async":
            cases = asyncio.run(twice(server.url))
        else:
            with Client(base_url=server.url, max_retries=0) as client:
                cases = [client.attach_findings(**REQUEST)]
                time.sleep(0.1)
                cases.append(client.attach_findings(**REQUEST))
    assert cases[0] == cases[1]
    assert len(server.requests) == 2


def test_cancelled_while_waiting() -> None:
    """A task that waits for an answer is cancelled at once, and its traceback shows no key."""

    async def scenario(url: str) -> str:
        async with AsyncClient(base_url=url) as client:
            task = asyncio.create_task(client.attach_findings(**REQUEST))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        shown_ = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        return "".join(shown_.format())

    with hostile.serving(hostile.silence) as server:
        shown_ = asyncio.run(scenario(server.url))
    assert hostile.API_KEY not in shown_


def test_bomb_is_bounded() -> None:
    """A body that would unpack to 200 MB takes no more memory than a few times the bound."""
    fault = next(fault for fault in faults.CODINGS if fault.name == "a gzip bomb")
    with hostile.serving(fault.act) as server:
        tracemalloc.start()
        try:
            call("sync", base_url=server.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 40 << 20


def test_faults_are_many() -> None:
    """At least 60 faults are told apart by name."""
    assert len({fault.name for fault in faults.FAULTS}) == len(faults.FAULTS) >= 60


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a body of 9 MiB", "larger than 8 MiB"),
        ("a gzip bomb", "larger than 8 MiB"),
        ("gzip cut short", "cut short"),
        ("a coding that was not asked for", "not asked for"),
        ("a 200 cut short", "RemoteProtocolError"),
        ("a 200 that drips before it is complete", "ReadTimeout"),
        ("a case without a type", "/data/type: missing"),
    ],
)
def test_reason(name: str, reason: str) -> None:
    """A 200 that cannot be read says why."""
    fault = next(fault for fault in faults.FAULTS if fault.name == name)
    timeout = _IMPATIENT if fault.slow else _PATIENT  # at 0.3 s a busy machine is late, not silent
    with hostile.serving(fault.act) as server:
        outcome = call("sync", base_url=server.url, timeout=timeout)
    assert isinstance(outcome, MalformedResponseError)
    assert reason in outcome.reason
