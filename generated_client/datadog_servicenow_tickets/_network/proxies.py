"""Which proxy of the environment a request to a host goes through."""

from ipaddress import ip_address, ip_network
from urllib.request import getproxies


def proxy_of_environment(host: str, port: int | None) -> tuple[str, str] | None:
    """The address of the proxy for https, and the variable that names it; None without one.

    NO_PROXY lists hosts, domains, addresses and networks, each perhaps with a port, that need
    none. An entry that is nothing of the kind concerns no host.
    """
    found = getproxies()
    for kind in ("https", "all"):
        if address := found.get(kind):
            if any(_names(each.strip(), host, port) for each in found.get("no", "").split(",")):
                return None
            if "://" not in address:
                address = f"http://{address}"
            return address, f"{kind.upper()}_PROXY"
    return None


def _names(entry: str, host: str, port: int | None) -> bool:
    """Whether an entry of NO_PROXY concerns a host, which is in small letters."""
    entry = entry.lower().rpartition("://")[2]
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        name, colon, number = entry.rpartition(":")
    if colon and number.isdigit():
        entry = name if int(number) == (port or 443) else ""
    domain = entry.strip("[]").removeprefix("*").removeprefix(".")
    return bool(domain) and f".{host}".endswith(f".{domain}")
