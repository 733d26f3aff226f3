"""Transports that tell the network's errors from others: pools of our own, and the library's."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from ssl import SSLContext
from typing import Any

from datadog_servicenow_tickets._settings.keys import Keys
from datadog_servicenow_tickets.errors import ClientClosedError, OutcomeUnknownError

from . import connections as core
from . import http
from .faults import Fault
from .judge import FAULTS, BodyStream, Judge
from .pools import Pools, running_loop


def _settings(
    context: SSLContext | None, proxy: Any, limits: http.Limits, keys: Keys
) -> core.Settings:
    """What pools are made with; what a proxy is told of its user is hidden as the keys are."""
    auth = proxy and proxy.raw_auth and tuple(map(core.Hidden, proxy.raw_auth))
    if auth:
        keys.hide(auth[1], b64encode(b":".join(auth)))
    return core.Settings(
        context,
        proxy and core.Proxy(_target(proxy.url), auth, proxy.headers.raw, proxy.ssl_context),
        limits.max_connections,
        limits.max_keepalive_connections,
        limits.keepalive_expiry,
    )


def _target(url: http.URL) -> Any:
    return core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


class _Pooled(http.SyncTransport):
    """Sends on pools of our own connections."""

    def __init__(self, made_with: core.Settings, keys: Keys) -> None:
        self._pools = Pools(lambda: core.pool(made_with, keys.masked))
        self._judge = Judge(keys)

    @property
    def _pool(self) -> core.Pool:
        return self._pools.here()

    def handle_request(self, request: http.Request) -> http.Response:
        if self._judge.is_closed:
            raise Fault(ClientClosedError())
        try:
            response = self._pool.handle_request(_core_request(request))
        except FAULTS as error:
            fault = self._judge.fault(error, request)
        else:
            return _response(response, request, self._judge)
        raise fault

    def renew(self) -> None:
        """Begin a new pool; the old one serves the calls that it has."""
        pool = self._pools.take()
        for connection in pool.connections if pool else ():
            if connection.is_idle():
                connection.close()

    def close(self) -> None:
        self._judge.is_closed = True
        pool = self._pools.take()
        if pool is not None:
            pool.close()


class _AsyncPooled(http.AsyncTransport):
    """The same, asynchronous."""

    def __init__(self, made_with: core.Settings, keys: Keys) -> None:
        self._pools = Pools(lambda: core.async_pool(made_with, keys.masked))
        self._watchers: dict[Any, AsyncGenerator[None]] = {}
        self._judge = Judge(keys)

    @property
    def _pool(self) -> core.AsyncPool:
        return self._pools.here(running_loop())

    async def _until_the_end(self, loop: Any) -> AsyncGenerator[None]:
        """Close the pool of a loop as the loop ends, which closes all generators that it began."""
        try:
            yield
        finally:
            del self._watchers[loop]
            pool = self._pools.take(loop)
            if pool is not None:
                await pool.aclose()

    async def handle_async_request(self, request: http.Request) -> http.Response:
        if self._judge.is_closed:
            raise Fault(ClientClosedError())
        loop = running_loop()
        if loop not in self._watchers:
            self._watchers[loop] = watcher = self._until_the_end(loop)
            await anext(watcher)
        try:
            response = await self._pool.handle_async_request(_core_request(request))
        except FAULTS as error:
            fault = self._judge.fault(error, request)
        else:
            return _response(response, request, self._judge)
        raise fault

    async def aclose(self) -> None:
        self._judge.is_closed = True
        watcher = self._watchers.get(running_loop())
        if watcher is not None:
            await watcher.aclose()


def _core_request(request: http.Request) -> Any:
    return core.Request(
        method=request.method,
        url=_target(request.url),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _response(response: Any, request: http.Request, judge: Judge) -> http.Response:
    return http.Response(
        response.status,
        headers=response.headers,
        stream=BodyStream(
            response.stream, request, judge, response.extensions.get("network_stream")
        ),
        extensions=response.extensions,
    )


def _checked(
    response: Any, kind: type, request: http.Request, judge: Judge, own: object
) -> http.Response:
    """What a transport of the caller's returned; `own` are the errors that are the network's."""
    if not isinstance(response, http.Response) or not isinstance(response.stream, kind):
        raise Fault(
            OutcomeUnknownError(
                f"the transport returned a {type(response).__name__}, not an httpx2.Response with "
                f"an httpx2.{kind.__name__}"
            )
        )
    if own:
        response.stream = BodyStream(response.stream, request, judge)
    return response


class _Given(http.SyncTransport):
    """A transport of the caller's; the errors of the library's own ones are the network's."""

    def __init__(self, transport: http.SyncTransport, keys: Keys) -> None:
        self._transport = transport
        self._judge = Judge(keys)
        self._own = FAULTS if isinstance(transport, http.OwnTransports) else ()

    def handle_request(self, request: http.Request) -> http.Response:
        try:
            response = self._transport.handle_request(request)
            return _checked(response, http.SyncStream, request, self._judge, self._own)
        except self._own as error:
            fault = self._judge.fault(error, request)
        raise fault

    def close(self) -> None:
        self._transport.close()

    def renew(self) -> None:
        """Nothing: its connections are its own affair."""


class _AsyncGiven(http.AsyncTransport):
    """The same, asynchronous."""

    def __init__(self, transport: http.AsyncTransport, keys: Keys) -> None:
        self._transport = transport
        self._judge = Judge(keys)
        self._own = FAULTS if isinstance(transport, http.OwnTransports) else ()

    async def handle_async_request(self, request: http.Request) -> http.Response:
        try:
            response = await self._transport.handle_async_request(request)
            return _checked(response, http.AsyncStream, request, self._judge, self._own)
        except self._own as error:
            fault = self._judge.fault(error, request)
        raise fault

    async def aclose(self) -> None:
        await self._transport.aclose()


def made(given: Any, made_with: tuple[Any, Any, http.Limits], keys: Keys, *, is_async: bool) -> Any:
    """What requests go through: the caller's transport, else pools of our own."""
    if given is not None:
        return (_AsyncGiven if is_async else _Given)(given, keys)
    return (_AsyncPooled if is_async else _Pooled)(_settings(*made_with, keys), keys)
