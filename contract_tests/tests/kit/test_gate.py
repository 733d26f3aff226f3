"""A server elsewhere gets nothing that it may carry out, unless writes are allowed."""

import json
from typing import Any, NoReturn

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.judging.verdict import Ledger
from servicenow_contract.run import plan
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.target.gate import SAFE, UNOWNED
from servicenow_contract.target.target import STAND_INS, AccountKeys, at
from tests.contract import CONTRACT, FRAGMENT

ELSEWHERE = "https://api.datadoghq.invalid"
VALIDATOR = FRAGMENT.validator(FRAGMENT.request_schema)
GOOD = attach_body(DEFAULT_WORLD.tickets[0], DEFAULT_WORLD.findings[:1], DEFAULT_WORLD.project)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two keys that open nothing."""
    for name in ("DD_API_KEY", "DD_APP_KEY"):
        monkeypatch.setenv(name, "a-key-that-opens-nothing")


def _planned(*, allow_writes: bool = False) -> list[httpx.Request]:
    """What a run of the whole suite would send."""
    settings = RunSettings(url=ELSEWHERE, profile="quick", allow_writes=allow_writes)
    asked = plan.planned(CONTRACT, settings, Ledger(CONTRACT.of("server")))
    return [request for requests in asked.values() for request in requests]


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError("not JSON", name, 0)


def _broken_rules(request: httpx.Request) -> list[str]:
    """What the page makes wrong in a request to attach, read without the service or the gate."""
    wrong = [name for name in FRAGMENT.key_headers.values() if not request.headers.get(name)]
    if request.headers.get("content-type") != FRAGMENT.media_type:
        wrong.append("media type")
    try:
        body = json.loads(request.content.decode(), parse_constant=_no_constant)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return [*wrong, "JSON"]
    except RecursionError:
        return wrong  # nobody can tell
    if not VALIDATOR.accepts(body):
        return [*wrong, "schema"]
    related = body["data"]["relationships"]
    named = {each["id"] for each in related["findings"].get("data", [])}
    unknown = {DEFAULT_WORLD.unknown_finding, DEFAULT_WORLD.unknown_project}
    return wrong + sorted(unknown & (named | {related["project"]["data"]["id"]}))


def test_a_careful_run_sends_nothing_that_may_be_carried_out() -> None:
    """Each request of a whole run is safe, or one to attach in which something is wrong."""
    sent = _planned()
    unsafe = [each for each in sent if each.method not in SAFE]
    assert len(unsafe) > 300
    for each in unsafe:
        assert (each.method, each.url.path) == (FRAGMENT.method, FRAGMENT.path)
        assert _broken_rules(each), each.content


def test_a_run_that_may_write_sends_what_is_good_but_no_other_operation() -> None:
    """Where writes are allowed, good requests are sent, and no method that another may own.

    Keys are put into no address of a server elsewhere.
    """
    sent = _planned(allow_writes=True)
    assert {each.method for each in sent} == {FRAGMENT.method, UNOWNED, *SAFE}
    good = [each for each in sent if each.method == FRAGMENT.method and not _broken_rules(each)]
    assert len(good) > 300
    assert not any("a-key-that-opens-nothing" in str(each.url) for each in sent)


@pytest.mark.parametrize("allow_writes", [True, False])
def test_loopback_has_no_gate(allow_writes: bool) -> None:
    """A server on this machine gets whatever a test asks for."""
    assert _passes("POST", url="http://127.0.0.1:9", allow_writes=allow_writes)


def _passes(
    method: str = FRAGMENT.method,
    path: str = FRAGMENT.path,
    content: bytes = json.dumps(GOOD).encode(),
    *,
    media_type: str | None = FRAGMENT.media_type,
    url: str = ELSEWHERE,
    allow_writes: bool = False,
) -> bool:
    """Whether a request reaches the server."""
    target = at(
        FRAGMENT,
        url,
        AccountKeys("an-api-key", "an-app-key"),
        DEFAULT_WORLD,
        allow_writes=allow_writes,
    )
    assert target.wire is not None
    reached: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        reached.append(request)
        return httpx.Response(400)

    target.wire.inner = httpx.MockTransport(answer)
    headers = {
        **STAND_INS.headers(FRAGMENT),
        **({"Content-Type": media_type} if media_type else {}),
    }
    with target.client as client:
        try:
            client.request(method, path, headers=headers, content=content)
        except pytest.skip.Exception:
            assert reached == []
    return bool(reached)


_METHODS = st.sampled_from(["PUT", "POST", "DELETE", "QUERY", "MKCOL", "PROPPATCH", "patch", "get"])
_PATHS = st.sampled_from(
    [f"{FRAGMENT.path}/", f"{FRAGMENT.path}/x", "/", "/api/v2/cases", FRAGMENT.path.upper()]
)
_BODIES = st.sampled_from([b"", b"{}", json.dumps(GOOD).encode()])


@given(_METHODS | st.from_regex("[A-Z]{1,9}", fullmatch=True), _BODIES, st.booleans())
@example("PATCH", b"{}", False)
@example("PATCH", json.dumps(GOOD).encode(), True)
@example(UNOWNED, b"{}", True)
def test_methods(method: str, content: bytes, allow_writes: bool) -> None:
    """Whatever a test may ask for, an unsafe method of another operation never leaves."""
    name = method.upper()
    allowed = name in SAFE or (
        allow_writes if name == UNOWNED else allow_writes or content in (b"", b"{}")
    )
    own = name in (FRAGMENT.method, UNOWNED, *SAFE)
    assert _passes(method, content=content, allow_writes=allow_writes) == (own and allowed)


@given(_PATHS, _BODIES, st.booleans())
def test_other_paths(path: str, content: bytes, allow_writes: bool) -> None:
    """The same method at another path is another operation, however wrong the body is for this."""
    assert not _passes(path=path, content=content, allow_writes=allow_writes)


def test_a_base_path_and_a_query_are_no_other_path() -> None:
    """A server below a path of its own is asked there, and a query changes nothing."""
    url = f"{ELSEWHERE}/proxy"
    assert _passes(content=b"{}", path=f"{FRAGMENT.path}?a=/b", url=url)
    assert not _passes(path=f"{FRAGMENT.path}?a=/b", url=url)


def _with_member(value: str) -> bytes:
    return json.dumps(GOOD)[:-1].encode() + b', "more": ' + value.encode() + b"}"


UNDECIDED: dict[str, dict[str, Any]] = {
    "as a dialect of JSON": {"media_type": "application/vnd.api+json"},
    "as text/json": {"media_type": "Text/JSON; charset=utf-8"},
    "under another charset": {"media_type": "application/json; charset=latin-1"},
    "without a media type": {"media_type": None},
    "larger than the service reads": {"content": _with_member('"' + (1 << 20) * "x" + '"')},
    "nested deeper than the validator reads": {"content": _with_member(300 * "[" + 300 * "]")},
    "nested deeper than Python reads": {"content": _with_member(20_000 * "[" + 20_000 * "]")},
    "with more digits than Python reads": {"content": _with_member(5_000 * "9")},
}
"""Good requests that the reference service refuses, and another server may carry out."""


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_is_undecided_is_not_sent(name: str) -> None:
    """What only the reference service has to refuse is sent where writes are allowed, no sooner."""
    assert not _passes(**UNDECIDED[name])
    assert _passes(**UNDECIDED[name], allow_writes=True)


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "image/json"])
def test_what_is_no_json_is_sent(media_type: str) -> None:
    """A good body as something else than JSON is refused by every conforming server."""
    assert _passes(media_type=media_type)
