"""A request that is wrong is refused whatever it asks for, and changes nothing."""

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from servicenow_contract.contract.addresses import FORMS, addresses
from servicenow_contract.contract.requests import attach_body
from servicenow_contract.judging import expect
from servicenow_contract.judging.verdict import NotShown
from servicenow_contract.run.scene import OTHER_PROJECT, Scene
from servicenow_contract.run.stage import STATES, Stage, Staged
from servicenow_contract.target.gate import UNOWNED

requirement = pytest.mark.requirement

_Spoil = Callable[[Scene, Any], Mapping[str, Any]]
"""Takes a good body, and gives what is sent instead."""


def _findings(body: Any) -> Any:
    return body["data"]["relationships"]["findings"]["data"]


def _edited(edit: Callable[[Scene, Any], object]) -> _Spoil:
    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        edit(scene, body)
        return {"body": body}

    return spoil


def _content(spoil: Callable[[bytes], bytes]) -> _Spoil:
    return lambda _scene, body: {"content": spoil(json.dumps(body).encode())}


def _headers(**changed: str | None) -> _Spoil:
    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        names = {**scene.target.contract.key_headers, "media_type": "Content-Type"}
        return {"body": body, "headers": {names[name]: value for name, value in changed.items()}}

    return spoil


def _address(old: str, new: str) -> _Spoil:
    def edit(_scene: Scene, body: Any) -> None:
        attributes = body["data"]["attributes"]
        attributes["servicenow_ticket_url"] = attributes["servicenow_ticket_url"].replace(old, new)

    return _edited(edit)


def _among(place: int, change: Mapping[str, Any], *without: str) -> _Spoil:
    """A finding more at the first, the second or the last place, with some members changed."""

    def edit(scene: Scene, body: Any) -> None:
        good = {"id": scene.findings(1)[0], "type": "findings"}
        wrong = {**good, **change}
        found = _findings(body)
        found.insert(
            place % (len(found) + 1), {key: wrong[key] for key in wrong if key not in without}
        )

    return _edited(edit)


def _unknown(place: int, others: int = 0) -> _Spoil:
    def edit(scene: Scene, body: Any) -> None:
        found = _findings(body)
        found += [{"id": each, "type": "findings"} for each in scene.findings(others)]
        found.insert(
            place % (len(found) + 1), {"id": scene.world.unknown_finding, "type": "findings"}
        )

    return _edited(edit)


def _too_many(scene: Scene, body: Any) -> Mapping[str, Any]:
    """One finding more than the limit."""
    if scene.target.contract.limit is None:
        pytest.skip("the contract has no limit")
    found = _findings(body)
    others = scene.findings(scene.target.contract.max_findings + 1 - len(found))
    found.extend({"id": each, "type": "findings"} for each in others)
    return {"body": body}


def _wrong_key(scheme: str) -> _Spoil:
    """A key that is known to be wrong; none where no such key is known."""

    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        return _headers(**{scheme: scene.world.wrong_keys().get(scheme)})(scene, body)

    return spoil


def _limited(scene: Scene, body: Any) -> Mapping[str, Any]:
    """A key without permission; without any key where none is known to lack it."""
    keys = scene.target.keys
    key = None if keys.stand_ins else keys.limited.get(None)
    return {"body": body, "headers": {scene.target.contract.key_headers["appKeyAuth"]: key}}


_AT_ONCE = 6
"""How many refusals come between two looks."""
_PROJECT = "relationships", "project", "data", "id"
_PROVOKED = 20
"""How often a 429 is asked for."""
_PLACES = {"first": 0, "second": 1, "last": -1}
_REFUSED: Mapping[str, _Spoil] = {
    **{f"an unknown finding, {name}": _unknown(place) for name, place in _PLACES.items()},
    **{
        f"an unknown finding, {name} of many": _unknown(place, 40)
        for name, place in _PLACES.items()
    },
    "an unknown project": _edited(
        lambda scene, body: body["data"]["relationships"]["project"]["data"].update(
            id=scene.world.unknown_project
        )
    ),
    **{
        f"{what}, {name}": _among(place, change, *without)
        for name, place in _PLACES.items()
        for what, change, without in (
            ("a number for an id", {"id": 7}, ()),
            ("a null for an id", {"id": None}, ()),
            ("a finding without id", {}, ("id",)),
            ("a finding without type", {}, ("type",)),
            ("a finding of a wrong resource type", {"type": "cases"}, ()),
        )
    },
    "too many findings": _too_many,
    "a wrong resource type": _edited(lambda _scene, body: body["data"].update(type="tickets")),
    "a wrong resource type of the findings": _edited(
        lambda _scene, body: [each.update(type="signals") for each in _findings(body)]
    ),
    "a wrong resource type of the project": _edited(
        lambda _scene, body: body["data"]["relationships"]["project"]["data"].update(type="cases")
    ),
    "no findings": _edited(lambda _scene, body: body["data"]["relationships"].pop("findings")),
    "no project": _edited(lambda _scene, body: body["data"]["relationships"].pop("project")),
    "no resource type": _edited(lambda _scene, body: body["data"].pop("type")),
    "another host": _address("service-now.com", "service-now.com.evil.example"),
    "another table": _address("incident", "problem"),
    "user info in the address": _address("https://", "https://user:word@"),
    "JSON that is cut off": _content(lambda good: good[:-1]),
    "something after the JSON": _content(lambda good: good + b"x"),
    "another media type": _headers(media_type="text/plain"),
    "no API key": _headers(apiKeyAuth=None),
    "no application key": _headers(appKeyAuth=None),
    "an empty API key": _headers(apiKeyAuth=""),
    "an empty application key": _headers(appKeyAuth=""),
    "no key": _headers(apiKeyAuth=None, appKeyAuth=None),
    "a wrong API key": _wrong_key("apiKeyAuth"),
    "a wrong application key": _wrong_key("appKeyAuth"),
    "a key without permission": _limited,
    "another method": lambda _scene, body: {"body": body, "method": UNOWNED},
}


def _refused(scene: Scene, name: str, ticket: str, findings: list[str], project: str) -> bool:
    """Send what is wrong in this way; a request that is lost is not refused, nor is one taken."""
    try:
        asked = _REFUSED[name](scene, attach_body(ticket, findings, project))
        return 400 <= scene.target.send(**asked).status_code < 500
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        return False


@requirement("refused-request-changes-nothing")
@pytest.mark.parametrize("state", STATES)
def test_refused(stage: Stage, state: str) -> None:
    """After refusals, each finding is where it was, and the ticket has its case, or none.

    Each refusal of a few names findings of its own, so that the witness knows which one moved them.
    What was not refused breaks another rule; those that came before it are sent again.
    """
    scene, left, refused = stage.scene, list(_REFUSED), False
    project = OTHER_PROJECT if state in ("new", "full") else scene.world.project
    while left:
        names = left[:_AT_ONCE]
        here, there = stage.ticket(state), stage.holding(1 + 2 * len(names))
        for turn, name in enumerate(names):
            sent = [*scene.findings(1), *there.held[1 + 2 * turn :][:2]][:: -1 if turn % 2 else 1]
            if not _refused(scene, name, here.ticket, sent, project):
                left.remove(name)
                break
        else:
            del left[: len(names)]
            refused, shown, right = True, stage.look(here), stage.look(there)
            found, rightly = (each.get_or_none(*_PROJECT) for each in (shown, right))
            if rightly == scene.world.project and found not in (None, rightly):
                what = f"the project of a case that comes after refusals ({', '.join(names)})"
                expect.same(what, rightly, found)
    if not refused:
        raise NotShown("nothing was refused")


_ASKED: Mapping[str, Callable[[Stage, Staged], Staged]] = {
    "nothing": lambda *_: Staged(""),
    "what it holds": lambda _, here: here,
    "as many as can be": lambda stage, _: Staged("", tuple(stage.scene.findings(stage.limit))),
    "all of another ticket": lambda stage, _: stage.source("lone"),
}
"""The findings that a wrong request names beside what `test_refused` sends, and their ticket."""
_PAIRS = [
    pair
    for pair in itertools.product(STATES, _ASKED)
    if pair not in (("new", "what it holds"), ("emptied", "what it holds"))
]
_WHATEVER = (
    *("no API key", "no application key", "a wrong API key", "a wrong application key"),
    *("a key without permission", "an unknown project", "an unknown finding, last"),
    *("too many findings", "no findings", "a wrong resource type of the findings"),
    *("another table", "JSON that is cut off"),
)
"""One of each kind of what is wrong."""


@requirement("refused-request-changes-nothing")
@pytest.mark.parametrize(("state", "asked"), _PAIRS)
def test_refused_whatever_is_asked(stage: Stage, state: str, asked: str) -> None:
    """The same, however few or many findings are named, wherever they are, by any address."""
    scene, again, refused = stage.scene, True, False
    forms, turn = list(FORMS), len(_WHATEVER) * _PAIRS.index((state, asked))
    for number, name in enumerate(_WHATEVER, turn):
        if again:
            here = stage.ticket(state)
        source, form = _ASKED[asked](stage, here), forms[number % len(forms) if here.held else 0]
        address, sent = addresses(here.ticket)[form], [*source.held]
        again = not _refused(scene, name, address, sent, scene.world.project)
        refused |= not again
        if source.ticket:
            stage.look(source)
    stage.look(here)
    if not refused:
        raise NotShown("nothing was refused")


@requirement("refused-request-changes-nothing")
def test_throttled(stage: Stage) -> None:
    """A 429 changes nothing either; it is asked for where the server has given one before."""
    wire = stage.scene.target.wire
    if wire is None or not wire.throttled:
        return  # what nobody met is no reason to say less of the requirement
    for _ in range(_PROVOKED):
        here, there = stage.ticket("linked"), stage.ticket("linked")
        wire.waits = False
        try:
            response = stage.scene.target.attach(here.ticket, there.held[1:])
        finally:
            wire.waits = True
        if response.status_code == 429:
            stage.look(here)
            stage.look(there)
            return
