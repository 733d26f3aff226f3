"""One attempt: a request is sent once, and its answer read."""

import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple, Protocol, TypeAlias

from datadog_servicenow_tickets._generated.contract import MEDIA_TYPE, METHOD
from datadog_servicenow_tickets._messages.answers import RawAnswer
from datadog_servicenow_tickets._settings.keys import Keys
from datadog_servicenow_tickets._settings.time import Timeouts

from . import http
from .body import CODINGS, Body
from .faults import Fault

Outcome: TypeAlias = RawAnswer | Fault


class Content(http.Bytes):
    """The body of a request; `sent` says whether it was asked for: its head was sent then."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._content = content
        self.size = len(content)
        self.sent = False
        self.before = sys.exception()
        """What the caller is handling as the call begins."""

    def __iter__(self) -> Iterator[bytes]:
        self.sent = True
        yield self._content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.sent = True
        yield self._content


class Reply(NamedTuple):
    """An answer whose head has come."""

    status: int
    headers: http.Headers
    stream: Any
    """The body, which is yet to be read: of the synchronous or the asynchronous kind."""
    close: Any
    content: tuple[bytes, str | None] | None = None
    """The body that somebody has read already, decoded, and what is wrong with it."""


class Sender(Protocol):
    """What requests go through."""

    def open(self, content: Content, timeouts: Timeouts) -> Reply:
        """Send a request, read the head of its answer. Raises Fault."""


class AsyncSender(Protocol):
    """The same, asynchronous."""

    async def open(self, content: Content, timeouts: Timeouts) -> Reply:
        """As `Sender.open`."""


class Wire(NamedTuple):
    """What never changes between two requests of one client, made once."""

    url: http.URL
    keys: Keys
    headers: http.Headers

    @classmethod
    def to(cls, url: http.URL, keys: Keys) -> "Wire":
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
        return cls(url, keys, headers)

    def request(self, content: Content, timeouts: Timeouts) -> http.Request:
        """A request, without the keys."""
        request = http.Request(
            METHOD,
            self.url,
            headers=self.headers,
            stream=content,
            extensions={"timeout": timeouts},
        )
        request.headers["Content-Length"] = str(content.size)
        request.read()  # event hooks and mocks look at its content
        content.sent = False
        return request

    def send(self, through: Sender, content: bytes, timeouts: Timeouts) -> Outcome:
        """Send once, read the answer. Raises what hooks, foreign transports and signals raise."""
        try:
            reply = through.open(Content(content), timeouts)
        except Fault as fault:
            return fault
        body = Body()
        try:
            if reply.content is None:
                for part in reply.stream:
                    if body.is_full_with(part):
                        break
        except Fault as fault:
            body.flaw = getattr(fault.error, "reason", str(fault))
        finally:
            reply.close()
        return self._answer(reply, body)

    async def send_async(self, through: AsyncSender, content: bytes, timeouts: Timeouts) -> Outcome:
        """The same, asynchronously."""
        try:
            reply = await through.open(Content(content), timeouts)
        except Fault as fault:
            return fault
        body = Body()
        try:
            if reply.content is None:
                async for part in reply.stream:
                    if body.is_full_with(part):
                        break
        except Fault as fault:
            body.flaw = getattr(fault.error, "reason", str(fault))
        finally:
            await reply.close()
        return self._answer(reply, body)

    def _answer(self, reply: Reply, body: Body) -> RawAnswer:
        content, flaw = reply.content or body.decoded(_codings(reply.headers))
        masked = self.keys.masked(content, in_base64=reply.status != 200)
        return RawAnswer(reply.status, reply.headers, masked, flaw)


def _codings(headers: http.Headers) -> str | None:
    """The Content-Encoding; to ask the headers for it would take longer."""
    found = [value for name, value in headers.raw if name.lower() == b"content-encoding"]
    return b",".join(found).decode("latin-1") if found else None
