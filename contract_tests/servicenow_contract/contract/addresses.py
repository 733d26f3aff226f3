"""The addresses under which ServiceNow shows one incident."""

import re
from urllib.parse import unquote, urlsplit

_SYS_ID = re.compile("sys_id=([0-9A-Fa-f]{32})")


def sys_id(ticket: str) -> str:
    """The sys_id in a ticket's address."""
    found = _SYS_ID.search(unquote(ticket))
    if found is None:
        raise ValueError(f"no sys_id in {ticket!r}")
    return found[1]


def host(ticket: str) -> str:
    """The host in a ticket's address, in small letters."""
    return urlsplit(ticket).hostname or ""


def instance(ticket: str) -> str:
    """The ServiceNow instance of a ticket, in small letters."""
    return host(ticket).removesuffix(".service-now.com")


def incident(ticket: str) -> tuple[str, str]:
    """The same for every address of one incident: its host and its sys_id, in small letters."""
    return host(ticket), sys_id(ticket).lower()


def addresses(ticket: str) -> list[str]:
    """Every form in which ServiceNow gives the address of this incident."""
    base, record = f"https://{host(ticket)}", sys_id(ticket)
    classic = f"{base}/now/nav/ui/classic/params/target/incident.do"
    return [
        f"{base}/incident.do?sys_id={record}",
        f"{base}/incident.do?sys_id={record}&sysparm_view=Ess&sysparm_record_row=1",
        f"{classic}?sys_id={record}",
        f"{classic}%3Fsys_id%3D{record}",
        f"{classic}%3Fsys_id%3D{record}%26sysparm_stack%3D",
        f"{base}/nav_to.do?uri=incident.do?sys_id={record}",
        f"{base}/nav_to.do?uri=/incident.do?sys_id={record}",
        f"{base}/nav_to.do?uri=%2Fincident.do%3Fsys_id%3D{record}%26sysparm_view%3Dess",
    ]
