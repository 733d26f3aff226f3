"""The page for people as data: what it shows of a record, and how much; the templates say how."""

import base64
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import jinja2
from attrs import frozen

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.text import head, shown

Part: TypeAlias = Mapping[str, Any]

TEXT_LIMIT = 2_000
"""How many characters of a sentence, an address or a header the page shows."""
BODY_LIMIT = 8_000
BODY_LINES = 120
"""How many characters and lines of a body it shows."""
OPEN = 40
"""How many lines of a body stand open; a longer one is folded."""
MANY = 10
"""How many exchanges of a test, or tests of a requirement, the page shows at most."""
HEADERS = 40
"""How many headers of a message it shows."""
_DEEPEST = 32

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


def page(record: Part) -> str:
    """The whole page, its verdict first: one file, with no script and nothing from elsewhere."""
    keepers: dict[str, list[Part]] = {}
    for each in record["requirements"]:
        keepers.setdefault(each["of"], []).append(each)
    sentence = short(record["sentence"])
    return render(
        "page.jinja",
        record=record,
        outcome=_RUNS[record["exit_code"]],
        # What kept the suite from its work, unless the sentence says it.
        trouble=[short(each) for each in record["trouble"] if each not in sentence],
        told=[each for kind in _TOLD for each in record["requirements"] if each["verdict"] == kind],
        keepers=keepers,
        worst_first=_WORST_FIRST,
        signs=SIGNS,
        limits={"MANY": MANY, "HEADERS": HEADERS},
        failing=_failing,
        layout=_layout,
    )


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
    made.filters |= {"short": short, "number": "{:,}".format}
    return made


def short(text: str) -> str:
    """A text, cut to what fits on a page."""
    return head(text, TEXT_LIMIT)


def _failing(requirement: Part) -> Sequence[Part]:
    """What the tests say that did not pass, the worst first."""
    told = [each for each in requirement["outcomes"] if each["verdict"] != Verdict.PASS]
    return sorted(told, key=lambda each: -Verdict(each["verdict"]).weight)


@frozen
class _BodyLayout:
    """A body as it stands on the page."""

    kept: str
    left_out: str
    """How much of it is left out, in words."""
    folded: bool


def _layout(text: str) -> _BodyLayout:
    """A body as sent, JSON laid out: cut when it is huge, folded when it is long."""
    laid = indented(text)
    lines = laid.split("\n")
    # Laid out, a short text may take many characters, and all of them are spaces.
    kept = "\n".join(lines[:BODY_LINES])[: len(laid) if laid != text else BODY_LIMIT]
    folded = kept.count("\n") + len(kept) // 100 >= OPEN
    return _BodyLayout(kept, _rest(laid, kept), folded)


def _rest(text: str, kept: str) -> str:
    """How much of a text is left out."""
    if lines := text.count("\n") - kept.count("\n"):
        return f"{lines:,} more line{'s' * (lines > 1)}"
    characters = len(text) - len(kept)
    return f"{characters:,} more character{'s' * (characters > 1)}" if characters else ""


def indented(text: str) -> str:
    """JSON over several lines, each token as it was sent; any other text as it is."""
    if len(text) > BODY_LIMIT or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    laid = "".join(_lines(text))
    return text if "\n" + "  " * (_DEEPEST + 1) in laid else laid


def _lines(text: str) -> Iterator[str]:
    depth, quoted, escaped, opened = 0, False, False, False
    for each in text:
        if quoted:
            escaped, quoted = each == "\\" and not escaped, escaped or each != '"'
            yield each
        elif not each.isspace():
            closing = each in "}]"
            if closing:
                depth -= 1
            # An empty object or list stays on its line.
            if closing != opened and (closing or opened):
                yield "\n" + "  " * min(depth, _DEEPEST + 1)
            opened, quoted = each in "{[", each == '"'
            depth += opened
            yield each
            if each == ",":
                yield "\n" + "  " * min(depth, _DEEPEST + 1)
            elif each == ":":
                yield " "
