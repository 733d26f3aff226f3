"""One attempt: a request is sent once, and its answer read."""

import sys
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple, TypeAlias

from datadog_servicenow_tickets._generated.contract import MEDIA_TYPE, METHOD
from datadog_servicenow_tickets._messages.answers import RawAnswer
from datadog_servicenow_tickets._settings.keys import Keys
from datadog_servicenow_tickets._settings.time import Timeouts

from . import http
from .body import CODINGS, Body
from .faults import Fault

Outcome: TypeAlias = RawAnswer | Fault


class _Content(http.Bytes):
    """The body of a request; `sent` says whether it was asked for: its head was sent then."""

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


class Wire(NamedTuple):
    """What never changes between two requests of one client, made once."""

    url: http.URL
    keys: Keys
    headers: http.Headers
    masks_heads: bool
    """Whether what a server echoes has yet to be masked in the headers of an answer."""

    @classmethod
    def to(cls, url: http.URL, keys: Keys, *, masks_heads: bool) -> "Wire":
        """What requests to an address have in common."""
        headers = http.Headers(
            {
                "Host": url.netloc.decode(),
                "Accept": MEDIA_TYPE,
                "Accept-Encoding": CODINGS,
                "User-Agent": http.USER_AGENT,
                "Content-Type": MEDIA_TYPE,
            }
        )
        return cls(url, keys, headers, masks_heads)

    def request(self, content: bytes, timeouts: Timeouts) -> http.Request:
        """A request, without the keys."""
        stream = _Content(content)
        request = http.Request(
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

    def send(self, http: http.SyncClient, content: bytes, timeouts: Timeouts) -> Outcome:
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
        self, http: http.AsyncClient, content: bytes, timeouts: Timeouts
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

    def _answer(self, response: http.Response, body: Body) -> RawAnswer:
        masked = self.keys.masked
        headers: http.Headers = response.extensions.get(http.WITH_LOCATION, response.headers)
        if self.masks_heads:
            headers = http.Headers([(name, masked(value)) for name, value in headers.raw])
        if response.is_stream_consumed and body.is_empty:
            content, flaw = _content_of(response)
        else:
            content, flaw = body.decoded(_codings(headers))
        status = response.status_code
        return RawAnswer(status, headers, masked(content, in_base64=status != 200), flaw)


def _codings(headers: http.Headers) -> str | None:
    """The Content-Encoding; to ask the headers for it would take longer."""
    found = [value for name, value in headers.raw if name.lower() == b"content-encoding"]
    return b",".join(found).decode("latin-1") if found else None


def _content_of(response: http.Response) -> tuple[bytes, str | None]:
    """The body that a hook or a mock has read already."""
    try:
        return response.content, None
    except http.ResponseNotRead:
        return b"", "a hook read the body and did not keep it"
