"""Servers whose answers break one keyword of the answers' schemas, at one place."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from servicenow_contract.contract.fragment import Fragment, pointer
from servicenow_contract.mutants.kinds import PROVOKED, Mutant, Row, others, phrase, serving
from servicenow_contract.mutants.original import Original, parsed, with_body
from servicenow_contract.service import Request, Response
from servicenow_contract.service.handler import answer

_TEXT: tuple[tuple[str, Any], ...] = (("null", None), ("a_string", "text"), ("a_list", []))
_OTHERS: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "string": (("null", None), ("a_number", 7), ("a_list", [])),
    **dict.fromkeys(("object", "integer", "number", "boolean"), _TEXT),
    "array": (("null", None), ("a_string", "text"), ("an_object", {})),
}
_NOT_OF_FORMAT: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "date-time": (("a_date", "2025-01-01"), ("no_zone", "2025-01-01T00:00:00"), ("words", "now")),
}
_BY_HAND = 429
"""A status whose mutants are written by hand."""
Path = tuple[str | int, ...]


@frozen
class _Place:
    """A value in an answer, and its schema."""

    path: Path
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The place as part of a mutant's name."""
        words = [str(each) for each in self.path if each not in ("data", 0)]
        return "_".join(words).replace("<any-key>", "any") or "the_body"


def mutants(contract: Fragment) -> list[Mutant]:
    """One mutant for each way to break a keyword at each place of each answer."""
    provoked = [status for status in contract.statuses if status in PROVOKED]
    found = [each for status in provoked for each in _of(contract, status)]
    others = [each for each in contract.statuses if each not in (*PROVOKED, _BY_HAND)]
    return found + [
        Mutant(f"breaks_the_model_of_{status}", *_sometimes(status), group="derived answers")
        for status in others
    ]


def _sometimes(status: int) -> Row:
    wrong = answer(status, [])

    def act(original: Original, request: Request) -> Response:
        return wrong if next(original.turns) % 9 == 0 else original.answer(request)

    return serving(f"Answers every ninth request with {status} and an empty list.", act)


def _of(contract: Fragment, status: int) -> Iterator[Mutant]:
    seen: dict[str, int] = {}
    for place in _places(contract, contract.at(contract.response_schema(status)), ()):
        for verb, label, sentence, value in _faults(place):
            what = sentence.replace("<place>", pointer(*place.path) or "/")
            name = phrase(verb, label, "at", place.name, "of", status)
            seen[name] = seen.get(name, 0) + 1
            name = name if seen[name] == 1 else f"{name}_{seen[name]}"
            yield Mutant(name, *_bent(what, status, place.path, value), group="derived answers")


def _places(contract: Fragment, schema: Mapping[str, Any], path: Path) -> Iterator[_Place]:
    schema = contract.resolve(schema)
    yield _Place(path, schema)
    for name, member in schema.get("properties", {}).items():
        yield from _places(contract, member, (*path, name))
    if "items" in schema:
        yield from _places(contract, schema["items"], (*path, 0))
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from _places(contract, schema["additionalProperties"], (*path, "<any-key>"))


_GONE = object()


def _faults(place: _Place) -> Iterator[tuple[str, str, str, Any]]:
    schema = place.schema
    for label, value in _OTHERS[str(schema["type"])]:
        yield "sends", label, f"Sends {json.dumps(value)} at <place>.", value
    for label, value in _NOT_OF_FORMAT.get(str(schema.get("format")), ()):
        yield (
            "dates_as",
            label,
            f"Sends {json.dumps(value)} at <place>, which is not a date-time.",
            value,
        )
    for other in others(schema.get("enum", [])):
        yield (
            "names",
            other,
            f"Sends {json.dumps(other)} at <place>, which is not an allowed value.",
            other,
        )
    for name in schema.get("required", []):
        yield "leaves_out", name, f"Leaves out {name} at <place>.", (_GONE, name)


def _bent(sentence: str, status: int, path: Path, value: Any) -> Row:
    def act(original: Original, request: Request) -> Response:
        response = original.answer(request)
        if response.status != status:
            return response
        # The documented answer holds what the service leaves out.
        example = original.contract.response_example(status)
        return with_body(response, _put(parsed(response), example, path, value))

    return serving(sentence, act)


def _put(body: Any, example: Any, path: Path, value: Any) -> Any:
    """The body with another value at a place; what leads there comes from the example."""
    if not path:
        if isinstance(value, tuple):
            return {key: member for key, member in body.items() if key != value[1]}
        return value
    changed = copy.copy(body)
    token: Any = path[0]
    inner_example = _inner(example, token)
    if isinstance(changed, list):
        whole = changed or [inner_example]
        return [_put(whole[0], inner_example, path[1:], value), *whole[1:]]
    changed[token] = _put(changed.get(token, inner_example), inner_example, path[1:], value)
    return changed


def _inner(example: Any, token: Any) -> Any:
    try:
        return example[token]
    except (LookupError, TypeError):
        return "text"
