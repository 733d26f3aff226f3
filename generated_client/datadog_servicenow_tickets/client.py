"""The clients: one call, in a synchronous and an asynchronous form that differ in nothing else."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import NoReturn, Self

from . import models, retry
from ._answers import AttachResponse, case_of, read
from ._generated.contract import METHOD
from ._requests import content_of, content_with
from ._settings import Keys, Site, check_retries, server_of
from ._transport import (
    DEFAULT_LIMITS,
    DEFAULT_TIMEOUT,
    AsyncTransport,
    EventHooks,
    Limits,
    Options,
    Origin,
    Outcome,
    Proxy,
    SyncTransport,
    Timeout,
    Verify,
    Wire,
)
from .errors import ClientClosedError, ConfigurationError, ServiceNowTicketsError

_log = logging.getLogger("datadog_servicenow_tickets")
_log.addHandler(logging.NullHandler())

_Result = AttachResponse | ServiceNowTicketsError


class _Base:
    """What both clients have in common; nothing in it waits."""

    _wire: Wire
    _policy: retry.RetryPolicy
    _host = "…"
    _closed = True  # until it is made

    def _configure(
        self,
        keys: Keys,
        site: Site | str | None,
        base_url: str | None,
        options: Options,
        policy: retry.RetryPolicy,
    ) -> None:
        keys.check()
        if site is not None and base_url is not None:
            raise ConfigurationError("site and base_url exclude each other")
        if base_url is None:
            origin = Origin(server_of(site), "site")
        else:
            origin = Origin(base_url, "base_url")
        self._wire = Wire(origin, keys, options)
        self._host = origin.host
        self._policy = policy
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

    def _result(self, outcome: Outcome, attempt: int, started: float) -> _Result:
        """What an attempt comes to; writes the log's line."""
        if _log.isEnabledFor(logging.DEBUG):
            status = getattr(outcome, "status_code", None) or type(outcome).__name__
            seconds = time.perf_counter() - started
            line = "%s %s: %s, attempt %d, %.3f s"
            _log.debug(line, METHOD, self._host, status, attempt, seconds)
        return outcome if isinstance(outcome, ServiceNowTicketsError) else read(outcome)


class Client(_Base):
    """Attaches security findings to ServiceNow tickets.

    Keyword arguments, all optional:

    - `api_key`, `app_key`: else `DD_API_KEY` and `DD_APP_KEY` of the environment.
    - `site`: a `Site` or its string, else `DD_SITE`, else `Site.US1`.
    - `base_url`: any other server, instead of `site`: https, or http on loopback; a path is kept.
    - `timeout`: seconds for each step, or an `httpx2.Timeout`; by default 5 s to connect and 30 s
      for the rest. The read timeout bounds the whole answer.
    - `max_retries`: how many attempts may follow the first.
    - `max_retry_wait`: seconds; a longer wait is refused at once.
    - `retry_unknown_outcome`: whether to repeat a request whose answer was lost.
    - `transport`, `proxy`, `verify`, `limits`, `trust_env`, `event_hooks`: as httpx2 takes them.
      Hooks see the keys. What a hook or a transport raises of its own is passed on.

    Raises MissingCredentialsError, or ConfigurationError for anything else that cannot be used.
    One client serves any number of threads, until `close` or the end of `with`.
    """

    _sleep: Callable[[float], None] | None = None

    def __init__(  # noqa: PLR0913  # every one is an option with a default
        self,
        *,
        api_key: str | None = None,
        app_key: str | None = None,
        site: Site | str | None = None,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        max_retries: int = 2,
        max_retry_wait: float = 60.0,
        retry_unknown_outcome: bool = False,
        transport: SyncTransport | None = None,
        proxy: Proxy | None = None,
        verify: Verify = True,
        limits: Limits = DEFAULT_LIMITS,
        trust_env: bool = True,
        event_hooks: EventHooks | None = None,
    ) -> None:
        keys = Keys(api_key, app_key)
        del api_key, app_key  # no frame of a traceback holds them
        check_retries(max_retries, max_retry_wait)
        policy = retry.RetryPolicy(max_retries, max_retry_wait, retry_unknown_outcome)
        options = Options(timeout, transport, verify, proxy, trust_env, limits, event_hooks)
        self._configure(keys, site, base_url, options, policy)
        self._http = self._wire.open()

    def attach_findings(
        self, *, ticket_url: str, project_id: str, finding_ids: Iterable[str]
    ) -> models.Case:
        """Attach findings to a ServiceNow ticket, and return the case that the ticket is linked to.

        `ticket_url` is the https address of an incident on a service-now.com host, `project_id` the
        case management project with the ServiceNow integration. Of `finding_ids`, 1 to 50, each is
        sent once. Raises InvalidRequestError before anything is sent, and whatever
        `datadog_servicenow_tickets.errors` lists.
        """
        return case_of(self._deliver(content_with(ticket_url, project_id, finding_ids)))

    def attach_findings_detailed(
        self, *, ticket_url: str, project_id: str, finding_ids: Iterable[str]
    ) -> AttachResponse:
        """The same; return the whole answer: status, headers, content, parsed model, rate limit.

        The contract requires no member of an answer, so `parsed.data` may be `UNSET`.
        """
        return self._deliver(content_with(ticket_url, project_id, finding_ids))

    def attach(self, body: models.AttachRequest) -> models.Case:
        """Send a request model; as `attach_findings` otherwise. `body` is not changed."""
        return case_of(self.attach_detailed(body))

    def attach_detailed(self, body: models.AttachRequest) -> AttachResponse:
        """Send a request model; as `attach_findings_detailed` otherwise. `body` is not changed."""
        return self._deliver(content_of(body))

    def _deliver(self, content: bytes) -> AttachResponse:
        if self._closed:
            raise ClientClosedError
        result = self._attempt(content, 1)
        if isinstance(result, AttachResponse):
            return result
        course = retry.Course[_Result](self._policy, result)
        if self._policy.wait(result, 1) is not None:
            retry.repeat(course, partial(self._attempt, content), self._sleep)
        *earlier, result = course
        if isinstance(result, AttachResponse):
            result.attempts = len(course)
            return result
        raise retry.settled(result, earlier)

    def _attempt(self, content: bytes, number: int) -> _Result:
        started = time.perf_counter()
        return self._result(self._wire.send(self._http, content), number, started)

    def close(self) -> None:
        """Close the connections. A second time does nothing."""
        self._closed = True
        self._http.close()

    def __enter__(self) -> Self:
        if self._closed:
            raise ClientClosedError
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(_Base):
    """Attaches security findings to ServiceNow tickets, asynchronously.

    Keyword arguments, all optional:

    - `api_key`, `app_key`: else `DD_API_KEY` and `DD_APP_KEY` of the environment.
    - `site`: a `Site` or its string, else `DD_SITE`, else `Site.US1`.
    - `base_url`: any other server, instead of `site`: https, or http on loopback; a path is kept.
    - `timeout`: seconds for each step, or an `httpx2.Timeout`; by default 5 s to connect and 30 s
      for the rest. The read timeout bounds the whole answer.
    - `max_retries`: how many attempts may follow the first.
    - `max_retry_wait`: seconds; a longer wait is refused at once.
    - `retry_unknown_outcome`: whether to repeat a request whose answer was lost.
    - `transport`, `proxy`, `verify`, `limits`, `trust_env`, `event_hooks`: as httpx2 takes them.
      Hooks see the keys. What a hook or a transport raises of its own is passed on.

    Raises MissingCredentialsError, or ConfigurationError for anything else that cannot be used.
    One client serves any number of tasks of one event loop, until `close` or the end of `with`.
    """

    _sleep: Callable[[float], Awaitable[None]] | None = None

    def __init__(  # noqa: PLR0913  # every one is an option with a default
        self,
        *,
        api_key: str | None = None,
        app_key: str | None = None,
        site: Site | str | None = None,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        max_retries: int = 2,
        max_retry_wait: float = 60.0,
        retry_unknown_outcome: bool = False,
        transport: AsyncTransport | None = None,
        proxy: Proxy | None = None,
        verify: Verify = True,
        limits: Limits = DEFAULT_LIMITS,
        trust_env: bool = True,
        event_hooks: EventHooks | None = None,
    ) -> None:
        keys = Keys(api_key, app_key)
        del api_key, app_key  # no frame of a traceback holds them
        check_retries(max_retries, max_retry_wait)
        policy = retry.RetryPolicy(max_retries, max_retry_wait, retry_unknown_outcome)
        options = Options(timeout, transport, verify, proxy, trust_env, limits, event_hooks)
        self._configure(keys, site, base_url, options, policy)
        self._http = self._wire.open_async()

    async def attach_findings(
        self, *, ticket_url: str, project_id: str, finding_ids: Iterable[str]
    ) -> models.Case:
        """Attach findings to a ServiceNow ticket, and return the case that the ticket is linked to.

        `ticket_url` is the https address of an incident on a service-now.com host, `project_id` the
        case management project with the ServiceNow integration. Of `finding_ids`, 1 to 50, each is
        sent once. Raises InvalidRequestError before anything is sent, and whatever
        `datadog_servicenow_tickets.errors` lists.
        """
        return case_of(await self._deliver(content_with(ticket_url, project_id, finding_ids)))

    async def attach_findings_detailed(
        self, *, ticket_url: str, project_id: str, finding_ids: Iterable[str]
    ) -> AttachResponse:
        """The same; return the whole answer: status, headers, content, parsed model, rate limit.

        The contract requires no member of an answer, so `parsed.data` may be `UNSET`.
        """
        return await self._deliver(content_with(ticket_url, project_id, finding_ids))

    async def attach(self, body: models.AttachRequest) -> models.Case:
        """Send a request model; as `attach_findings` otherwise. `body` is not changed."""
        return case_of(await self.attach_detailed(body))

    async def attach_detailed(self, body: models.AttachRequest) -> AttachResponse:
        """Send a request model; as `attach_findings_detailed` otherwise. `body` is not changed."""
        return await self._deliver(content_of(body))

    async def _deliver(self, content: bytes) -> AttachResponse:
        if self._closed:
            raise ClientClosedError
        result = await self._attempt(content, 1)
        if isinstance(result, AttachResponse):
            return result
        course = retry.Course[_Result](self._policy, result)
        if self._policy.wait(result, 1) is not None:
            await retry.repeat_async(course, partial(self._attempt, content), self._sleep)
        *earlier, result = course
        if isinstance(result, AttachResponse):
            result.attempts = len(course)
            return result
        raise retry.settled(result, earlier)

    async def _attempt(self, content: bytes, number: int) -> _Result:
        started = time.perf_counter()
        return self._result(await self._wire.send_async(self._http, content), number, started)

    async def close(self) -> None:
        """Close the connections. A second time does nothing."""
        self._closed = True
        await self._http.aclose()

    aclose = close

    async def __aenter__(self) -> Self:
        if self._closed:
            raise ClientClosedError
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
