"""Compares the registers of known deviations: what the suite excuses, and so asks of a server."""

from pathlib import Path
from typing import Any

from servicenow_contract.contract import documents
from servicenow_contract.contract.documents import pointer
from upkeep.changes.change import Changes, same


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
