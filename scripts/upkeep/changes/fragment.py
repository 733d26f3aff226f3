"""Compares two fragments: address, operations, and what is said of each."""

from collections.abc import Iterator

from attrs import frozen

from servicenow_contract.contract.fragment import Fragment
from upkeep.changes.change import Changes, shown
from upkeep.changes.exchange import compare_answers, compare_body, compare_parameters
from upkeep.changes.parts import Basis, Side
from upkeep.changes.schemas import SchemaComparison
from upkeep.changes.security import compare_permissions, compare_security
from upkeep.changes.servers import compare_servers

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
    _Comparison(basis).documents(Side.of(old), Side.of(new))


@frozen
class _Comparison:
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
