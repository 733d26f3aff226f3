"""The picture of a record: every ratio with its quartiles, and the line that a goal draws.

It stands alone, as a file or in a page, follows light and dark, and says everything in words too.
"""

import math
from collections.abc import Iterator
from html import escape

from upkeep.bench.record import Record
from upkeep.bench.report import span, verdict

_ROW = 20
_TOP = 96
_LEFT = 350
_RIGHT = 710
_WIDTH = 1000
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_LEGEND = (
    "Dot: median; a diamond where the goal is missed. Bar: quartiles. Upright stroke: goal. "
    "Less is better, but where it says more."
)
_STYLE = """
svg { --ink: #1b1f24; --quiet: #59636e; --line: #d1d9e0; --ground: #ffffff;
      --good: #0a6640; --bad: #b35900; --plain: #0550ae; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e6edf3; --quiet: #9198a1; --line: #3d444d; --ground: #0d1117;
        --good: #3fb950; --bad: #f0883e; --plain: #58a6ff; } }
text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.head { font-size: 16px; font-weight: 600; } .figure { font-weight: 600; }
.quiet { fill: var(--quiet); font-size: 11px; } .ground { fill: var(--ground); }
.grid { stroke: var(--line); } .one { stroke: var(--quiet); }
.goal { stroke: var(--ink); stroke-width: 2; }
.met { fill: var(--good); stroke: var(--good); } .missed { fill: var(--bad); stroke: var(--bad); }
.none { fill: var(--plain); stroke: var(--plain); }
"""


def svg(record: Record) -> str:
    """The picture as an SVG document."""
    rows = list(_rows(record))
    bottom = _TOP + _ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 40}"',
        f'width="{_WIDTH}" height="{bottom + 40}" role="img" aria-labelledby="title about">',
        '<title id="title">Ratios of ./scripts/bench</title>',
        f'<desc id="about">{escape(_about(rows))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{bottom + 40}"/>',
        '<text class="head" x="16" y="28">Ours as a part of theirs</text>',
        f'<text class="quiet" x="16" y="48">{escape(_where(record))}</text>',
        f'<text class="quiet" x="16" y="66">{_LEGEND}</text>',
        *_axis(bottom),
    ]
    for number, (label, ratio) in enumerate(rows):
        parts += _row(_TOP + _ROW * number + _ROW / 2, label, ratio)
    return "\n".join([*parts, "</svg>", ""])


def _rows(record: Record) -> Iterator[tuple[str, Record | None]]:
    """The label of each line, with its ratio unless it is a heading or was not measured."""
    for figure in record["figures"]:
        yield figure["name"], None
        for case in figure["cases"]:
            more = ", more is better" if case["more_is_better"] else ""
            for ratio in case["ratios"]:
                yield f"{case['name']}{more} / {ratio['beside']}", ratio
        for reason in figure["not_measured"]:
            yield f"not measured: {reason}", None


def _about(rows: list[tuple[str, Record | None]]) -> str:
    return "; ".join(
        label if ratio is None else f"{label}: {span(ratio)} {verdict(ratio)}".strip()
        for label, ratio in rows
    )


def _where(record: Record) -> str:
    machine = record["machine"]
    quick = "quick run, " if record["quick"] else ""
    place = f"{machine['system']}, {machine['processor']}, {machine['cores']} cores"
    before, after = machine["load"]
    load = f"load {before:.1f} before and {after:.1f} after"
    return f"{quick}{record['date']}, {place}, {load}, Python {record['versions']['Python']}"


def _x(ratio: float) -> float:
    """Where a ratio stands: equal factors, equal distances; what is beyond stands at the edge."""
    low, high = math.log(_TICKS[0]), math.log(_TICKS[-1])
    part = (min(max(math.log(ratio), low), high) - low) / (high - low)
    return round(_LEFT + part * (_RIGHT - _LEFT), 1)


def _axis(bottom: int) -> Iterator[str]:
    for tick in _TICKS:
        kind, x = ("one" if tick == 1 else "grid"), _x(tick)
        yield f'<line class="{kind}" x1="{x}" x2="{x}" y1="{_TOP - 4}" y2="{bottom}"/>'
        for y in (_TOP - 10, bottom + 16):
            yield f'<text class="quiet" x="{x}" y="{y}" text-anchor="middle">{tick:g}</text>'


def _row(y: float, label: str, ratio: Record | None) -> Iterator[str]:
    if ratio is None:
        yield f'<text class="figure" x="16" y="{y + 4}">{escape(label[:150])}</text>'
        return
    kind = {True: "met", False: "missed", None: "none"}[ratio["met"]]
    low, middle, high = (_x(ratio[each]) for each in ("low", "median", "high"))
    yield f'<text x="28" y="{y + 4}">{escape(label)}</text>'
    if ratio["goal_ratio"] is not None:
        goal = _x(ratio["goal_ratio"])
        yield f'<line class="goal" x1="{goal}" x2="{goal}" y1="{y - 8}" y2="{y + 8}"/>'
    yield f'<line class="{kind}" x1="{low}" x2="{high}" y1="{y}" y2="{y}" stroke-width="3"/>'
    if kind == "missed":
        points = f"{middle},{y - 6} {middle + 6},{y} {middle},{y + 6} {middle - 6},{y}"
        yield f'<polygon class="{kind}" points="{points}"/>'
    else:
        yield f'<circle class="{kind}" cx="{middle}" cy="{y}" r="4"/>'
    words = "; ".join(filter(None, (span(ratio), verdict(ratio))))
    yield f'<text x="{_RIGHT + 20}" y="{y + 4}">{escape(words)}</text>'
