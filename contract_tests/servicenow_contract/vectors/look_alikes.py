"""Addresses that a hurried check takes for an incident's, and that are certainly none."""

import re
from collections.abc import Iterator

from servicenow_contract.contract.addresses import (
    FORMS,
    PAGE_FORM,
    Standing,
    address_of,
    host,
    instance,
    standing,
    sys_id,
)

_TOKEN = re.compile("[{][A-Za-z]+[}]|[A-Za-z0-9_]+|.")
_NEW = "-1"
_OTHER_TABLES = ("problem", "sn_si_incident", "change_request", "incident_task", "sn_incident")


def look_alikes(ticket: str) -> Iterator[tuple[str, str]]:
    """Label and address of each: those that people think of, then each letter's neighbours.

    An address may stand there twice, under two labels.
    """
    here, record = host(ticket), sys_id(ticket)
    tail = address_of(instance(ticket), record).partition(here)[2]
    yield from _other_hosts(here, tail)
    yield from _folded_hosts(here, tail)
    yield from _other_records(ticket)
    yield from _other_texts(address_of(instance(ticket), record), record)
    yield from _neighbours(ticket)


def _other_hosts(here: str, tail: str) -> Iterator[tuple[str, str]]:
    good = f"https://{here}{tail}"
    yield "no scheme", f"{here}{tail}"
    yield "no scheme but slashes", f"//{here}{tail}"
    for scheme in ("ftp", "javascript", "file"):
        yield f"the scheme {scheme}", f"{scheme}://{here}{tail}"
    yield "javascript: before the address", f"javascript:{good}"
    yield "javascript: and a comment before the address", f"javascript:alert(1)//{good}"
    yield "data: before the address", f"data:text/html,{good}"
    yield "another domain", f"https://service-now.com.evil.example{tail}"
    yield "another domain after the host", f"https://{here}.evil.example{tail}"
    yield "a domain with the same ending", f"https://evilservice-now.com{tail}"
    yield "a domain with the same ending after a hyphen", f"https://evil-service-now.com{tail}"
    yield "another top-level domain", f"https://{here.replace('now.com', 'now.org')}{tail}"
    for other in ("servicenow.com", "servicenowservices.com", "service-nowXcom"):
        yield f"the domain {other}", f"https://{here.replace('service-now.com', other)}{tail}"
    yield "a custom host name", f"https://tickets.acme.example{tail}"
    yield "no instance", f"https://service-now.com{tail}"
    yield "an empty instance", f"https://.service-now.com{tail}"
    yield "an empty label", f"https://{here.replace('.service', '..service')}{tail}"
    yield "a dot after the host", f"https://{here}.{tail}"
    yield "no host", f"https://{tail}"
    for place, name in (("before", f" {here}"), ("in", f"a {here}"), ("after", f"{here} ")):
        yield f"a space {place} the host", f"https://{name}{tail}"
    yield "user info", f"https://{here}@evil.example{tail}"
    yield "user info before the host", f"https://user:word@{here}{tail}"
    yield "a port trick", f"https://{here}:443@evil.example{tail}"
    yield "a port that is not a number", f"https://{here}:https{tail}"
    yield "the host in the path", f"https://evil.example/{here}{tail}"
    yield "the host in the query", f"https://evil.example/?{here}{tail}"
    yield "the whole address in the query", f"https://evil.example/?to={good}"
    yield "the host in the fragment", f"https://evil.example/#{here}{tail}"
    yield "a backslash", f"https://evil.example\\.{here}{tail}"
    yield "backslashes instead of slashes", f"https:\\\\{here}{tail.replace('/', chr(92))}"


def _folded_hosts(here: str, tail: str) -> Iterator[tuple[str, str]]:
    """Hosts of other letters, which a careless reader folds into these (UTS 46, section 4)."""
    for label, old, new in (
        ("a full-width letter", "com", "\uff43om"),
        ("a long s", ".service", ".\u017fervice"),
        ("a full-width dot", ".service", "\uff0eservice"),
        ("an ideographic full stop", ".service", "\u3002service"),
        ("another hyphen", "-", "\u2010"),
        ("a soft hyphen", "service", "ser\u00advice"),
        ("an encoded dot", ".com", "%2Ecom"),
    ):
        yield f"{label} in the host", f"https://{here.replace(old, new)}{tail}"
    yield "a Kelvin sign in the host", f"https://\u212a.{here}{tail}"


def _other_records(ticket: str) -> Iterator[tuple[str, str]]:
    base, record = f"https://{host(ticket)}", sys_id(ticket)
    for name, form in FORMS.items():
        for table in _OTHER_TABLES[: None if form == PAGE_FORM else 2]:
            other = re.sub(r"\bincident(?=[.]do|/|&|$)|(?<=2F)incident", table, form)
            yield f"the table {table}, {name}", address_of(instance(ticket), record, other)
        yield f"a new record, {name}", address_of(instance(ticket), _NEW, form)
    yield "nothing after the host", base
    yield "the root page", f"{base}/"
    yield "no record", f"{base}/incident.do"
    yield "an empty sys_id", f"{base}/incident.do?sys_id="
    yield "a page with the same ending", f"{base}/xincident.do?sys_id={record}"


def _other_texts(good: str, record: str) -> Iterator[tuple[str, str]]:
    yield "empty", ""
    yield "not an address", "incident"
    yield "an id alone", record
    yield "a number alone", "INC0010023"
    yield "text before", f"see {good}"
    yield "a line break and text before", f"https://evil.example/\n{good}"
    yield "angle brackets", f"<{good}>"
    yield "encoded as a whole", good.replace(":", "%3A").replace("/", "%2F")


def _neighbours(ticket: str) -> Iterator[tuple[str, str]]:
    """Scheme, domain and each word one letter off, where what comes out is certainly none."""
    own, record, seen = instance(ticket), sys_id(ticket), set[tuple[str, ...]]()
    good = address_of(own, record)
    scheme = len("https://")
    domain = scheme + len(own)
    for place in (*range(scheme), *range(domain, good.index("/", domain))):
        told = place if place < scheme else place - len(own)  # alike in every world
        for label, other in (("an underscore for", "_"), ("a space for", " "), ("without", "")):
            changed = f"{good[:place]}{other}{good[place + 1 :]}"
            if standing(changed) is Standing.NONE:
                yield f"{label} character {told}", changed
    for name, form in FORMS.items():
        tokens = _TOKEN.findall(form)
        for place, token in enumerate(tokens):
            context = tuple(tokens[max(0, place - 3) : place + 1])
            if token.startswith("{") or context in seen:
                continue
            seen.add(context)
            other = "".join([*tokens[:place], token[:-1], *tokens[place + 1 :]])
            changed = address_of(own, record, other)
            if standing(changed) is Standing.NONE:
                yield f"{token!r} without its last character, at {place}, {name}", changed
