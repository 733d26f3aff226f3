"""A ticket's address: refused when it is certainly no incident of ServiceNow's, and otherwise sent.

What the service itself takes is not known. So everything between the forms that ServiceNow gives an
incident and what is certainly none goes out unchanged.
"""

import re
from urllib.parse import unquote, urlsplit

_FORMS = (
    "Forms that work: https://example.service-now.com/incident.do?sys_id=…, "
    "https://example.service-now.com/now/nav/ui/classic/params/target/incident.do?sys_id=…, "
    "https://example.service-now.com/now/sow/record/incident/…, each with the 32 hexadecimal "
    "digits of the incident"
)
_PLAIN = re.compile(
    r"https://[a-z0-9][a-z0-9-]*[.]service-now[.]com/(now/nav/ui/classic/params/target/)?"
    r"incident[.]do[?]sys_id=[0-9a-f]{32}"
)
"""The page's own form, and the one that it stands for: taken at a glance."""
# These are compiled when an address needs them: few do, and it would take a while at every start.
_HOST = r"(?:[A-Za-z0-9_-]+\.)+service-now\.com"
_TABLES = (
    r"(?:^|[/=])([a-z0-9_]+?)(?:_list)?\.do(?=$|[?&#/])",
    r"/record/([a-z0-9_]+)/",
    r"/api/now/(?:v\d+/)?table/([a-z0-9_]+)",
    r"[?&]table=([^?&#]+)",
)
"""Where a table stands in a path or a query."""
_FRAMES = frozenset(
    {"nav_to", "navpage", "login_with_sso", "login_redirect", "login", "sys_attachment"}
)
_INCIDENTS = frozenset({"incident", "task"})
"""The table of incidents, and the one that it extends."""
_NEW = r"sys_id=(-1)?(?=$|[&#])|/incident[.]do[?]?$|/record/incident(/?$|/-1(?=$|[/?#]))"
"""The form of an incident that does not exist yet."""


def problem(url: object) -> str | None:
    """Why an address is certainly not an incident's, and which forms are; None when it may be one.

    The address is not repeated: it may hold what a log must not show.
    """
    if not isinstance(url, str):
        return f"expected a string, found another type. {_FORMS}"
    wrong = None if _PLAIN.fullmatch(url) else _wrong(url)
    return None if wrong is None else f"{wrong}. {_FORMS}"


def _wrong(url: str) -> str | None:
    if url.strip() != url or not url:
        return "the address has spaces around it" if url else "the address is empty"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018  # it raises when the port is not a number
    except ValueError:
        return "the address is not a URL"
    wrong = None
    if parts.scheme not in ("https", "http") or not host:
        wrong = "the address is not a URL with https and a host"
    elif "@" in parts.netloc or "\\" in parts.netloc:
        wrong = "the address has a user name before its host"
    elif not parts.netloc.isascii() or not re.fullmatch(_HOST, host):
        wrong = "the host is not an instance under service-now.com"
    return wrong or _wrong_record(url[url.index("//") + 2 + len(parts.netloc) :])


def _wrong_record(rest: str) -> str | None:
    """What is wrong with path, query and fragment: another table, a new record, nothing at all."""
    text = rest
    for _ in range(3):  # what stands in a frame is encoded once or twice
        text = unquote(text)
    text = text.lower()
    tables = {name for pattern in _TABLES for name in re.findall(pattern, text)} - _FRAMES
    if tables and not tables & _INCIDENTS:
        return "the address leads to a record of another table, not of incident"
    if re.search(_NEW, text):
        return "the address leads to the form for a new incident"
    if not text.strip("/?#"):
        return "the address names a host, but no incident"
    return None
