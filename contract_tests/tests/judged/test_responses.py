"""Answers come back through the client with nothing lost."""

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import respx
from hypothesis import given

from datadog_servicenow_tickets import Client, models
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.vectors import generated
from tests.client.calls import nothing_refused
from tests.contract import FRAGMENT

requirement = pytest.mark.requirement
_ATTRIBUTES = FRAGMENT.at("/components/schemas/CaseAttributes/properties")
TIMES = [name for name, said in _ATTRIBUTES.items() if said.get("format") == "date-time"]
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.](\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))"
)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One client for the module; making one reads the machine's certificates."""
    with Client(api_key="an-api-key", app_key="an-application-key") as made:
        yield made


def _read(contract: Fragment, client: Client, body: Any) -> models.CaseResponse:
    """The model that the client makes of a 200 with this body."""
    with respx.mock(using="httpcore2") as mock:
        mock.route().respond(200, json=body)
        request = models.AttachRequest.from_dict(contract.request_example)
        with nothing_refused():
            response = client.attach_detailed(request)
    assert response.status_code == 200
    assert json.loads(response.content) == body
    assert isinstance(response.parsed, models.CaseResponse)
    return response.parsed


def _models(value: Any) -> Iterator[Any]:
    """A model and every model below it."""
    if isinstance(value, list):
        for each in value:
            yield from _models(each)
    elif attrs.has(type(value)):
        yield value
        for name in attrs.fields_dict(type(value)):
            yield from _models(getattr(value, name))


def _hold(contract: Fragment, client: Client, body: Any) -> None:
    answer = _read(contract, client, body)
    assert answer.to_dict() == body
    for model in _models(answer):
        schema = contract.at(f"/components/schemas/{type(model).__name__}")
        untyped = schema.get("properties", {}).keys() & model.additional_properties.keys()
        assert not untyped, f"documented members of {type(model).__name__} are not typed: {untyped}"


@requirement("client-loses-nothing-of-a-case")
@pytest.mark.parametrize("body", generated.answer_boundaries(FRAGMENT, 200))
def test_boundaries(contract: Fragment, client: Client, body: Any) -> None:
    """The example and each boundary of the model are typed, and written back unchanged."""
    _hold(contract, client, body)


@requirement("client-loses-nothing-of-a-case")
@given(body=generated.answers(FRAGMENT, 200))
def test_random_answers(contract: Fragment, client: Client, body: Any) -> None:
    """Whatever the model allows is typed where documented and written back unchanged."""
    _hold(contract, client, body)


def _instant(text: str) -> datetime.datetime:
    """The instant of an RFC 3339 date-time, read without the library that the client uses."""
    match = _RFC3339.fullmatch(text)
    assert match is not None
    year, month, day, hour, minute, second = (int(match[index]) for index in range(1, 7))
    micros = int(((match[7] or "") + "000000")[:6])
    offset = datetime.timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
    start = datetime.datetime(year, month, day, hour, minute, tzinfo=datetime.UTC)
    moment = start + datetime.timedelta(seconds=second, microseconds=micros)
    return moment + offset if match[8] == "-" else moment - offset


@requirement("client-loses-nothing-of-a-case")
@pytest.mark.parametrize(
    "text",
    [
        "2025-01-01T00:00:00.000Z",
        "2025-11-07T09:15:01.123456Z",
        "2025-11-07T09:15:01.123456789Z",
        "2025-11-07t09:15:01z",
        "2025-11-07T09:15:01+05:30",
        "2025-11-07T09:15:01.5-08:00",
        "2016-12-31T23:59:60Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ],
)
@pytest.mark.parametrize("name", TIMES)
def test_timestamps(contract: Fragment, client: Client, name: str, text: str) -> None:
    """A timestamp is the documented instant, and is written back digit by digit."""
    body = contract.response_example(200)
    body["data"]["attributes"][name] = text
    answer = _read(contract, client, body)
    assert isinstance(answer.data, models.Case)
    assert isinstance(answer.data.attributes, models.CaseAttributes)
    value = getattr(answer.data.attributes, name)
    assert value == _instant(text)
    assert answer.to_dict() == body
