"""The part of the page that shows what went wrong: the rule, the request, the answer, the curl."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from servicenow_contract.judging.verdict import Verdict
from servicenow_contract.report.markup import Markup, items, join, pre, tag
from servicenow_contract.text import cut

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


def badge(verdict: Verdict) -> Markup:
    """A verdict as its sign and its word."""
    return tag("span", sign(verdict), f" {verdict}", class_=f"badge {verdict}")


def sign(verdict: Verdict) -> Markup:
    """The sign of a verdict, for the eye only: the word stands beside it."""
    return tag("span", SIGNS[verdict], class_="sign", aria_hidden="true")


def anchor(requirement: Part) -> str:
    """The `id` of a requirement's place on the page."""
    return f"r-{requirement['id']}"


def rule(requirement: Part) -> Markup:
    """Where the promise stands in the fragment."""
    if requirement["at"]:
        return tag("code", short(requirement["at"]))
    return tag("span", "the whole fragment")


def short(text: str) -> str:
    """A text, cut to what fits on a page."""
    kept, left_out = cut(text, TEXT_LIMIT)
    return f"{kept} … ({left_out:,} more characters)" if left_out else kept


def detail(requirement: Part) -> Markup:
    """One requirement that fails, deviates or could not be judged, with all that tells why."""
    level = f"{requirement['level']} · {requirement['of']}"
    return tag(
        "article",
        tag("h3", badge(Verdict(requirement["verdict"])), " ", requirement["id"]),
        tag("p", short(requirement["statement"]), class_="statement"),
        tag("p", tag("b", level), " · rule ", rule(requirement), class_="rule"),
        _deviation(requirement["deviation"]),
        _reasons(requirement),
        *_outcomes(requirement),
        tag("p", tag("a", "↑ all requirements", href="#matrix"), class_="up"),
        id=anchor(requirement),
        class_=f"detail {requirement['verdict']}",
    )


def _deviation(deviation: Part | None) -> Markup:
    if deviation is None:
        return Markup()
    return tag(
        "p",
        tag("b", "Known since "),
        tag("time", deviation["since"]),
        ": ",
        short(deviation["statement"]),
        tag("br"),
        tag("b", "Evidence: "),
        short(deviation["evidence"]),
        class_="deviation",
    )


def _reasons(requirement: Part) -> Markup:
    """The reasons that no test below says."""
    said = {each["reason"] for each in _told(requirement)[:MANY]}
    listed = [short(each) for each in requirement["reasons"] if each not in said]
    return items("ul", listed, "reasons") if listed else Markup()


def _outcomes(requirement: Part) -> Iterator[Markup]:
    told = _told(requirement)
    yield from map(_outcome, told[:MANY])
    yield _left_out(told[MANY:], "more tests")


def _told(requirement: Part) -> list[Part]:
    """What the tests say that did not pass, the worst first."""
    told = [each for each in requirement["outcomes"] if each["verdict"] != Verdict.PASS]
    return sorted(told, key=lambda each: -Verdict(each["verdict"]).weight)


def _outcome(outcome: Part) -> Markup:
    earlier, exchanges = outcome["exchanges"][:-MANY], outcome["exchanges"][-MANY:]
    shown = [_exchange(each, last=each is exchanges[-1]) for each in exchanges]
    return tag(
        "section",
        tag("h4", badge(Verdict(outcome["verdict"])), " ", tag("code", short(outcome["test"]))),
        tag("p", short(outcome["reason"]), class_="reason") if outcome["reason"] else Markup(),
        _left_out(earlier, "earlier exchanges"),
        *shown,
        class_="outcome",
    )


def _exchange(exchange: Part, *, last: bool) -> Markup:
    """One request and its answer; only the last of a test, which decided, stands open."""
    request, response = exchange["request"], exchange["response"]
    answer = "no answer" if response is None else f"{response['status']}"
    return tag(
        "details",
        tag(
            "summary",
            tag("code", f"{short(request['method'])} {short(request['url'])}"),
            f" → {answer}",
        ),
        tag(
            "div",
            tag("section", tag("h5", "Request"), *_message(request), class_="message"),
            tag("section", tag("h5", _answered(response)), *_message(response), class_="message"),
            class_="pair",
        ),
        tag("h5", "Repeat it"),
        body(exchange["curl"], "curl"),
        open=last,
        class_="exchange",
    )


def _answered(response: Part | None) -> str:
    if response is None:
        return "No answer came"
    return f"Answer {response['status']}, after {response['seconds']:.3f} s"


def _message(message: Part | None) -> Iterator[Markup]:
    if message is None:
        return
    listed = [(short(name), short(value)) for name, value in message["headers"].items()]
    lines = [join([tag("b", f"{name}:"), f" {value}"]) for name, value in listed[:HEADERS]]
    if lines:
        yield tag("pre", "\n", join(lines, "\n"), class_="headers")
    yield _left_out(listed[HEADERS:], "more headers")
    if message["body"]:
        yield body(message["body"])
    else:
        yield tag("p", "no body", class_="note")


def body(text: str, class_: str = "") -> Markup:
    """A body as sent, JSON laid out: cut when it is huge, folded when it is long."""
    laid = indented(text)
    lines = laid.split("\n")
    # Laid out, a short text may take many characters, and all of them are spaces.
    kept = "\n".join(lines[:BODY_LINES])[: len(laid) if laid != text else BODY_LIMIT]
    block = pre(kept, class_)
    if left_out := _rest(laid, kept):
        note = f"… {left_out}, whole in verdict.json"
        block = join([block, tag("p", note, class_="note")])
    if kept.count("\n") + len(kept) // 100 < OPEN:
        return block
    return tag("details", tag("summary", f"{len(text):,} characters"), block, class_="long")


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


def _left_out(rest: Sequence[Any], what: str) -> Markup:
    if not rest:
        return Markup()
    return tag("p", f"… {len(rest):,} {what} in verdict.json", class_="note")
