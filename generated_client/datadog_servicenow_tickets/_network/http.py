"""Requests, keys, answers and transports. No other module of the package uses httpx2."""

import re
from collections.abc import Callable, Generator, Mapping
from ssl import SSLContext
from typing import Any, TypeAlias

import httpx2

from datadog_servicenow_tickets._settings.keys import Keys
from datadog_servicenow_tickets._version import __version__

Timeout: TypeAlias = float | httpx2.Timeout
TimeoutOfSteps = httpx2.Timeout
Proxy: TypeAlias = str | httpx2.URL | httpx2.Proxy
EventHooks: TypeAlias = Mapping[str, list[Callable[..., Any]]]
Limits = httpx2.Limits
SyncTransport = httpx2.BaseTransport
AsyncTransport = httpx2.AsyncBaseTransport
Verify: TypeAlias = SSLContext | bool
Request = httpx2.Request
Response = httpx2.Response
ResponseNotRead = httpx2.ResponseNotRead
Headers = httpx2.Headers
Bytes = httpx2.ByteStream
SyncClient: TypeAlias = httpx2.Client
AsyncClient: TypeAlias = httpx2.AsyncClient
URL = httpx2.URL
SyncStream = httpx2.SyncByteStream
AsyncStream = httpx2.AsyncByteStream
TransportError = httpx2.TransportError
OwnTransports = (httpx2.HTTPTransport, httpx2.AsyncHTTPTransport)
"""The transports of the library itself: what they raise, the network did."""

DEFAULT_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
"""5 s to connect; 30 s each to write, to read the whole answer, and for a free connection."""
DEFAULT_LIMITS = Limits(max_connections=100, max_keepalive_connections=20)
"""The same as httpx2's."""
USER_AGENT = f"datadog-servicenow-tickets/{__version__} python-httpx2/{httpx2.__version__}"

NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
"""The errors after which no request was sent."""
_HOST = re.compile(r"[a-z0-9_-]{1,63}([.][a-z0-9_-]{1,63})*[.]?")
WITH_LOCATION = "datadog_servicenow_tickets.headers"


def url_of(address: str) -> httpx2.URL | None:
    """An address as httpx2 reads it; None when it cannot."""
    try:
        url = URL(address)
    except httpx2.InvalidURL:
        return None
    return url if _can_be_reached(url) else None


def _can_be_reached(url: httpx2.URL) -> bool:
    """Whether host and port of an address are possible ones."""
    host = url.raw_host.decode()
    is_host = len(host) < 254 and (_HOST.fullmatch(host) or ":" in host)  # IPv6 was checked
    return bool(is_host) and (url.port is None or 0 < url.port < 65536)


def proxy_of(address: Proxy) -> httpx2.Proxy:
    """A proxy, from its address. Raises ValueError for an address that no proxy can have."""
    if not isinstance(address, str | httpx2.URL | httpx2.Proxy):
        raise ValueError
    try:
        proxy = address if isinstance(address, httpx2.Proxy) else httpx2.Proxy(address)
    except httpx2.InvalidURL:
        raise ValueError from None
    is_socks = proxy.url.scheme.startswith("socks")
    if not _can_be_reached(proxy.url) or (
        is_socks and max(map(len, proxy.raw_auth or ("",))) > 255
    ):
        raise ValueError  # what SOCKS tells of a user is as long as a byte can say
    return proxy


def ssl_context(verify: Verify, *, trust_env: bool) -> SSLContext:
    """What TLS is made with. Raises OSError when certificates cannot be read."""
    return httpx2.create_ssl_context(verify=verify, trust_env=trust_env)


class _KeyAuth(httpx2.Auth):
    """Puts the keys into a request when it is sent, and only when it goes to one origin."""

    def __init__(self, keys: Keys, url: httpx2.URL) -> None:
        self._keys = keys
        self._origin = (url.scheme, url.raw_host, url.port)

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        url = request.url
        if (url.scheme, url.raw_host, url.port) == self._origin:
            for name, value in self._keys.headers:
                request.headers[name] = value
        yield request


class _NoCookies(httpx2.Cookies):
    """Neither reads cookies nor sends them: the operation has none."""

    def extract_cookies(self, response: httpx2.Response) -> None:
        pass


_NO_COOKIES = _NoCookies()


class _SyncHTTP(httpx2.Client):
    cookies = property(lambda _: _NO_COOKIES)


class _AsyncHTTP(httpx2.AsyncClient):
    cookies = property(lambda _: _NO_COOKIES)


def _hide_location(response: httpx2.Response) -> None:
    """Keep httpx2 from reading a Location: it does, and may fail, though none is followed."""
    if 300 <= response.status_code <= 399 and "Location" in response.headers:
        response.extensions[WITH_LOCATION] = response.headers
        response.headers = httpx2.Headers(response.headers)
        del response.headers["Location"]


async def _hide_location_async(response: httpx2.Response) -> None:
    _hide_location(response)


async def sleep(seconds: float) -> None:
    """Wait, in whatever kind of event loop runs."""
    from .connections import sleep  # noqa: PLC0415  # a client has loaded it by now

    await sleep(seconds)


def client(url: httpx2.URL, keys: Keys, hooks: EventHooks, via: Any, *, is_async: bool) -> Any:
    """An HTTP client that signs requests, and neither follows redirects nor keeps cookies."""
    last = _hide_location_async if is_async else _hide_location
    return (_AsyncHTTP if is_async else _SyncHTTP)(
        auth=_KeyAuth(keys, url),
        event_hooks={**hooks, "response": [*hooks.get("response", ()), last]},
        follow_redirects=False,
        transport=via,
    )
