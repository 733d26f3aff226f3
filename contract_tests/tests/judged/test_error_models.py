"""Documented errors reach the caller with every message."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_httpx2  # noqa: F401  # registers the mocker of the name httpcore2
import respx
from hypothesis import given
from hypothesis import strategies as st

from datadog_servicenow_tickets import APIError, Client, models
from datadog_servicenow_tickets._generated.api.security_monitoring import attach_service_now_ticket
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.vectors import generated
from tests.contract import FRAGMENT

requirement = pytest.mark.requirement
ERRORS = tuple(each for each in FRAGMENT.statuses if each >= 400)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One client for the module, which repeats nothing."""
    with Client(api_key="an-api-key", app_key="an-application-key", max_retries=0) as made:
        yield made


def _error(contract: Fragment, client: Client, status: int, body: Any) -> APIError:
    with respx.mock(using="httpcore2") as mock:
        mock.route().respond(status, json=body)
        with pytest.raises(APIError) as caught:
            client.attach(models.AttachRequest.from_dict(contract.request_example))
    return caught.value


def _hold(contract: Fragment, client: Client, status: int, body: Any) -> None:
    error = _error(contract, client, status, body)
    assert error.status_code == status
    model = contract.resolve(contract.at(contract.response_schema(status)))
    if "errors" in model["properties"]:
        assert error.errors == body["errors"]
    else:
        assert bool(error.errors) == bool(body)
    assert json.loads(error.content) == body
    read = attach_service_now_ticket.parse_body(status, body)
    assert read is not None
    assert read.to_dict() == body


@requirement("client-tells-every-error-message")
@pytest.mark.parametrize("status", ERRORS)
def test_boundaries(contract: Fragment, client: Client, status: int) -> None:
    """The example and each boundary of the error model keep every message."""
    for body in generated.answer_boundaries(FRAGMENT, status):
        _hold(contract, client, status, body)


@requirement("client-tells-every-error-message")
@given(
    answer=st.sampled_from(ERRORS).flatmap(
        lambda each: st.tuples(st.just(each), generated.answers(FRAGMENT, each))
    )
)
def test_random_errors(contract: Fragment, client: Client, answer: tuple[int, Any]) -> None:
    """Whatever the error model allows keeps every message, in order."""
    _hold(contract, client, *answer)
