"""Addresses that a hurried check takes for an incident's."""

import re
from collections.abc import Iterator

from servicenow_contract.addresses import addresses, host, sys_id

_TOKEN = "%[0-9A-Fa-f]{2}|[A-Za-z0-9_]+|."
_DOMAIN = ".service-now.com"


def look_alikes(ticket: str) -> Iterator[tuple[str, str]]:
    """Label and address of each: those that people think of, then each letter's neighbours.

    An address may stand there twice, under two labels.
    """
    yield from _tricks(host(ticket), sys_id(ticket))
    yield from _hosts(host(ticket), sys_id(ticket))
    yield from _parameters(ticket)
    yield from _neighbours(ticket)


def _tricks(here: str, record: str) -> Iterator[tuple[str, str]]:
    tail = f"/incident.do?sys_id={record}"
    yield "empty", ""
    yield "no address", "incident"
    yield "plain http", f"http://{here}{tail}"
    yield "no scheme", f"{here}{tail}"
    yield "another scheme", f"ftp://{here}{tail}"
    yield "another domain", f"https://service-now.com.evil.example{tail}"
    yield "another domain behind the instance", f"https://{here}.evil.example{tail}"
    yield "a domain that ends alike", f"https://evilservice-now.com{tail}"
    yield "a dot replaced", f"https://{here.replace('service-now.com', 'service-nowXcom')}{tail}"
    yield "no instance", f"https://service-now.com{tail}"
    yield "user info", f"https://{here}@evil.example{tail}"
    yield "user info before the host", f"https://user:word@{here}{tail}"
    yield "a port", f"https://{here}:443{tail}"
    yield "a port trick", f"https://{here}:443@evil.example{tail}"
    yield "the host in the path", f"https://evil.example/{here}{tail}"
    yield "the host in the query", f"https://evil.example/?{here}{tail}"
    yield "the host in the fragment", f"https://evil.example/#{here}{tail}"
    yield "a backslash", f"https://evil.example\\.{here}{tail}"
    yield "another table", f"https://{here}/problem.do?sys_id={record}"
    yield "a table that ends alike", f"https://{here}/sn_incident.do?sys_id={record}"
    yield "a list of incidents", f"https://{here}/incident_list.do?sys_id={record}"
    yield (
        "another table in the frame",
        f"https://{here}/now/nav/ui/classic/params/target/problem.do%3Fsys_id%3D{record}",
    )
    yield "another table behind nav_to", f"https://{here}/nav_to.do?uri=problem.do?sys_id={record}"
    yield "no record", f"https://{here}/incident.do"
    yield "an empty sys_id", f"https://{here}/incident.do?sys_id="
    yield "a short sys_id", f"https://{here}{tail[:-1]}"
    yield "a long sys_id", f"https://{here}{tail}0"
    yield "a sys_id that is not hexadecimal", f"https://{here}{tail[:-1]}g"
    yield "text before", f"see https://{here}{tail}"
    yield "a line break after", f"https://{here}{tail}\n"
    yield "a line break and text after", f"https://{here}{tail}\nhttps://evil.example/"
    yield "a space after", f"https://{here}{tail} "


def _hosts(here: str, record: str) -> Iterator[tuple[str, str]]:
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
