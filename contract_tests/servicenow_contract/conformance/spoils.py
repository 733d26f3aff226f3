"""What can be wrong with a request to attach: takes a good body, and gives what is sent instead."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from servicenow_contract.run.scene import Scene
from servicenow_contract.target.gate import UNOWNED

Spoil = Callable[[Scene, Any], Mapping[str, Any]]
"""Takes the scene and a good body, and gives what is sent instead, as `Target.send` takes it."""


def _findings(body: Any) -> Any:
    return body["data"]["relationships"]["findings"]["data"]


def _edited(edit: Callable[[Scene, Any], object]) -> Spoil:
    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        edit(scene, body)
        return {"body": body}

    return spoil


def _content(spoil: Callable[[bytes], bytes]) -> Spoil:
    return lambda _scene, body: {"content": spoil(json.dumps(body).encode())}


def _headers(**changed: str | None) -> Spoil:
    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        names = {**scene.target.contract.key_headers, "media_type": "Content-Type"}
        return {"body": body, "headers": {names[name]: value for name, value in changed.items()}}

    return spoil


def _address(old: str, new: str) -> Spoil:
    def edit(_scene: Scene, body: Any) -> None:
        attributes = body["data"]["attributes"]
        attributes["servicenow_ticket_url"] = attributes["servicenow_ticket_url"].replace(old, new)

    return _edited(edit)


def _among(place: int, change: Mapping[str, Any], *without: str) -> Spoil:
    """A finding more at the first, the second or the last place, with some members changed."""

    def edit(scene: Scene, body: Any) -> None:
        good = {"id": scene.findings(1)[0], "type": "findings"}
        wrong = {**good, **change}
        found = _findings(body)
        found.insert(
            place % (len(found) + 1), {key: wrong[key] for key in wrong if key not in without}
        )

    return _edited(edit)


def _unknown(place: int, others: int = 0) -> Spoil:
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


def _wrong_key(scheme: str) -> Spoil:
    """A key that is known to be wrong; none where no such key is known."""

    def spoil(scene: Scene, body: Any) -> Mapping[str, Any]:
        return _headers(**{scheme: scene.world.wrong_keys().get(scheme)})(scene, body)

    return spoil


def _limited(scene: Scene, body: Any) -> Mapping[str, Any]:
    """A key without permission; without any key where none is known to lack it."""
    keys = scene.target.keys
    key = None if keys.stand_ins else keys.limited.get(None)
    return {"body": body, "headers": {scene.target.contract.key_headers["appKeyAuth"]: key}}


_PLACES = {"first": 0, "second": 1, "last": -1}
SPOILS: Mapping[str, Spoil] = {
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
