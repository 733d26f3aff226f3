"""What a test expects of answers, and what it says in full when something else comes."""

from collections.abc import Collection, Iterable
from typing import Any

import httpx

from servicenow_contract.judging.verdict import Broken
from servicenow_contract.text import head

_LISTED = 10
"""How many values of a list are named; the others are counted, and the exchange shows them."""


def answered(what: str, response: httpx.Response, *expected: int) -> None:
    """An answer has one of these statuses. Raises Broken; `what` says what was sent."""
    if response.status_code not in expected:
        *first, last = map(str, expected)
        named = f"{', '.join(first)} or {last}" if first else last
        raise Broken(unexpected(what, response, named))


def refused(what: str, response: httpx.Response, *also: int) -> None:
    """An answer is a refusal, or has one of these statuses. Raises Broken."""
    if not 400 <= response.status_code < 500 and response.status_code not in also:
        raise Broken(unexpected(what, response, "a refusal, 4xx"))


def unexpected(what: str, response: httpx.Response, expected: str) -> str:
    """What was sent, the status that came and what was expected; last, for it is long, the body."""
    body = head(repr(response.text), 200)
    return f"{what} was answered {response.status_code}; expected {expected}. The body: {body}"


def same(what: str, before: Any, after: Any) -> None:
    """A value is what it was before, or ought to be. Raises Broken."""
    if after != before:
        raise Broken(f"{what} is {value(after)}; expected {value(before)}")


def different(what: str, one: Any, other: Any) -> None:
    """Two values differ. Raises Broken."""
    if one == other:
        raise Broken(f"{what} is {value(one)} both times; expected two different values")


def lists(what: str, found: Collection[Any], *expected: Any) -> None:
    """A list holds these. Raises Broken."""
    if lost := [each for each in expected if each not in found]:
        raise Broken(f"{what} does not show {several(lost)}; it shows {several(found)}")


def lacks(what: str, found: Collection[Any], *unwanted: Any) -> None:
    """A list holds none of these. Raises Broken."""
    if shown := [each for each in unwanted if each in found]:
        raise Broken(f"{what} shows {several(shown)}, which should not be there")


def is_just(what: str, found: Iterable[Any], expected: Iterable[Any]) -> None:
    """A list holds these, each as often as here, and nothing else; in any order. Raises Broken."""
    rest, lost = list(found), list[Any]()
    for each in expected:
        if each in rest:
            rest.remove(each)
        else:
            lost.append(each)
    said = [f"lacks {several(lost)}"] * bool(lost) + [f"also has {several(rest)}"] * bool(rest)
    if said:
        raise Broken(f"{what} {' and '.join(said)}")


def several(values: Iterable[Any]) -> str:
    """Values in words: the first ones, and how many more there are."""
    each = list(values)
    more = f" and {len(each) - _LISTED} more" * (len(each) > _LISTED)
    return ", ".join(map(value, each[:_LISTED])) + more if each else "nothing"


def value(each: Any) -> str:
    """A value as it is, or the head of it."""
    return head(repr(each), 120)
