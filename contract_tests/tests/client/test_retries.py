"""What is repeated, how long is waited, and what is said in the end. No test here sleeps."""

import asyncio
import inspect
import time
from email.utils import formatdate
from typing import Any

import httpx2
import pytest
from attrs import evolve

from datadog_servicenow_tickets import (
    AsyncClient,
    BadRequestError,
    Client,
    ConnectError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    ServiceNowTicketsError,
    retry,
)
from tests.client.calls import API_HEADER, CASE, KEYS, MODES, REQUEST, answering, call, naps

OK = httpx2.Response(200, json=CASE)


def run(
    mode: str, *answers: httpx2.Response | Exception, draw: float = 1.0, **options: Any
) -> tuple[Any, list[float], int]:
    """The result or error of a call, its waits, and how many requests were sent.

    `draw` is what the jitter gives, from 0 to 1.
    """
    handler, requests = answering(*answers)
    waits: list[list[float]] = []

    def prepare(client: Any) -> None:
        waits.append(naps(client))
        client._policy = evolve(client._policy, uniform=lambda low, high: low + draw * (high - low))

    try:
        result = call(mode, handler, prepare=prepare, method="attach_findings_detailed", **options)
    except ServiceNowTicketsError as error:
        result = error
    return result, waits[0], len(requests)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 529])
def test_repeated_statuses(mode: str, status: int) -> None:
    """Whatever says that the service or a gateway failed for now is repeated."""
    result, waits, sent = run(mode, httpx2.Response(status), OK)
    assert result.parsed.data.id == "a-case"
    assert result.attempts == sent == 2
    assert len(waits) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [201, 302, 400, 401, 403, 404, 407, 409, 501, 505, 519, 530])
def test_other_statuses(mode: str, status: int) -> None:
    """No other status is repeated."""
    result, waits, sent = run(mode, httpx2.Response(status))
    assert result.status_code == status
    assert (waits, sent) == ([], 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout])
def test_connections_never_made(mode: str, fault: type[httpx2.TransportError]) -> None:
    """A connection that was never made is tried again."""
    result, _, sent = run(mode, fault("x"), fault("x"), OK)
    assert result.status_code == 200
    assert sent == 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "fault", [httpx2.ReadTimeout, httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.WriteError]
)
def test_lost_answers(mode: str, fault: type[httpx2.TransportError]) -> None:
    """A lost answer is repeated: attaching the same findings again changes nothing."""
    result, _, sent = run(mode, fault("x"), OK)
    assert result.status_code == 200
    assert sent == result.attempts == 2


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "doubt", [httpx2.ReadError("x"), *map(httpx2.Response, [408, 500, 502, 503, 504, 520])]
)
def test_unknown_outcomes_are_left_alone(mode: str, doubt: Any) -> None:
    """With `retry_unknown_outcome=False` nothing is repeated that may have been applied."""
    result, waits, sent = run(mode, doubt, retry_unknown_outcome=False)
    assert result.applied is None
    assert (waits, sent) == ([], 1)
    result, _, sent = run(mode, httpx2.Response(429), OK, retry_unknown_outcome=False)
    assert (result.status_code, sent) == (200, 2)


@pytest.mark.parametrize("mode", MODES)
def test_all_attempts_are_told(mode: str) -> None:
    """The error that is left says of each earlier attempt what became of it."""
    result, _, _ = run(mode, httpx2.ReadError("x"), httpx2.Response(502), httpx2.Response(404))
    assert (type(result).__name__, result.applied, result.attempts) == ("NotFoundError", None, 3)
    told = " ".join(result.__notes__)
    assert "Attempt 1: OutcomeUnknownError: " in told
    assert "Attempt 2: ServerError: 502" in told


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("max_retries", "attempts"),
    [({}, 3), *(({"max_retries": more}, more + 1) for more in (0, 1, 5))],
)
def test_count(mode: str, max_retries: dict[str, int], attempts: int) -> None:
    """The default is 2 retries; the last error is raised, and counts the attempts."""
    result, waits, sent = run(mode, *[httpx2.Response(429)] * attempts, **max_retries)
    assert isinstance(result, RateLimitedError)
    assert result.attempts == sent == attempts
    assert len(waits) == attempts - 1


@pytest.mark.parametrize("mode", MODES)
def test_backoff(mode: str) -> None:
    """Without a word from the service the bound of the wait doubles, up to 8 s."""
    _, waits, _ = run(mode, *[httpx2.Response(503)] * 8, max_retries=7)
    assert waits == [0.5, 1, 2, 4, 8, 8, 8]


@pytest.mark.parametrize("draw", [0.25, 1.0])
def test_full_jitter(draw: float) -> None:
    """A wait is drawn between zero and its bound."""
    _, waits, _ = run("sync", httpx2.Response(503), OK, draw=draw)
    assert waits == [0.5 * draw]


def test_backoff_never_exceeds_the_longest_wait() -> None:
    """A bound above max_retry_wait is lowered to it, so that such a wait is never refused."""
    _, waits, sent = run("sync", httpx2.Response(503), httpx2.Response(503), OK, max_retry_wait=0.6)
    assert waits == [0.5, 0.6]
    assert sent == 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "7"}, 7),
        ({"X-RateLimit-Reset": "7, 7"}, 7),
        ({"X-RateLimit-Reset": "7", "Retry-After": "3"}, 7),
        ({"Retry-After": "3"}, 3),
        ({"Retry-After": "3, 3"}, 3),
        ({"X-RateLimit-Reset": "0", "Retry-After": "3"}, 3),
        ({"X-RateLimit-Reset": "soon", "Retry-After": "3"}, 3),
        ({"X-RateLimit-Reset": "0"}, 0.5),
        ({"X-RateLimit-Reset": "-4"}, 0.5),
        ({"Retry-After": "soon"}, 0.5),
        ({"Retry-After": "0"}, 0.5),
        ({"Retry-After": "Thu, 99 Foo 2026 00:00:00 GMT"}, 0.5),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.5),
        ({}, 0.5),
    ],
)
def test_wait(mode: str, headers: dict[str, str], wait: float) -> None:
    """X-RateLimit-Reset, else Retry-After, else the backoff; zero and junk say nothing.

    What the service asks for gets up to a tenth on top.
    """
    _, waits, sent = run(mode, httpx2.Response(429, headers=headers), OK)
    assert waits == [pytest.approx(wait * 1.1 if wait > 1 else wait)]
    _, waits, _ = run(mode, httpx2.Response(429, headers=headers), OK, draw=0.1)
    assert waits == [pytest.approx(wait * 1.01 if wait > 1 else wait * 0.1)]
    assert sent == 2


@pytest.mark.parametrize("name", ["X-RateLimit-Reset", "Retry-After"])
def test_points_in_time(name: str) -> None:
    """A reset in seconds since 1970, and a Retry-After that is a date, become a wait."""
    at = time.time() + 20
    value = str(int(at)) if name == "X-RateLimit-Reset" else formatdate(at, usegmt=True)
    _, [wait], _ = run("sync", httpx2.Response(429, headers={name: value}), OK)
    assert 17 <= wait / 1.1 <= 21


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "40"}, 40),
        ({"X-RateLimit-Reset": "40", "X-RateLimit-Remaining": "0"}, 40),
        ({"X-RateLimit-Reset": "40", "X-RateLimit-Remaining": "9"}, 0.5),
        ({"X-RateLimit-Reset": "40", "X-RateLimit-Remaining": "9", "Retry-After": "3"}, 3),
    ],
)
def test_reset_that_is_not_the_reason(headers: dict[str, str], wait: float) -> None:
    """After a 503 the reset counts, unless the answer says that requests remain."""
    _, waits, _ = run("sync", httpx2.Response(503, headers=headers), OK)
    assert waits == [pytest.approx(wait * 1.1 if wait > 1 else wait)]


@pytest.mark.parametrize("mode", MODES)
def test_wait_too_long(mode: str) -> None:
    """A wait above max_retry_wait is refused at once, with the wait on the error."""
    result, waits, sent = run(mode, httpx2.Response(429, headers={"X-RateLimit-Reset": "61"}))
    assert isinstance(result, RateLimitedError)
    assert result.retry_after == 61
    assert (waits, sent) == ([], 1)
    _, waits, _ = run(mode, httpx2.Response(429, headers={"X-RateLimit-Reset": "60"}), OK)
    assert waits == [pytest.approx(66)]
    result, waits, _ = run(
        mode, httpx2.Response(429, headers={"Retry-After": "3"}), max_retry_wait=2
    )
    assert waits == []


def test_no_wait() -> None:
    """With a longest wait of zero a request is repeated at once, or not at all."""
    _, waits, sent = run("sync", httpx2.Response(503), OK, max_retry_wait=0)
    assert (waits, sent) == ([], 2)  # at once
    limited = httpx2.Response(429, headers={"Retry-After": "1"})
    _, waits, sent = run("sync", limited, max_retry_wait=0)
    assert (waits, sent) == ([], 1)


@pytest.mark.parametrize("mode", MODES)
def test_never_sent_after_a_doubt(mode: str) -> None:
    """When an earlier attempt may have been applied, no error says that nothing was sent."""
    result, _, _ = run(mode, httpx2.Response(504), *[httpx2.ConnectError("x")] * 2)
    assert isinstance(result, OutcomeUnknownError)
    assert result.applied is None
    assert result.attempts == 3
    assert "504" in str(result)


@pytest.mark.parametrize("mode", MODES)
def test_refused_after_a_doubt(mode: str) -> None:
    """A refusal after such an attempt keeps its class, and says that nobody knows."""
    result, _, _ = run(mode, httpx2.Response(502), httpx2.Response(400))
    assert isinstance(result, BadRequestError)
    assert result.applied is None
    assert "502" in result.__notes__[0]


def test_never_sent_without_a_doubt() -> None:
    """A 429 leaves no doubt: what follows was never applied."""
    result, _, _ = run("sync", httpx2.Response(429), *[httpx2.ConnectError("x")] * 2)
    assert isinstance(result, ConnectError)
    assert result.applied is False


@pytest.mark.parametrize("mode", MODES)
def test_keys_on_every_attempt(mode: str) -> None:
    """Every attempt carries both keys and the same body."""
    handler, requests = answering(httpx2.Response(429), OK)
    call(mode, handler, prepare=naps)
    assert [request.headers[API_HEADER] for request in requests] == [KEYS["api_key"]] * 2
    assert requests[0].content == requests[1].content


@pytest.mark.parametrize("mode", MODES)
def test_what_a_transport_raises_is_not_repeated(mode: str) -> None:
    """What a foreign transport raises of its own in a repetition is passed on."""
    handler, requests = answering(httpx2.Response(429), LookupError("mine"))
    with pytest.raises(LookupError, match="mine"):
        call(mode, handler, prepare=naps)
    assert len(requests) == 2


def test_wait_is_cancelled() -> None:
    """A task that waits to repeat a request is cancelled at once."""

    async def scenario() -> None:
        handler, requests = answering(httpx2.Response(429, headers={"Retry-After": "50"}))
        async with AsyncClient(**KEYS, transport=httpx2.MockTransport(handler)) as client:
            task = asyncio.create_task(client.attach_findings(**REQUEST))
            while not requests:
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    started = time.monotonic()
    asyncio.run(scenario())
    assert time.monotonic() - started < 5


def test_sync_wait_sleeps() -> None:
    """In a thread, the wait is `time.sleep`."""
    assert Client(**KEYS)._sleep is time.sleep


def test_policy_is_pure() -> None:
    """A decision needs no client: an error and a number go in, seconds or None come out."""
    policy = retry.RetryPolicy(max_retries=1, max_wait=10.0, uniform=lambda _, high: high)
    error = ServerError([], status_code=503, headers={}, content=b"")
    assert policy.wait(error, 1) == 0.5
    assert policy.wait(error, 2) is None
    assert policy.wait(object(), 1) is None
    assert not evolve(policy, unknown_outcome=False).may_repeat(OutcomeUnknownError("x"))
    assert policy.may_repeat(OutcomeUnknownError("x"))
    assert not policy.may_repeat(ConnectError("x", lasting=True))
    assert retry.asked_wait(429, {"Retry-After": "5"}) == 5.0


def test_kept_connections_count_as_no_retry() -> None:
    """Twenty of them; what is found closed after that is an attempt like any other."""
    assert list(inspect.signature(retry.Attempts).parameters) == ["policy", "deadline"]
    policy = retry.RetryPolicy(max_retries=1, uniform=lambda _, high: high)
    attempts = retry.Attempts(policy, None)
    waits = [attempts.wait_after(OutcomeUnknownError("x"), kept=True) for _ in range(21)]
    assert waits == [0.0] * 20 + [0.5]
    with pytest.raises(OutcomeUnknownError) as caught:
        attempts.wait_after(OutcomeUnknownError("x"), kept=True)
    assert caught.value.attempts == 22


def test_wait_that_ends_with_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that leaves no time at all for an attempt is not begun."""
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    policy = retry.RetryPolicy(uniform=lambda _, high: high)
    assert retry.Attempts(policy, 0.6).wait_after(ConnectError("x"), kept=False) == 0.5
    with pytest.raises(ConnectError):
        retry.Attempts(policy, 0.5).wait_after(ConnectError("x"), kept=False)
