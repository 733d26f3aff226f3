"""Compares two fragments, and the registers of deviations beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from servicenow_contract.contract import documents
from servicenow_contract.contract.documents import pointer
from servicenow_contract.contract.fragment import Fragment
from upkeep.changes.access import compare_permissions, compare_security, compare_servers
from upkeep.changes.change import ANSWER, REQUEST, Changes, same, shown
from upkeep.changes.parts import Basis, Side
from upkeep.changes.schemas import SchemaComparison

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_ROOT = {"openapi", "info", "servers", "tags", "paths", "components", "security"}
_COMPONENTS = {"schemas", "securitySchemes", "parameters", "responses", "headers", "requestBodies"}
"""What is compared where it is used, and counts for nothing where it is not."""
_OPERATION = {"operationId", "tags", "security", "parameters", "requestBody", "responses"}
_OPERATION |= {"summary", "description", "externalDocs"}
_OPERATION |= {"deprecated", "x-unstable", "x-permission"}

Key = tuple[str, str]


def compare_fragments(old: Fragment, new: Fragment, changes: Changes) -> None:
    """Note everything that differs in what two fragments say."""
    basis = Basis(changes, SchemaComparison(changes))
    _FragmentComparison(basis).documents(Side.of(old), Side.of(new))


@frozen
class _FragmentComparison:
    basis: Basis

    def documents(self, old: Side, new: Side) -> None:
        """Compare everything."""
        for name in ("openapi", "tags"):
            self.basis.bookkeeping(old, new, name)
        before, after = old.below("info"), new.below("info")
        self.basis.words(before, after, ("title", "summary", "description"))
        for name in sorted({*before.value, *after.value} - {"title", "summary", "description"}):
            self.basis.bookkeeping(before, after, name)
        compare_servers(self.basis, old, new)
        self._operations(old, new)
        self.basis.rest(old, new, _ROOT)
        self.basis.rest(old.below("components"), new.below("components"), _COMPONENTS)

    def _operations(self, old: Side, new: Side) -> None:
        before, after = dict(_operations(old)), dict(_operations(new))
        pairs = [(key, key) for key in before if key in after]
        gone = [key for key in before if key not in after]
        came = [key for key in after if key not in before]
        if len(gone) == len(came) == 1:
            pairs.append((gone[0], came[0]))
            self._moved(gone.pop(), came.pop(), after)
        for method, path in gone:
            said = f"the operation {method.upper()} {path} is gone"
            self.basis.changes.add("operation-removed", before[method, path].where, said)
        for method, path in came:
            said = f"the operation {method.upper()} {path} is new"
            self.basis.changes.add("operation-added", after[method, path].where, said)
        for was, became in pairs:
            self._operation(before[was], after[became])

    def _moved(self, was: Key, became: Key, after: dict[Key, Side]) -> None:
        where = after[became].where
        if was[1] != became[1]:
            said = f"the path {was[1]} became {became[1]}"
            self.basis.changes.add("path-changed", where.rpartition("/")[0], said)
        if was[0] != became[0]:
            said = f"the method {was[0].upper()} became {became[0].upper()}"
            self.basis.changes.add("method-changed", where, said)

    def _operation(self, old: Side, new: Side) -> None:
        self.basis.words(old, new, ("summary", "description", "externalDocs"))
        self.basis.bookkeeping(old, new, "tags")
        self.basis.deprecated(old, new)
        said = "the note that the operation is in preview changed"
        self.basis.note(old, new, "x-unstable", "preview-note-changed", said)
        before, after = (shown(each.value.get("operationId")) for each in (old, new))
        said = f"the operation was called {before}, and is called {after}"
        self.basis.note(old, new, "operationId", "operation-id-changed", said)
        compare_security(self.basis, old, new)
        compare_permissions(self.basis, old.below("x-permission"), new.below("x-permission"))
        items = _item(old), _item(new)
        compare_parameters(self.basis, (items[0], old), (items[1], new))
        compare_body(self.basis, old.below("requestBody"), new.below("requestBody"))
        compare_answers(self.basis, old.below("responses"), new.below("responses"))
        self.basis.rest(old, new, _OPERATION)
        self.basis.words(*items, ("summary", "description"))
        self.basis.rest(*items, {*METHODS, "parameters", "summary", "description"})


def _operations(document: Side) -> Iterator[tuple[Key, Side]]:
    """Each operation, by its method and path."""
    for path, item in document.value.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield (method, path), document.below("paths", path, method)


def _item(operation: Side) -> Side:
    """The path item that an operation stands in."""
    where = operation.where.rpartition("/")[0]
    return Side(operation.fragment, where, operation.fragment.at(where))


def compare_parameters(basis: Basis, old: tuple[Side, Side], new: tuple[Side, Side]) -> None:
    """Compare the parameters of a path item and its operation."""
    before, after = dict(_parameters(*old)), dict(_parameters(*new))
    for key in dict.fromkeys((*after, *before)):
        said = f"the parameter `{key[1]}` ({key[0]})"
        was, becomes = before.get(key), after.get(key)
        if was and becomes:
            basis.marked("parameter-required", "parameter-optional", was, becomes, said)
            basis.deprecated(was, becomes)
            basis.described(was, becomes, REQUEST, {"name", "in", "required", "deprecated"})
        elif becomes:
            required = becomes.value.get("required", False)
            rule = "required-parameter-added" if required else "parameter-added"
            basis.changes.add(rule, becomes.where, f"{said} is new")
        elif was:
            basis.changes.add("parameter-removed", was.where, f"{said} is gone")


def _parameters(*holders: Side) -> Iterator[tuple[Key, Side]]:
    """The parameters by kind and name; those of the operation come after those of its path."""
    for holder in holders:
        for at, parameter in enumerate(holder.value.get("parameters", ())):
            listed = Side(holder.fragment, holder.where + "/parameters", {str(at): parameter})
            each = listed.below(str(at))
            kind, name = str(each.value["in"]), str(each.value["name"])
            yield (kind, name.lower() if kind == "header" else name), each


def compare_body(basis: Basis, old: Side, new: Side) -> None:
    """Compare what a request carries."""
    if old.value and new.value:
        basis.marked("body-required", "body-optional", old, new, "the body")
        basis.words(old, new)
        _compare_content(basis, old.below("content"), new.below("content"), REQUEST)
        basis.rest(old, new, {"required", "description", "content"})
    elif new.value:
        rule = "body-required" if new.value.get("required") else "body-added"
        basis.changes.add(rule, new.where, "the request has a body, and had none")
    elif old.value:
        basis.changes.add("body-removed", old.where, "the request has no body any more")


def _compare_content(basis: Basis, old: Side, new: Side, side: str) -> None:
    sides = old.members(), new.members()
    for _, was, becomes in basis.pairs(sides, "media-type", "the media type {}", side):
        basis.described(was, becomes, side)


def compare_answers(basis: Basis, old: Side, new: Side) -> None:
    """Compare the statuses, and what each answers with."""
    for status in dict.fromkeys((*new.value, *old.value)):
        if status in old.value and status in new.value:
            _compare_answer(basis, old.below(status), new.below(status))
        elif status in new.value:
            rule = "error-status-added" if str(status)[0] in "45" else "status-added"
            said = f"the status {status} is new"
            basis.changes.add(rule, new.where + pointer(status), said)
        else:
            said = f"the status {status} is gone"
            basis.changes.add("status-removed", old.where + pointer(status), said)


def _compare_answer(basis: Basis, old: Side, new: Side) -> None:
    basis.words(old, new)
    before, after = old.below("content"), new.below("content")
    if before.value and after.value:
        _compare_content(basis, before, after, ANSWER)
    elif after.value:
        basis.changes.add("answer-body-added", new.where, "the answer has a body, and had none")
    elif before.value:
        basis.changes.add("answer-body-removed", old.where, "the answer has no body any more")
    _compare_headers(basis, old.below("headers"), new.below("headers"))
    basis.rest(old, new, {"description", "content", "headers"})


def _compare_headers(basis: Basis, old: Side, new: Side) -> None:
    """Compare the headers; their names are the same in capitals and in small letters."""
    before, after = (
        {name.lower(): each for name, each in side.members().items()} for side in (old, new)
    )
    for name, was, becomes in basis.pairs((before, after), "header", "the header {}"):
        said = f"the header {name}"
        basis.marked("header-always", "header-not-always", was, becomes, said)
        basis.deprecated(was, becomes)
        basis.described(was, becomes, ANSWER, {"required", "deprecated"})


def compare_deviations(old: Path, new: Path, changes: Changes) -> None:
    """Note which deviations came, went or changed. Raises ContractError."""
    before, after = _read(old), _read(new)
    for name in dict.fromkeys((*after, *before)):
        where = f"deviations.yaml#{pointer(name)}"
        if name not in before:
            said = f"a deviation from `{name}` is known now"
            changes.add("deviation-added", where, said)
        elif name not in after:
            said = f"no deviation from `{name}` is known any more"
            changes.add("deviation-removed", where, said)
        elif not same(before[name], after[name]):
            said = f"the known deviation from `{name}` is described in another way"
            changes.add("deviation-changed", where, said)


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
