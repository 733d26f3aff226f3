"""The addresses under which ServiceNow shows one incident."""

import re
from urllib.parse import unquote, urlsplit

_HOST = re.compile("(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?[.])+service-now[.]com")
_PAGE = re.compile(r"(?<![\w-])(?:incident(?:(?:_list)?[.]do\b|/)|task[.]do\b|table=incident\b)")
_RECORD = re.compile(r"(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])|number=inc[0-9]+")
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


def may_be_incident(address: str) -> bool:
    """Whether somebody could hold an address to lead to an incident record: only False is certain.

    The page says no more of it than a service-now.com URL that points to one, so the form, the
    port and odd letters of such a URL are open; its host, its table and that it names a record
    are not.
    """
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018  # it raises for what is no number
    except ValueError:
        return False
    text = unquote(unquote(address)).lower()
    return bool(
        parts.scheme in ("http", "https")
        and parts.netloc.isascii()
        and "@" not in parts.netloc
        and _HOST.fullmatch(parts.hostname or "")
        and _PAGE.search(text)
        and _RECORD.search(text.replace("-", ""))
    )
