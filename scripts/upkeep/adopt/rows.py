"""Rows of a Model table as schemas: what a field and everything below it say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from upkeep.adopt.document import SCHEMAS, Edited
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.page_facts import Fact, Key
from upkeep.page.model import ANY_KEY
from upkeep.paths import GAP

Said = Mapping[Key, Fact]
Path = tuple[str, ...]
_TOPICS = ("array", "type", "format", "enum", "default", "deprecated", "required", "limit", "mark")
_TYPES = {"enum": "string"} | {
    each: each for each in ("object", "string", "integer", "number", "boolean")
}
_VAGUE = {"data", "attributes", "relationships", "result", "type", "id", ANY_KEY}
"""Names of members that name no schema by themselves."""


class NotDaredError(Exception):
    """A difference is left to a person. The message says why."""


def bare(subject: Path) -> Path:
    """The subject of a value in an example without the numbers of items."""
    return (*subject[:1], *(name for name in subject[1:] if not name.isdigit()))


def below(facts: Said, subject: Path) -> Iterator[str]:
    """The names of the members of a field, in order."""
    for topic, path in facts:
        if topic == "field" and path[:-1] == subject:
            yield path[-1]


def said(facts: Said, topic: str, subject: Path, default: Any = None) -> Any:
    """What one side says of a subject."""
    fact = facts.get((topic, subject))
    return default if fact is None else fact.value


def schema(edited: Edited, contract: Facts, facts: Said, subject: Path) -> Any:
    """The schema of a field of the page: one that there is, where it says the same, or a new one.

    Raises NotDaredError for a type or a mark that says nothing to this program.
    """
    for fact in facts.values():
        if fact.topic == "mark" and fact.subject[: len(subject)] == subject:
            raise NotDaredError(f"what the mark {fact.value!r} means is not known here")
    depth = str(said(facts, "array", subject, "")).count("[")
    inner = _inner(edited, contract, facts, subject)
    limit = said(facts, "limit", subject)
    for level in range(depth):
        outermost = level == depth - 1
        inner = {"type": "array", "items": inner}
        if outermost:
            inner = {
                **({"description": GAP} if len(subject) > 1 else {}),
                **inner,
                **({"maxItems": limit} if limit is not None else {}),
            }
    return inner


def _inner(edited: Edited, contract: Facts, facts: Said, subject: Path) -> Any:
    word = str(said(facts, "type", subject, "object"))
    if word in {"object", "enum"}:
        alike = _alike(contract, facts, subject)
        if alike is not None:
            return {"$ref": f"#{alike}"}
    made = _made(edited, contract, facts, subject, word)
    if word == "enum" or (word == "object" and "properties" in made):
        return {"$ref": edited.new_schema(_name(subject), made)}
    return made


def _made(edited: Edited, contract: Facts, facts: Said, subject: Path, word: str) -> Any:
    if word == "enum" and not said(facts, "enum", subject):
        raise NotDaredError("the page calls it an enum, but lists no value")
    if word not in _TYPES:
        raise NotDaredError(f"the type {word!r} is not known here")
    made: dict[str, Any] = {"description": GAP, "type": _TYPES[word]}
    for topic in ("format", "enum", "deprecated"):
        value = said(facts, topic, subject)
        if value is not None:
            made[topic] = value
    default = said(facts, "default", subject)
    if default is not None:
        made["default"] = typed(default, word)
    members = [*below(facts, subject)]
    if members and word != "object":
        raise NotDaredError(f"a {word} has no members, but the page lists {members[0]!r} below it")
    required = [each for each in members if said(facts, "required", (*subject, each))]
    if required:
        made["required"] = required
    for name in members:
        part = schema(edited, contract, facts, (*subject, name))
        if name == ANY_KEY:
            made["additionalProperties"] = part
        else:
            made.setdefault("properties", {})[name] = part
    return made


def typed(text: str, word: str) -> Any:
    """A default of the page as a value of a type. Raises NotDaredError for one that is none."""
    readers: dict[str, Any] = {
        "integer": int,
        "number": float,
        "boolean": {"true": True, "false": False}.__getitem__,
    }
    try:
        return readers.get(word, str)(text)
    except (KeyError, ValueError):
        raise NotDaredError(f"{text!r} is not of the type {word}") from None


def told(facts: Said, subject: Path) -> frozenset[tuple[str, Path, str]]:
    """What is said of a field and of all below it, apart from whether it is required."""
    size = len(subject)
    found = set()
    for (topic, path), fact in facts.items():
        inside = topic in _TOPICS and path[:size] == subject
        own = path == subject and topic in {"array", "required", "limit"}
        if inside and not own:
            value = str(fact.value).count("[") if topic == "array" else fact.value
            found.add((topic, path[size:], str(value)))
    return frozenset(found)


def _alike(contract: Facts, facts: Said, subject: Path) -> str | None:
    """A schema of the fragment that says just what the page says of this field."""
    wanted = told(facts, subject)
    for path, where in contract.schemas.inner.items():
        component = where.startswith(SCHEMAS) and where.count("/") == SCHEMAS.count("/") + 1
        if component and told(contract.facts, path) == wanted:
            return where
    return None


def _name(subject: Path) -> str:
    """What a new schema is called: after its member, and its parent where that says little."""
    part, *path = subject
    return class_name([f"Response{part}" if part.isdigit() else "Request", *path])


def class_name(path: Sequence[str]) -> str:
    """The name of a schema after the last names of a path, as many as tell it from others."""
    size = next((n for n, name in enumerate(reversed(path), 1) if name not in _VAGUE), len(path))
    words = [word for name in path[-size:] for word in re.findall(r"[A-Za-z0-9]+", name)]
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if name[:1].isalpha() else f"Model{name}"
