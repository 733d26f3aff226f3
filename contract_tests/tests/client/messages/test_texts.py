"""What an error says, word for word: people read it, and search for it."""

import asyncio
import copy
import json
from collections.abc import Iterable
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    APIError,
    AsyncClient,
    Client,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    InvalidRequestError,
    MalformedResponseError,
    OutcomeUnknownError,
    Problem,
    ServiceNowTicketsError,
    models,
)
from datadog_servicenow_tickets._messages import requests as _requests
from servicenow_contract.contract.fragment import Fragment
from tests.client.calls import APP_KEY, KEYS, REQUEST, TICKET_URL, answering, body, call
from tests.contract import FRAGMENT

_NO_ADDRESS = (
    "base_url is not the address of a server: it takes https, a host, and optionally a port and a "
    "path, but no user, password, query or fragment"
)
_UNFIT = (
    "cannot be sent in a header: it contains a space, a line break or a character outside ASCII"
)
_NO_TIMEOUT = (
    "timeout must be a number of seconds above 0 or an httpx2.Timeout of such numbers, "
    "each at most 1000000"
)
_NO_CONTEXT = (
    "verify must be True, False or an ssl.SSLContext for clients, such as "
    'ssl.create_default_context(cafile="…")'
)
_NO_PROXY = (
    "proxy is not the address of a proxy: it takes http, https or socks5, a host, and optionally a "
    "port"
)
_NO_RETRIES = "max_retries must be a whole number of 0 or more"
_NO_WAIT = "max_retry_wait must be a number of seconds from 0 to 1000000"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"api_key": ""}, "api_key is missing: set DD_API_KEY in the environment, or pass api_key"),
        ({"app_key": ""}, "app_key is missing: set DD_APP_KEY in the environment, or pass app_key"),
        ({"api_key": "a b"}, f"api_key (or DD_API_KEY) {_UNFIT}"),
        ({"app_key": "a b"}, f"app_key (or DD_APP_KEY) {_UNFIT}"),
        (
            {"site": "datadoghq.eu", "base_url": "https://x"},
            "site and base_url exclude each other; pass one of them",
        ),
        ({"base_url": "x"}, _NO_ADDRESS),
        ({"base_url": "http://example.com"}, "base_url must be https, unless its host is loopback"),
        ({"timeout": 0}, _NO_TIMEOUT),
        ({"timeout": "5"}, _NO_TIMEOUT),
        ({"max_retries": -1}, _NO_RETRIES),
        ({"max_retries": 1.5}, _NO_RETRIES),
        ({"max_retry_wait": -1}, _NO_WAIT),
        ({"max_retry_wait": "60"}, _NO_WAIT),
        ({"deadline": 0}, "deadline must be a number of seconds above 0, at most 1000000"),
        *(
            ({name: 1}, f"{name} must be True or False")
            for name in ("retry_unknown_outcome", "trust_env")
        ),
        ({"transport": 1}, "transport must be an httpx2.BaseTransport"),
        ({"limits": 1}, "limits must be an httpx2.Limits of whole numbers and seconds"),
        (
            {"verify": 1},
            _NO_CONTEXT,
        ),
        (
            {"proxy": "x"},
            _NO_PROXY,
        ),
        (
            {"event_hooks": 1},
            'event_hooks must map "request" and "response" to lists of functions',
        ),
        (
            {"transport": httpx2.MockTransport(None), "proxy": "http://x"},  # type: ignore[arg-type]  # it is never asked
            "transport and proxy exclude each other; pass one of them",
        ),
    ],
)
def test_options(options: dict[str, Any], text: str) -> None:
    """A construction that fails says which argument is wrong, and what it takes."""
    with pytest.raises(ConfigurationError) as caught:
        Client(**{**KEYS, **options})
    assert str(caught.value) == text


def test_transport_of_the_other_kind() -> None:
    """A transport is of the kind of its client."""
    with pytest.raises(ConfigurationError) as caught:
        AsyncClient(**KEYS, transport=httpx2.BaseTransport())  # type: ignore[arg-type]  # on purpose
    assert str(caught.value) == "transport must be an httpx2.AsyncBaseTransport"


@pytest.mark.parametrize("source", ["site", "DD_SITE"])
def test_site(source: str, contract: Fragment, monkeypatch: pytest.MonkeyPatch) -> None:
    """An undocumented site is named with where it came from, and with those that there are."""
    monkeypatch.setenv("DD_SITE", "example.com")
    with pytest.raises(ConfigurationError) as caught:
        Client(**KEYS, site="example.com" if source == "site" else None)
    assert str(caught.value) == (
        f"{source} is not one of the documented sites, which are {', '.join(contract.sites)}. "
        "For another server pass base_url."
    )


_NO_ID = "expected an id: a string that is not empty"
_AT = "/data/relationships/findings/data"
_MOST = FRAGMENT.max_findings


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"project_id": ""}, f"/data/relationships/project/data/id: {_NO_ID}"),
        ({"finding_ids": [""]}, f"{_AT}/0/id: {_NO_ID}"),
        ({"finding_ids": "x"}, f"{_AT}: expected a list of finding ids"),
        ({"finding_ids": []}, f"{_AT}: expected 1 to {_MOST} findings, found none"),
        (
            {"finding_ids": map(str, range(_MOST + 1))},
            f"{_AT}: expected 1 to {_MOST} findings, found {_MOST + 1}",
        ),
    ],
)
def test_request(changes: dict[str, Any], problem: str) -> None:
    """A problem of a request is its place, what is expected there, and the number found."""
    with pytest.raises(InvalidRequestError) as caught:
        call("sync", _unreachable, request={**REQUEST, **changes})
    assert str(caught.value) == f"Not sent: {problem}"
    assert str(caught.value.problems[0]) == problem


def _unreachable(_: httpx2.Request) -> httpx2.Response:
    raise AssertionError("nothing is sent")


def test_contract_without_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the page has no limit, any number of findings is sent, but none is refused."""
    monkeypatch.setattr(_requests, "MAX_FINDINGS", None)
    assert _requests.content_with(TICKET_URL, "p", map(str, range(_MOST + 1)))
    with pytest.raises(InvalidRequestError, match=f"{_AT}: expected 1 or more findings, found no"):
        _requests.content_with(TICKET_URL, "p", [])


def test_several_problems() -> None:
    """Several problems stand in one line, and several values that are taken."""
    assert _requests._expected(["a", "b"]) == "expected 'a' or 'b'"
    assert str(InvalidRequestError([Problem("", "a"), Problem("/b", "c")])) == (
        "Not sent: the whole body: a; /b: c"
    )


def _problem_of(model: Any) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        call("sync", _unreachable, model, method="attach")
    return str(caught.value)


def _any_of(kind: Iterable[str]) -> str:
    return " or ".join(f"'{each}'" for each in kind)


def test_model() -> None:
    """A model that is none, cannot be written, or is of another type says so."""
    assert _problem_of(None) == (
        "Not sent: the whole body: expected models of this package "
        "('NoneType' object has no attribute 'to_dict')"
    )
    odd = body()
    odd.data["x"] = {1}
    assert _problem_of(odd) == (
        "Not sent: the whole body: cannot be written as JSON "
        "(Object of type set is not JSON serializable)"
    )
    endless: Any = body()
    endless.data = endless
    assert _problem_of(endless).startswith("Not sent: the whole body: expected models of this")
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    odd.data["x"] = deep
    assert _problem_of(odd).startswith("Not sent: the whole body: cannot be written as JSON (")
    other = body(type_=models.TicketsType("smoke"))
    assert _problem_of(other) == f"Not sent: /data/type: expected {_any_of(models.TicketsType)}"
    other = body()
    other.data.relationships.project.data.type_ = models.ProjectsType("smoke")
    at = "/data/relationships/project/data/type"
    assert _problem_of(other) == f"Not sent: {at}: expected {_any_of(models.ProjectsType)}"
    other = body()
    assert other.data.relationships.findings.data
    other.data.relationships.findings.data[0].type_ = models.FindingsType("smoke")
    wanted = f"Not sent: {_AT}/0/type: expected {_any_of(models.FindingsType)}"
    assert _problem_of(other) == wanted


def _text(*answers: httpx2.Response | Exception, **options: Any) -> str:
    handler, _ = answering(*answers)
    with pytest.raises(ServiceNowTicketsError) as caught:
        call("sync", handler, **{"max_retries": 0, **options})
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "content", "text"),
    [
        (400, b'{"errors": ["a", "b"]}', "400 Bad Request: a; b"),
        (429, b"", "429 Too Many Requests: no reason was given"),
        (520, b"<h1>x</h1>", "520: x"),
        (400, json.dumps({"errors": ["x" * 3000]}).encode(), f"400 Bad Request: {'x' * 1999}…"),
        (400, b"[" * 100_000, f"400 Bad Request: {'[' * 499}…"),
        (400, b'{"errors": ' + b"[" * 900 + b"]" * 900 + b"}", f"400 Bad Request: {'[' * 499}…"),
    ],
)
def test_status(status: int, content: bytes, text: str) -> None:
    """An answer that is an error is its status, with its phrase, and the service's words."""
    assert _text(httpx2.Response(status, content=content)) == text


_READ = "The findings were attached, but the answer cannot be read as a case: "


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty body"),
        (b"<", "not JSON (JSONDecodeError)"),
        (b"\xff", "not JSON (UnicodeDecodeError)"),
        (b"[" * 100_000, "not JSON (RecursionError)"),
        (b"{}", "/data: missing"),
        (b"[]", "the whole body: expected an object, found an array"),
        (b'""', "the whole body: expected an object, found a string"),
        (b"1.5", "the whole body: expected an object, found a number"),
        (b"1", "the whole body: expected an object, found a number"),
        (b"true", "the whole body: expected an object, found a boolean"),
        (b"null", "the whole body: expected an object, found null"),
        (b'{"data": null}', "/data: expected an object, found null"),
        (b'{"data": {}}', "/data/type: missing"),
        (b'{"data": {"type": {}}}', "/data/type: expected a string, found an object"),
    ],
)
def test_malformed(content: bytes, reason: str) -> None:
    """A 200 that is not a case says what is missing or of another type, and where."""
    handler, _ = answering(httpx2.Response(200, content=content))
    with pytest.raises(MalformedResponseError) as caught:
        call("sync", handler)
    assert caught.value.reason == reason
    assert str(caught.value) == f"{_READ}{reason}"
    assert caught.value.attempts == 1


def test_no_answer() -> None:
    """A connection that was not made, and an answer that was lost, are told apart in words."""
    assert _text(httpx2.ConnectError("x")) == (
        "Not sent, because no connection was made: ConnectError: x"
    )
    lost = (
        "The findings may have been attached, but no answer could be read (ReadTimeout: x). "
        "It is safe to attach them again."
    )
    assert _text(httpx2.ReadTimeout("x")) == lost


def test_doubt() -> None:
    """What an earlier attempt leaves open is in the message, or in a note."""
    handler, _ = answering(httpx2.Response(504), httpx2.ConnectError("x"))
    with pytest.raises(OutcomeUnknownError) as caught:
        call("sync", handler, max_retries=1, prepare=_awake)
    assert caught.value.reason == (
        "504 Gateway Timeout: no reason was given; then "
        "Not sent, because no connection was made: ConnectError: x"
    )
    handler, _ = answering(httpx2.Response(504), httpx2.Response(400))
    with pytest.raises(APIError) as refused:
        call("sync", handler, max_retries=1, prepare=_awake)
    [note, attempt] = refused.value.__notes__
    assert attempt == "Attempt 1: ServerError: 504 Gateway Timeout: no reason was given"
    assert note == (
        "The findings may have been attached by an earlier attempt: "
        "504 Gateway Timeout: no reason was given"
    )


def _awake(client: Any) -> None:
    client._sleep = lambda _: None


def test_connection_error_that_names_a_key() -> None:
    """What an exception of httpx2's says goes through the mask, on one line."""
    told = _text(httpx2.ReadError(f"a\n{APP_KEY}"))
    assert f"(ReadError: a {'*' * len(APP_KEY)})" in told


def test_closed() -> None:
    """A closed client says what to do."""
    client = Client(**KEYS, base_url="http://localhost:1")
    client.close()
    with pytest.raises(ClientClosedError) as caught:
        client.attach_findings(ticket_url=TICKET_URL, project_id="x", finding_ids=["x"])
    assert str(caught.value) == "The client is closed; make a new one."
    assert repr(client) == "<Client for localhost (closed)>"


def test_copies() -> None:
    """What is neither pickled nor copied says why."""
    client = Client(**KEYS, base_url="http://localhost:1")
    with pytest.raises(TypeError) as caught:
        copy.copy(client)
    assert str(caught.value) == (
        "a Client holds keys and connections, so it cannot be pickled or copied; "
        "make one where it is used"
    )
    with pytest.raises(TypeError) as caught:
        copy.copy(client._wire.keys)
    assert str(caught.value) == "keys are neither pickled nor copied"
    assert repr(client._wire.keys) == "Keys(…)"


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_unmade(kind: Any) -> None:
    """A client whose construction failed shows itself closed, of no host."""
    client = kind.__new__(kind)
    assert client.is_closed
    assert repr(client) == f"<{kind.__name__} for … (closed)>"
    with pytest.raises(ClientClosedError):
        asyncio.run(client.attach(body()))


def test_connect_error_keeps_its_reason() -> None:
    """The reason is an attribute too."""
    assert ConnectError("x").reason == "x"
