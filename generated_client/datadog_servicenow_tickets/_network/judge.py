"""The network's errors told from any others, as a request is sent and as its answer is read."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from datadog_servicenow_tickets._messages.error_texts import printable
from datadog_servicenow_tickets._settings.keys import Keys
from datadog_servicenow_tickets.errors import ConnectError, OutcomeUnknownError

from . import connections as core
from . import http
from .conversation import KeptConnectionClosedError
from .faults import Fault, is_lasting, raised_by_a_signal

_NEVER_SENT = (*core.NEVER_SENT, *http.NEVER_SENT)
FAULTS = (*core.FAULTS, http.TransportError)
"""What the network can cause."""


class Judge:
    """Tells the network's errors from any others."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.is_closed = False
        """Whether the transport is: then no connection is kept."""

    def body(self, response: core.Response, request: core.Request) -> "BodyStream":
        """The body of an answer that comes on a connection of ours."""
        connection = response.extensions.get("network_stream")
        return BodyStream(response.stream, request, self, connection)

    def fault(self, error: Exception, request: http.Request | core.Request) -> Exception:
        """The Fault that an error of the library stands for, or what a signal handler raised."""
        before = getattr(request.stream, "before", None)
        elsewhere = raised_by_a_signal(error, before)
        if elsewhere is not None:
            return elsewhere
        words = [type(error).__name__, self._keys.masked_text(str(error))]
        text = printable(": ".join(filter(None, words)))
        if isinstance(error, _NEVER_SENT) or not getattr(request.stream, "sent", True):
            return Fault(ConnectError(text, lasting=is_lasting(error, before)))
        kept = isinstance(error, KeptConnectionClosedError)
        return Fault(OutcomeUnknownError(text), kept=kept)


class BodyStream(http.SyncStream, http.AsyncStream):
    """The body of an answer on its way."""

    def __init__(
        self,
        stream: Any,
        request: http.Request | core.Request,
        judge: Judge,
        connection: Any = None,
    ) -> None:
        self._connection = connection
        self._stream = stream
        self._request = request
        self._judge = judge

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
            return
        except FAULTS as error:
            fault = self._judge.fault(error, self._request)
        raise fault

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._stream:
                yield part
            return
        except FAULTS as error:
            fault = self._judge.fault(error, self._request)
        raise fault

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()
        if self._judge.is_closed and self._connection is not None:
            self._connection.close()  # the pool, which was closed before it was there, did not

    async def aclose(self) -> None:
        if hasattr(self._stream, "aclose"):
            await self._stream.aclose()
        if self._judge.is_closed and self._connection is not None:
            await self._connection.aclose()
