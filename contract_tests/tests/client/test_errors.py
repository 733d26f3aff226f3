"""What an answer that is not a case turns into."""

import copy
import inspect
import json
import pickle
import re
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    AnsweredError,
    APIError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    ForbiddenError,
    InvalidRequestError,
    MalformedResponseError,
    MissingCredentialsError,
    NotFoundError,
    OutcomeUnknownError,
    Problem,
    RateLimit,
    RateLimitedError,
    ServerError,
    ServiceNowTicketsError,
    TicketFailedError,
    UnauthorizedError,
    UnexpectedStatusError,
    errors,
    models,
)
from tests.client.calls import CASE, MODES, NEEDED, answering, body, call

_CLASSES = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    429: RateLimitedError,
}


def failing(mode: str, *answers: httpx2.Response | Exception, **options: Any) -> Any:
    """The error that a call with these answers raises."""
    handler, _ = answering(*answers)
    with pytest.raises(ServiceNowTicketsError) as caught:
        call(mode, handler, **{"max_retries": 0, **options})
    return caught.value


def _classes() -> dict[str, type[Exception]]:
    found = inspect.getmembers(errors, inspect.isclass)
    return {name: kind for name, kind in found if issubclass(kind, ServiceNowTicketsError)}


def test_tree_is_drawn() -> None:
    """The drawing in the module's docstring is the tree of the classes."""
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ([ │├└─]*)([A-Z]\w+Error)", line)
        if match:
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            drawn[match[2]] = path[depth - 1] if depth else "Exception"
    assert drawn == {name: kind.__bases__[0].__name__ for name, kind in _classes().items()}


@pytest.mark.parametrize("mode", MODES)
def test_every_status(mode: str) -> None:
    """Every status from 201 to 999 has its class, and is on the error."""
    for status in [*range(201, 620, 1 if mode == "sync" else 19), 700, 999]:
        error = failing(mode, httpx2.Response(status, json={"errors": ["no"]}))
        expected = _CLASSES.get(
            status, ServerError if 500 <= status < 600 else UnexpectedStatusError
        )
        assert type(error) is expected
        assert error.status_code == status
        assert error.errors == ["no"]
        assert str(error).startswith(str(status))


@pytest.mark.parametrize(
    ("status", "applied"),
    [(400, False), (404, False), (429, False), (500, None), (504, None), (202, None), (302, None)],
)
def test_whether_it_was_applied(status: int, applied: bool | None) -> None:
    """A refusal was not applied; of a failure and of an unlisted status nobody knows."""
    assert failing("sync", httpx2.Response(status)).applied is applied


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({"errors": ["Bad Request", "", "\x1b[2J"]}, ["Bad Request", "", "\x1b[2J"]),
        ({"errors": []}, []),
        ({"errors": None}, []),
        ({"errors": "text"}, ["text"]),
        ({"errors": [{"status": "400", "title": "Bad", "detail": "no project"}]}, ["no project"]),
        ({"errors": [{"title": "Bad Request"}]}, ["Bad Request"]),
        ({"errors": [{"detail": "wrong", "code": "E1", "source": {"pointer": "/data"}}]},
         ["wrong (code E1, at /data)"]),
        ({"errors": [{"detail": 5, "id": "x"}]}, ['{"detail": 5, "id": "x"}']),
        ({"errors": [5, None, ["x"], {}]}, ["5", '["x"]']),
        ({"errors": {"detail": "one"}}, ["one"]),
        ({"type": "about:blank", "title": "Gone", "detail": "for good"}, ["for good"]),
        ({"message": "no"}, ["no"]),
        ({"error": "no"}, ["no"]),
        (["a", "b"], ["a", "b"]),
        ("text", ["text"]),
        ({}, []),
        (None, []),
    ],
)  # fmt: skip
def test_messages_in_json(body: Any, messages: list[str]) -> None:
    """Documented strings are kept as they are; objects that describe errors are put into words."""
    error = failing("sync", httpx2.Response(400, content=json.dumps(body).encode()))
    assert error.errors == messages


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", []),
        (" \n", []),
        ("upstream  connect\nerror", ["upstream connect error"]),
        (
            "<html><head><title>\n 502 Bad &amp; Gateway </title></head><body>x",
            ["502 Bad & Gateway"],
        ),
        ("<body><H1>Forbidden</H1><p>x</p>", ["Forbidden"]),
        ("<p>no <b>title</b></p>", ["no title"]),
        ("<" * 5000, []),
        ("x" * 600, ["x" * 499 + "…"]),
        ("\x1b[31mred\u202e", ["[31mred"]),
    ],
)
def test_messages_in_text(text: str, messages: list[str]) -> None:
    """HTML gives its title, else its text; other text is cut, and clean for a terminal."""
    assert failing("sync", httpx2.Response(502, text=text)).errors == messages


def test_message_is_printable() -> None:
    """What is printed is one line of bounded length, whatever the service says."""
    body = json.dumps({"errors": ["\x1b]0;x\x07\n\ud800" * 10_000]}).encode()
    error = failing("sync", httpx2.Response(400, content=body))
    assert str(error).isprintable()
    assert len(str(error)) < 2100
    assert len(error.errors[0]) == 80_000


def test_everything_is_on_the_error() -> None:
    """Status, headers and body of the answer are on the error."""
    response = httpx2.Response(404, json={"errors": ["x"]}, headers={"X-Request-Id": "7"})
    error = failing("sync", response)
    assert error.headers["x-request-id"] == "7"
    assert error.content == b'{"errors":["x"]}'


@pytest.mark.parametrize("mode", MODES)
def test_malformed(mode: str) -> None:
    """A 200 that is not a case carries its body, and says that the findings were attached."""
    error = failing(mode, httpx2.Response(200, json={"data": {"id": "x"}}))
    assert isinstance(error, MalformedResponseError)
    assert error.applied is True
    assert error.status_code == 200
    assert error.headers["content-type"] == "application/json"
    assert error.content == b'{"data":{"id":"x"}}'
    assert "were attached" in str(error)
    assert "/data/type: missing" in str(error)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", ["attach_findings", "attach"])
def test_ticket_that_failed(mode: str, method: str) -> None:
    """A 200 whose ticket FAILED is an error that carries the case; the detailed call returns it."""
    attributes = {**NEEDED, "servicenow_ticket": {"status": "FAILED"}}
    document = {"data": {"type": "cases", "id": "c", "attributes": attributes}}
    arguments = [body()] if method == "attach" else []
    handler, requests = answering(*[httpx2.Response(200, json=document)] * 2)
    with pytest.raises(TicketFailedError) as caught:
        call(mode, handler, *arguments, method=method)
    assert caught.value.case.to_dict() == document["data"]
    assert str(caught.value) == (
        "The operation on the ServiceNow ticket failed: the answer holds the case, but the status "
        "of its ticket is FAILED"
    )
    assert (caught.value.applied, caught.value.attempts, len(requests)) == (None, 1, 1)
    detailed = call(mode, handler, *arguments, method=f"{method}_detailed")
    assert detailed.parsed.to_dict() == document


@pytest.mark.parametrize("status", ["COMPLETED", "IN_PROGRESS", "failed", "", None, 5])
def test_ticket_that_did_not_fail(status: Any) -> None:
    """No other status is an error, whatever it is."""
    attributes = {**NEEDED, "servicenow_ticket": {"status": status}}
    document = {"data": {"type": "cases", "id": "c", "attributes": attributes}}
    handler, _ = answering(httpx2.Response(200, json=document))
    assert call("sync", handler).to_dict() == document["data"]


def test_detailed_needs_no_case() -> None:
    """The detailed call returns an answer without `data`, as the contract allows."""
    handler, _ = answering(httpx2.Response(200, json={"meta": 1}))
    response = call("sync", handler, method="attach_findings_detailed")
    assert not response.parsed.data
    assert response.parsed.additional_properties == {"meta": 1}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx2.ConnectError("x"), ConnectError),
        (httpx2.ConnectTimeout("x"), ConnectError),
        (httpx2.PoolTimeout("x"), ConnectError),
        (httpx2.ProxyError("x"), ConnectError),
        (httpx2.UnsupportedProtocol("x"), ConnectError),
        (httpx2.ReadTimeout("x"), OutcomeUnknownError),
        (httpx2.ReadError("x"), OutcomeUnknownError),
        (httpx2.WriteError("x"), OutcomeUnknownError),
        (httpx2.WriteTimeout("x"), OutcomeUnknownError),
        (httpx2.CloseError("x"), OutcomeUnknownError),
        (httpx2.RemoteProtocolError("x"), OutcomeUnknownError),
        (httpx2.LocalProtocolError("x"), OutcomeUnknownError),
    ],
)
def test_faults(mode: str, fault: Exception, kind: type[Any]) -> None:
    """A connection that was never made is told from an answer that was lost."""
    error = failing(mode, fault)
    assert type(error) is kind
    assert error.reason == f"{type(fault).__name__}: x"
    assert error.attempts == 1


@pytest.mark.parametrize("mode", MODES)
def test_what_a_transport_raises(mode: str) -> None:
    """A foreign transport's own error is passed on; that a client is closed explains no other."""
    for mine in (RuntimeError("mine"), LookupError("mine")):
        handler, _ = answering(mine)
        with pytest.raises(type(mine), match="mine"):
            call(mode, handler)
    closing: list[Any] = []

    def handle(_: httpx2.Request) -> httpx2.Response:
        closing[0]._closed = True
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        call(mode, handle, prepare=closing.append)


def test_unknown_outcome_may_be_repeated() -> None:
    """An OutcomeUnknownError says that it is safe to attach the findings again."""
    assert "It is safe" in str(failing("sync", httpx2.ReadTimeout("x")))


def _samples() -> list[ServiceNowTicketsError]:
    headers = httpx2.Headers({"X-RateLimit-Limit": "5"})
    answer: dict[str, Any] = {"status_code": 500, "headers": headers, "content": b"x"}
    kinds: list[Any] = [APIError, *APIError.__subclasses__()]
    api = [kind(["x"], **answer, retry_after=2.0) for kind in kinds]
    plain = [ServiceNowTicketsError("x"), errors.NotSentError("x"), ConfigurationError("x")]
    return [
        *api,
        *plain,
        MissingCredentialsError("x"),
        InvalidRequestError([Problem("/data", "x")]),
        ClientClosedError(),
        ConnectError("x"),
        OutcomeUnknownError("x"),
        AnsweredError("x", **answer),
        MalformedResponseError("x", **answer),
        TicketFailedError(models.Case(type_=models.CasesType.CASES, id="x"), **answer),
    ]


def _pickled(error: Exception) -> Any:
    return pickle.loads(pickle.dumps(error))  # noqa: S301  # made a moment ago


def test_samples_are_complete() -> None:
    """Every class of the tree is among the samples below."""
    assert {type(error) for error in _samples()} == set(_classes().values())


@pytest.mark.parametrize("sample", _samples(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("twice", [_pickled, copy.copy, copy.deepcopy])
def test_pickles(sample: ServiceNowTicketsError, twice: Any) -> None:
    """Every error survives pickling and copying with its type, message, data and notes."""
    error = next(error for error in _samples() if type(error) is type(sample))
    error.attempts = 3
    error.add_note("a note")
    twin = twice(error)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
    assert twin.__notes__ == ["a note"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, RateLimit()),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Period": "60", "X-RateLimit-Remaining": "99",
          "X-RateLimit-Reset": "30", "X-RateLimit-Name": "x"}, RateLimit(100, 60, 99, 30, "x")),
        ({"x-ratelimit-limit": "7, 7", "x-ratelimit-reset": " 5 ,9"}, RateLimit(limit=7, reset=5)),
        ({"X-RateLimit-Limit": "7,8,9"}, RateLimit(limit=7)),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}, RateLimit(remaining=0, reset=0)),
        ({"X-RateLimit-Reset": "1767225660"}, RateLimit(reset=60)),
        ({"X-RateLimit-Reset": "1767225000"}, RateLimit(reset=0)),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Reset": "-5"}, RateLimit()),
        ({"X-RateLimit-Period": ""}, RateLimit()),
        ({"X-RateLimit-Reset": "9" * 40, "X-RateLimit-Limit": "1e3"}, RateLimit()),
        ({"X-RateLimit-Reset": "2.7"}, RateLimit(reset=3)),
    ],
)  # fmt: skip
def test_rate_limit(headers: dict[str, str], expected: RateLimit) -> None:
    """The headers are read as numbers; what is none is None, and a repeated one counts once."""
    assert RateLimit.from_headers(httpx2.Headers(headers), now=1767225600.0) == expected


@pytest.mark.parametrize("mode", MODES)
def test_rate_limit_on_answers(mode: str) -> None:
    """The snapshot is on a detailed answer and on every error that was an answer."""
    headers = {"X-RateLimit-Remaining": "3"}
    handler, _ = answering(httpx2.Response(200, json=CASE, headers=headers))
    detailed = call(mode, handler, method="attach_findings_detailed")
    assert detailed.rate_limit == RateLimit(remaining=3)
    assert (detailed.status_code, json.loads(detailed.content)) == (200, CASE)
    assert failing(mode, httpx2.Response(400, headers=headers)).rate_limit == RateLimit(remaining=3)
    assert failing(mode, httpx2.Response(200, headers=headers)).rate_limit == RateLimit(remaining=3)
