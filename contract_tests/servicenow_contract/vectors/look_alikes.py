"""Addresses that a hurried check takes for an incident's."""

import re
from collections.abc import Iterator

from servicenow_contract.contract.addresses import addresses, host, sys_id

_TOKEN = "%[0-9A-Fa-f]{2}|[A-Za-z0-9_]+|."
_DOMAIN = ".service-now.com"


def look_alikes(ticket: str) -> Iterator[tuple[str, str]]:
    """Label and address of each: those that people think of, then each letter's neighbours.

    An address may stand there twice, under two labels.
    """
    here, record = host(ticket), sys_id(ticket)
    yield from _other_hosts(here, f"/incident.do?sys_id={record}")
    yield from _other_pages(f"https://{here}", record)
    yield from _other_texts(f"https://{here}/incident.do?sys_id={record}")
    yield from _no_hosts(here, record)
    yield from _parameters(ticket)
    yield from _neighbours(ticket)


def _other_hosts(here: str, tail: str) -> Iterator[tuple[str, str]]:
    yield "plain http", f"http://{here}{tail}"
    yield "no scheme", f"{here}{tail}"
    yield "no scheme but slashes", f"//{here}{tail}"
    yield "another scheme", f"ftp://{here}{tail}"
    yield "another domain", f"https://service-now.com.evil.example{tail}"
    yield "another domain behind the instance", f"https://{here}.evil.example{tail}"
    yield "a domain that ends alike", f"https://evilservice-now.com{tail}"
    yield "another top-level domain", f"https://{here.replace('now.com', 'now.org')}{tail}"
    yield (
        "the vendor's domain",
        f"https://{here.replace('service-now.com', 'servicenow.com')}{tail}",
    )
    yield "a dot replaced", f"https://{here.replace('service-now.com', 'service-nowXcom')}{tail}"
    yield "another hyphen", f"https://{here.replace('-', chr(0x2010))}{tail}"
    yield "no instance", f"https://service-now.com{tail}"
    yield "an empty instance", f"https://.service-now.com{tail}"
    yield "an empty label", f"https://{here.replace('.service', '..service')}{tail}"
    yield "user info", f"https://{here}@evil.example{tail}"
    yield "user info before the host", f"https://user:word@{here}{tail}"
    yield "a port", f"https://{here}:8443{tail}"
    yield "a port trick", f"https://{here}:443@evil.example{tail}"
    yield "the host in the path", f"https://evil.example/{here}{tail}"
    yield "the host in the query", f"https://evil.example/?{here}{tail}"
    yield "the host in the fragment", f"https://evil.example/#{here}{tail}"
    yield "a backslash", f"https://evil.example\\.{here}{tail}"
    yield "backslashes for slashes", f"https:\\\\{here}{tail.replace('/', chr(92))}"


def _other_pages(base: str, record: str) -> Iterator[tuple[str, str]]:
    frame = f"{base}/now/nav/ui/classic/params/target"
    for table in ("problem", "change_request", "incident_task", "sn_incident", "task"):
        yield f"the table {table}", f"{base}/{table}.do?sys_id={record}"
    yield "another table in the frame", f"{frame}/problem.do%3Fsys_id%3D{record}"
    yield "another table in the frame, plain", f"{frame}/problem.do?sys_id={record}"
    yield "another table behind nav_to", f"{base}/nav_to.do?uri=problem.do?sys_id={record}"
    yield "a list of incidents", f"{base}/incident_list.do?sys_id={record}"
    yield "a list of incidents in the frame", f"{frame}/incident_list.do%3Fsys_id%3D{record}"
    yield "no page", base
    yield "the first page", f"{base}/"
    yield "the record without a page", f"{base}/?sys_id={record}"
    yield "the incident in another page's query", f"{base}/a.do?b=/incident.do?sys_id={record}"
    yield "a page whose name ends alike", f"{base}/xincident.do?sys_id={record}"
    yield "a page whose dot is replaced", f"{base}/incidentXdo?sys_id={record}"
    yield "a path behind the page", f"{base}/incident.do/a?sys_id={record}"
    yield "a path before the page", f"{base}/a/incident.do?sys_id={record}"
    yield "no record", f"{base}/incident.do"
    yield "a new record", f"{base}/incident.do?sys_id=-1"
    yield "a parameter that ends alike", f"{base}/incident.do?x_sys_id={record}"
    yield "a parameter that begins alike", f"{base}/incident.do?sys_id_x={record}"
    yield "the record in the fragment", f"{base}/incident.do#sys_id={record}"


def _other_texts(good: str) -> Iterator[tuple[str, str]]:
    yield "empty", ""
    yield "no address", "incident"
    yield "an empty sys_id", good[:-32]
    yield "a short sys_id", good[:-1]
    yield "a long sys_id", f"{good}0"
    yield "a sys_id that is not hexadecimal", f"{good[:-1]}g"
    yield "a sys_id with a hyphen", f"{good[:-24]}-{good[-23:]}"
    yield "text before", f"see {good}"
    yield "text after", f"{good} please"
    yield "two addresses", f"{good},{good}"
    yield "a line break after", f"{good}\n"
    yield "a line break and text after", f"{good}\nhttps://evil.example/"
    yield "a line break and text before", f"https://evil.example/\n{good}"
    yield "a space before", f" {good}"
    yield "a space after", f"{good} "
    yield "a space inside", good.replace("sys_id=", "sys_id= ")
    yield "a tab before", f"\t{good}"
    yield "a NUL after", f"{good}\x00"
    yield "angle brackets", f"<{good}>"


def _no_hosts(here: str, record: str) -> Iterator[tuple[str, str]]:
    """Instances that are no host name (RFC 1123, section 2.1): letters, digits, inner hyphens."""
    instance = here.removesuffix(_DOMAIN)
    wrong = {
        "a hyphen before the instance": f"-{instance}",
        "a hyphen after the instance": f"{instance}-",
        "an empty label": f"{instance}.",
        "a label of 64 letters": 64 * "a",
    }
    for letter in ("_", " "):
        wrong[f"{letter!r} before the instance"] = f"{letter}{instance}"
        wrong[f"{letter!r} in the instance"] = f"{instance}{letter}a"
        wrong[f"{letter!r} after the instance"] = f"{instance}{letter}"
    for label, name in wrong.items():
        yield label, f"https://{name}{_DOMAIN}/incident.do?sys_id={record}"


def _parameters(ticket: str) -> Iterator[tuple[str, str]]:
    """What no query holds as it is (RFC 3986, section 3.4)."""
    for label, letter in (
        ("a blank", " "),
        ("a quotation mark", '"'),
        ("an angle bracket", "<"),
        ("a line break", "\n"),
        ("a letter beyond ASCII", "\u00e9"),
        ("a per cent sign alone", "%"),
        ("a per cent sign and one digit", "%4_"),
        ("a per cent sign and no hexadecimal", "%g0"),
    ):
        yield f"{label} in a parameter", f"{addresses(ticket)[0]}&sysparm_view={letter}"


def _neighbours(ticket: str) -> Iterator[tuple[str, str]]:
    """Each word of each form of the address one letter short, each sign replaced and left out."""
    seen = set[tuple[str, ...]]()
    # The instance is one token, so that every world's tickets give the same labels.
    instance = host(ticket).removesuffix(_DOMAIN)
    pattern = re.compile(f"(?<=//){re.escape(instance)}|{_TOKEN}")
    for form, address in enumerate(addresses(ticket)):
        tokens = pattern.findall(address)
        end = tokens.index(sys_id(ticket))
        for place, token in enumerate(tokens[:end]):
            if token == instance:
                continue
            context = tuple(tokens[max(0, place - 3) : place + 1])
            if context in seen:
                continue
            seen.add(context)
            for told, other in _changed(token):
                changed = "".join([*tokens[:place], other, *tokens[place + 1 :]])
                yield f"{told} at {place} of form {form}", changed
        short = "".join([*tokens[:end], f"_{tokens[end][1:]}", *tokens[end + 1 :]])
        yield f"an underscore in the sys_id of form {form}", short


def _changed(token: str) -> Iterator[tuple[str, str]]:
    if token[0].isalnum():
        yield f"{token} without its last letter", token[:-1]
        return
    yield f"an underscore for {token}", "_"
    yield f"no {token}", ""
    if token.startswith("%"):
        yield f"an underscore in {token}", f"{token[:2]}_"
