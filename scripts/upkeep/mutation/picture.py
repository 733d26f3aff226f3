"""The kill matrix as a page for people: the places and colours of its heat maps, as data."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from servicenow_contract.report.page import render

Part = Mapping[str, Any]
_WIDTH, _LABELS, _COUNTS = 1320, 190, 34
"""Units of the picture: the whole, the names on the left, the numbers on the right."""
_ROW, _BAR, _TOP, _SURVIVES = 11, 9, 78, 14
_FEW = 4
_LEGEND = {
    "alone": "the only one to kill this mutant",
    "few": f"one of up to {_FEW} that kill it",
    "many": f"one of more than {_FEW}",
    "lesser": "fails, but is less binding than the broken promise",
    "equivalent": "equivalent: no request tells it from the service",
    "survivor": "survives",
}
_HERE = Path(__file__).parent


def page(data: Part) -> str:
    """The whole page of a matrix as `mutants_matrix.as_data` gives it, survivors first."""
    survivors = sum(len(each["survivors"]) for each in data["families"])
    return render(
        "picture.jinja",
        _HERE,
        (_HERE / "picture.css").read_text(encoding="utf-8"),
        data=data,
        sentence=f"{survivors} mutants survive" if survivors else "No mutant survives",
        verdict="fail" if survivors else "pass",
        legend=_LEGEND,
        picture=_picture,
        groups=_groups,
    )


def _groups(family: Part) -> Sequence[tuple[str, Sequence[Part]]]:
    """The mutants, group by group."""
    grouped = itertools.groupby(family["mutants"], key=lambda each: str(each["group"]))
    return [(group, list(members)) for group, members in grouped]


def _picture(family: Part) -> Part:
    """Where everything of a heat map stands."""
    step = (_WIDTH - _LABELS - _COUNTS) / max(1, len(family["mutants"]))
    height = _TOP + _ROW * len(family["judges"]) + _SURVIVES
    return {
        "width": _WIDTH,
        "height": height,
        "left": _LABELS,
        "top": _TOP,
        "step": _number(step),
        "bottom": height - _SURVIVES,
        "rows": list(_rows(family, step)),
        "columns": list(_columns(family, step)),
    }


def _rows(family: Part, step: float) -> Iterator[Part]:
    """Who can kill, with the boxes of its kills by their kind."""
    for place, judge in enumerate(family["judges"]):
        y = _TOP + _ROW * place
        boxes: dict[str, list[str]] = {}
        for column, mutant in enumerate(family["mutants"]):
            if kind := _kind(mutant, judge):
                x = _number(_LABELS + step * column)
                box = f"M{x} {y}h{_number(step)}v{_BAR}h-{_number(step)}z"
                boxes.setdefault(kind, []).append(box)
        yield {
            "judge": judge,
            "y": y,
            "bar": _BAR,
            "boxes": boxes,
            "width": _number(step * len(family["mutants"])),
            "idle": judge in family["kill_nothing"],
            "count": sum(judge in mutant["killed_by"] for mutant in family["mutants"]),
        }


def _kind(mutant: Part, judge: str) -> str:
    if judge in mutant["also_failed"]:
        return "lesser"
    if judge not in mutant["killed_by"]:
        return ""
    count = len(mutant["killed_by"])
    return "alone" if count == 1 else "few" if count <= _FEW else "many"


def _columns(family: Part, step: float) -> Iterator[Part]:
    """Each mutant, the first of its group or not, with its bar from top to bottom if it has one."""
    members = [(each, each is group[0]) for _, group in _groups(family) for each in group]
    for column, (mutant, first) in enumerate(members):
        survives, equals = family["survivors"], family["equivalents"]
        bar = {mutant["name"] in equals: "equivalent", mutant["name"] in survives: "survivor"}
        x = _number(_LABELS + step * column)
        yield {"mutant": mutant, "x": x, "first": first, "bar": bar.get(True, "")}


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
