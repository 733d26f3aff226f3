"""How each kind of difference is carried: from the page's facts to an edit of the fragment."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from servicenow_contract.contract.fragment import pointer
from upkeep.adopt import members, rows
from upkeep.adopt.members import Editing
from upkeep.adopt.rows import NotDaredError
from upkeep.drift.fragment_facts import OWN_EXAMPLE
from upkeep.paths import GAP


def _set(step: Editing) -> None:
    step.edited.set(step.here, step.new)


def _drop(step: Editing) -> None:
    step.edited.drop(step.here)


def _append(step: Editing) -> None:
    found = step.edited.at(step.here)
    found.append(step.new)


def _site_added(step: Editing) -> None:
    head, _, tail = str(step.edited.at("/servers/0/url")).partition("{site}")
    base = step.change.fact.subject[0]
    if not (base.startswith(head) and base.endswith(tail)):
        raise NotDaredError(f"{base} is not made like the address of the other sites")
    step.edited.at(step.here).append(base.removeprefix(head).removesuffix(tail))


def _status_added(step: Editing) -> None:
    [status] = step.change.fact.subject
    subject = (status,)
    if ("model", subject) not in step.page or ("example", subject) not in step.page:
        raise NotDaredError(
            "the suite judges an answer by its model and example, and one of them is missing"
        )
    used = [fact.value for key, fact in step.contract.facts.items() if key[0] == "accept"]
    made = rows.schema(step.edited, step.contract, step.page, subject)
    example = step.page["example", subject].shown
    answer = {
        "description": GAP,
        "content": {str(used[0]): {"schema": made, "example": example}},
    }
    others = step.edited.at(f"{step.operation}/responses")
    step.edited.set(step.here, answer, tuple(each for each in others if each < status))


def _set_values(step: Editing) -> None:
    old = list(step.edited.at(step.here)) if step.change.old else []
    kept = [each for each in old if str(each) in step.new]
    step.edited.set(step.here, [*kept, *(each for each in step.new if each not in kept)])


def _no_values(_step: Editing) -> None:
    raise NotDaredError("the page calls it an enum, but lists no value")


def _set_default(step: Editing) -> None:
    word = str(rows.said(step.page, "type", step.subject))
    step.edited.set(step.here, rows.typed(step.new, word))


def _limit(step: Editing) -> None:
    """Set the limit, also in descriptions of ours that name it; with none they want new words."""
    old = step.change.old.value if step.change.old else None
    (_drop if step.new is None else _set)(step)
    if old is None:
        return
    number = re.compile(rf"(?<![\w.-]){old}(?![\w.-]*\w)")
    for where in (step.operation, step.here.rpartition("/")[0]):
        holder = step.edited.at(where)
        words = str(holder.get("description", ""))
        if number.search(words) and step.new is None:
            holder["description"] = f"{GAP} It was: {words}"
        elif number.search(words):
            holder["description"] = _replaced(holder["description"], number, str(step.new))


def _replaced(words: Any, number: re.Pattern[str], new: str) -> Any:
    """The text with another number, folded where it was."""
    made = type(words)(number.sub(new, words))
    folds = getattr(words, "fold_pos", None)
    if folds is not None:
        made.fold_pos = [
            at + sum(len(new) - len(each[0]) for each in number.finditer(words[:at]))
            for at in folds
        ]
    return made


def _example(step: Editing) -> None:
    fact = step.change.fact
    whole = fact.shown
    parent = step.here.rpartition("/")[0]
    holder = step.edited.at(parent)
    before: tuple[str, ...] = ()
    if isinstance(holder, Mapping):
        names = [key[1][-1] for key in step.page if _is_beside(key, fact.subject)]
        before = tuple(names[: names.index(fact.subject[-1])])
    step.edited.set(step.here, whole, before)
    if len(fact.subject) == 1:
        holder.pop(OWN_EXAMPLE, None)


def _example_gone(step: Editing) -> None:
    """Drop what is shown no more; a whole example stays as our own, because the suite needs one."""
    if len(step.subject) > 1:
        step.edited.drop(step.here)
    else:
        step.edited.set(f"{step.here.rpartition('/')[0]}/{OWN_EXAMPLE}", True, ("schema",))


def _is_beside(key: tuple[str, tuple[str, ...]], subject: tuple[str, ...]) -> bool:
    return key[0] == "example" and key[1][:-1] == subject[:-1] and len(key[1]) == len(subject)


def _media_type_of_answers(step: Editing) -> None:
    old, new = str(step.change.old and step.change.old.value), str(step.new)
    for status in step.edited.at(f"{step.operation}/responses"):
        content = step.operation + pointer("responses", status, "content", old)
        if old in step.edited.at(content.rpartition("/")[0]):
            step.edited.rename(content, new)


def _renamed_here(step: Editing) -> None:
    step.edited.rename(step.here, str(step.new))


def _header(step: Editing) -> None:
    new, old = step.change.new, step.change.old
    if new is None or old is None or new.subject == old.subject:
        raise NotDaredError("the client decides which environment variable holds the key")
    step.edited.set(step.here, new.subject[0])


def _preview_added(step: Editing) -> None:
    step.edited.set(step.here, GAP, ("operationId", "tags", "summary", "description"))


EDITS: Mapping[str, Callable[[Editing], None]] = {
    "site-added": _site_added,
    "site-removed": _drop,
    "preview-added": _preview_added,
    "preview-removed": _drop,
    "permission-added": _append,
    "permission-removed": _drop,
    "permission-differs": _set,
    "permission-operator-differs": _set,
    "body-required-differs": _set,
    "status-added": _status_added,
    "status-removed": _drop,
    "field-added": members.add,
    "field-removed": members.remove,
    "field-moved": members.move,
    "required-differs": members.mark,
    "array-differs": members.rebuild,
    "type-differs": members.rebuild,
    **dict.fromkeys(("format-added", "format-differs"), _set),
    "format-removed": _drop,
    **dict.fromkeys(("enum-added", "enum-differs"), _set_values),
    "enum-removed": _no_values,
    **dict.fromkeys(("default-added", "default-differs"), _set_default),
    "default-removed": _drop,
    "deprecated-added": _set,
    "deprecated-removed": _drop,
    **dict.fromkeys(("limit-added", "limit-differs"), _limit),
    "limit-removed": _limit,
    **dict.fromkeys(("example-added", "example-differs"), _example),
    "example-removed": _example_gone,
    "accept-differs": _media_type_of_answers,
    "content-type-differs": _renamed_here,
    "header-differs": _header,
}
"""What is mechanical. Every other kind of difference is left to a person."""
