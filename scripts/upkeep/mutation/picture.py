"""The kill matrix as a page for people: a heat map of each family, and everything in words."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from servicenow_contract.report.html import document
from servicenow_contract.report.markup import Markup, items, join, table, tag

Part = Mapping[str, Any]
_WIDTH, _LABELS, _COUNTS = 1320, 190, 34
"""Units of the picture: the whole, the names on the left, the numbers on the right."""
_ROW, _BAR, _TOP, _SURVIVES = 11, 9, 78, 14
_FEW = 4
_LEGEND = {
    "alone": "the only one to kill this mutant",
    "few": f"one of up to {_FEW} that kill it",
    "many": f"one of more than {_FEW}",
    "lesser": "fails, and binds less than the broken promise",
    "equivalent": "equivalent: no request tells it from the service",
    "survivor": "survives",
}


def page(data: Mapping[str, Any]) -> str:
    """The whole page of a matrix as `mutants_matrix.as_data` gives it, survivors first."""
    survivors = sum(len(each["survivors"]) for each in data["families"])
    told = "No mutant survives" if not survivors else f"{survivors} mutants survive"
    verdict = "fail" if survivors else "pass"
    return document(
        f"{told}, kill matrix",
        tag(
            "header",
            tag("p", "ServiceNow tickets · kill matrix", class_="kicker"),
            tag("h1", told, class_=verdict),
            _numbers(data["families"]),
        ),
        tag("main", *(_family(each) for each in data["families"])),
        tag(
            "footer",
            tag("p", f"Seed {data['seed']}. Fragment ", tag("code", data["fragment"]), "."),
            tag("p", "Everything is in kill-matrix.json, beside this page."),
        ),
        style=(Path(__file__).parent / "picture.css").read_text(encoding="utf-8"),
    )


def _numbers(families: Sequence[Part]) -> Markup:
    rows = []
    for each in families:
        real = len(each["mutants"]) - len(each["equivalents"])
        survivors = len(each["survivors"])
        seconds = sum(mutant["seconds"] for mutant in each["mutants"])
        share = f"{100 * (real - survivors) / max(real, 1):.1f} %"
        equivalents = str(len(each["equivalents"]))
        cells = [str(real - survivors), str(survivors), equivalents, share, f"{seconds:,.0f} s"]
        rows.append([each["family"], *cells])
    head = ["family", "killed", "survive", "equivalent", "share", "work"]
    return table("How many mutants are killed, equivalents aside", head, rows, "counts")


def _family(family: Part) -> Markup:
    name = family["family"]
    judged = len(family["mutants"])
    some = "" if judged == family["of"] else f", {judged:,} of {family['of']:,}"
    parts = [tag("h2", f"{name.capitalize()}{some}", id=name)]
    parts += _list("Survivors", family["survivors"], family)
    parts += [_legend(), tag("div", _picture(family), class_="map heat")]
    if family["kill_nothing"]:
        parts += [tag("h3", "These kill nothing"), items("ul", family["kill_nothing"])]
    if family["equivalents"]:
        reasons = [f"{mutant}: {why}" for mutant, why in family["equivalents"].items()]
        parts += [tag("h3", "Equivalent, each with its reason"), items("ul", reasons)]
    parts += _list("Noticed by the digest alone", family["only_the_digest"], family)
    parts += [tag("h3", "Every mutant in words"), *_groups(family)]
    return tag("section", *parts, aria_labelledby=name)


def _list(heading: str, names: Sequence[str], family: Part) -> list[Markup]:
    if not names:
        return []
    kept = [each for each in family["mutants"] if each["name"] in names]
    return [tag("h3", heading), items("ul", map(_told, kept), "mutants")]


def _legend() -> Markup:
    entries = []
    for kind, meaning in _LEGEND.items():
        swatch = tag("rect", width="10", height="10", class_=kind)
        picture = tag("svg", swatch, viewBox="0 0 10 10", aria_hidden="true")
        entries.append(tag("span", picture, meaning))
    return tag("p", *entries, class_="legend heat")


def _picture(family: Part) -> Markup:
    """Rows are who can kill, columns are mutants, group by group."""
    judges, mutants = family["judges"], family["mutants"]
    step = (_WIDTH - _LABELS - _COUNTS) / max(1, len(mutants))
    height = _TOP + _ROW * len(judges) + _SURVIVES
    return tag(
        "svg",
        *_rows(family, step),
        *_columns(family, step, height),
        role="img",
        aria_label=f"Who kills which mutant: {family['sentence']}",
        viewBox=f"0 0 {_WIDTH} {height}",
    )


def _rows(family: Part, step: float) -> Iterator[Markup]:
    for place, judge in enumerate(family["judges"]):
        y = _TOP + _ROW * place
        width = _number(step * len(family["mutants"]))
        band = {"x": str(_LABELS), "y": str(y), "width": width, "height": str(_BAR)}
        yield tag("rect", class_="row", **band)
        kinds: dict[str, list[str]] = {}
        for column, mutant in enumerate(family["mutants"]):
            kind = _kind(mutant, judge)
            if kind:
                x = _number(_LABELS + step * column)
                box = f"M{x} {y}h{_number(step)}v{_BAR}h-{_number(step)}z"
                kinds.setdefault(kind, []).append(box)
        for kind, boxes in kinds.items():
            yield tag("path", d="".join(boxes), class_=kind)
        idle = "idle" if judge in family["kill_nothing"] else ""
        base = str(y + _BAR - 1)
        yield tag("text", judge, x=str(_LABELS - 4), y=base, text_anchor="end", class_=idle)
        count = sum(judge in mutant["killed_by"] for mutant in family["mutants"])
        yield tag("text", str(count), x=str(_WIDTH - 2), y=base, text_anchor="end", class_=idle)


def _kind(mutant: Part, judge: str) -> str:
    if judge in mutant["also_failed"]:
        return "lesser"
    if judge not in mutant["killed_by"]:
        return ""
    count = len(mutant["killed_by"])
    return "alone" if count == 1 else "few" if count <= _FEW else "many"


def _columns(family: Part, step: float, height: int) -> Iterator[Markup]:
    """Survivors as bars from top to bottom, the groups' names, and each mutant's words."""
    column = 0
    for group, members in itertools.groupby(family["mutants"], key=lambda each: str(each["group"])):
        x = _number(_LABELS + step * column)
        yield tag("line", x1=x, x2=x, y1=str(_TOP - 4), y2=str(height - _SURVIVES), class_="edge")
        turned = f"rotate(-45 {x} {_TOP - 6})"
        yield tag("text", group, x=x, y=str(_TOP - 6), transform=turned, class_="group")
        for mutant in members:
            x = _number(_LABELS + step * column)
            box = {"x": x, "width": _number(step)}
            whole = {"y": str(_TOP), "height": str(height - _TOP)}
            if mutant["name"] in family["survivors"]:
                yield tag("rect", class_="survivor", **box, **whole)
            elif mutant["name"] in family["equivalents"]:
                yield tag("rect", class_="equivalent", **box, **whole)
            told = tag("title", f"{mutant['name']}: {mutant['sentence']}")
            yield tag("rect", told, class_="touch", **box, **whole)
            column += 1


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _groups(family: Part) -> Iterator[Markup]:
    for group, members in itertools.groupby(family["mutants"], key=lambda each: str(each["group"])):
        told = [_told(each) for each in members]
        summary = tag("summary", f"{group} ({len(told)})")
        yield tag("details", summary, items("ul", told, "mutants"))


def _told(mutant: Part) -> Markup:
    killers = ", ".join(mutant["killed_by"]) or "nothing"
    lesser = f"; also failed: {', '.join(mutant['also_failed'])}" if mutant["also_failed"] else ""
    trouble = f"; trouble: {'; '.join(mutant['trouble'])}" if mutant["trouble"] else ""
    killed = tag("span", f"killed by {killers}{lesser}{trouble}", class_="killers")
    return join([tag("code", mutant["name"]), " ", mutant["sentence"], " ", killed])
