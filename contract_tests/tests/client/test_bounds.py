"""Where the client draws its lines: sizes, times, counts, and what stands just beyond each."""

import inspect
import logging
import random
import time
from types import SimpleNamespace
from typing import Any

import attrs
import httpx2
import pytest

from datadog_servicenow_tickets import (
    APIError,
    AsyncClient,
    AttachResponse,
    Client,
    MalformedResponseError,
    RateLimit,
    ServerError,
    UnexpectedStatusError,
    models,
    retry,
)
from datadog_servicenow_tickets._settings import keys as _keys
from tests.client.calls import API_HEADER, APP_HEADER, CASE, KEYS, MODES, answering, body, call


@pytest.mark.parametrize(
    ("status", "kind"), [(499, UnexpectedStatusError), (500, ServerError), (599, ServerError)]
)
def test_server_errors(status: int, kind: type[APIError]) -> None:
    """500 to 599 are the server's."""
    assert APIError.for_status(status) is kind
    assert APIError.for_status(600) is UnexpectedStatusError


@pytest.mark.parametrize(
    ("value", "reset"),
    [
        ("1000000000", 1_000_000_000),
        ("1000000001", 1),
        ("2.0", 2),
        ("2.", 2),
        ("2.000001", 3),
        ("999999999999", 999_999_999_999 - 1_000_000_000),
        ("1000000000000", None),
    ],
)
def test_reset(value: str, reset: int | None) -> None:
    """A reset above a thousand million is a point in time; a fraction counts as a whole second."""
    headers = httpx2.Headers({"X-RateLimit-Reset": value})
    assert RateLimit.from_headers(headers, now=1_000_000_000.9).reset == reset


def test_reset_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless told otherwise a point in time is counted from the time of the call."""
    monkeypatch.setattr(time, "time", lambda: 1_000_000_010.0)
    headers = httpx2.Headers({"X-RateLimit-Reset": "1000000015"})
    assert RateLimit.from_headers(headers).reset == 5


@pytest.mark.parametrize(
    ("seconds", "wait"), [("-1", None), ("0.5", 1.0), ("1", 1.0), (None, None)]
)
def test_retry_after(seconds: str | None, wait: float | None) -> None:
    """Retry-After is a number of seconds above zero."""
    headers = {} if seconds is None else {"Retry-After": seconds}
    assert retry.asked_wait(503, headers) == wait
    date = {"Retry-After": "Thu, 01 Jan 1970 00:01:40 GMT"}
    assert retry.asked_wait(503, date, now=lambda: 98.6) == 1.0
    assert retry.asked_wait(503, date, now=lambda: 100.0) is None
    assert isinstance(retry.asked_wait(503, date, now=lambda: 0.0), float)
    far = f"Mon, 01 Jan {10**20} 00:00:00 GMT"
    assert retry.asked_wait(503, {"Retry-After": far}) is None


@pytest.mark.parametrize("zone", ["", " -0000", " UTC"])
def test_date_is_in_utc(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A date in Retry-After is in UTC, whatever it says and wherever the machine is."""
    headers = {"Retry-After": f"Thu, 01 Jan 1970 00:01:40{zone}"}
    try:
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("TZ", "UTC-5")
            time.tzset()
            assert retry.asked_wait(503, headers, now=lambda: 98.0) == 2.0
    finally:
        time.tzset()


def test_reset_of_a_429() -> None:
    """Whatever remains, a 429 is because of the limit; a point in time is counted from now."""
    headers = {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "2000000009"}
    assert retry.asked_wait(429, httpx2.Headers(headers), now=lambda: 2000000000.0) == 9.0
    handler, _ = answering(httpx2.Response(429, headers={**headers, "X-RateLimit-Reset": "7"}))
    with pytest.raises(APIError) as caught:
        call("sync", handler, max_retries=0)
    assert caught.value.retry_after == 7.0


def test_policy() -> None:
    """The defaults of a policy, and the draw of a wait, which its repr leaves out."""
    policy = retry.RetryPolicy()
    assert (policy.max_retries, policy.max_wait, policy.unknown_outcome) == (2, 60.0, True)
    assert policy.uniform == random.uniform
    assert "uniform" not in repr(policy)
    assert [attrs.evolve(policy, uniform=lambda _, high: high).backoff(n) for n in (1, 5, 999)] == [
        0.5,
        8.0,
        8.0,
    ]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_defaults(kind: Any) -> None:
    """The defaults of a client are the documented ones, and httpx2's own."""
    given = {name: each.default for name, each in inspect.signature(kind).parameters.items()}
    assert given.pop("timeout") == httpx2.Timeout(30.0, connect=5.0)
    assert given.pop("limits") == httpx2.Limits(
        max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0
    )
    assert given == {
        **dict.fromkeys(("api_key", "app_key", "site", "base_url"), None),
        **dict.fromkeys(("transport", "proxy", "event_hooks"), None),
        "max_retries": 2,
        "max_retry_wait": 60.0,
        "deadline": 120.0,
        "retry_unknown_outcome": True,
        "verify": True,
        "trust_env": True,
    }
    client = kind(**KEYS)
    assert client._policy == retry.RetryPolicy(uniform=client._policy.uniform)


@pytest.mark.parametrize("length", [7, 8])
def test_masked_from(length: int) -> None:
    """A key of eight characters is masked, a shorter one is not."""
    key = "k" * length
    keys = _keys.Keys(key, "another-key")
    keys.check()
    masked = b"-" + (b"*" if length == 8 else b"k") * length + b"-"
    assert keys.masked(f"-{key}-".encode()) == masked
    assert keys.masked_text(f"-{key}-") == masked.decode()
    assert keys.headers == ((API_HEADER, key), (APP_HEADER, "another-key"))


def test_no_case() -> None:
    """An answer without a case counts its attempts on the error."""
    handler, _ = answering(httpx2.Response(429), httpx2.Response(200, json={"meta": 1}))
    with pytest.raises(MalformedResponseError) as caught:
        call("sync", handler, prepare=lambda client: setattr(client, "_sleep", lambda _: None))
    assert caught.value.attempts == 2
    assert caught.value.reason == "/data: missing"
    assert AttachResponse(200, b"", httpx2.Headers(), models.CaseResponse()).attempts == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", ["attach_findings", "attach_detailed"])
def test_log_counts_from_the_start(
    mode: str, method: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seconds of a line are those of its attempt."""
    ticks = iter([10.0, 12.5])
    clock = SimpleNamespace(perf_counter=lambda: next(ticks))
    for module in ("client", "_base"):
        monkeypatch.setattr(f"datadog_servicenow_tickets.{module}.time", clock)
    caplog.set_level(logging.DEBUG, logger="datadog_servicenow_tickets")
    handler, _ = answering(httpx2.Response(200, json=CASE))
    call(mode, handler, *([body()] if method == "attach_detailed" else []), method=method)
    assert [record.getMessage() for record in caplog.records if "api." in record.getMessage()] == [
        "PATCH api.datadoghq.com: 200, attempt 1, 2.500 s"
    ]
