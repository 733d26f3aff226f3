"""Cassettes: what VCR and its relatives (vcrpy, go-vcr, betamax) write, in YAML or JSON."""

from collections.abc import Sequence
from typing import Any

import yaml

from servicenow_contract.text import sound
from servicenow_contract.traffic.body import Bodies, joined, unreadable
from servicenow_contract.traffic.exchange import (
    Headers,
    Recorded,
    RecordedBody,
    RecordingError,
    read_headers,
    read_status,
    unread,
)

_LISTS = ("interactions", "http_interactions")
_DEEPEST = 50
"""How deeply a cassette may nest; libyaml ends the process on thousands."""

# Safe: it makes plain values only. libyaml's is ten times as fast, where PyYAML has it.
_Loader: Any = type("_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
_Loader.add_constructor("!binary", yaml.SafeLoader.construct_yaml_binary)  # as Ruby writes it
for _tag in ("unicode", "str"):  # as vcrpy wrote text under Python 2
    _Loader.add_constructor(f"tag:yaml.org,2002:python/{_tag}", yaml.SafeLoader.construct_yaml_str)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)
# Merged mappings can grow without bound, and no recorder writes them: `<<` is refused.
_Loader.flatten_mapping = lambda _self, _node: None


class _Unread:
    """What stands in a cassette and is no plain value; it is never made."""


def _unread(_loader: Any, _node: Any) -> _Unread:
    return _Unread()


def _iterated(loader: Any, node: Any) -> Any:
    """What an iterator or an open file held, as vcrpy writes such a body; nothing is called."""
    form = loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else {}
    held = form.get("args", form.get("state"))
    return held[0] if isinstance(held, list) and held else _Unread()


_Loader.add_constructor(None, _unread)
_PYTHON = "tag:yaml.org,2002:python"
_Loader.add_constructor(f"{_PYTHON}/tuple", lambda loader, node: loader.construct_sequence(node))
for _made in (
    "apply:builtins.iter",
    "apply:__builtin__.iter",
    "new:_io.BytesIO",
    "new:_io.StringIO",
):
    _Loader.add_constructor(f"{_PYTHON}/object/{_made}", _iterated)


def from_yaml(text: str, file: str) -> Sequence[Recorded]:
    """Every interaction of a cassette in YAML. Raises RecordingError, with the line."""
    try:
        _hold_depth(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        document = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = _line(error.problem_mark or error.context_mark)
        # Not the whole error, which shows the line itself, and a key may stand there.
        raise RecordingError(
            f"{line}neither JSON nor YAML that is read safely ({error.problem or error.context})"
        ) from None
    except (yaml.YAMLError, ValueError):
        raise RecordingError("neither JSON nor YAML: it holds what YAML does not allow") from None
    return exchanges(document, file, _lines(node))


def _hold_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
        if depth > _DEEPEST:
            raise RecordingError(f"{_line(event.start_mark)}is nested too deeply for a recording")


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}: " if mark else ""


def _lines(node: Any) -> Sequence[int]:
    """The line of each interaction."""
    if isinstance(node, yaml.MappingNode):
        lists = [value for key, value in node.value if key.value in _LISTS]
        node = lists[-1] if lists else None
    found = node.value if isinstance(node, yaml.SequenceNode) else []
    return [each.start_mark.line + 1 for each in found]


def exchanges(document: Any, file: str, lines: Sequence[int] = ()) -> Sequence[Recorded]:
    """Every interaction, with the JSON Pointer and line of one that cannot be read.

    Raises RecordingError for what is no cassette.
    """
    interactions, at = document, ""
    if isinstance(document, dict):
        name = next((each for each in _LISTS if each in document), "interactions")
        interactions, at = document.get(name), f"/{name}"
    if not isinstance(interactions, list):
        raise RecordingError(
            "neither a HAR nor a cassette: there is no log with entries, nor a list of interactions"
        )
    found, bodies = [], Bodies()
    for index, each in enumerate(interactions):
        line = f" (line {lines[index]})" if index < len(lines) else ""
        where = f"{file} {at}/{index}{line}"
        try:
            found.append(_exchange(each, f"{at}/{index}", where, bodies))
        except RecordingError as error:
            why = f"{file}: {error}{line}"
            found.append(unread(where, why, each, urls=["uri", "url"]))
    return found


def _exchange(interaction: Any, at: str, where: str, bodies: Bodies) -> Recorded:
    request = interaction.get("request") if isinstance(interaction, dict) else None
    if not isinstance(request, dict):
        raise RecordingError(f"{at}/request: there is no request here")
    response = interaction.get("response")
    response = response if isinstance(response, dict) else {}
    method, url = request.get("method"), request.get("uri", request.get("url"))
    if not (isinstance(method, str) and isinstance(url, str)):
        raise RecordingError(f"{at}/request: there is no method and uri here")
    status = response.get("status")
    held = status.get("code") if isinstance(status, dict) else status
    sent = read_headers(request.get("headers"), f"{at}/request/headers")
    answered = read_headers(response.get("headers"), f"{at}/response/headers")
    return Recorded(
        where=where,
        method=sound(method).upper(),
        url=sound(url),
        request_headers=sent,
        request=_body(bodies, request.get("body"), sent, "request"),
        # A number, or a line that begins with it, under one of several names.
        status=read_status(held, response.get("code"), response.get("status_code")),
        response_headers=answered,
        # vcrpy kept it under `content` for httpx, once.
        response=_body(bodies, response.get("body", response.get("content")), answered, "answer"),
    )


def _body(bodies: Bodies, kept: Any, headers: Headers, whose: str) -> RecordedBody:
    in_base64 = False
    if isinstance(kept, dict):
        in_base64 = "base64_string" in kept
        kept = kept.get("base64_string" if in_base64 else "string")
    if kept is None or kept == []:
        return bodies.read(None, headers, whose)
    content = kept if isinstance(kept, str) else joined(kept)
    if content is None:
        return unreadable(whose)
    return bodies.read(content, headers, whose, in_base64=in_base64)
