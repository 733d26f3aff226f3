"""The fragment's file as it is edited: comments, order and quotes stay as they are."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from attrs import define, field
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from servicenow_contract.contract.fragment import Fragment, pointer
from servicenow_contract.contract.references import at, holder
from upkeep.page.model import ANY_KEY

SCHEMAS = "/components/schemas"
_REF = "$ref"


def _yaml() -> YAML:
    made = YAML()
    made.preserve_quotes = True
    made.width = 1 << 20
    made.indent(mapping=2, sequence=4, offset=2)
    return made


@define
class Edited:
    """The fragment while it is edited."""

    text: str
    """The file as it was last written out."""
    value: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.value = _yaml().load(self.text)

    def written(self) -> str:
        """The file with the edits, and with every comment that it had."""
        stream = io.StringIO()
        _yaml().dump(self.value, stream)
        return _with_comments(self.text, stream.getvalue())

    @property
    def fragment(self) -> Fragment:
        """The fragment as it is edited; nothing is said of its shape."""
        return Fragment(self.value, "")

    def at(self, where: str) -> Any:
        """What stands at a JSON Pointer. Raises KeyError."""
        return at(self.value, where)

    def holder(self, where: str) -> tuple[Any, Any]:
        """What holds a place, and the key or index of the place in it. Raises KeyError."""
        return holder(self.value, where)

    def set(self, where: str, value: Any, after: tuple[str, ...] = ()) -> None:
        """Put a value somewhere; a new name comes behind the last of those named that is there."""
        found, key = self.holder(where)
        if isinstance(found, list):
            found[key : key + 1] = [plain(value)]
        elif key in found:
            found[key] = plain(value)
        else:
            before = [at_ for at_, name in enumerate(found) if name in after]
            place = before[-1] + 1 if before else (0 if after else len(found))
            found.insert(place, key, plain(value))

    def drop(self, where: str) -> Any:
        """Take a value out, and return it. Raises KeyError."""
        found, key = self.holder(where)
        return found.pop(key)

    def rename(self, where: str, name: str) -> None:
        """Call a member otherwise, where it stands."""
        found, key = self.holder(where)
        place, value, comment = list(found).index(key), found[key], found.ca.items.pop(key, None)
        del found[key]
        found.insert(place, name, value)
        if comment is not None:
            found.ca.items[name] = comment

    def follow(self, where: str) -> str:
        """The pointer at the end of the references."""
        while isinstance(found := self.at(where), Mapping) and _REF in found:
            where = str(found[_REF]).removeprefix("#")
        return where

    def references(self, name: str) -> int:
        """How often a schema of the components is referred to."""
        return sum(each == f"#{SCHEMAS}{pointer(name)}" for each in _references(self.value))

    def new_schema(self, name: str, schema: Any, before: str | None = None) -> str:
        """Put a schema among the components under a name like this; gives the reference to it."""
        schemas, number, free = self.at(SCHEMAS), 1, name
        while free in schemas:
            number += 1
            free = f"{name}{number}"
        place = list(schemas).index(before) if before in schemas else len(schemas)
        schemas.insert(place, free, plain(schema))
        return f"#{SCHEMAS}{pointer(free)}"

    def drop_unused(self) -> None:
        """Remove the schemas to which nothing leads any more."""
        schemas = self.at(SCHEMAS)
        while unused := [name for name in schemas if not self.references(name)]:
            for name in unused:
                del schemas[name]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get(_REF), str):
            yield value[_REF]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def plain(value: Any) -> Any:
    """A JSON value as it is written here: strings in quotes where a reader could mistake them."""
    if isinstance(value, CommentedMap | CommentedSeq):
        return value
    if isinstance(value, Mapping):
        return CommentedMap({name: plain(each) for name, each in value.items()})
    if isinstance(value, list):
        made = CommentedSeq(plain(each) for each in value)
        if all(isinstance(each, str | int | float | None) for each in value):
            made.fa.set_flow_style()
        return made
    if not isinstance(value, str):
        return value
    if not value.isprintable() or value != value.strip():
        return DoubleQuotedScalarString(value)
    return value if _is_read_as_text(value) else SingleQuotedScalarString(value)


def _is_read_as_text(value: str) -> bool:
    if value == ANY_KEY:
        return True
    try:
        return bool(yaml.safe_load(f"[{json.dumps(value)}, {value}]") == [value, value])
    except (yaml.YAMLError, ValueError):
        return False


def _with_comments(old: str, new: str) -> str:
    """The new text with each comment of the old one before the line that it stood before."""
    lines = new.split("\n")
    for block, below in _comments(old.split("\n")):
        if lines.count(below) != 1:
            continue
        while (found := _find(lines, block)) is not None:
            del lines[found : found + len(block)]
        place = lines.index(below)
        lines[place:place] = block
    return "\n".join(lines)


def _comments(lines: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """Each comment with the blank lines around it, and the line below, where that is alone."""
    block: list[str] = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            block.append(line)
            continue
        if any(map(str.strip, block)) and lines.count(line) == 1:
            yield block, line
        block = []


def _find(lines: Sequence[str], block: Sequence[str]) -> int | None:
    size = len(block)
    places = range(len(lines) - size + 1)
    return next((at_ for at_ in places if [*lines[at_ : at_ + size]] == [*block]), None)


def bare(value: Any) -> Any:
    """A copy that carries no comment."""
    if isinstance(value, Mapping):
        return {name: bare(each) for name, each in value.items()}
    return [bare(each) for each in value] if isinstance(value, list) else value
