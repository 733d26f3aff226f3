"""The clients: one call, in a synchronous and an asynchronous form that differ in nothing else."""

import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Self, Unpack

from . import models
from ._base import Base, CallOptions
from ._messages.answers import AttachResponse, case_of
from ._messages.requests import content_of, content_with
from ._network import http
from ._network.faults import Fault, clear_frames
from ._network.wire import Outcome
from ._settings.time import Timeouts
from .errors import ClientClosedError


class Client(Base[http.SyncTransport]):
    """Attaches security findings to ServiceNow tickets.

    Keyword arguments, all optional:

    - `api_key`, `app_key`: by default `DD_API_KEY` and `DD_APP_KEY` of the environment.
    - `site`: a `Site` or its string; by default `DD_SITE`, else `Site.US1`.
    - `base_url`: any other server, instead of `site`: https, or http on loopback; a path is kept.
    - `timeout`: seconds for each step, or an `httpx2.Timeout`; by default 5 s to connect and 30 s
      for the rest. The read timeout bounds the whole answer.
    - `deadline`: seconds for a whole call, retries and waits included; None for no bound.
    - `max_retries`: how many attempts may follow the first.
    - `max_retry_wait`: seconds; when the service asks for more, its error is raised at once.
    - `retry_unknown_outcome`: whether a request that may have been applied is repeated, which is
      safe.
    - `transport`, `proxy`, `verify`, `limits`, `trust_env`, `event_hooks`: as httpx2 takes them.
      Hooks see the keys. An error that a hook or a transport of yours raises is passed on.

    Raises MissingCredentialsError, or ConfigurationError for anything else that cannot be used.
    One client serves any number of threads, until `close` or the end of `with`; a forked process
    makes its own connections.
    """

    _is_async = False
    _sleep: Callable[[float], None] = staticmethod(time.sleep)

    def attach_findings(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        **options: Unpack[CallOptions],
    ) -> models.Case:
        """Attach findings to a ServiceNow ticket, and return the case that the ticket is linked to.

        `ticket_url` is the https address of an incident on a service-now.com host, `project_id` the
        case management project with the ServiceNow integration. Of `finding_ids`, 1 to
        `MAX_FINDINGS`, each is sent once. `timeout` and `deadline` replace the client's for this
        call. Raises InvalidRequestError before anything is sent, and the other errors of
        `datadog_servicenow_tickets.errors`.
        """
        content = content_with(ticket_url, project_id, finding_ids)
        return case_of(self._deliver(content, options))

    def attach_findings_detailed(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        **options: Unpack[CallOptions],
    ) -> AttachResponse:
        """As `attach_findings`, but return the whole answer: status, headers, content, model.

        The contract requires no member of an answer, so `parsed.data` may be `UNSET`. A ticket
        whose status is FAILED is not an error here.
        """
        content = content_with(ticket_url, project_id, finding_ids)
        return self._deliver(content, options)

    def attach(
        self,
        body: models.AttachRequest,
        **options: Unpack[CallOptions],
    ) -> models.Case:
        """Send a request model; otherwise as `attach_findings`. `body` is not changed."""
        return case_of(self._deliver(content_of(body), options))

    def attach_detailed(
        self,
        body: models.AttachRequest,
        **options: Unpack[CallOptions],
    ) -> AttachResponse:
        """Send a request model; otherwise as `attach_findings_detailed`. `body` is not changed."""
        return self._deliver(content_of(body), options)

    def _deliver(self, content: bytes, options: CallOptions) -> AttachResponse:
        attempts, timeouts = self._begin(options)
        while True:
            started = time.perf_counter()
            outcome = self._closed_meanwhile() or self._send(content, timeouts)
            result = self._result(outcome, attempts.number, started)
            if isinstance(result, AttachResponse):
                return result
            kept = isinstance(outcome, Fault) and outcome.kept
            if seconds := attempts.wait_after(result, kept=kept):
                self._sleep(seconds)

    def _send(self, content: bytes, timeouts: Timeouts) -> Outcome:
        before = sys.exception()
        try:
            return self._wire.send(self._via, content, timeouts)
        except BaseException as error:
            clear_frames(error, before)
            self._via.renew()  # an interrupted call may never give its place in the pool back
            raise
        finally:
            if self._closed:
                self._via.close()  # what was closed in the meantime may have been opened again

    def close(self) -> None:
        """Close the connections. A second time does nothing."""
        self._closed = True
        self._via.close()

    def __enter__(self) -> Self:
        if self._closed:
            raise ClientClosedError
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(Base[http.AsyncTransport]):
    """As `Client`, with methods that are awaited.

    One client serves any number of tasks. Each event loop gets connections of its own.
    """

    _is_async = True
    _sleep: Callable[[float], Awaitable[None]] = staticmethod(http.sleep)

    async def attach_findings(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        **options: Unpack[CallOptions],
    ) -> models.Case:
        """As `Client.attach_findings`."""
        content = content_with(ticket_url, project_id, finding_ids)
        return case_of(await self._deliver(content, options))

    async def attach_findings_detailed(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        **options: Unpack[CallOptions],
    ) -> AttachResponse:
        """As `Client.attach_findings_detailed`."""
        content = content_with(ticket_url, project_id, finding_ids)
        return await self._deliver(content, options)

    async def attach(
        self,
        body: models.AttachRequest,
        **options: Unpack[CallOptions],
    ) -> models.Case:
        """As `Client.attach`."""
        return case_of(await self._deliver(content_of(body), options))

    async def attach_detailed(
        self,
        body: models.AttachRequest,
        **options: Unpack[CallOptions],
    ) -> AttachResponse:
        """As `Client.attach_detailed`."""
        return await self._deliver(content_of(body), options)

    async def _deliver(self, content: bytes, options: CallOptions) -> AttachResponse:
        attempts, timeouts = self._begin(options)
        while True:
            started = time.perf_counter()
            outcome = self._closed_meanwhile() or await self._send(content, timeouts)
            result = self._result(outcome, attempts.number, started)
            if isinstance(result, AttachResponse):
                return result
            kept = isinstance(outcome, Fault) and outcome.kept
            if seconds := attempts.wait_after(result, kept=kept):
                await self._sleep(seconds)

    async def _send(self, content: bytes, timeouts: Timeouts) -> Outcome:
        before = sys.exception()
        try:
            return await self._wire.send_async(self._via, content, timeouts)
        except BaseException as error:
            clear_frames(error, before)
            raise
        finally:
            if self._closed:
                await self._via.aclose()  # as above

    async def close(self) -> None:
        """As `Client.close`."""
        self._closed = True
        await self._via.aclose()

    aclose = close

    async def __aenter__(self) -> Self:
        if self._closed:
            raise ClientClosedError
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
