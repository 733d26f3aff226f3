"""Whether a target can be judged at all: it is there, it speaks, it lets us in."""

import ssl
from typing import Any

import httpx

from servicenow_contract.command import CommandError
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.target.target import Target
from servicenow_contract.target.wire import key_variables

PATIENCE = 10.0
"""Seconds within which the first answer must come."""


class TargetError(CommandError):
    """A target cannot be judged. The message says why, in one sentence."""


class _LostError(TargetError):
    """A target took a request and gave no whole answer."""


def check(target: Target, *, writes: bool) -> None:
    """Ask a few times. Raises TargetError when no answer comes, all are HTML, or keys are refused.

    Without `writes`, only what a conforming server refuses is asked. A server that breaks over one
    request and answers another is judged.
    """
    answers, lost = list[httpx.Response](), None
    for body in ({}, {"data": []}, *([_plain(target, 0)] if writes else ())):
        try:
            answers.append(_ask(target, body))
        except _LostError as error:
            lost = error
    if lost is not None and not answers:
        raise lost
    if all(_is_html(each) for each in answers):
        raise TargetError(f"{target.name} answers everything with HTML; is this the API's host?")
    if all(each.status_code in (401, 403) for each in answers):
        names = " and ".join(key_variables(target.contract).values())
        status = answers[0].status_code
        raise TargetError(f"{target.name} refuses the keys in {names} (status {status})")
    if all(each.status_code == 404 for each in answers):
        raise TargetError(f"{target.name} has nothing at {target.contract.path} (status 404)")
    if all(300 <= each.status_code < 400 for each in answers):
        raise TargetError(f"{target.name} redirects to another address; name that one")
    if writes and target.world == DEFAULT_WORLD and answers[-1].status_code == 404:
        _knows_the_world(target)


def _plain(target: Target, place: int) -> Any:
    """A request in which nothing is wrong, with ids from this place of the world."""
    world = target.world
    return attach_body(world.tickets[place], [world.findings[place]], world.project)


def _knows_the_world(target: Target) -> None:
    """Raises TargetError when other plain requests are answered 404, too."""
    if all(_ask(target, _plain(target, place)).status_code == 404 for place in (1, 2)):
        world = target.world
        raise TargetError(
            f"{target.name} answers 404 to a plain request: it does not know the project "
            f"{world.project!r}, the finding {world.findings[0]!r} or the incident at "
            f"{world.tickets[0]}. Where a server has data of its own, a world file names what it "
            "knows: --world FILE, JSON or YAML with project, findings, tickets, unknown_finding "
            "and unknown_project"
        )


def _ask(target: Target, body: Any) -> httpx.Response:
    patience, target.client.timeout = target.client.timeout, httpx.Timeout(PATIENCE)
    try:
        return target.send(body)
    except httpx.TimeoutException:
        raise TargetError(f"{target.name} does not answer within {PATIENCE:g} seconds") from None
    except httpx.HTTPError as error:
        lost = isinstance(error, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError)
        raise (_LostError if lost else TargetError)(f"{target.name} {_why(error)}") from None
    finally:
        target.client.timeout = patience


def _why(error: httpx.HTTPError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"cannot be trusted: {cause.reason or cause}"
        cause = cause.__cause__ or cause.__context__
    reached = not isinstance(error, httpx.ConnectError)
    kind = "does not answer completely" if reached else "cannot be reached"
    return f"{kind}: {str(error) or type(error).__name__}"


def _is_html(response: httpx.Response) -> bool:
    return "html" in response.headers.get("content-type", "") or response.text.lstrip()[:1] == "<"
