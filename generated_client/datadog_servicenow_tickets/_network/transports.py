"""Requests on pools of our own connections, whose errors are told from any others."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from ssl import SSLContext
from typing import Any

from datadog_servicenow_tickets._generated.contract import METHOD
from datadog_servicenow_tickets._settings.keys import Keys
from datadog_servicenow_tickets._settings.time import Timeouts
from datadog_servicenow_tickets.errors import ClientClosedError

from . import connections as core
from . import http
from .faults import Fault
from .judge import FAULTS
from .pools import Pools, running_loop
from .seen import AsyncGiven, AsyncVisible, Given, Visible
from .wire import Content, Reply, Wire


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


class Unseen:
    """Makes requests that nobody sees, and which can do without httpx2's own objects."""

    def __init__(self, wire: Wire) -> None:
        self._keys = wire.keys
        self._target = _target(wire.url)
        self._headers = wire.headers.raw

    def request(self, content: Content, timeouts: Timeouts) -> core.Request:
        """What `Wire.request` makes, with the keys."""
        length = (b"Content-Length", b"%d" % content.size)
        return core.Request(
            METHOD,
            self._target,
            headers=[*self._headers, length, *self._keys.headers],
            content=content,
            extensions={"timeout": timeouts},
        )


def _reply(response: core.Response, close: Any) -> Reply:
    return Reply(response.status, http.Headers(response.headers), response.stream, close)


class Pooled(Visible):
    """Sends on pools of our own connections."""

    def __init__(self, made_with: core.Settings, wire: Wire, hooks: http.EventHooks) -> None:
        super().__init__(wire, hooks)
        self._unseen = None if any(hooks.values()) else Unseen(wire)
        self._pools = Pools(lambda: core.pool(made_with, wire.keys.masked))

    @property
    def _pool(self) -> core.Pool:
        return self._pools.here()

    def open(self, content: Content, timeouts: Timeouts) -> Reply:
        if self._unseen is None:
            return super().open(content, timeouts)
        response = self._sent(self._unseen.request(content, timeouts))
        return _reply(response, response.close)

    def handle_request(self, request: http.Request) -> http.Response:
        return _response(self._sent(_core_request(request)))

    def _sent(self, request: core.Request) -> core.Response:
        if self._judge.is_closed:
            raise Fault(ClientClosedError())
        try:
            response = self._pool.handle_request(request)
        except FAULTS as error:
            fault = self._judge.fault(error, request)
        else:
            response.stream = self._judge.body(response, request)
            return response
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


class AsyncPooled(AsyncVisible):
    """The same, asynchronous."""

    def __init__(self, made_with: core.Settings, wire: Wire, hooks: http.EventHooks) -> None:
        super().__init__(wire, hooks)
        self._unseen = None if any(hooks.values()) else Unseen(wire)
        self._pools = Pools(lambda: core.async_pool(made_with, wire.keys.masked))
        self._watchers: dict[Any, AsyncGenerator[None]] = {}

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

    async def open(self, content: Content, timeouts: Timeouts) -> Reply:
        if self._unseen is None:
            return await super().open(content, timeouts)
        response = await self._sent(self._unseen.request(content, timeouts))
        return _reply(response, response.aclose)

    async def handle_async_request(self, request: http.Request) -> http.Response:
        return _response(await self._sent(_core_request(request)))

    async def _sent(self, request: core.Request) -> core.Response:
        if self._judge.is_closed:
            raise Fault(ClientClosedError())
        loop = running_loop()
        if loop not in self._watchers:
            self._watchers[loop] = watcher = self._until_the_end(loop)
            await anext(watcher)
        try:
            response = await self._pool.handle_async_request(request)
        except FAULTS as error:
            fault = self._judge.fault(error, request)
        else:
            response.stream = self._judge.body(response, request)
            return response
        raise fault

    async def aclose(self) -> None:
        self._judge.is_closed = True
        watcher = self._watchers.get(running_loop())
        if watcher is not None:
            await watcher.aclose()


def _core_request(request: http.Request) -> core.Request:
    return core.Request(
        request.method,
        _target(request.url),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _response(response: Any) -> http.Response:
    return http.Response(
        response.status,
        headers=response.headers,
        stream=response.stream,
        extensions=response.extensions,
    )


def made(
    given: Any,
    made_with: tuple[Any, Any, http.Limits],
    wire: Wire,
    hooks: http.EventHooks,
    *,
    is_async: bool,
) -> Any:
    """What requests go through: the caller's transport, else pools of our own."""
    if given is not None:
        return (AsyncGiven if is_async else Given)(given, wire, hooks)
    return (AsyncPooled if is_async else Pooled)(_settings(*made_with, wire.keys), wire, hooks)
