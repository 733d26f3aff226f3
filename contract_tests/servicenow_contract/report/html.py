"""The page for people: one file, with no script and nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.report.html_detail import Part, anchor, badge, detail, rule, short, sign
from servicenow_contract.report.markup import Markup, items, join, table, tag

_WORST_FIRST = sorted(Verdict, key=lambda each: -each.weight)
_TOLD = (Verdict.ERROR, Verdict.FAIL, Verdict.DEVIATES)
_RUNS = {0: Verdict.PASS, 1: Verdict.FAIL, 2: Verdict.ERROR}


def page(record: Mapping[str, Any]) -> str:
    """The whole page, its verdict first."""
    outcome = _RUNS[record["exit_code"]]
    return document(
        f"{outcome}: {short(record['target']['name'])}, conformance report",
        tag(
            "header",
            tag("p", "ServiceNow tickets · conformance report", class_="kicker"),
            tag("h1", sign(outcome), " ", short(record["sentence"]), class_=outcome),
            _trouble(record),
        ),
        tag("main", *_sections(record)),
        _footer(record),
    )


def document(title: str, *body: str, style: str = "") -> str:
    """A page in this kit's style, and `style` behind it, as one file."""
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8") + style
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Markup(style)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', *body), lang='en')}\n"


def _policy(style: str) -> str:
    """Nothing is loaded, sent or run; this style alone holds."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _sections(record: Mapping[str, Any]) -> Iterator[Markup]:
    requirements: Sequence[Part] = record["requirements"]
    told = [
        each for verdict in _TOLD for each in requirements if Verdict(each["verdict"]) is verdict
    ]
    yield tag("div", _run(record), _counts(record), class_="summary")
    yield _matrix(requirements)
    if told:
        heading = tag("h2", "Errors, failures and deviations", id="details")
        yield tag("section", heading, *map(detail, told), aria_labelledby="details")
    if record["written"]:
        yield _written(record["written"])
    if requirements:
        yield _catalogue(requirements)


def _trouble(record: Mapping[str, Any]) -> Markup:
    """What kept the suite from its work, unless the sentence says it."""
    sentence = short(record["sentence"])
    listed = [short(each) for each in record["trouble"] if each not in sentence]
    return items("ul", listed, "trouble") if listed else Markup()


def _run(record: Mapping[str, Any]) -> Markup:
    """The facts of the run."""
    target = [short(record["target"]["name"])]
    if record["target"]["url"]:
        target += [tag("br"), tag("code", short(record["target"]["url"]))]
    facts = {
        "Target": join(target),
        "Started": tag("time", record["started"]),
        "Took": f"{record['seconds']:,.1f} s, {record['requests']:,} requests",
        "Profile": f"{record['profile']}, seed {record['seed']}"
        + (", strict" if record["strict"] else ""),
    }
    return tag(
        "dl", *(tag("div", tag("dt", name), tag("dd", fact)) for name, fact in facts.items())
    )


def _counts(record: Mapping[str, Any]) -> Markup:
    """How many requirements have each verdict, by who keeps them; the legend of the signs too."""
    rows = []
    keepers = _keepers(record["requirements"])
    for keeper, kept in keepers.items():
        found = [each["verdict"] for each in kept]
        rows.append([keeper, *(_number(found.count(each), each) for each in _WORST_FIRST)])
    if len(keepers) != 1:
        rows.append(["all", *(_number(record["counts"][each], each) for each in _WORST_FIRST)])
    head = ["kept by", *map(badge, _WORST_FIRST)]
    return table("How many requirements have each verdict", head, rows, "counts")


def _number(count: int, verdict: Verdict) -> Markup:
    return tag("span", f"{count:,}", class_=str(verdict) if count else "none")


def _matrix(requirements: Sequence[Part]) -> Markup:
    """Every requirement as one tile, in the catalogue's order, by who keeps it."""
    groups = []
    for keeper, kept in _keepers(requirements).items():
        groups += [tag("h3", keeper.capitalize()), items("ul", map(_tile, kept), "tiles")]
    if not groups:
        groups = [tag("p", "No requirement was judged.")]
    heading = tag("h2", "The requirements", id="matrix")
    return tag("section", heading, *groups, aria_labelledby="matrix", class_="matrix")


def _tile(requirement: Part) -> Markup:
    verdict = Verdict(requirement["verdict"])
    level = requirement["level"]
    return tag(
        "a",
        sign(verdict),
        tag("span", requirement["id"], class_="name"),
        # MUST is the rule, so only the exceptions are marked.
        tag("span", level, class_="level") if level != "MUST" else Markup(),
        tag("span", str(verdict), class_="word"),
        href=f"#{anchor(requirement)}",
        class_=f"tile {verdict}",
    )


def _written(written: Sequence[Part]) -> Markup:
    """What the run left behind on the target."""
    entries = [
        join([tag("code", short(each["ticket"])), ": ", short(", ".join(each["findings"]))])
        for each in written
    ]
    heading = tag("h2", "What was written to the target", id="written")
    return tag("section", heading, items("ul", entries, "written"), aria_labelledby="written")


def _catalogue(requirements: Sequence[Part]) -> Markup:
    """Every requirement in words."""
    groups = []
    for keeper, kept in _keepers(requirements).items():
        groups += [
            tag("h3", keeper.capitalize()),
            tag("ul", *map(_entry, kept), class_="catalogue"),
        ]
    heading = tag("h2", "Every requirement in words", id="catalogue")
    return tag("section", heading, *groups, aria_labelledby="catalogue")


def _entry(requirement: Part) -> Markup:
    """One requirement; one that the page tells of above has its place there."""
    verdict = Verdict(requirement["verdict"])
    above = verdict in _TOLD
    name = requirement["id"]
    reasons = [] if above or verdict is Verdict.PASS else requirement["reasons"]
    return tag(
        "li",
        badge(verdict),
        tag(
            "div",
            tag("b", tag("a", name, href=f"#{anchor(requirement)}") if above else name),
            " ",
            tag("span", requirement["level"], class_="level"),
            tag("br"),
            short(requirement["statement"]),
            *(tag("p", short(reason), class_="reason") for reason in reasons),
            tag("p", rule(requirement), class_="rule"),
        ),
        id="" if above else anchor(requirement),
    )


def _footer(record: Mapping[str, Any]) -> Markup:
    tool, fragment = record["tool"], record["fragment"]
    return tag(
        "footer",
        tag(
            "p",
            f"{short(tool['name'])} {short(tool['version'])}, exit code {record['exit_code']}. "
            f"Judged by the fragment {short(fragment['version'])}, SHA-256 ",
            tag("code", short(fragment["sha256"])),
            ". Everything whole is in verdict.json, beside this page.",
        ),
    )


def _keepers(requirements: Sequence[Part]) -> Mapping[str, Sequence[Part]]:
    """The requirements by who keeps them, in the catalogue's order."""
    groups: dict[str, list[Part]] = {}
    for each in requirements:
        groups.setdefault(each["of"], []).append(each)
    return groups
