"""The addresses of a ticket: which are certainly an incident's, which certainly none, and the rest.

The page says "a service-now.com URL pointing to an incident record" and shows one form. FORMS holds
those in which ServiceNow itself gives an incident: the classic page, alone and within both frames;
the record page of the workspaces; the portals. Their sources are ServiceNow's public documentation
and community threads on deep links, and links in public repositories, read in November 2026. What
Datadog's service takes of them is not known: no recording of the operation exists.
"""

import functools
import re
from collections.abc import Mapping
from enum import Enum
from urllib.parse import SplitResult, unquote, urlsplit


class Standing(Enum):
    """What can be told of an address from the page."""

    CERTAIN = "certainly an incident's"
    OPEN = "nobody can tell from the page whether the address is an incident's"
    NONE = "certainly not an incident's"


_FRAME = "https://{host}/now/nav/ui/classic/params/target/"
_NAV_TO = "https://{host}/nav_to.do?uri="
PAGE_FORM = _FRAME + "incident.do?sys_id={id}"
"""The form that the page shows."""
FORMS: Mapping[str, str] = {
    "the page's own": PAGE_FORM,
    "framed, with parameters": PAGE_FORM + "&sysparm_view=ess",
    "framed and encoded": _FRAME + "incident.do%3Fsys_id%3D{id}",
    "framed and encoded, with parameters": _FRAME
    + "incident.do%3Fsys_id%3D{id}%26sysparm_view%3Dess%26sysparm_stack%3D",
    "framed and encoded in small letters": _FRAME + "incident.do%3fsys_id%3d{id}",
    "framed and encoded in part": _FRAME + "incident.do?sys_id%3D{id}",
    "framed, with an encoded slash": _FRAME + "%2Fincident.do%3Fsys_id%3D{id}",
    "classic": "https://{host}/incident.do?sys_id={id}",
    "classic, with parameters behind": "https://{host}/incident.do?sys_id={id}"
    "&sysparm_view=Ess&sysparm_record_row=1&sysparm_query=active=true^ORDERBYnumber",
    "classic, with parameters in front": "https://{host}/incident.do?sysparm_view=ess"
    "&sys_id={id}&sysparm_record_row=1",
    "behind nav_to": _NAV_TO + "incident.do?sys_id={id}",
    "behind nav_to, with a slash": _NAV_TO + "/incident.do?sys_id={id}",
    "behind nav_to and encoded": _NAV_TO + "%2Fincident.do%3Fsys_id%3D{id}%26sysparm_view%3Dess",
    "in the service workspace": "https://{host}/now/sow/record/incident/{id}",
    "on a tab of the service workspace": "https://{host}/now/sow/record/incident/{id}"
    "/params/selected-tab-index/1",
    "in the agent workspace": "https://{host}/now/workspace/agent/record/incident/{id}",
    "in a workspace of its own": "https://{host}/now/cwf/agent/record/incident/{id}",
    "on a portal": "https://{host}/sp?id=ticket&table=incident&sys_id={id}",
    "on a portal, in another order": "https://{host}/esc?id=ticket&is_new_order=true"
    "&sys_id={id}&table=incident",
    "with scheme and host in other letters": PAGE_FORM.replace("https", "HTTPS").replace(
        "{host}", "{HOST}"
    ),
}
"""The forms of an incident's address by name; `{HOST}` is the host in capitals."""

_DOMAIN = ".service-now.com"
_NETLOC = re.compile(r"(?:[a-z0-9_-]+[.])+service-now[.]com(?::[0-9]*)?", re.IGNORECASE | re.ASCII)
_HOST = re.compile("(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?[.])+service-now[.]com")
_CLEAN = re.compile(r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=^|-]|%[0-9A-Fa-f]{2})*")
"""What stands in an address as it is (RFC 3986), and two letters that ServiceNow leaves bare."""
_ID = "([0-9A-Fa-f]{32})"
_WORKSPACE = re.compile(rf"/now/(?:[a-z0-9_-]+/){{1,2}}record/incident/{_ID}(?:/params/.*)?/?")
_PORTAL = re.compile("/[a-z0-9_-]+")
_FRAMED = re.compile("/now/nav/ui/classic/params/target/(.*)|/nav_to[.]do[?]uri=(.*)")
_CLASSIC = re.compile("/?incident[.]do[?](.*)")

_TABLE = re.compile(
    r"(?:^|[/=])([a-z0-9_]+?)(?:_list)?[.]do(?=$|[?&#/])|/record/([a-z0-9_]+)/"
    r"|/api/now/(?:v\d+/)?table/([a-z0-9_]+)|[?&]table=([^?&#]+)"
)
_FRAMES = {"nav_to", "navpage", "login_with_sso", "login_redirect", "login", "sys_attachment"}
"""Pages that lead to what stands in their query."""
_OF_INCIDENTS = {"incident", "task"}
"""The table of incidents, and the one that it extends."""
_NEW = re.compile(
    r"sys_id=(?:-1)?(?=$|[&#])|/incident[.]do[?]?$|/record/incident(?:/?$|/-1(?=$|[/?#]))"
)
"""The form of an incident that does not exist yet."""
_RECORD = re.compile(r"(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])")
_once = functools.lru_cache(maxsize=256)
"""Many rules ask of one exchange what its address is."""


@_once
def standing(address: str) -> Standing:
    """What can be told of an address from the page's words."""
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018  # it raises for what is no number
    except ValueError:
        return Standing.NONE
    if parts.scheme not in ("http", "https") or not _NETLOC.fullmatch(parts.netloc):
        return Standing.NONE
    target = _decoded(parts)
    tables = {name for found in _TABLE.findall(target) for name in found if name} - _FRAMES
    elsewhere = tables and not tables & _OF_INCIDENTS
    if elsewhere or _NEW.search(target) or not target.strip("/?#"):
        return Standing.NONE
    return Standing.OPEN if _certain(address) is None else Standing.CERTAIN


def incident(ticket: str) -> tuple[str, str]:
    """The same for every address of one incident: its host and its sys_id, in small letters.

    Raises ValueError for an address that is not certainly an incident's.
    """
    return host(ticket), sys_id(ticket).lower()


def host(ticket: str) -> str:
    """The host in a ticket's address, in small letters."""
    return urlsplit(ticket).hostname or ""


def instance(ticket: str) -> str:
    """The ServiceNow instance of a ticket, in small letters."""
    return host(ticket).removesuffix(_DOMAIN)


def sys_id(ticket: str) -> str:
    """The sys_id in a ticket's address, in its letters. Raises ValueError as `incident` does."""
    found = _certain(ticket)
    if found is None:
        raise ValueError(f"{ticket!r} is not certainly an incident's")
    return found


def address_of(name: str, record: str, form: str = PAGE_FORM) -> str:
    """The address of an incident on an instance, in one form."""
    where = f"{name}{_DOMAIN}"
    return form.format(host=where, HOST=where.upper(), id=record)


def addresses(ticket: str) -> Mapping[str, str]:
    """The address of this incident in every form, by the form's name."""
    where, record = instance(ticket), sys_id(ticket)
    return {name: address_of(where, record, form) for name, form in FORMS.items()}


def records(address: str) -> set[str]:
    """Everything in an address that could be a sys_id, in small letters."""
    return set(_RECORD.findall(_decoded(urlsplit(address))))


def _decoded(parts: SplitResult) -> str:
    """What follows the host, in small letters: in a frame it is encoded once or twice."""
    text = parts._replace(scheme="", netloc="").geturl()
    for _ in range(3):
        text = unquote(text)
    return text.lower()


@_once
def _certain(address: str) -> str | None:
    """The sys_id in an address of one of the forms; None for any other. Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc.lower()):
        return None
    if not _CLEAN.fullmatch(address):
        return None
    rest = address[address.index("//") + 2 + len(parts.netloc) :]
    if workspace := _WORKSPACE.fullmatch(parts.path):
        return workspace[1]
    framed = _FRAMED.fullmatch(rest)
    target = unquote(framed[1] or framed[2] or "") if framed else rest
    classic = _CLASSIC.fullmatch(target)
    portal = not classic and _PORTAL.fullmatch(parts.path)
    query = (classic[1] if classic else parts.query).split("&")
    if not classic and not (portal and "table=incident" in query):
        return None
    named = [each for each in query if each.startswith("sys_id=")]
    found = re.fullmatch(f"sys_id={_ID}", named[0]) if len(named) == 1 else None
    return found and found[1]
