"""The whole service: the handler over its state, behind the layers that a run asks for."""

import functools
from typing import Any

from attrs import define, field, frozen

from servicenow_contract.contract.world import World
from servicenow_contract.service.faults import Faults, InjectedFault
from servicenow_contract.service.handler import Request, Respond, Response, handle, refusal
from servicenow_contract.service.limits import Limit, RateLimiter
from servicenow_contract.service.observed import as_observed
from servicenow_contract.service.state import State


@frozen
class Call:
    """One request to the service, and its answer before anything happened to it on its way."""

    request: Request
    response: Response


@define(eq=False)
class Service:
    """The reference service, from the outermost layer in: observed model, faults, rate limit.

    It is called with a request and returns the response; threads may do so at once.
    """

    state: State
    keeps_calls: bool = False
    """Whether `calls` grows; a service that runs for long keeps none."""
    calls: list[Call] = field(factory=list, init=False, repr=False)
    """Every request that came, in the order of their answers."""
    faults: Faults = field(factory=Faults, init=False, repr=False)
    url: str = field(default="", init=False)
    """Where it listens; empty when it is mocked into httpx."""
    _open_to: frozenset[tuple[str, str]] = field(default=frozenset(), init=False, repr=False)
    _limiter: RateLimiter | None = field(default=None, init=False, repr=False)

    @property
    def world(self) -> World:
        """The findings, tickets and projects that it knows."""
        return self.state.world

    def rate_limit(self, requests: int, *, per: int, **options: Any) -> None:
        """Allow this many requests in a period of `per` seconds, from now on.

        `clock` replaces the monotonic clock. Raises ValueError for a limit below 1 in 1 second.
        """
        refused = refusal(self.state.contract, 429, "Too Many Requests")
        self._limiter = RateLimiter(Limit(requests, per), refused, **options)

    def fault(self, specification: str) -> None:
        """Let a fault strike from the next request on, such as `status=503,at=1`.

        Raises ValueError, which names the part that is wrong and what is allowed.
        """
        self.faults.add(InjectedFault.parse(specification))

    def forbid(self, app_key: str) -> None:
        """Take every permission from an application key."""
        self.state.permissions = {**self.state.permissions, app_key: frozenset()}

    def open_to(self, api_key: str, app_key: str) -> None:
        """Answer other keys with 401, except with those that an earlier call named.

        An application key of which the state says what it may keeps that with any known API key.
        """
        self._open_to = self._open_to | {(api_key, app_key)}

    def _handle(self, request: Request) -> Response:
        if self._open_to and not self._is_open(request):
            return refusal(self.state.contract, 401, "Unauthorized")
        return handle(self.state, request)

    def _is_open(self, request: Request) -> bool:
        headers = self.state.contract.key_headers
        api_key, app_key = (
            request.headers.get(headers[scheme].lower(), "")
            for scheme in ("apiKeyAuth", "appKeyAuth")
        )
        if app_key in self.state.permissions:
            return any(api_key == known for known, _ in self._open_to)
        return (api_key, app_key) in self._open_to

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        respond: Respond = self._handle
        if self._limiter is not None:
            respond = functools.partial(self._limiter.answer, respond)
        response = self.faults.answer(respond, request)
        if self.state.observed:
            response = as_observed(response, self.state.contract.response_media_type(200))
        if self.keeps_calls:
            self.calls.append(Call(request, response))
        return response
