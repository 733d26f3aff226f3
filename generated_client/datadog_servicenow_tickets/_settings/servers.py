"""Where requests go: a documented site, or another server that keys may go to."""

import os
import re

from datadog_servicenow_tickets._generated.contract import DEFAULT_SITE, PATH, SERVER, Site
from datadog_servicenow_tickets._network.http import url_of
from datadog_servicenow_tickets.errors import ConfigurationError

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
)


def server_of(site: Site | str | None) -> str:
    """The address of a site's API; None means DD_SITE, else the contract's default.

    Raises ConfigurationError for a site that the contract does not list.
    """
    name = (os.environ.get("DD_SITE") or DEFAULT_SITE) if site is None else site
    if not isinstance(name, str) or name not in tuple(Site):
        source = "DD_SITE" if site is None else "site"
        raise ConfigurationError(
            f"{source} is not one of the documented sites, which are {', '.join(Site)}. "
            "For another server pass base_url."
        )
    return SERVER.format(site=str(name))


class Origin:
    """Where requests go."""

    def __init__(self, address: str, source: str) -> None:
        """Raise ConfigurationError, in the name of `source`, when keys must not go to `address`."""
        match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
        url = url_of(address.rstrip("/") + PATH) if match else None
        if match is None or url is None:
            raise ConfigurationError(
                f"{source} is not the address of a server: it takes https, a host, and optionally "
                "a port and a path, but no user, password, query or fragment"
            )
        self.url = url
        self.host = match["host"]
        self.is_plain = match["scheme"] == "http"
        if self.is_plain and not _is_loopback(self.host.strip("[]")):
            raise ConfigurationError(f"{source} must be https, unless its host is loopback")


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415  # only for addresses without TLS

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
