"""Compares two fragments, and the registers of deviations beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicenow_contract.contract import documents
from servicenow_contract.contract.documents import pointer
from servicenow_contract.contract.fragment import Fragment
from upkeep.changes.access import compare_permissions, compare_security, compare_servers
from upkeep.changes.change import ANSWER, REQUEST, Changes, same, shown
from upkeep.changes.parts import Basis, Side
from upkeep.changes.schemas import SchemaComparison

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_INFO = ("title", "summary", "description")
_ROOT = {"openapi", "info", "servers", "tags", "paths", "components", "security"}
_COMPONENTS = {"schemas", "securitySchemes", "parameters", "responses", "headers", "requestBodies"}
"""What is compared where it is used, and counts for nothing where it is not."""
_OPERATION = {"operationId", "tags", "security", "parameters", "requestBody", "responses"}
_OPERATION |= {"summary", "description", "externalDocs"}
_OPERATION |= {"deprecated", "x-unstable", "x-permission"}
_DEVIATIONS = {
    "added": "a deviation from `{}` is now known",
    "removed": "no deviation from `{}` is known any longer",
    "changed": "the known deviation from `{}` is described in another way",
}


def compare_fragments(old: Fragment, new: Fragment, changes: Changes) -> None:
    """Note everything that differs in what two fragments say."""
    _documents(Basis(changes, SchemaComparison(changes)), Side.of(old), Side.of(new))


def _documents(basis: Basis, old: Side, new: Side) -> None:
    for name in ("openapi", "tags"):
        basis.bookkeeping(old, new, name)
    before, after = old.below("info"), new.below("info")
    basis.words(before, after, _INFO)
    for name in sorted({*before.value, *after.value} - {*_INFO}):
        basis.bookkeeping(before, after, name)
    compare_servers(basis, old, new)
    _operations(basis, _listed(old), _listed(new))
    basis.rest(old, new, _ROOT)
    basis.rest(old.below("components"), new.below("components"), _COMPONENTS)


def _listed(document: Side) -> dict[str, Side]:
    """Each operation, by its method and path."""
    return {
        f"{method.upper()} {path}": document.below("paths", path, method)
        for path, item in document.value.get("paths", {}).items()
        for method in METHODS
        if method in item
    }


def _operations(basis: Basis, before: dict[str, Side], after: dict[str, Side]) -> None:
    gone, came = [*before.keys() - after.keys()], [*after.keys() - before.keys()]
    if len(gone) == len(came) == 1:
        where = after[came[0]].where
        was, becomes = (name.split(" ", 1) for name in (*gone, *came))
        if was[1] != becomes[1]:
            said = f"the path {was[1]} became {becomes[1]}"
            basis.changes.add("path-changed", where.rpartition("/")[0], said)
        if was[0] != becomes[0]:
            said = f"the method {was[0]} became {becomes[0]}"
            basis.changes.add("method-changed", where, said)
        before[came[0]] = before.pop(gone[0])
    for pair in basis.pairs((before, after), "operation", "the operation {}"):
        _operation(basis, *pair)


def _operation(basis: Basis, old: Side, new: Side) -> None:
    basis.words(old, new, ("summary", "description", "externalDocs"))
    basis.bookkeeping(old, new, "tags")
    basis.deprecated(old, new)
    said = "the note that the operation is in preview changed"
    basis.note(old, new, "x-unstable", "preview-note-changed", said)
    before, after = (shown(each.value.get("operationId")) for each in (old, new))
    said = f"the operation was called {before}, and is called {after}"
    basis.note(old, new, "operationId", "operation-id-changed", said)
    compare_security(basis, old, new)
    compare_permissions(basis, old.below("x-permission"), new.below("x-permission"))
    items = old.above(), new.above()
    _parameters(basis, (items[0], old), (items[1], new))
    _body(basis, old.below("requestBody"), new.below("requestBody"))
    _answers(basis, old.below("responses"), new.below("responses"))
    basis.rest(old, new, _OPERATION)
    basis.words(*items, ("summary", "description"))
    basis.rest(*items, {*METHODS, "parameters", "summary", "description"})


def _parameters(basis: Basis, old: tuple[Side, Side], new: tuple[Side, Side]) -> None:
    """Compare the parameters of a path item and its operation."""
    sides = dict(_all_parameters(*old)), dict(_all_parameters(*new))

    def kind(_name: str, side: Side) -> str:
        return "required-" * bool(side.value.get("required"))

    for was, becomes in basis.pairs(sides, "parameter", "the parameter {}", added=kind):
        said = f"the parameter `{becomes.value['name']}`"
        basis.marked("parameter-required", "parameter-optional", was, becomes, said)
        basis.deprecated(was, becomes)
        basis.described(was, becomes, REQUEST, {"name", "in", "required", "deprecated"})


def _all_parameters(*holders: Side) -> Iterator[tuple[str, Side]]:
    """The parameters by name and kind; those of the operation come after those of its path."""
    for holder in holders:
        for at, parameter in enumerate(holder.value.get("parameters", ())):
            listed = Side(holder.fragment, holder.where + "/parameters", {str(at): parameter})
            each = listed.below(str(at))
            kind, name = str(each.value["in"]), str(each.value["name"])
            yield f"`{name.lower() if kind == 'header' else name}` ({kind})", each


def _body(basis: Basis, old: Side, new: Side) -> None:
    """Compare what a request carries."""
    if old.value and new.value:
        basis.marked("body-required", "body-optional", old, new, "the body")
        basis.words(old, new)
        _compare_content(basis, old.below("content"), new.below("content"), REQUEST)
        basis.rest(old, new, {"required", "description", "content"})
    elif new.value:
        rule = "body-required" if new.value.get("required") else "body-added"
        basis.changes.add(rule, new.where, "the request now has a body")
    elif old.value:
        basis.changes.add("body-removed", old.where, "the request no longer has a body")


def _compare_content(basis: Basis, old: Side, new: Side, side: str) -> None:
    sides = old.members(), new.members()
    for pair in basis.pairs(sides, "media-type", "the media type {}", side):
        basis.described(*pair, side)


def _answers(basis: Basis, old: Side, new: Side) -> None:
    """Compare the statuses, and what each answers with."""
    sides = old.members(), new.members()

    def kind(status: str, _side: Side) -> str:
        return "error-" * (status[0] in "45")

    for pair in basis.pairs(sides, "status", "the status {}", added=kind):
        _compare_answer(basis, *pair)


def _compare_answer(basis: Basis, old: Side, new: Side) -> None:
    basis.words(old, new)
    before, after = old.below("content"), new.below("content")
    if before.value and after.value:
        _compare_content(basis, before, after, ANSWER)
    elif after.value:
        basis.changes.add("answer-body-added", new.where, "the answer now has a body")
    elif before.value:
        basis.changes.add("answer-body-removed", old.where, "the answer no longer has a body")
    _compare_headers(basis, old.below("headers"), new.below("headers"))
    basis.rest(old, new, {"description", "content", "headers"})


def _compare_headers(basis: Basis, old: Side, new: Side) -> None:
    """Compare the headers; their names are the same in capitals and in small letters."""
    before, after = (
        {name.lower(): each for name, each in side.members().items()} for side in (old, new)
    )
    for was, becomes in basis.pairs((before, after), "header", "the header {}"):
        basis.marked("header-always", "header-not-always", was, becomes, "the header")
        basis.deprecated(was, becomes)
        basis.described(was, becomes, ANSWER, {"required", "deprecated"})


def compare_deviations(old: Path, new: Path, changes: Changes) -> None:
    """Note which deviations came, went or changed. Raises ContractError."""
    before, after = _read(old), _read(new)
    for name in dict.fromkeys((*after, *before)):
        if not same(before.get(name), after.get(name)):
            how = "changed" if name in before and name in after else "added"
            how = how if name in after else "removed"
            where = f"deviations.yaml#{pointer(name)}"
            changes.add(f"deviation-{how}", where, _DEVIATIONS[how].format(name))


def _read(path: Path) -> dict[str, list[Any]]:
    """The entries by the requirement that they deviate from."""
    found: dict[str, list[Any]] = {}
    if not path.exists():
        return found
    document = documents.read(path)
    try:
        for each in document.value or ():
            found.setdefault(str(each["requirement"]), []).append(each)
    except (KeyError, TypeError):
        said = "no list of deviations with requirements; give each entry its `requirement`"
        raise document.error("", said) from None
    return found
