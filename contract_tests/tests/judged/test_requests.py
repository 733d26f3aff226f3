"""What the client puts on the wire is what it was given, and nothing else."""

import asyncio
import copy
import json
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_httpx2  # noqa: F401  # registers the mocker of the name httpcore2
import respx
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from datadog_servicenow_tickets import AsyncClient, Client, InvalidRequestError, models
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.vectors import generated
from tests.client.calls import nothing_refused
from tests.contract import FRAGMENT

requirement = pytest.mark.requirement
API_KEY, APP_KEY = "the-api-key", "the-application-key"
_BOUNDARIES = generated.coverage(FRAGMENT, GenerationMode.POSITIVE)


def _findings(body: Any) -> list[Any]:
    found: list[Any] = body["data"]["relationships"]["findings"].get("data", [])
    return found


def _filled(body: Any) -> Any:
    """The same body with an id wherever the generator left one empty, and no finding twice.

    The fragment allows what the client refuses to send; see test_refused_before_sending.
    """
    body = copy.deepcopy(body)
    relationships = body["data"]["relationships"]
    project = relationships["project"]["data"]
    project["id"] = project["id"] or "a-project"
    found = {each["id"] or "a-finding": each for each in reversed(_findings(body))}
    found = found or {"a-finding": {"type": "findings"}}
    relationships["findings"]["data"] = [{**each, "id": name} for name, each in found.items()]
    return body


def _sent(route: respx.Route) -> httpx.Request:
    [call] = route.calls
    request: httpx.Request = call.request
    return request


def _hold(contract: Fragment, request: httpx.Request, body: Any) -> None:
    assert request.method == contract.method
    assert request.url.raw_path == contract.path.encode()
    assert request.headers["content-type"] == contract.media_type
    assert contract.media_type in request.headers["accept"]
    assert json.loads(request.content) == body
    assert int(request.headers["content-length"]) == len(request.content)


@pytest.fixture(scope="module")
def tls() -> ssl.SSLContext:
    """The machine's certificates, which take long to read."""
    return ssl.create_default_context()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One client for the module; making one reads the machine's certificates."""
    with Client(api_key=API_KEY, app_key=APP_KEY) as made:
        yield made


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for the module."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def async_client(loop: asyncio.Runner) -> Iterator[AsyncClient]:
    """One asynchronous client for the module."""
    client = AsyncClient(api_key=API_KEY, app_key=APP_KEY)
    yield client
    loop.run(client.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def site(contract: Fragment) -> str:
    """The default site's API host."""
    return str(contract.at("/servers/0/url")).format(site=contract.sites[0])


def _exchange(contract: Fragment, client: Client, site: str, body: Any) -> httpx.Request:
    """The one request that the client sends for this body."""
    with respx.mock(using="httpcore2") as mock:
        route = mock.route().respond(200, json=contract.response_example(200))
        with nothing_refused():
            client.attach(models.AttachRequest.from_dict(body))
        request = _sent(route)
    assert str(request.url) == site + contract.path
    return request


async def _exchange_async(contract: Fragment, client: AsyncClient, body: Any) -> httpx.Request:
    with respx.mock(using="httpcore2") as mock:
        route = mock.route().respond(200, json=contract.response_example(200))
        with nothing_refused():
            await client.attach(models.AttachRequest.from_dict(body))
        return _sent(route)


@requirement("client-sends-what-it-is-given")
@pytest.mark.parametrize("case", _BOUNDARIES, ids=generated.label)
def test_boundaries(contract: Fragment, client: Client, site: str, case: Any) -> None:
    """Each boundary case of schemathesis goes out as it is, example included."""
    body = _filled(case.body)
    _hold(contract, _exchange(contract, client, site, body), body)


@requirement("client-sends-what-it-is-given")
def test_documented_example(contract: Fragment, client: Client, site: str) -> None:
    """The flat call builds the documented example, apart from members that it does not take."""
    data = contract.request_example["data"]
    ticket = data["attributes"]["servicenow_ticket_url"]
    findings = [each["id"] for each in _findings(contract.request_example)]
    project = data["relationships"]["project"]["data"]["id"]
    with respx.mock(using="httpcore2") as mock:
        route = mock.patch(site + contract.path).respond(200, json=contract.response_example(200))
        with nothing_refused():
            client.attach_findings(ticket_url=ticket, project_id=project, finding_ids=findings)
        _hold(contract, _sent(route), attach_body(ticket, findings, project))


@requirement("client-sends-what-it-is-given")
@given(
    project=st.text(min_size=1),
    findings=st.lists(st.text(min_size=1), min_size=1, max_size=FRAGMENT.max_findings, unique=True),
)
def test_flat_call_sends_the_same(
    contract: Fragment, client: Client, site: str, project: str, findings: list[str]
) -> None:
    """The flat call puts the same bytes on the wire as the model of the same request."""
    body = attach_body(DEFAULT_WORLD.tickets[0], findings, project)
    with respx.mock(using="httpcore2") as mock:
        route = mock.route().respond(200, json=contract.response_example(200))
        with nothing_refused():
            client.attach_findings(
                ticket_url=DEFAULT_WORLD.tickets[0],
                project_id=project,
                finding_ids=findings,
            )
        flat = _sent(route)
    assert flat.content == _exchange(contract, client, site, body).content
    _hold(contract, flat, body)


@requirement("client-keeps-to-the-limit")
@pytest.mark.parametrize("over", [0, 1, 50])
@pytest.mark.parametrize("flat", [False, True])
def test_limit(contract: Fragment, client: Client, flat: bool, over: int) -> None:
    """As many findings as the page allows are sent; of more, none."""
    findings = [f"finding-{number}" for number in range(contract.max_findings + over)]
    body = attach_body(DEFAULT_WORLD.tickets[0], findings, DEFAULT_WORLD.project)
    with respx.mock(assert_all_called=False, using="httpcore2") as mock:
        route = mock.route().respond(200, json=contract.response_example(200))
        refused = over > 0 and contract.limit is not None
        with pytest.raises(InvalidRequestError) if refused else nothing_refused():
            if flat:
                client.attach_findings(
                    ticket_url=DEFAULT_WORLD.tickets[0],
                    project_id=DEFAULT_WORLD.project,
                    finding_ids=findings,
                )
            else:
                client.attach(models.AttachRequest.from_dict(body))
        assert len(route.calls) == (0 if refused else 1)


@requirement("client-sends-what-it-is-given")
@given(body=generated.bodies(FRAGMENT).map(_filled))
def test_random_bodies(
    contract: Fragment,
    client: Client,
    async_client: AsyncClient,
    loop: asyncio.Runner,
    site: str,
    body: Any,
) -> None:
    """Whatever the fragment allows goes out as it is, with the same headers, by either client."""
    one = _exchange(contract, client, site, body)
    _hold(contract, one, body)
    other = loop.run(_exchange_async(contract, async_client, body))
    assert (other.method, other.url, other.content) == (one.method, one.url, one.content)
    assert dict(other.headers) == dict(one.headers)


@requirement("client-sends-both-keys")
def test_keys(contract: Fragment, client: Client, site: str) -> None:
    """Each key is in its own header, as the fragment names it."""
    request = _exchange(contract, client, site, _filled(contract.request_example))
    headers = contract.key_headers
    assert request.headers[headers["apiKeyAuth"]] == API_KEY
    assert request.headers[headers["appKeyAuth"]] == APP_KEY


@requirement("client-reaches-every-site")
@pytest.mark.parametrize("site", FRAGMENT.sites)
def test_sites(contract: Fragment, site: str, tls: ssl.SSLContext) -> None:
    """Each site is reached at its own host, over https."""
    with (
        respx.mock(using="httpcore2") as mock,
        Client(site=site, api_key=API_KEY, app_key=APP_KEY, verify=tls) as client,
    ):
        route = mock.route().respond(200, json=contract.response_example(200))
        with nothing_refused():
            client.attach(models.AttachRequest.from_dict(contract.request_example))
        assert str(_sent(route).url) == f"https://api.{site}{contract.path}"


@given(
    body=generated.bodies(FRAGMENT),
    spoil=st.sampled_from(["no findings", "an empty finding", "an empty project"]),
)
def test_refused_before_sending(client: Client, body: Any, spoil: str) -> None:
    """What the fragment allows but no server can use is refused, and nothing is sent."""
    body = _filled(body)
    relationships = body["data"]["relationships"]
    match spoil:
        case "no findings":
            relationships["findings"]["data"] = []
        case "an empty finding":
            relationships["findings"]["data"][-1]["id"] = ""
        case _:
            relationships["project"]["data"]["id"] = ""
    with respx.mock(assert_all_called=False, using="httpcore2") as mock:
        route = mock.route()
        with pytest.raises(InvalidRequestError):
            client.attach(models.AttachRequest.from_dict(body))
        assert not route.called
