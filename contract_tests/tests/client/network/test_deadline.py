"""A call ends by its deadline, and calls that are cut short leave nothing behind."""

import asyncio
import contextlib
import threading
import time
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    AsyncClient,
    Client,
    ConfigurationError,
    ConnectError,
    OutcomeUnknownError,
    ServerError,
    ServiceNowTicketsError,
)
from tests.client.calls import KEYS, REQUEST
from tests.client.network.hostile import server

BOTH = pytest.mark.parametrize("mode", ["sync", "async"])


def call(mode: str, request: dict[str, Any] | None = None, **options: Any) -> tuple[Any, float]:
    """What a call comes to, and how many seconds it takes."""
    arguments = {**REQUEST, **(request or {})}

    async def wait() -> Any:
        async with AsyncClient(**KEYS, **options) as client:
            return await client.attach_findings(**arguments)

    started = time.monotonic()
    try:
        if mode == "async":
            return asyncio.run(wait()), time.monotonic() - started
        with Client(**KEYS, **options) as client:
            return client.attach_findings(**arguments), time.monotonic() - started
    except ServiceNowTicketsError as error:
        return error, time.monotonic() - started


@BOTH
@pytest.mark.parametrize("per_call", [False, True])
def test_retries_end_by_the_deadline(mode: str, per_call: bool) -> None:
    """Attempts and waits together take no longer, and the error that is left says why."""
    given: dict[str, Any] = {"deadline": 0.8}
    with server.serving(server.says(server.answer(503, b""))) as there:
        options: dict[str, Any] = {"base_url": there.url, "max_retries": 99}
        if per_call:
            error, seconds = call(mode, given, **options, deadline=None)
        else:
            error, seconds = call(mode, **options, **given)
    assert isinstance(error, ServerError)
    assert seconds < 1.5
    assert "The deadline of 0.8 s leaves no time for more attempts." in error.__notes__


@BOTH
@pytest.mark.parametrize(
    ("name", "act", "kind"),
    [
        ("silence", server.silence, OutcomeUnknownError),
        ("drip", server.drips(b"HTTP/1.1 200 O", b"K"), OutcomeUnknownError),
    ],
)
def test_attempt_ends_by_the_deadline(mode: str, name: str, act: Any, kind: type[Any]) -> None:
    """An attempt that waits for an answer ends with the call."""
    with server.serving(act) as there:
        error, seconds = call(mode, base_url=there.url, deadline=0.5)
    assert isinstance(error, kind), name
    assert seconds < 1.5


@BOTH
def test_proxy_ends_by_the_deadline(mode: str) -> None:
    """So does one that waits for a proxy."""
    with server.serving(server.silence) as there:
        error, seconds = call(mode, proxy=there.url, deadline=0.5)
    assert isinstance(error, ConnectError)
    assert seconds < 1.5


@BOTH
def test_free_place_is_waited_for_by_the_deadline(mode: str) -> None:
    """So does one that waits for a free connection: it is never sent."""
    limits = httpx2.Limits(max_connections=1)

    async def both(url: str) -> Any:
        async with AsyncClient(**KEYS, base_url=url, limits=limits) as client:
            first = asyncio.create_task(client.attach_findings(**REQUEST, deadline=1.5))
            await asyncio.sleep(0.1)
            with pytest.raises(ConnectError, match="PoolTimeout"):
                await client.attach_findings(**REQUEST, deadline=0.3)
            with pytest.raises(OutcomeUnknownError):
                await first

    with server.serving(server.silence) as there:
        if mode == "async":
            asyncio.run(both(there.url))
            return
        with Client(**KEYS, base_url=there.url, limits=limits) as client:

            def first() -> None:
                with pytest.raises(OutcomeUnknownError):
                    client.attach_findings(**REQUEST, deadline=1.5)

            thread = threading.Thread(target=first)
            thread.start()
            time.sleep(0.1)
            with pytest.raises(ConnectError, match="PoolTimeout"):
                client.attach_findings(**REQUEST, deadline=0.3)
            thread.join()


@BOTH
def test_wait_that_is_too_long_for_the_deadline(mode: str) -> None:
    """A wait that would outlast the deadline is not begun."""
    answer = server.answer(429, b"", "Retry-After: 5")
    with server.serving(server.says(answer)) as there:
        error, seconds = call(mode, base_url=there.url, deadline=3)
    assert (error.attempts, error.retry_after) == (1, 5)
    assert seconds < 1


@BOTH
def test_timeout_of_one_call(mode: str) -> None:
    """A call has a timeout of its own when it is given one."""
    with server.serving(server.silence) as there:
        options = {"base_url": there.url, "max_retries": 0}
        error, seconds = call(mode, {"timeout": httpx2.Timeout(9.0, read=0.2)}, **options)
    assert isinstance(error, OutcomeUnknownError)
    assert seconds < 1


@BOTH
@pytest.mark.parametrize("argument", ["timeout", "deadline"])
@pytest.mark.parametrize("value", [0, -1, "5", float("inf"), float("nan"), True])
def test_wrong_time_of_one_call(mode: str, argument: str, value: Any) -> None:
    """A time that cannot be used is refused before anything is sent."""
    with server.serving(server.silence) as there:
        error, _ = call(mode, {argument: value}, base_url=there.url)
    assert isinstance(error, ConfigurationError)
    assert not there.requests


@BOTH
def test_unknown_option_of_one_call(mode: str) -> None:
    """An option that no call has is refused as Python refuses an argument."""
    with server.serving(server.silence) as there:
        with pytest.raises(TypeError, match="a call has no option tiemout"):
            call(mode, {"tiemout": 1}, base_url=there.url)
        assert not there.requests


def _answers_late(connection: Any, request: bytes) -> None:
    while request:
        time.sleep(0.01)
        connection.sendall(server.answer())
        request = server.read_request(connection)


def test_cancelled_calls_leave_no_place_taken() -> None:
    """Calls that are cut short give back their place in the pool."""

    async def load(url: str) -> tuple[int, int]:
        limits = httpx2.Limits(max_connections=5)
        async with AsyncClient(**KEYS, base_url=url, limits=limits, max_retries=0) as client:

            async def one(seconds: float) -> None:
                with contextlib.suppress(TimeoutError, ServiceNowTicketsError):
                    async with asyncio.timeout(seconds):
                        await client.attach_findings(**REQUEST)

            for number in range(20):
                await asyncio.gather(*(one(0.004 + number * 0.001) for _ in range(10)))
            done = await asyncio.gather(*(client.attach_findings(**REQUEST) for _ in range(5)))
            pool = client._via._pool
            return len(done), sum(not each.is_idle() for each in pool.connections)

    with server.serving(_answers_late) as there:
        assert asyncio.run(load(there.url)) == (5, 0)


def test_closing_while_threads_call() -> None:
    """A client that is closed in the middle of calls ends each with a case or an error of ours."""
    for _ in range(5):
        outcomes: list[Any] = []
        with server.serving(_answers_late) as there:
            client = Client(**KEYS, base_url=there.url, timeout=2)

            def work(client: Client = client, outcomes: list[Any] = outcomes) -> None:
                for _ in range(20):
                    try:
                        outcomes.append(client.attach_findings(**REQUEST))
                    except ServiceNowTicketsError as error:
                        outcomes.append(error)

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(0.05)
            client.close()
            for thread in threads:
                thread.join()
        assert len(outcomes) == 80
        assert not client._via._pools._pools
