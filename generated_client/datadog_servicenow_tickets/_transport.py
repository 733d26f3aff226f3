"""Everything that knows httpx2: requests, keys, answers, and what its exceptions mean."""

import re
import ssl
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar

import httpx2

from ._answers import Answer
from ._body import CODINGS, Body
from ._error_texts import printable
from ._generated.contract import MEDIA_TYPE, METHOD, PATH
from ._settings import Keys
from ._version import __version__
from .errors import (
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    OutcomeUnknownError,
    ServiceNowTicketsError,
)

Timeout: TypeAlias = float | httpx2.Timeout
Proxy: TypeAlias = str | httpx2.URL | httpx2.Proxy
EventHooks: TypeAlias = Mapping[str, list[Callable[..., Any]]]
Limits: TypeAlias = httpx2.Limits
SyncTransport: TypeAlias = httpx2.BaseTransport
AsyncTransport: TypeAlias = httpx2.AsyncBaseTransport
Verify: TypeAlias = ssl.SSLContext | bool
Outcome: TypeAlias = Answer | ServiceNowTicketsError

DEFAULT_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
"""5 s to connect; 30 s each to write, to read the whole answer, and for a free connection."""
DEFAULT_LIMITS = httpx2.Limits(
    max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0
)
"""The same as httpx2's."""
USER_AGENT = f"datadog-servicenow-tickets/{__version__} python-httpx2/{httpx2.__version__}"

_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
# What a server can cause: httpx2's own, and errors of TLS and of names that it lets through.
_FAULTS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, UnicodeError)
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
)
_WITH_LOCATION = "datadog_servicenow_tickets.headers"


class Origin:
    """Where requests go."""

    def __init__(self, address: str, source: str) -> None:
        """Raise ConfigurationError, in the name of `source`, when keys must not go to `address`."""
        match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
        url = _url(address.rstrip("/") + PATH) if match else None
        if match is None or url is None:
            raise ConfigurationError(
                f"{source} is no address of a server: https, a host, perhaps a port and a path; "
                "no user, password, query or fragment"
            )
        self.url = url
        self.host = match["host"]
        self.is_plain = match["scheme"] == "http"
        if self.is_plain and not _is_loopback(self.host.strip("[]")):
            raise ConfigurationError(f"{source} is not https, and its host is not loopback")


def _url(address: str) -> httpx2.URL | None:
    """An address as httpx2 reads it; None when it cannot."""
    try:
        url = httpx2.URL(address)
        return url if url.host and (url.port or 0) <= 65535 else None
    except (httpx2.InvalidURL, UnicodeError):
        return None


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415  # only for addresses without TLS

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _KeyAuth(httpx2.Auth):
    """Puts the keys into a request when it is sent, and only when it goes to one origin."""

    def __init__(self, keys: Keys, url: httpx2.URL) -> None:
        self._keys = keys
        self._origin = (url.scheme, url.raw_host, url.port)

    def _sign(self, request: httpx2.Request) -> None:
        url = request.url
        if (url.scheme, url.raw_host, url.port) == self._origin:
            for name, value in self._keys.headers:
                request.headers[name] = value

    def sync_auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        self._sign(request)
        yield request

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        self._sign(request)
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


_HTTP = TypeVar("_HTTP", _SyncHTTP, _AsyncHTTP)


def _hide_location(response: httpx2.Response) -> None:
    """Keep httpx2 from reading a Location: it does, and may fail, though none is followed."""
    if 300 <= response.status_code <= 399 and "Location" in response.headers:
        response.extensions[_WITH_LOCATION] = response.headers
        response.headers = httpx2.Headers(response.headers)
        del response.headers["Location"]


async def _hide_location_async(response: httpx2.Response) -> None:
    _hide_location(response)


class Options(NamedTuple):
    """What is passed on to httpx2, under the names that httpx2 gives it."""

    timeout: Timeout
    transport: Any
    verify: Verify
    proxy: Proxy | None
    trust_env: bool
    limits: Limits
    event_hooks: EventHooks | None


class Wire:
    """What never changes between two requests of one client, made once."""

    def __init__(self, origin: Origin, keys: Keys, options: Options) -> None:
        self.origin = origin
        self._keys = keys
        self._options = options
        self._timeout = _checked_timeout(options.timeout)
        self._extensions = {"timeout": self._timeout.as_dict()}
        self._headers = httpx2.Headers(
            {
                "Host": origin.url.netloc.decode(),
                "Accept": MEDIA_TYPE,
                "Accept-Encoding": CODINGS,
                "User-Agent": USER_AGENT,
                "Content-Type": MEDIA_TYPE,
            }
        )

    def open(self) -> httpx2.Client:
        """An HTTP client that signs requests, and neither follows redirects nor keeps cookies."""
        return self._bound(_SyncHTTP(**self._arguments(_hide_location)))

    def open_async(self) -> httpx2.AsyncClient:
        """The same, asynchronous."""
        return self._bound(_AsyncHTTP(**self._arguments(_hide_location_async)))

    def _arguments(self, last_hook: Callable[[httpx2.Response], Any]) -> dict[str, Any]:
        options = self._options
        hooks = dict(options.event_hooks or {})
        return {
            "auth": _KeyAuth(self._keys, self.origin.url),
            "event_hooks": {**hooks, "response": [*hooks.get("response", ()), last_hook]},
            "follow_redirects": False,
            "limits": options.limits,
            "proxy": options.proxy,
            "timeout": self._timeout,
            "transport": options.transport,
            # A proxy of the environment would see the keys of a request without TLS.
            "trust_env": options.trust_env and not self.origin.is_plain,
            # Without TLS there is nothing to verify, and reading the certificates takes a while.
            "verify": False if self.origin.is_plain else options.verify,
        }

    def _bound(self, http: _HTTP) -> _HTTP:
        from ._connections import bind  # noqa: PLC0415  # needs httpcore2, which httpx2 loads now

        transports: list[Any] = list(http._mounts.values())
        if self._options.transport is None:
            transports.append(http._transport)
        bind(transports, self._keys.masked)
        return http

    def request(self, content: bytes) -> httpx2.Request:
        """A request, without the keys."""
        request = httpx2.Request(
            METHOD,
            self.origin.url,
            headers=self._headers,
            stream=httpx2.ByteStream(content),
            extensions=self._extensions,
        )
        request.headers["Content-Length"] = str(len(content))
        request.read()  # event hooks and mocks look at its content
        return request

    def send(self, http: httpx2.Client, content: bytes) -> Outcome:
        """Send once, read the answer. Raises what hooks, foreign transports and signals raise."""
        try:
            response = http.send(self.request(content), stream=True)
        except _FAULTS as fault:
            return self._failure(fault)
        except BaseException as error:
            if http.is_closed and isinstance(error, RuntimeError):
                return ClientClosedError()
            _strip(error)
            raise
        body = Body(response)
        try:
            if not response.is_stream_consumed:
                for part in response.stream:  # type: ignore[union-attr]  # the synchronous kind
                    if body.is_full_with(part):
                        break
        except _FAULTS as fault:
            body.flaw = self._described(fault)
        finally:
            response.close()
        return self._answer(response, body)

    async def send_async(self, http: httpx2.AsyncClient, content: bytes) -> Outcome:
        """The same, asynchronous."""
        try:
            response = await http.send(self.request(content), stream=True)
        except _FAULTS as fault:
            return self._failure(fault)
        except BaseException as error:
            if http.is_closed and isinstance(error, RuntimeError):
                return ClientClosedError()
            _strip(error)
            raise
        body = Body(response)
        try:
            if not response.is_stream_consumed:
                async for part in response.stream:  # type: ignore[union-attr]  # the asynchronous kind
                    if body.is_full_with(part):
                        break
        except _FAULTS as fault:
            body.flaw = self._described(fault)
        finally:
            await response.aclose()
        return self._answer(response, body)

    def _answer(self, response: httpx2.Response, body: Body) -> Answer:
        headers: httpx2.Headers = response.extensions.get(_WITH_LOCATION, response.headers)
        values = b"\n".join(value for _, value in headers.raw)
        if self._keys.masked(values) is not values:
            masked = self._keys.masked
            headers = httpx2.Headers([(name, masked(value)) for name, value in headers.raw])
        content, flaw = body.whole()
        return Answer(response.status_code, headers, self._keys.masked(content), flaw)

    def _described(self, fault: Exception) -> str:
        return printable(self._keys.masked_text(f"{type(fault).__name__}: {fault}"))

    def _failure(self, fault: Exception) -> ServiceNowTicketsError:
        kind = ConnectError if isinstance(fault, _NEVER_SENT) else OutcomeUnknownError
        return kind(self._described(fault))


def _checked_timeout(timeout: Timeout) -> httpx2.Timeout:
    """The timeout in httpx2's form. Raises ConfigurationError unless it is positive."""
    if isinstance(timeout, httpx2.Timeout):
        return timeout
    if isinstance(timeout, int | float) and timeout > 0:
        return httpx2.Timeout(timeout)
    raise ConfigurationError(
        "timeout is neither a positive number of seconds nor an httpx2.Timeout"
    )


def _strip(error: BaseException) -> None:
    """Drop a signal's traceback: its frames hold the bytes that were being sent, keys included."""
    if not isinstance(error, Exception):
        error.__traceback__ = None
