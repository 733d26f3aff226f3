"""Compares what is sent and what is answered: parameters, bodies, statuses, headers."""

from collections.abc import Iterator

from servicenow_contract.contract.fragment import pointer
from upkeep.changes.change import ANSWER, REQUEST
from upkeep.changes.parts import Basis, Side

Key = tuple[str, str]


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
    for name in dict.fromkeys((*new.value, *old.value)):
        if name in old.value and name in new.value:
            basis.described(old.below(name), new.below(name), side)
        elif name in new.value:
            said = f"the media type {name} is new"
            basis.changes.add("media-type-added", new.where + pointer(name), said, side)
        else:
            said = f"the media type {name} is gone"
            basis.changes.add("media-type-removed", old.where + pointer(name), said, side)


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
    before, after = ({name.lower(): each.below(name) for name in each.value} for each in (old, new))
    for name in dict.fromkeys((*after, *before)):
        was, becomes = before.get(name), after.get(name)
        said = f"the header {name}"
        if was and becomes:
            basis.marked("header-always", "header-not-always", was, becomes, said)
            basis.deprecated(was, becomes)
            basis.described(was, becomes, ANSWER, {"required", "deprecated"})
        elif becomes:
            basis.changes.add("header-added", becomes.where, f"{said} is new")
        elif was:
            basis.changes.add("header-removed", was.where, f"{said} is gone")
