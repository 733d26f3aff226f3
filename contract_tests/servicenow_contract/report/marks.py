"""Where in a request or an answer a failure lies, so that a reader sees it."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract.documents import pointer
from servicenow_contract.contract.references import at
from servicenow_contract.report.causes import Part

_FINDINGS, _PROJECT = "/data/relationships/findings/data", "/data/relationships/project/data/id"
_ADDRESS = "/data/attributes/servicenow_ticket_url"
_NAMED = "*"
"""Whatever header the reason names."""
_REQUEST: Mapping[str, str] = {
    "findings-over-the-limit-refused": _FINDINGS,
    "ticket-url-rule-demanded": _ADDRESS,
    "address-of-the-page-accepted": _ADDRESS,
    "every-address-of-an-incident-accepted": _ADDRESS,
    "findings-up-to-the-limit-accepted": _FINDINGS,
    "no-findings-accepted": _FINDINGS,
    "unknown-finding-is-404": _FINDINGS,
    "unknown-project-is-404": _PROJECT,
    "required-members-demanded": "",
    "types-demanded": "",
    "resource-types-demanded": "",
    "media-type-demanded": "content-type",
    "api-key-demanded": _NAMED,
    "app-key-demanded": _NAMED,
    "wrong-keys-refused": _NAMED,
}
"""Where a request breaks what it is refused for: a JSON Pointer, or a header."""
_INSIGHTS, _TICKET = "/data/attributes/insights", "/data/attributes/servicenow_ticket"
_ANSWER: Mapping[str, str] = {
    "refusals-say-why": "/errors",
    "answer-media-type": "content-type",
    "answer-shows-the-case": "/data",
    "answer-describes-the-ticket-sent": _TICKET,
    "ticket-status-is-completed": f"{_TICKET}/status",
    "answer-repeats-the-address-sent": f"{_TICKET}/result/url",
    "answer-names-the-project": _PROJECT,
    "answer-lists-every-finding": _INSIGHTS,
    "case-times-do-not-go-back": "/data/attributes",
    "case-times-are-possible": "/data/attributes",
    "case-is-a-security-case": "/data/attributes/type",
    "unlinked-ticket-gets-a-case": "/data/id",
    "linked-ticket-keeps-its-case": "/data/id",
    "one-incident-is-one-ticket": "/data",
    "finding-moves-from-its-earlier-ticket": _INSIGHTS,
    "earlier-findings-stay": _INSIGHTS,
    "repeating-changes-nothing": _INSIGHTS,
    "refused-request-changes-nothing": _INSIGHTS,
    "concurrent-attaches-lose-nothing": _INSIGHTS,
    "valid-request-accepted": _INSIGHTS,
    "ids-of-any-letters-accepted": _INSIGHTS,
}
"""Where an answer breaks a requirement, which its reason may tell more closely."""
_POINTER = re.compile(r"(?<![^\s;(])(/(?:[\w~.-]+(?:/[\w~.-]+)*)?)(?=[\s:;,)]|$)")
_DOTTED = re.compile(r"\bdata(?:\.\w+)+")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_WORD = re.compile(r"^\w+|\b\w+_\w+")
"""What may be the name of a member: the first word, and any with an underscore."""


@frozen
class Marks:
    """JSON Pointers, and names of headers, of what breaks a requirement."""

    request: frozenset[str] = field(default=frozenset())
    answer: frozenset[str] = field(default=frozenset())


def marks(requirement: str, reason: str, exchange: Part) -> Marks:
    """What to mark in the exchange that decided; nothing where it is not known."""
    answer = exchange["response"]
    if requirement in _REQUEST:
        return Marks(request=_in(exchange["request"], _REQUEST[requirement], reason))
    if answer is None:
        return Marks()
    if requirement.startswith("answer-") and requirement.endswith("-model"):
        return Marks(answer=_in(answer, "", reason))
    if requirement in _ANSWER:
        return Marks(answer=_in(answer, _ANSWER[requirement], reason))
    return Marks()


def _in(message: Part, root: str, reason: str) -> frozenset[str]:
    """What a reason blames in a message, at or below a place; the place itself if it names none."""
    if root == _NAMED:
        names = set(re.findall(r"[\w-]+", reason.lower()))
        return frozenset(each for each in message["headers"] if each.lower() in names)
    if root and not root.startswith("/"):
        return frozenset({root})
    try:
        body = json.loads(message["body"])
    except (ValueError, RecursionError):
        return frozenset()
    bare = _QUOTED.sub("", reason)
    told = {each.removesuffix("/") for each in _POINTER.findall(bare)}
    told |= {"/" + each.replace(".", "/") for each in _DOTTED.findall(bare)}
    if known := {_known(body, each) for each in told} - {""} or told & {""}:
        return frozenset(known)
    root = _known(body, root)
    below = dict(_leaves(at(body, root), root))
    words = set(_WORD.findall(bare))
    named = {where for where in below if where.rpartition("/")[2] in words}
    quoted = {_read(each) for each in _QUOTED.findall(reason)}
    found = named or {where for where, value in below.items() if value in quoted}
    return frozenset(found or ({root} if root else ()))


def _known(body: Any, where: str) -> str:
    """A pointer, or that of the nearest object around it that a body has."""
    while where:
        try:
            at(body, where)
        except KeyError:
            where = where.rpartition("/")[0]
        else:
            break
    return where


def _leaves(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """The strings in a JSON value, each by its pointer."""
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(each, where + pointer(name))
    elif isinstance(value, str):
        yield where, value


def _read(literal: str) -> str | None:
    """The text that Python wrote as this literal."""
    try:
        return str(ast.literal_eval(literal))
    except (ValueError, SyntaxError):
        return None
