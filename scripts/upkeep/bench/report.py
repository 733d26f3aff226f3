"""A record for people: lines for a terminal, and a table in Markdown for the README."""

from collections.abc import Iterator
from typing import Any

from upkeep.bench.contenders import BARE, FLOOR, OFFICIAL, OURS, STOCK
from upkeep.bench.record import Record

_COLUMNS = (BARE.title, STOCK.title, OFFICIAL.title)


def amount(value: float) -> str:
    """A number with as many digits as say something."""
    if value >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def span(spread: Record) -> str:
    """A ratio's median with its quartiles."""
    return f"{spread['median']:.2f} ({spread['low']:.2f}-{spread['high']:.2f})"


def verdict(ratio: Record) -> str:
    """The goal of a ratio and whether it is met; empty when it has none."""
    if ratio["goal"] is None:
        return ""
    return f"goal {ratio['goal']}: {'met' if ratio['met'] else 'missed'}"


def lines(record: Record) -> Iterator[str]:
    """The whole record for a terminal."""
    yield head(record)
    for figure in record["figures"]:
        yield ""
        yield f"{figure['name']}: {figure['title']}"
        for case in figure["cases"]:
            yield from _case_lines(case)
        for reason in figure["not_measured"]:
            yield f"  not measured: {reason}"


def _case_lines(case: Record) -> Iterator[str]:
    ours, *others = case["contenders"]
    better = "more" if case["more_is_better"] else "less"
    yield f"  {case['name']} ({case['unit']}, {better} is better)"
    yield f"    {_contender(ours)}  ratio (quartiles)"
    for other, ratio in zip(others, case["ratios"], strict=True):
        yield f"    {_contender(other)}  {span(ratio):19} {verdict(ratio)}".rstrip()


def _contender(entry: Record) -> str:
    quartiles = f"{amount(entry['low'])}-{amount(entry['high'])}"
    return f"{entry['title']:18} {amount(entry['median']):>9}  {quartiles:17}"


def head(record: Record) -> str:
    """When, where and with what it was measured."""
    machine, (before, after) = record["machine"], record["machine"]["load"]
    used = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    quick = " in a quick run, which is good for trying out only" if record["quick"] else ""
    return (
        f"Measured on {record['date']}{quick}: {machine['system']}, {machine['processor']}, "
        f"{machine['cores']} cores, load {before:.1f} before and {after:.1f} after. "
        f"Versions: {used}."
    )


def markdown(record: Record) -> Iterator[str]:
    """The record as the README shows it: the client beside its peers, then everything else."""
    clients = [f for f in record["figures"] if _subjects(f) == {OURS.title}]
    others = [f for f in record["figures"] if _subjects(f) - {OURS.title}]
    yield head(record)
    if clients:
        yield from (
            "",
            f"| | {OURS.title} | of {' | of '.join(_COLUMNS)} |",
            "|---|---|---|---|---|",
        )
        for figure in clients:
            yield from _rows(figure)
    if others:
        yield from ("", "| | ours | beside | ratio |", "|---|---|---|---|")
    for figure in others:
        for case in figure["cases"]:
            for ratio in case["ratios"]:
                cells = (_name(figure, case), _ours(case), ratio["beside"], _cell(ratio))
                yield f"| {' | '.join(cells)} |"
    for figure in record["figures"]:
        for reason in figure["not_measured"]:
            yield from ("", f"Not measured: {figure['name']}, {reason}")


def _rows(figure: Record) -> Iterator[str]:
    for case in figure["cases"]:
        found = {ratio["beside"]: _cell(ratio) for ratio in case["ratios"]}
        if FLOOR.title in found:
            found[BARE.title] = f"{FLOOR.title}: {found[FLOOR.title]}"
        cells = (_name(figure, case), _ours(case), *(found.get(title, "") for title in _COLUMNS))
        yield f"| {' | '.join(cells)} |"


def _subjects(figure: Record) -> set[str]:
    return {case["contenders"][0]["title"] for case in figure["cases"]}


def _name(figure: Record, case: Record) -> str:
    return f"{figure['name']}: {case['name']}"


def _ours(case: Record) -> str:
    return f"{amount(case['contenders'][0]['median'])} {case['unit']}"


def _cell(ratio: Any) -> str:
    goal = verdict(ratio)
    return f"{span(ratio)}; {goal}" if goal else span(ratio)
