"""Addresses, requests, answers and transports. No other module of the package uses httpx2."""

import re
from collections.abc import Callable, Mapping
from ssl import SSLContext
from typing import Any, TypeAlias

import httpx2

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


async def sleep(seconds: float) -> None:
    """Wait, in whatever kind of event loop runs."""
    from .connections import sleep  # noqa: PLC0415  # a client has loaded it by now

    await sleep(seconds)
