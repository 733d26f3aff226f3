"""The addresses under which ServiceNow shows one incident."""

import re
from urllib.parse import urlsplit

_SYS_ID = re.compile("sys_id(?:=|%3[Dd])([0-9A-Fa-f]{32})")


def sys_id(ticket: str) -> str:
    """The sys_id in a ticket's address, which may be percent-encoded."""
    found = _SYS_ID.search(ticket)
    if found is None:
        raise ValueError(f"no sys_id in {ticket!r}")
    return found[1]


def host(ticket: str) -> str:
    """The host in a ticket's address."""
    return urlsplit(ticket).hostname or ""


def addresses(ticket: str) -> list[str]:
    """Every form in which ServiceNow gives the address of this incident."""
    base, record = f"https://{host(ticket)}", sys_id(ticket)
    classic = f"{base}/now/nav/ui/classic/params/target/incident.do"
    return [
        f"{base}/incident.do?sys_id={record}",
        f"{base}/incident.do?sys_id={record}&sysparm_view=ess",
        f"{classic}?sys_id={record}",
        f"{classic}%3Fsys_id%3D{record}",
        f"{classic}%3Fsys_id%3D{record}%26sysparm_stack%3D",
        f"{base}/nav_to.do?uri=incident.do?sys_id={record}",
        f"{base}/nav_to.do?uri=%2Fincident.do%3Fsys_id%3D{record}%26sysparm_view%3Dess",
    ]
