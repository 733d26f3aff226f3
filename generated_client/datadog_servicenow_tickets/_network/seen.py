"""Requests and answers as httpx2's own objects: what event hooks and a caller's transport see."""

import time
from datetime import timedelta
from typing import Any

from datadog_servicenow_tickets._settings.time import Timeouts
from datadog_servicenow_tickets.errors import OutcomeUnknownError

from . import http
from .faults import Fault
from .judge import FAULTS, BodyStream, Judge
from .wire import Content, Reply, Wire


class _Sight:
    """What is done with requests and answers that somebody sees, in whatever way they are sent."""

    def __init__(self, wire: Wire, hooks: http.EventHooks) -> None:
        self._wire = wire
        self._judge = Judge(wire.keys)
        self._asking = list(hooks.get("request", ()))
        self._telling = list(hooks.get("response", ()))

    def _request(self, content: Content, timeouts: Timeouts) -> http.Request:
        """A request with the keys."""
        request = self._wire.request(content, timeouts)
        request.headers.update(self._wire.keys.headers)
        return request

    def _belongs(self, response: http.Response, request: http.Request, started: float) -> None:
        """Give an answer what httpx2's client gives it."""
        response.request = request
        response.elapsed = timedelta(seconds=time.perf_counter() - started)

    def _reply(self, response: http.Response, close: Any) -> Reply:
        """The answer, and its body if a hook or a mock has read that already."""
        content = _content_of(response) if response.is_stream_consumed else None
        masked = self._wire.keys.masked
        headers = [(masked(name), masked(value)) for name, value in response.headers.raw]
        return Reply(response.status_code, http.Headers(headers), response.stream, close, content)

    def _checked(
        self, response: Any, kind: type, request: http.Request, own: object
    ) -> http.Response:
        """What a caller's transport returned; `own` are the errors that are the network's."""
        if not isinstance(response, http.Response) or not isinstance(response.stream, kind):
            raise Fault(
                OutcomeUnknownError(
                    f"the transport returned a {type(response).__name__}, not an httpx2.Response "
                    f"with an httpx2.{kind.__name__}"
                )
            )
        if own:
            response.stream = BodyStream(response.stream, request, self._judge)
        return response


def _content_of(response: http.Response) -> tuple[bytes, str | None]:
    try:
        return response.content, None
    except http.ResponseNotRead:
        return b"", "a hook read the body and did not keep it"


class Visible(_Sight, http.SyncTransport):
    """Sends requests that hooks see, before and after."""

    def open(self, content: Content, timeouts: Timeouts) -> Reply:
        """Send a request, read the head of its answer. Raises Fault, and what hooks raise."""
        request = self._request(content, timeouts)
        for hook in self._asking:
            hook(request)
        started = time.perf_counter()
        response = self.handle_request(request)
        self._belongs(response, request, started)
        try:
            for hook in self._telling:
                hook(response)
        except BaseException:
            response.close()
            raise
        return self._reply(response, response.close)


class AsyncVisible(_Sight, http.AsyncTransport):
    """The same, asynchronous."""

    async def open(self, content: Content, timeouts: Timeouts) -> Reply:
        """As `Visible.open`."""
        request = self._request(content, timeouts)
        for hook in self._asking:
            await hook(request)
        started = time.perf_counter()
        response = await self.handle_async_request(request)
        self._belongs(response, request, started)
        try:
            for hook in self._telling:
                await hook(response)
        except BaseException:
            await response.aclose()
            raise
        return self._reply(response, response.aclose)


class Given(Visible):
    """Sends through a caller's transport; the errors of the library's own are the network's."""

    def __init__(self, transport: http.SyncTransport, wire: Wire, hooks: http.EventHooks) -> None:
        super().__init__(wire, hooks)
        self._transport = transport
        self._own = FAULTS if isinstance(transport, http.OwnTransports) else ()

    def handle_request(self, request: http.Request) -> http.Response:
        try:
            response = self._transport.handle_request(request)
            return self._checked(response, http.SyncStream, request, self._own)
        except self._own as error:
            fault = self._judge.fault(error, request)
        raise fault

    def close(self) -> None:
        self._transport.close()

    def renew(self) -> None:
        """Nothing: its connections are its own affair."""


class AsyncGiven(AsyncVisible):
    """The same, asynchronous."""

    def __init__(self, transport: http.AsyncTransport, wire: Wire, hooks: http.EventHooks) -> None:
        super().__init__(wire, hooks)
        self._transport = transport
        self._own = FAULTS if isinstance(transport, http.OwnTransports) else ()

    async def handle_async_request(self, request: http.Request) -> http.Response:
        try:
            response = await self._transport.handle_async_request(request)
            return self._checked(response, http.AsyncStream, request, self._own)
        except self._own as error:
            fault = self._judge.fault(error, request)
        raise fault

    async def aclose(self) -> None:
        await self._transport.aclose()
