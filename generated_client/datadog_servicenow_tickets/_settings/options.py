"""The options of a client, checked before anything is made of them."""

import os
import ssl
from collections.abc import Mapping
from ssl import SSLContext
from typing import Any

from datadog_servicenow_tickets._network import http
from datadog_servicenow_tickets._network.proxies import proxy_of_environment
from datadog_servicenow_tickets.errors import ConfigurationError

from .time import LONGEST, are_seconds, seconds

_STEPS = ("connect", "read", "write", "pool")
_NO_TIMEOUT = (
    "timeout must be a number of seconds above 0 or an httpx2.Timeout of such numbers, "
    f"each at most {LONGEST:.0f}"
)


def steps(timeout: object) -> dict[str, float]:
    """Seconds for each step of an attempt. Raises ConfigurationError."""
    found = dict.fromkeys(_STEPS, timeout)
    if isinstance(timeout, http.TimeoutOfSteps):
        found = {name: getattr(timeout, name) for name in _STEPS}
    parts = {name: part for name, part in found.items() if are_seconds(part)}
    if len(parts) < len(_STEPS):
        raise ConfigurationError(_NO_TIMEOUT)
    return parts


def deadline(value: object) -> float | None:
    """Seconds for a whole call, None for no bound. Raises ConfigurationError."""
    return None if value is None else seconds(value, "deadline")


def check_retries(max_retries: object, max_retry_wait: object, unknown_outcome: object) -> None:
    """Raise ConfigurationError unless these are a count, seconds, and yes or no."""
    if not _is_count(max_retries):
        raise ConfigurationError("max_retries must be a whole number of 0 or more")
    if not are_seconds(max_retry_wait, or_zero=True):
        raise ConfigurationError(
            f"max_retry_wait must be a number of seconds from 0 to {LONGEST:.0f}"
        )
    if not isinstance(unknown_outcome, bool):
        raise ConfigurationError("retry_unknown_outcome must be True or False")


def check_hooks(hooks: Any) -> http.EventHooks:
    """Event hooks by what they see. Raises ConfigurationError."""
    if hooks is None:
        return {}
    if not isinstance(hooks, Mapping) or any(
        name not in ("request", "response")
        or not isinstance(each, list | tuple)
        or not all(map(callable, each))
        for name, each in hooks.items()
    ):
        raise ConfigurationError(
            'event_hooks must map "request" and "response" to lists of functions'
        )
    return hooks


def check_limits(limits: object) -> http.Limits:
    """The limits of the pool. Raises ConfigurationError."""
    if (
        isinstance(limits, http.Limits)
        and (limits.max_connections is None or _is_count(limits.max_connections, 1))
        and (
            limits.max_keepalive_connections is None or _is_count(limits.max_keepalive_connections)
        )
        and (limits.keepalive_expiry is None or are_seconds(limits.keepalive_expiry, or_zero=True))
    ):
        return limits
    raise ConfigurationError("limits must be an httpx2.Limits of whole numbers and seconds")


def _is_count(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def check_transport(transport: object, *, is_async: bool) -> None:
    """Raise ConfigurationError for what cannot be sent through."""
    kind = http.AsyncTransport if is_async else http.SyncTransport
    if transport is not None and not isinstance(transport, kind):
        raise ConfigurationError(f"transport must be an httpx2.{kind.__name__}")


def pool_settings(  # noqa: PLR0913  # each is an option
    url: http.URL, *, needs_tls: bool, proxy: Any, verify: Any, limits: Any, trust_env: Any
) -> tuple[SSLContext | None, Any, http.Limits]:
    """What the pools of a client are made with: TLS, a proxy, limits. Raises ConfigurationError."""
    if not isinstance(trust_env, bool):
        raise ConfigurationError("trust_env must be True or False")
    if not isinstance(verify, bool | SSLContext) or (
        isinstance(verify, SSLContext) and verify.protocol == ssl.PROTOCOL_TLS_SERVER
    ):
        raise ConfigurationError(
            "verify must be True, False or an ssl.SSLContext for clients, such as "
            'ssl.create_default_context(cafile="…")'
        )
    source, found = "proxy", proxy
    # A proxy of the environment would see the keys of a request without TLS.
    if proxy is None and trust_env and needs_tls:
        found, source = proxy_of_environment(url.raw_host.decode(), url.port) or (None, source)
    # Without TLS there is nothing to verify, and reading the certificates takes a while.
    context = _context(verify, trust_env=trust_env) if needs_tls else None
    return context, None if found is None else _proxy(found, source), check_limits(limits)


def _context(verify: Any, *, trust_env: bool) -> SSLContext:
    names = [each for each in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(each)]
    used = names[0] if names and trust_env and verify is True else "verify"
    try:
        if used == "SSL_CERT_DIR":
            os.scandir(os.environ[used]).close()  # TLS itself takes a folder that is not there
        return http.ssl_context(verify, trust_env=trust_env)
    except OSError as error:
        if error.filename and error.filename == os.environ.get("SSLKEYLOGFILE"):
            raise ConfigurationError(
                f"SSLKEYLOGFILE names a file that cannot be written: {error.strerror}"
            ) from None
        raise ConfigurationError(
            f"{used} names certificates that cannot be read: {error.strerror or error}"
        ) from None


def _proxy(found: Any, source: str) -> Any:
    try:
        proxy = http.proxy_of(found)
    except ValueError:
        raise ConfigurationError(
            f"{source} is not the address of a proxy: it takes http, https or socks5, a host, "
            "and optionally a port"
        ) from None
    if proxy.url.scheme.startswith("socks"):
        try:
            import socksio  # type: ignore[import-not-found,unused-ignore]  # noqa: F401, PLC0415  # only for such a proxy
        except ImportError:
            raise ConfigurationError(
                f"{source} is a SOCKS proxy, for which a package is missing: "
                "pip install 'httpx2[socks]'"
            ) from None
    return proxy
