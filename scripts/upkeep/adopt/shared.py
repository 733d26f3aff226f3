"""Schemas that several places share, given to one of them alone where the page tells it apart."""

from servicenow_contract.contract.fragment import pointer
from upkeep.adopt.document import SCHEMAS, Edited, bare
from upkeep.adopt.members import Editing
from upkeep.adopt.rows import class_name
from upkeep.page.model import ANY_KEY

_OF_THE_OBJECT = {"field", "required", "array", "type"}
"""Topics whose edit is made in the object that holds the member."""


def separate(step: Editing) -> bool:
    """Give the subject of a difference schemas of its own, where others share them.

    Returns whether anything was shared.
    """
    part, *path = step.subject
    if step.change.fact.topic in _OF_THE_OBJECT:
        path = path[:-1]
    where = step.contract.pointer_for("model", (part,))
    where, shared = _own(step.edited, where, part, [])
    for depth, name in enumerate(path):
        member = ("additionalProperties",) if name == ANY_KEY else ("properties", name)
        where, more = _own(step.edited, where + pointer(*member), part, path[: depth + 1])
        shared = shared or more
    return shared


def _own(edited: Edited, where: str, part: str, path: list[str]) -> tuple[str, bool]:
    """The schema at a place, its references and lists followed, with no other place that uses it.

    Raises KeyError where nothing stands.
    """
    shared = False
    while True:
        found = edited.at(where)
        if "$ref" in found:
            name = str(found["$ref"]).removeprefix(f"#{SCHEMAS}/")
            if edited.references(name) > 1:
                shared = True
                copied = bare(edited.at(f"{SCHEMAS}/{name}"))
                called = class_name(path) if path else f"{name}{part if part.isdigit() else ''}"
                found["$ref"] = edited.new_schema(called, copied, name)
            where = str(found["$ref"]).removeprefix("#")
        elif found.get("type") == "array":
            where += "/items"
        else:
            return where, shared
