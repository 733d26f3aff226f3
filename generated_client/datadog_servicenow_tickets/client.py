"""The clients: one call, in a synchronous and an asynchronous form that differ in nothing else."""

import logging
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, Generic, NoReturn, Self, TypeVar

from . import _http as http
from . import _options, models
from ._answers import AttachResponse, case_of, read
from ._faults import Fault, clear_frames
from ._generated.contract import METHOD
from ._keys import Keys
from ._requests import content_of, content_with
from ._settings import Origin, Site, server_of
from ._time import Timeouts
from .errors import ClientClosedError, ConfigurationError, ServiceNowTicketsError
from .models import UNSET, Unset
from .retry import Attempts, RetryPolicy

_log = logging.getLogger("datadog_servicenow_tickets")
_log.addHandler(logging.NullHandler())

_Transport = TypeVar("_Transport", http.SyncTransport, http.AsyncTransport)


class _Base(Generic[_Transport]):
    """What both clients have in common; nothing in it waits."""

    _is_async: ClassVar[bool]
    _host = "…"
    _closed = True  # until it is made

    def __init__(  # noqa: PLR0913  # every one is an option with a default
        self,
        *,
        api_key: str | None = None,
        app_key: str | None = None,
        site: Site | str | None = None,
        base_url: str | None = None,
        timeout: http.Timeout = http.DEFAULT_TIMEOUT,
        deadline: float | None = 120.0,
        max_retries: int = 2,
        max_retry_wait: float = 60.0,
        retry_unknown_outcome: bool = True,
        transport: _Transport | None = None,
        proxy: http.Proxy | None = None,
        verify: http.Verify = True,
        limits: http.Limits = http.DEFAULT_LIMITS,
        trust_env: bool = True,
        event_hooks: http.EventHooks | None = None,
    ) -> None:
        keys = Keys(api_key, app_key)
        del api_key, app_key  # no frame of a traceback holds them
        keys.check()
        for one, other, names in (
            (site, base_url, "site and base_url"),
            (transport, proxy, "transport and proxy"),
        ):
            if one is not None and other is not None:
                raise ConfigurationError(f"{names} exclude each other")
        if base_url is None:
            origin = Origin(server_of(site), "site")
        else:
            origin = Origin(base_url, "base_url")
        self._steps = _options.steps(timeout)
        self._deadline = _options.deadline(deadline)
        _options.check_retries(max_retries, max_retry_wait, retry_unknown_outcome)
        self._policy = RetryPolicy(max_retries, max_retry_wait, retry_unknown_outcome)
        _options.check_transport(transport, is_async=self._is_async)
        hooks = _options.check_hooks(event_hooks)
        made_with = _options.pool_settings(
            origin.url,
            needs_tls=not origin.is_plain and transport is None,
            proxy=proxy,
            verify=verify,
            limits=limits,
            trust_env=trust_env,
        )
        from . import _transports  # noqa: PLC0415  # what it needs is slow to load

        via = _transports.made(transport, made_with, keys, is_async=self._is_async)
        self._via = via
        self._wire = http.Wire.to(origin.url, keys, masks_heads=transport is not None)
        self._http = http.client(origin.url, keys, hooks, via, is_async=self._is_async)
        self._host = origin.host
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed."""
        return self._closed

    def __repr__(self) -> str:
        state = " (closed)" if self._closed else ""
        return f"<{type(self).__name__} for {self._host}{state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} holds keys and connections, so that it is neither pickled "
            "nor copied; make one where it is used"
        )

    def _begin(
        self, timeout: http.Timeout | Unset, deadline: float | Unset | None
    ) -> tuple[Attempts, Timeouts]:
        """A call's attempts, and what each of their steps may take."""
        if self._closed:
            raise ClientClosedError
        whole = self._deadline if isinstance(deadline, Unset) else _options.deadline(deadline)
        steps = self._steps if isinstance(timeout, Unset) else _options.steps(timeout)
        attempts = Attempts(self._policy, whole)
        return attempts, Timeouts(steps, attempts.due)

    def _result(
        self, outcome: http.Outcome, number: int, started: float
    ) -> AttachResponse | ServiceNowTicketsError:
        """What an attempt comes to; writes the log's line."""
        result = outcome.error if isinstance(outcome, Fault) else read(outcome)
        if _log.isEnabledFor(logging.DEBUG):
            status = getattr(outcome, "status_code", None) or type(result).__name__
            seconds = time.perf_counter() - started
            line = "%s %s: %s, attempt %d, %.3f s"
            _log.debug(line, METHOD, self._host, status, number, seconds)
        if isinstance(result, AttachResponse):
            result.attempts = number
        return result

    def _closed_meanwhile(self) -> http.Outcome | None:
        """What takes an attempt's place when the client was closed during a wait."""
        return Fault(ClientClosedError()) if self._closed else None


class Client(_Base[http.SyncTransport]):
    """Attaches security findings to ServiceNow tickets.

    Keyword arguments, all optional:

    - `api_key`, `app_key`: else `DD_API_KEY` and `DD_APP_KEY` of the environment.
    - `site`: a `Site` or its string, else `DD_SITE`, else `Site.US1`.
    - `base_url`: any other server, instead of `site`: https, or http on loopback; a path is kept.
    - `timeout`: seconds for each step, or an `httpx2.Timeout`; by default 5 s to connect and 30 s
      for the rest. The read timeout bounds the whole answer.
    - `deadline`: seconds for a whole call, retries and waits included; None for no bound.
    - `max_retries`: how many attempts may follow the first.
    - `max_retry_wait`: seconds; when the service asks for more, its error is raised at once.
    - `retry_unknown_outcome`: whether a request is repeated that may have been applied, which does
      no harm.
    - `transport`, `proxy`, `verify`, `limits`, `trust_env`, `event_hooks`: as httpx2 takes them.
      Hooks see the keys. What a hook or a transport raises of its own is passed on.

    Raises MissingCredentialsError, or ConfigurationError for anything else that cannot be used.
    One client serves any number of threads, until `close` or the end of `with`; in a process that
    is forked it makes connections of its own.
    """

    _is_async = False
    _sleep: Callable[[float], None] | None = None

    def attach_findings(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> models.Case:
        """Attach findings to a ServiceNow ticket, and return the case that the ticket is linked to.

        `ticket_url` is the https address of an incident on a service-now.com host, `project_id` the
        case management project with the ServiceNow integration. Of `finding_ids`, 1 to 50, each is
        sent once. `timeout` and `deadline` hold for this call in place of the client's. Raises
        InvalidRequestError before anything is sent, and whatever
        `datadog_servicenow_tickets.errors` lists.
        """
        content = content_with(ticket_url, project_id, finding_ids)
        return case_of(self._deliver(content, timeout, deadline))

    def attach_findings_detailed(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> AttachResponse:
        """The same; return the whole answer: status, headers, content, parsed model, rate limit.

        The contract requires no member of an answer, so `parsed.data` may be `UNSET`. A ticket
        whose status is FAILED is no error here.
        """
        content = content_with(ticket_url, project_id, finding_ids)
        return self._deliver(content, timeout, deadline)

    def attach(
        self,
        body: models.AttachRequest,
        *,
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> models.Case:
        """Send a request model; as `attach_findings` otherwise. `body` is not changed."""
        return case_of(self._deliver(content_of(body), timeout, deadline))

    def attach_detailed(
        self,
        body: models.AttachRequest,
        *,
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> AttachResponse:
        """Send a request model; as `attach_findings_detailed` otherwise. `body` is not changed."""
        return self._deliver(content_of(body), timeout, deadline)

    def _deliver(
        self, content: bytes, timeout: http.Timeout | Unset, deadline: float | Unset | None
    ) -> AttachResponse:
        attempts, timeouts = self._begin(timeout, deadline)
        while True:
            started = time.perf_counter()
            outcome = self._closed_meanwhile() or self._send(content, timeouts)
            result = self._result(outcome, attempts.number, started)
            if isinstance(result, AttachResponse):
                return result
            kept = isinstance(outcome, Fault) and outcome.kept
            if seconds := attempts.wait_after(result, kept=kept):
                (self._sleep or time.sleep)(seconds)

    def _send(self, content: bytes, timeouts: Timeouts) -> http.Outcome:
        before = sys.exception()
        try:
            return self._wire.send(self._http, content, timeouts)
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


class AsyncClient(_Base[http.AsyncTransport]):
    """As `Client`, with methods that are awaited.

    One client serves any number of tasks. Each event loop gets connections of its own.
    """

    _is_async = True
    _sleep: Callable[[float], Awaitable[None]] | None = None

    async def attach_findings(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> models.Case:
        """As `Client.attach_findings`."""
        content = content_with(ticket_url, project_id, finding_ids)
        return case_of(await self._deliver(content, timeout, deadline))

    async def attach_findings_detailed(
        self,
        *,
        ticket_url: str,
        project_id: str,
        finding_ids: Iterable[str],
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> AttachResponse:
        """As `Client.attach_findings_detailed`."""
        content = content_with(ticket_url, project_id, finding_ids)
        return await self._deliver(content, timeout, deadline)

    async def attach(
        self,
        body: models.AttachRequest,
        *,
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> models.Case:
        """As `Client.attach`."""
        return case_of(await self._deliver(content_of(body), timeout, deadline))

    async def attach_detailed(
        self,
        body: models.AttachRequest,
        *,
        timeout: http.Timeout | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
    ) -> AttachResponse:
        """As `Client.attach_detailed`."""
        return await self._deliver(content_of(body), timeout, deadline)

    async def _deliver(
        self, content: bytes, timeout: http.Timeout | Unset, deadline: float | Unset | None
    ) -> AttachResponse:
        attempts, timeouts = self._begin(timeout, deadline)
        while True:
            started = time.perf_counter()
            outcome = self._closed_meanwhile() or await self._send(content, timeouts)
            result = self._result(outcome, attempts.number, started)
            if isinstance(result, AttachResponse):
                return result
            kept = isinstance(outcome, Fault) and outcome.kept
            if seconds := attempts.wait_after(result, kept=kept):
                await (self._sleep or http.sleep)(seconds)

    async def _send(self, content: bytes, timeouts: Timeouts) -> http.Outcome:
        before = sys.exception()
        try:
            return await self._wire.send_async(self._http, content, timeouts)
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
