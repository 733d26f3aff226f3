"""Reads the YAML and JSON files that people write, and refuses what cannot be used in one sentence.

Every value that is read is one that JSON knows, and its line in the file can be asked for.
"""

import functools
import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from attrs import field, frozen

from servicenow_contract.command import CommandError
from servicenow_contract.text import visible

_CORE = "tag:yaml.org,2002:"
_SCALARS = {_CORE + name for name in ("null", "bool", "int", "float", "str")}


class ContractError(CommandError):
    """A file cannot be used.

    The message is one sentence: which file, which line, where it is known the JSON Pointer, what
    is wrong, and what to do.
    """


def escape(token: str) -> str:
    """A member name as one token of a JSON Pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def pointer(*tokens: str | int) -> str:
    """The JSON Pointer that these member names and indices make."""
    return "".join(f"/{escape(str(token))}" for token in tokens)


class _Loader(yaml.SafeLoader):
    """YAML whose plain texts are what JSON knows: a date is its text, and `<<` a name like others.

    OpenAPI 3.1 (section "Format") recommends these types alone.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML declares it so
        first: [(tag, form) for tag, form in forms if tag in _SCALARS]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@frozen
class Document:
    """What a file holds."""

    path: Path
    value: Any = field(repr=False)
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    _root: yaml.Node | None = field(repr=False)

    def error(self, where: str, what: str) -> ContractError:
        """What is wrong with the value at a JSON Pointer, to be raised."""
        return ContractError(_sentence(self.path, self._line(where), where, what))

    def _line(self, where: str) -> int:
        """The line on which the value starts, with its name; or the nearest one above it."""
        node, line = self._root, 1
        for token in where.split("/")[1:]:
            mark = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if escape(key.value) == token:
                        node, mark = value, key.start_mark
                        break
            elif isinstance(node, yaml.SequenceNode):
                node = node.value[int(token)]
                mark = node.start_mark
            if mark is None:
                break
            line = mark.line + 1
        return line

    def check(self, schema: Path) -> None:
        """Raise ContractError for the first value that breaks a JSON Schema (a file).

        The nearest `$comment` of the schema says what to do.
        """
        rules = json.loads(schema.read_text(encoding="utf-8"))
        if self._root is None:
            raise self.error("", f"the file is empty; {rules['$comment']}")
        validator = jsonschema_rs.Draft202012Validator(rules, validate_formats=True, mask="this")
        for error in validator.iter_errors(self.value):
            said = error.message[:300]
            if error.schema_path[-1] == "not":
                said = "nothing is allowed here"
            if said.startswith("this ") and not isinstance(error.instance, dict | list):
                said = _shortened(json.dumps(error.instance)) + said.removeprefix("this")
            advice = _advice(rules, error.schema_path)
            raise self.error(pointer(*error.instance_path), said + advice)


def _advice(rules: Any, path: list[str | int]) -> str:
    found = ""
    for token in path:
        if isinstance(rules, dict) and "$comment" in rules:
            found = f"; {rules['$comment']}"
        try:
            rules = rules[token]
        except (LookupError, TypeError):  # the path goes on in the schema of schemas
            return "; a schema is JSON Schema 2020-12"
    return found


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]} …"


def read(path: Path) -> Document:
    """Read a file.

    Raises ContractError for one that is not there, that is not UTF-8 or not YAML, and that holds
    what JSON does not know: a key that is not text or stands twice, a tag, an infinite number.
    Nobody may change the value: who reads the same again gets the same one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror}") from None
    return _read(path, data)


@functools.lru_cache(maxsize=8)
def _read(path: Path, data: bytes) -> Document:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractError(f"{path}:{line}: not UTF-8; save the file in that encoding") from None
    try:
        value, root = _parsed(path, text)
    except RecursionError:
        raise ContractError(f"{path}: nested too deeply; write it flatter") from None
    return Document(path, value, hashlib.sha256(data).hexdigest(), root)


def _parsed(path: Path, text: str) -> tuple[Any, yaml.Node | None]:
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            return None, None
        for line, where, what in _unusable(loader, root, ""):
            raise ContractError(_sentence(path, line, where, what))
        return loader.construct_document(root), root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, what = (mark.line + 1 if mark else 1), str(error.problem or error.context)
    except yaml.reader.ReaderError as error:
        line, what = text.count("\n", 0, error.position) + 1, f"{error.reason}"
    except ValueError:
        raise ContractError(f"{path}: a number is too long; write it shorter") from None
    said = " ".join(what.split())
    raise ContractError(f"{path}:{line}: not usable YAML: {said}; correct it there") from None


def _sentence(path: Path, line: int, where: str, what: str) -> str:
    return f"{path}:{line}: {visible(f'{where}: {what}' if where else what)}"


def _unusable(loader: _Loader, node: yaml.Node, where: str) -> Iterator[tuple[int, str, str]]:
    """Line, JSON Pointer and fault of everything that JSON does not know."""
    if isinstance(node, yaml.MappingNode):
        yield from _names(node, where)
        for key, value in node.value:
            yield from _unusable(loader, value, where + pointer(str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _unusable(loader, item, where + pointer(index))
    if not _known(loader, node):
        tag = repr(node.tag.replace(_CORE, "!!"))
        yield node.start_mark.line + 1, where, f"the tag {tag} is not known here; remove it"
    elif isinstance(node, yaml.ScalarNode) and _endless(loader, node):
        yield node.start_mark.line + 1, where, "not a finite number; write one"


def _endless(loader: _Loader, node: yaml.ScalarNode) -> bool:
    return node.tag == f"{_CORE}float" and not math.isfinite(loader.construct_yaml_float(node))


def _names(mapping: yaml.MappingNode, where: str) -> Iterator[tuple[int, str, str]]:
    lines: dict[str, int] = {}
    for key, _ in mapping.value:
        line = key.start_mark.line + 1
        if key.tag != f"{_CORE}str":
            scalar = isinstance(key, yaml.ScalarNode)
            advice = f"write it as {_shortened(repr(key.value))}" if scalar else "write a name"
            yield line, where, f"a key is not text; {advice}"
        elif key.value in lines:
            first = lines[key.value]
            there = where + pointer(key.value)
            yield line, there, f"appears twice, first in line {first}; keep one"
        else:
            lines[key.value] = line


def _known(loader: _Loader, node: yaml.Node) -> bool:
    """Whether a node's tag is text's, or follows from what stands there."""
    if isinstance(node, yaml.MappingNode):
        return bool(node.tag == f"{_CORE}map")
    if isinstance(node, yaml.SequenceNode):
        return bool(node.tag == f"{_CORE}seq")
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    way = (plain, not plain)
    implied = loader.resolve(yaml.ScalarNode, node.value, way)  # type: ignore[no-untyped-call]  # PyYAML's
    return node.tag in {f"{_CORE}str", implied}
