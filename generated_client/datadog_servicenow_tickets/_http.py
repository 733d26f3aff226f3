"""Requests, keys, answers and transports. Of the package only this module knows httpx2."""

import re
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from ssl import SSLContext
from typing import Any, NamedTuple, TypeAlias

import httpx2

from ._answers import Answer
from ._body import CODINGS, Body
from ._faults import Fault
from ._generated.contract import MEDIA_TYPE, METHOD
from ._keys import Keys
from ._time import Timeouts
from ._version import __version__

Timeout: TypeAlias = float | httpx2.Timeout
TimeoutOfSteps = httpx2.Timeout
Proxy: TypeAlias = str | httpx2.URL | httpx2.Proxy
EventHooks: TypeAlias = Mapping[str, list[Callable[..., Any]]]
Limits = httpx2.Limits
SyncTransport = httpx2.BaseTransport
AsyncTransport = httpx2.AsyncBaseTransport
Verify: TypeAlias = SSLContext | bool
Outcome: TypeAlias = Answer | Fault
Request = httpx2.Request
Response = httpx2.Response
URL = httpx2.URL
SyncStream = httpx2.SyncByteStream
AsyncStream = httpx2.AsyncByteStream
TransportError = httpx2.TransportError
OwnTransports = (httpx2.HTTPTransport, httpx2.AsyncHTTPTransport)
"""The transports of the library itself: what they raise, the network did."""

DEFAULT_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
"""5 s to connect; 30 s each to write, to read the whole answer, and for a free connection."""
DEFAULT_LIMITS = Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0)
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
_HOST = re.compile(r"[a-z0-9_-]{1,63}([.][a-z0-9_-]{1,63})*[.]?", re.IGNORECASE)
_WITH_LOCATION = "datadog_servicenow_tickets.headers"


def url_of(address: str) -> httpx2.URL | None:
    """An address as httpx2 reads it; None when it cannot."""
    try:
        url = URL(address)
    except (httpx2.InvalidURL, UnicodeError):
        return None
    return url if _can_be_reached(url) else None


def _can_be_reached(url: httpx2.URL) -> bool:
    """Whether host and port of an address are possible ones."""
    host = url.raw_host.decode("ascii")
    is_host = len(host) < 254 and (_HOST.fullmatch(host) or ":" in host)  # IPv6 was checked
    return bool(is_host) and (url.port is None or 0 < url.port < 65536)


def proxy_of(address: Proxy) -> httpx2.Proxy:
    """A proxy, from its address. Raises ValueError when it is none."""
    if not isinstance(address, str | httpx2.URL | httpx2.Proxy):
        raise ValueError("it is no address")
    try:
        proxy = address if isinstance(address, httpx2.Proxy) else httpx2.Proxy(address)
    except httpx2.InvalidURL as error:
        raise ValueError(str(error)) from None
    is_socks = proxy.url.scheme.startswith("socks")
    if not _can_be_reached(proxy.url) or (
        is_socks and max(map(len, proxy.raw_auth or ("",))) > 255
    ):
        raise ValueError("it has no possible host or port, or its user cannot be told to a proxy")
    return proxy


def ssl_context(verify: Verify, *, trust_env: bool) -> SSLContext:
    """What TLS is made with. Raises OSError when certificates cannot be read."""
    return httpx2.create_ssl_context(verify=verify, trust_env=trust_env)


class _Content(httpx2.ByteStream):
    """The body of a request, which knows whether it was asked for: its head was sent then."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._content = content
        self.sent = False
        self.before = sys.exception()
        """What the caller is handling as the call begins."""

    def __iter__(self) -> Iterator[bytes]:
        self.sent = True
        yield self._content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.sent = True
        yield self._content


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
        response.extensions[_WITH_LOCATION] = response.headers
        response.headers = httpx2.Headers(response.headers)
        del response.headers["Location"]


async def _hide_location_async(response: httpx2.Response) -> None:
    _hide_location(response)


async def sleep(seconds: float) -> None:
    """Wait, in whatever kind of event loop runs."""
    from ._connections import sleep  # noqa: PLC0415  # a client has loaded it by now

    await sleep(seconds)


def client(url: httpx2.URL, keys: Keys, hooks: EventHooks, via: Any, *, is_async: bool) -> Any:
    """An HTTP client that signs requests, and neither follows redirects nor keeps cookies."""
    last = _hide_location_async if is_async else _hide_location
    return (_AsyncHTTP if is_async else _SyncHTTP)(
        auth=_KeyAuth(keys, url),
        event_hooks={**hooks, "response": [*hooks.get("response", ()), last]},
        follow_redirects=False,
        transport=via,
        trust_env=False,  # which proxy and certificates to use is settled already
    )


class Wire(NamedTuple):
    """What never changes between two requests of one client, made once."""

    url: httpx2.URL
    keys: Keys
    headers: httpx2.Headers
    masks_heads: bool
    """Whether what a server echoes has yet to be masked in the headers of an answer."""

    @classmethod
    def to(cls, url: httpx2.URL, keys: Keys, *, masks_heads: bool) -> "Wire":
        """What requests to an address have in common."""
        headers = httpx2.Headers(
            {
                "Host": url.netloc.decode(),
                "Accept": MEDIA_TYPE,
                "Accept-Encoding": CODINGS,
                "User-Agent": USER_AGENT,
                "Content-Type": MEDIA_TYPE,
            }
        )
        return cls(url, keys, headers, masks_heads)

    def request(self, content: bytes, timeouts: Timeouts) -> httpx2.Request:
        """A request, without the keys."""
        stream = _Content(content)
        request = httpx2.Request(
            METHOD,
            self.url,
            headers=self.headers,
            stream=stream,
            extensions={"timeout": timeouts},
        )
        request.headers["Content-Length"] = str(len(content))
        request.read()  # event hooks and mocks look at its content
        stream.sent = False
        return request

    def send(self, http: httpx2.Client, content: bytes, timeouts: Timeouts) -> Outcome:
        """Send once, read the answer. Raises what hooks, foreign transports and signals raise."""
        try:
            response = http.send(self.request(content, timeouts), stream=True)
        except Fault as fault:
            return fault
        body = Body()
        try:
            if not response.is_stream_consumed:
                for part in response.stream:  # type: ignore[union-attr]  # the synchronous kind
                    if body.is_full_with(part):
                        break
        except Fault as fault:
            body.flaw = getattr(fault.error, "reason", str(fault))
        finally:
            response.close()
        return self._answer(response, body)

    async def send_async(
        self, http: httpx2.AsyncClient, content: bytes, timeouts: Timeouts
    ) -> Outcome:
        """The same, asynchronous."""
        try:
            response = await http.send(self.request(content, timeouts), stream=True)
        except Fault as fault:
            return fault
        body = Body()
        try:
            if not response.is_stream_consumed:
                async for part in response.stream:  # type: ignore[union-attr]  # the asynchronous kind
                    if body.is_full_with(part):
                        break
        except Fault as fault:
            body.flaw = getattr(fault.error, "reason", str(fault))
        finally:
            await response.aclose()
        return self._answer(response, body)

    def _answer(self, response: httpx2.Response, body: Body) -> Answer:
        masked = self.keys.masked
        headers: httpx2.Headers = response.extensions.get(_WITH_LOCATION, response.headers)
        if self.masks_heads:
            headers = httpx2.Headers([(name, masked(value)) for name, value in headers.raw])
        if response.is_stream_consumed and body.is_empty:
            content, flaw = _content_of(response)
        else:
            content, flaw = body.decoded(_codings(headers))
        status = response.status_code
        return Answer(status, headers, masked(content, in_base64=status != 200), flaw)


def _codings(headers: httpx2.Headers) -> str | None:
    """The Content-Encoding; to ask the headers for it would take longer."""
    found = [value for name, value in headers.raw if name.lower() == b"content-encoding"]
    return b",".join(found).decode("latin-1") if found else None


def _content_of(response: httpx2.Response) -> tuple[bytes, str | None]:
    """The body that a hook or a mock has read already."""
    try:
        return response.content, None
    except httpx2.ResponseNotRead:
        return b"", "a hook has read the body, and kept nothing"
