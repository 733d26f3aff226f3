"""The wire to a target: what goes out is counted, held back if it must be, and remembered."""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import unquote_plus

import httpx
import pytest
from attrs import define, field

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.target.exchange import Exchange, shown
from servicenow_contract.target.history import History

_LONGEST_WAIT = 120.0
_WAITS = 5


Watching = Callable[[httpx.Request, httpx.Response | None, Exchange], None]


@define(eq=False)
class TargetTransport(httpx.BaseTransport):
    """A transport around the one that reaches the target.

    `secrets` maps each key to the variable that stands for it in everything that is remembered.
    """

    inner: httpx.BaseTransport
    secrets: Mapping[str, str] = field(factory=dict, repr=False)
    shown_url: str | None = None
    """The address in curl lines, where the real one leads nowhere."""
    max_requests: int | None = None
    until: float | None = None
    """When nothing more is sent, by the monotonic clock."""
    holds_back: Callable[[httpx.Request], str | None] | None = None
    """Says why a request must not be sent, and None of one that may."""
    sleep: Callable[[float], None] = time.sleep
    observe: Callable[[httpx.Request], None] | None = None
    """Called with each request that goes out."""
    watch: Watching | None = None
    """Called with each answer, a 429 that is waited out too, and with None for one that is lost."""
    waits: bool = True
    """Whether a 429 is waited out, as its headers say."""
    throttled: bool = field(default=False, init=False)
    """Whether a 429 was met."""
    sent: int = field(default=0, init=False)
    history: History = field(factory=History, init=False)
    written: dict[str, dict[str, None]] = field(factory=dict, init=False)
    """Findings that were attached, by ticket."""
    _over: int = field(default=0, init=False)
    """How many of those sent are on their way no longer, and were watched."""
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)
    _watching: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. A test whose request is held back is not run, with the reason."""
        request.read()
        if self.holds_back is not None and (why := self.holds_back(request)):
            pytest.skip(why)
        for _attempt in range(_WAITS):
            response = self._send(request)
            if response.status_code != 429:
                break
            self.throttled = True
            if not self.waits:
                break
            wait = _wait(response.headers)
            self._keep_time(wait)
            self.sleep(wait)
        return response

    def _keep_time(self, wait: float = 0.0) -> None:
        """Leave out what would be sent later than it may be."""
        if self.until is not None and time.monotonic() + wait >= self.until:
            pytest.skip("the time of --time-budget is used up")

    def again(self, request: httpx.Request) -> httpx.Response | None:
        """Another answer to a request, which nobody watches; None where none can be had."""
        try:
            response = self._send(request, watched=False)
        except (httpx.HTTPError, pytest.skip.Exception):
            return None
        response.read()
        return response

    def _send(self, request: httpx.Request, *, watched: bool = True) -> httpx.Response:
        self._keep_time()
        with self._lock:
            if self.max_requests is not None and self.sent >= self.max_requests:
                pytest.skip("the number of --max-requests is used up")
            alone = self.sent == self._over
            self.sent = number = self.sent + 1
        if self.observe is not None:
            self.observe(request)
        watch = self.watch if watched else None
        try:
            return self._exchanged(request, watch, number if alone else 0)
        finally:
            with self._lock:
                self._over += 1

    def _exchanged(
        self, request: httpx.Request, watch: Watching | None, lone: int
    ) -> httpx.Response:
        """Send a request; `lone` is its number if no other was on its way when it was sent."""
        start = time.monotonic()
        try:
            response = self.inner.handle_request(request)
            _acknowledge(response)
            content = response.read()
        except httpx.HTTPError:
            lost = self._remember(request, None, b"", start)
            if watch is not None:
                watch(request, None, lost)
            raise
        # Read already, so a new response stands for it; httpx times it when it is read again.
        headers = [
            (name, value)
            for name, value in response.headers.raw  # as bytes: not all are ASCII
            if name.lower() not in (b"content-encoding", b"transfer-encoding")
        ]
        if response.status_code < 300:
            self._note_write(request)
        # One by one: of a request that began before this one is watched, nobody knows the order.
        with self._watching if watch is not None else contextlib.nullcontext():
            alone = self.sent == lone
            exchange = self._remember(request, response, content, start, alone=alone)
            if watch is not None:
                read = httpx.Response(response.status_code, headers=headers, content=content)
                watch(request, read, exchange)
        return httpx.Response(
            response.status_code, headers=headers, stream=httpx.ByteStream(content)
        )

    def _remember(
        self,
        request: httpx.Request,
        response: httpx.Response | None,
        body: bytes,
        start: float,
        *,
        alone: bool = False,
    ) -> Exchange:
        url = str(request.url)
        if self.shown_url is not None:
            url = self.shown_url + request.url.raw_path.decode("ascii")
        if request.url.query:
            url = self.scrub(unquote_plus(url))
        answer_headers = response.headers if response is not None else {}
        exchange = Exchange(
            request.method,
            url,
            {name.lower(): self.scrub(value) for name, value in request.headers.items()},
            self.scrub(request.content.decode("latin-1")).encode("latin-1", "replace"),
            response.status_code if response is not None else None,
            {name.lower(): self.scrub(value) for name, value in answer_headers.items()},
            # Cut last: half a key is not found.
            shown(self.scrub(body.decode("utf-8", "backslashreplace"))),
            start,
            time.monotonic() - start,
            alone,
        )
        self.history.add(exchange)
        return exchange

    def scrub(self, text: str) -> str:
        """The text with each key replaced by its variable, wherever it stands."""
        return scrubbed(text, self.secrets)

    def _note_write(self, request: httpx.Request) -> None:
        try:
            data = json.loads(request.content)["data"]
            ticket = str(data["attributes"]["servicenow_ticket_url"])
            findings = [each["id"] for each in data["relationships"]["findings"].get("data", [])]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            ticket, findings = f"{request.method} {request.url.path}", []
        self.written.setdefault(ticket, {}).update(dict.fromkeys(map(str, findings)))

    def close(self) -> None:
        """Close the connections."""
        self.inner.close()


def _acknowledge(response: httpx.Response) -> None:
    """Let the system say at once that the head has come (TCP_QUICKACK, Linux).

    A server that writes head and body apart, such as one on `http.server`, holds the body back
    until then: 40 ms for each request.
    """
    stream = response.extensions.get("network_stream")
    option = getattr(socket, "TCP_QUICKACK", None)
    if stream is not None and option is not None:
        with contextlib.suppress(OSError, AttributeError):  # closed already, or no such socket
            stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, option, 1)


def scrubbed(text: str, secrets: Mapping[str, str]) -> str:
    """The text with each secret replaced by its variable, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, secrets[secret])
    return text


def _wait(headers: httpx.Headers) -> float:
    """Seconds to wait after a 429: what the headers say, at least a little, at most two minutes."""
    for name in ("x-ratelimit-reset", "retry-after"):
        found = re.match(r"\s*(\d+(?:[.]\d+)?)", headers.get(name, ""))
        if found and float(found[1]) <= _LONGEST_WAIT:
            return max(float(found[1]), 0.05)
    return 5.0


def is_loopback(url: httpx.URL) -> bool:
    """Whether a server is on this machine, by its address."""
    return url.host in ("localhost", "::1") or bool(re.fullmatch(r"127(?:[.]\d+){3}", url.host))


def key_variables(contract: Fragment) -> Mapping[str, str]:
    """The environment variable of each key's security scheme (Datadog's general API pages)."""
    return dict(zip(contract.key_headers, ("DD_API_KEY", "DD_APP_KEY"), strict=True))


def permission_variable(permission: str | None) -> str:
    """The environment variable of an application key with this permission alone, or with none."""
    if permission is None:
        return "DD_APP_KEY_WITHOUT_PERMISSION"
    return f"DD_APP_KEY_WITH_{permission.upper()}"
