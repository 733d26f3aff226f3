"""Members of objects as they are edited: added, removed, moved, renamed, marked, written anew."""

from typing import Any

from attrs import frozen

from servicenow_contract.contract.fragment import pointer
from upkeep.adopt import rows
from upkeep.adopt.document import Edited
from upkeep.adopt.rows import NotDaredError, Said
from upkeep.drift.differences import Contrast
from upkeep.drift.fragment_facts import Facts
from upkeep.page.model import ANY_KEY


@frozen
class Editing:
    """One difference, with all that its edit needs."""

    change: Contrast
    page: Said
    contract: Facts
    edited: Edited

    @property
    def subject(self) -> tuple[str, ...]:
        """Whose fact it is, on the side of the fragment where it has it."""
        fact = self.change.old or self.change.new
        return fact.subject if fact else ()

    @property
    def new(self) -> Any:
        """What the page says."""
        return self.change.new.value if self.change.new else None

    @property
    def here(self) -> str:
        """Where the fragment says it, or would."""
        fact = self.change.old or self.change.fact
        return fact.pointer or self.contract.pointer_for(fact.topic, fact.subject)

    @property
    def operation(self) -> str:
        """Where the operation stands."""
        return self.edited.fragment.operation_pointer


def add(step: Editing) -> None:
    """Add a member with everything below it. Raises NotDaredError."""
    fact = step.change.fact
    if fact.also:
        raise NotDaredError("the row may stand for more than one place")
    made = rows.schema(step.edited, step.contract, step.page, fact.subject)
    _put(step, fact.subject, made)


def _put(step: Editing, subject: tuple[str, ...], made: Any) -> None:
    """Put a member into the object that it belongs to, where the page has it."""
    parent, name = _parent(step, subject[:-1]), subject[-1]
    if name == ANY_KEY:
        step.edited.set(f"{parent}/additionalProperties", made)
    else:
        if "properties" not in step.edited.at(parent):
            step.edited.set(f"{parent}/properties", {})
        names = [*rows.below(step.page, subject[:-1])]
        before = tuple(names[: names.index(name)])
        step.edited.set(parent + pointer("properties", name), made, before)
    if rows.said(step.page, "required", subject):
        _require(step, parent, name)


def _parent(step: Editing, subject: tuple[str, ...]) -> str:
    """The object schema of a field or of a whole body, items of lists followed."""
    where = step.edited.follow(step.contract.pointer_for("model", subject))
    while step.edited.at(where).get("type") == "array":
        where = step.edited.follow(f"{where}/items")
    return where


def _require(step: Editing, parent: str, name: str) -> None:
    schema = step.edited.at(parent)
    if "required" not in schema:
        before = ("description", "type")
        step.edited.set(f"{parent}/required", [name], before)
    elif name not in schema["required"]:
        order = list(schema.get("properties", ()))
        listed = schema["required"]
        listed.append(name)
        listed.sort(key=lambda each: order.index(each) if each in order else len(order))


def _no_longer_require(step: Editing, parent: str, name: str) -> None:
    schema = step.edited.at(parent)
    if name in schema.get("required", ()):
        schema["required"].remove(name)
        if not schema["required"]:
            del schema["required"]


def remove(step: Editing) -> None:
    """Remove a member."""
    _take(step, step.subject)


def _take(step: Editing, subject: tuple[str, ...]) -> Any:
    """Take a member out of its object, and out of what is required."""
    parent, name = _parent(step, subject[:-1]), subject[-1]
    _no_longer_require(step, parent, name)
    if name == ANY_KEY:
        return step.edited.drop(f"{parent}/additionalProperties")
    taken = step.edited.drop(parent + pointer("properties", name))
    if not step.edited.at(parent)["properties"]:
        step.edited.drop(f"{parent}/properties")
    return taken


def move(step: Editing) -> None:
    """Move a member, or call it otherwise. Raises NotDaredError."""
    new, old = step.change.new, step.change.old
    if new is None or old is None or new.also:
        raise NotDaredError("the row may stand for more than one place")
    if new.subject[:-1] == old.subject[:-1]:
        _rename(step, old.subject, new.subject[-1])
        return
    taken = _take(step, old.subject)
    _put(step, new.subject, taken)


def _rename(step: Editing, subject: tuple[str, ...], name: str) -> None:
    """Call a member otherwise, in its object, in what is required and in the example."""
    parent = _parent(step, subject[:-1])
    step.edited.rename(parent + pointer("properties", subject[-1]), name)
    required = step.edited.at(parent).get("required", [])
    required[:] = [name if each == subject[-1] else each for each in required]
    for topic, path in list(step.contract.facts):
        if topic == "example" and rows.bare(path) == subject:
            step.edited.rename(step.contract.facts[topic, path].pointer, name)


def mark(step: Editing) -> None:
    """Mark a member as required, or no longer."""
    parent, name = _parent(step, step.subject[:-1]), step.subject[-1]
    (_require if step.new else _no_longer_require)(step, parent, name)


def rebuild(step: Editing) -> None:
    """Write the schema of a member anew; what it was described by, it still is."""
    subject, place = step.subject, step.contract.facts["field", step.subject].pointer
    old = step.edited.at(place)
    made = rows.schema(step.edited, step.contract, step.page, subject)
    if "$ref" not in made and "description" in old:
        made["description"] = old["description"]
    step.edited.set(place, made)
