"""Requests that schemathesis makes, as they are sent to a target and answered."""

import httpx
from attrs import field, frozen
from schemathesis.specs.openapi.checks import (
    response_headers_conformance,
    status_code_conformance,
)

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.target.target import Target
from servicenow_contract.vectors.generated import Case

_OF_SCHEMATHESIS = {"x-schemathesis-testcaseid", "user-agent", "accept-encoding", "connection"}


@frozen
class GeneratedExchange:
    """A generated case as it was sent, and what came back."""

    contract: Fragment = field(repr=False)
    case: Case = field(repr=False)
    response: httpx.Response

    @property
    def is_json(self) -> bool:
        """Whether the request says that it is what the page documents."""
        found = self.response.request.headers.get("content-type")
        return bool(found == self.contract.media_type)

    def status_is_documented(self) -> None:
        """Raises AssertionError for a status or headers that the fragment does not list."""
        checks = [status_code_conformance, response_headers_conformance]
        self.case.validate_response(self.response, checks=checks)


def exchange(target: Target, case: Case) -> GeneratedExchange:
    """Send a generated case with the target's keys, through the target's own client."""
    kwargs = case.as_transport_kwargs(base_url=str(target.client.base_url))
    headers = {
        name: value
        for name, value in dict(kwargs.pop("headers")).items()
        if name.lower() not in _OF_SCHEMATHESIS
    }
    kwargs.pop("cookies", None)
    if "data" in kwargs:
        kwargs["content"] = kwargs.pop("data")
    keys = target.keys.headers(target.contract)
    response = target.client.request(headers={**headers, **keys}, **kwargs)
    return GeneratedExchange(target.contract, case, response)
