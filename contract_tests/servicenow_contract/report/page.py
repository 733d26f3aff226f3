"""The page for people: what it shows of a record, and how much; the templates say how.

Every requirement, verdict and cause is on it, and of the rest as much as fits: the exchange that
decided the first failure of each cause, other failures alike, shell lines, and earlier exchanges.
"""

import base64
import functools
import hashlib
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from attrs import define, field
from markupsafe import Markup

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.report import layout
from servicenow_contract.report.causes import Cause, Part, causes, told
from servicenow_contract.report.marks import Marks, marks
from servicenow_contract.report.record import line
from servicenow_contract.text import head, shown

TEXT_LIMIT = 2_000
"""How many characters of a sentence, an address or a header the page shows."""
MOST = 290_000
"""How many bytes the page has at most, as long as its requirements and causes alone have fewer."""
_TIGHT = ((12, 800), (4, 400), (2, 200))
"""How many causes of a requirement, and characters of a reason, are shown, from ample to tight."""
_ALIKE = 20
"""How many failures of one cause are listed at most, and tickets that were written to."""
_EARLIER = 10
"""How many exchanges before the one that decided are shown."""
_HEADERS = 40
"""How many headers of a message."""
_FEW = 12
"""How many lines of a body where there is little room, or where the other message is wrong."""
_REPEAT = 20_000
"""How many characters of shell lines."""
_LEAST = 500
"""The bytes below which no part fits."""

SIGNS = {
    Verdict.PASS: "✓",
    Verdict.NOT_RUN: "○",
    Verdict.DEVIATES: "≈",
    Verdict.FAIL: "✗",
    Verdict.ERROR: "!",
}
_WORST_FIRST = sorted(Verdict, key=lambda each: -each.weight)
_TOLD = (Verdict.ERROR, Verdict.FAIL, Verdict.DEVIATES)
_RUNS = {0: Verdict.PASS, 1: Verdict.FAIL, 2: Verdict.ERROR}
_HERE = Path(__file__).parent
_NOTHING = Markup("")
_joined = _NOTHING.join


@define
class _Told:
    """A cause of a requirement that does not pass, and what the page has room for of it."""

    requirement: Part
    cause: Cause
    parts: dict[str, Markup] = field(factory=dict)

    @property
    def first(self) -> Part:
        """The failure that stands for all."""
        return self.cause.found[0][1]

    @property
    def others(self) -> Sequence[Part]:
        """The others, as many as may be listed."""
        return [outcome for _, outcome in self.cause.found[1 : 1 + _ALIKE]]

    @property
    def hidden(self) -> int:
        """How many exchanges of the first failure are not shown."""
        shown = ("exchange" in self.parts) + ("earlier" in self.parts) * _EARLIER
        return max(0, len(self.first["exchanges"]) - shown)

    @property
    def unlisted(self) -> int:
        """How many other failures are not listed."""
        return self.cause.count - 1 - len(self.others) * ("others" in self.parts)

    def marks(self, outcome: Part) -> Marks:
        """What is wrong in the exchange that decided a failure."""
        found = outcome["exchanges"][-1:]
        return marks(self.requirement["id"], outcome["reason"], found[0]) if found else Marks()

    def part(self, name: str) -> Markup:
        """A part that is shown, or nothing."""
        return self.parts.get(name, _NOTHING)


def page(record: Part) -> str:
    """The whole page, its verdict first: one file, with no script and nothing from elsewhere."""
    keepers: dict[str, list[Part]] = {}
    for each in record["requirements"]:
        keepers.setdefault(each["of"], []).append(each)
    told = {
        each["id"]: [_Told(each, cause) for cause in causes([each], set(Verdict) - {Verdict.PASS})]
        for kind in _TOLD
        for each in record["requirements"]
        if each["verdict"] == kind
    }
    for most, length in _TIGHT:
        facts = _facts(record, keepers, told, most, length)
        text = render("page.jinja", **facts)
        if len(text.encode()) < MOST * 2 / 3:
            break
    _fill([each[:most] for each in told.values()], MOST - len(text.encode()), length)
    return render("page.jinja", **facts)


def _facts(
    record: Part,
    keepers: Mapping[str, Sequence[Part]],
    told: Mapping[str, Sequence[_Told]],
    most: int,
    length: int,
) -> Mapping[str, Any]:
    """What the template of the page takes."""
    sentence = short(record["sentence"])
    by_id = {each["id"]: each for each in record["requirements"]}
    return {
        "record": record,
        "line": short(line(record)),
        "outcome": _RUNS[record["exit_code"]],
        # What kept the suite from its work, unless the sentence says it.
        "trouble": [short(each) for each in record["trouble"] if each not in sentence],
        "told": {name: each[:most] for name, each in told.items()},
        "rest": {name: each[most:] for name, each in told.items()},
        "by_id": by_id,
        "keepers": keepers,
        "worst_first": _WORST_FIRST,
        "unsaid": _unsaid,
        "listed": _ALIKE,
        "length": length,
    }


def _unsaid(requirement: Part) -> Sequence[str]:
    """The reasons of a requirement that its outcomes do not give, as where there are none."""
    outcomes = requirement["outcomes"]
    known = {*map(told, outcomes), *(each["reason"] for each in outcomes)}
    return [each for each in requirement["reasons"] if each not in known]


def _fill(told: Sequence[Sequence[_Told]], room: int, length: int) -> None:
    """Give the causes their parts while there is room, the first of each requirement first."""
    flat = [each for turn in itertools.zip_longest(*told) for each in turn if each is not None]
    macros: Any = environment().get_template("parts.jinja").make_module({"length": length})
    for name, make in _PARTS.items():
        for each in flat:
            made, key = make(macros, each), name.partition(" ")[0]
            cost = len(made.encode()) - len(each.part(key).encode())
            if made and cost <= room:
                each.parts[key] = made
                room -= cost
            if room < _LEAST:
                return


def _exchange(macros: Any, told: _Told, *, whole: bool = False) -> Markup:
    """The exchange that decided."""
    return _joined(
        macros.exchange(each, told.marks(told.first), opened=True, whole=whole)
        for each in told.first["exchanges"][-1:]
    )


def _earlier(macros: Any, told: _Told) -> Markup:
    """The exchanges before it."""
    found = told.first["exchanges"][:-1][-_EARLIER:]
    return _joined(macros.exchange(each, Marks()) for each in found)


def _others(macros: Any, told: _Told, *, whole: bool = False) -> Markup:
    """The other failures alike, each with the exchange that decided if they are shown whole."""
    found = [(each, told.marks(each) if whole else None) for each in told.others]
    return _joined([macros.others(found)] if found else [])


def _headers(
    headers: Mapping[str, str], most: int, marked: Collection[str]
) -> Sequence[tuple[str, str]]:
    """The first headers of a message, and those that are marked."""
    return [
        (name, value)
        for number, (name, value) in enumerate(headers.items())
        if number < most or name.lower() in marked
    ]


def _repeat(macros: Any, told: _Told, *, most: int = 1) -> Markup:
    """The last shell lines, whole, as many as a page takes."""
    lines, kept = told.first["repeat"], list[str]()
    for each in reversed(lines[-most:]):
        if sum(map(len, kept)) + len(each) > _REPEAT:
            break
        kept.insert(0, each)
    return _joined([macros.repeat(kept, len(lines) - len(kept))] if kept else [])


_PARTS: Mapping[str, Callable[[Any, _Told], Markup]] = {
    "exchange": _exchange,
    "repeat": _repeat,
    "others": _others,
    "exchange whole": functools.partial(_exchange, whole=True),
    "repeat whole": functools.partial(_repeat, most=100),
    "earlier": _earlier,
    "others whole": functools.partial(_others, whole=True),
}
"""What a cause may have on the page, the most needed first; a whole part takes its head's place."""


def render(template: str, folder: Path = _HERE, style: str = "", **facts: Any) -> str:
    """A page in this kit's style, and `style` behind it, as one file."""
    style = (_HERE / "report.css").read_text(encoding="utf-8") + style
    # Nothing is loaded, sent or run; this style alone holds.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = environment(folder).get_template(template)
    return page.render(style=style, policy=policy, **facts)


@functools.cache
def environment(folder: Path = _HERE) -> jinja2.Environment:
    """The templates of a folder and of this one; text in them is escaped, and `shown`."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if hasattr(value, "__html__") else shown(str(value)),
    )
    made.filters |= {"short": short, "number": "{:,}".format, "cut": head}
    made.globals |= {"signs": SIGNS, "body": layout.body, "chosen": _headers}
    made.globals |= {"lines": layout.LINES, "few": _FEW, "headers": _HEADERS}
    return made


def short(text: str) -> str:
    """A text, cut to what fits on a page."""
    return head(text, TEXT_LIMIT)
