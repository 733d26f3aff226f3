"""What both clients have in common: how they are made, and what an attempt comes to."""

import logging
import time
from typing import ClassVar, Generic, NoReturn, TypedDict, TypeVar

from ._generated.contract import METHOD, Site
from ._messages.answers import AttachResponse, read
from ._network import http
from ._network.faults import Fault
from ._network.wire import Outcome, Wire
from ._settings import options as _options
from ._settings.keys import Keys
from ._settings.servers import Origin, server_of
from ._settings.time import Timeouts
from .errors import ClientClosedError, ConfigurationError, ServiceNowTicketsError
from .retry import Attempts, RetryPolicy

_log = logging.getLogger("datadog_servicenow_tickets")
_log.addHandler(logging.NullHandler())

_Transport = TypeVar("_Transport", http.SyncTransport, http.AsyncTransport)


class CallOptions(TypedDict, total=False):
    """What holds for one call, in place of the client's own."""

    timeout: http.Timeout
    deadline: float | None


_CALL_OPTIONS = CallOptions.__annotations__.keys()


class Base(Generic[_Transport]):
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
                raise ConfigurationError(f"{names} exclude each other; pass one of them")
        origin = Origin(server_of(site) if base_url is None else base_url, "base_url")
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
        from ._network import transports as _transports  # noqa: PLC0415  # what it needs is slow to load

        self._wire = Wire.to(origin.url, keys)
        self._via = _transports.made(
            transport, made_with, self._wire, hooks, is_async=self._is_async
        )
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
            f"a {type(self).__name__} holds keys and connections, so it cannot be pickled or "
            "copied; make one where it is used"
        )

    def _begin(self, options: CallOptions) -> tuple[Attempts, Timeouts]:
        """A call's attempts, and what each of their steps may take."""
        if self._closed:
            raise ClientClosedError
        if unknown := options.keys() - _CALL_OPTIONS:
            raise TypeError(f"a call has no option {', '.join(sorted(unknown))}")
        steps, whole = self._steps, self._deadline
        if "timeout" in options:
            steps = _options.steps(options["timeout"])
        if "deadline" in options:
            whole = _options.deadline(options["deadline"])
        attempts = Attempts(self._policy, whole)
        return attempts, Timeouts(steps, attempts.due)

    def _result(
        self, outcome: Outcome, number: int, started: float
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

    def _closed_meanwhile(self) -> Outcome | None:
        """What takes an attempt's place when the client was closed during a wait."""
        return Fault(ClientClosedError()) if self._closed else None
