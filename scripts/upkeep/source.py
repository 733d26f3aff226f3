"""The fragment as its maintainer edits it: read with line numbers, and refused with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from servicenow_contract.fragment import Fragment, pointer


class SourceError(Exception):
    """The fragment cannot be used. The message says what is wrong, where, and what to do."""


def read(path: Path) -> Fragment:
    """Read and check the fragment.

    Raises SourceError for a file that is not there, for YAML that cannot be parsed or names a key
    twice (with the line), and for what OpenAPI 3.1 does not allow (with JSON Pointer and line).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from None
    marked = _parse(path, text)
    if not isinstance(marked, dict):
        raise SourceError(f"{path}:1: an OpenAPI document is a mapping, found something else")
    fragment = Fragment.read(path)
    problems = [*_dangling(fragment.document), *_invalid(fragment.document)]
    if problems:
        lines = [f"{path}:{line_of(marked, where)}: {where}: {what}" for where, what in problems]
        raise SourceError("\n".join(lines))
    return fragment


def _parse(path: Path, text: str) -> Any:
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = " ".join(str(error.problem or error.context).split())
        raise SourceError(f"{path}:{line}: not usable YAML: {problem}") from None
    except YAMLError as error:
        raise SourceError(f"{path}: not usable YAML: {error}") from None


def line_of(marked: Any, where: str) -> int:
    """The line on which the value at a JSON Pointer starts, or the nearest one above it.

    `marked` is what ruamel.yaml's round-trip loader gives.
    """
    line = 1
    for token in where.split("/")[1:]:
        key: Any = token.replace("~1", "/").replace("~0", "~")
        try:
            if isinstance(marked, list):
                key = int(key)
                line = marked.lc.item(key)[0] + 1  # type: ignore[attr-defined]  # ruamel's list
            else:
                line = marked.lc.key(key)[0] + 1
            marked = marked[key]
        except (LookupError, ValueError, AttributeError, TypeError):
            break
    return line


def _references(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str):
            yield where, target
        for key, member in value.items():
            yield from _references(member, where + pointer(str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, where + pointer(index))


def _dangling(document: Any) -> Iterator[tuple[str, str]]:
    for where, target in _references(document):
        if not target.startswith("#/"):
            yield where, f"$ref {target!r} leaves this file; define it under #/components instead"
            continue
        try:
            Fragment(document, "").at(target[1:])
        except KeyError:
            yield where, f"$ref {target!r} points to nothing; define it, or name what exists"


def _invalid(document: Any) -> Iterator[tuple[str, str]]:
    if any(True for _ in _dangling(document)):
        return  # the validator stops at the first dangling reference, without a place
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        leaf = error
        while leaf.context:
            leaf = max(leaf.context, key=lambda each: len(each.absolute_path))
        yield pointer(*leaf.absolute_path), f"not OpenAPI 3.1: {leaf.message[:300]}"
