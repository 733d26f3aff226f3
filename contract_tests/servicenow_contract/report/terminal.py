"""A run as lines on a terminal, in which nothing foreign is obeyed."""

from rich.console import Console
from rich.text import Text

from servicenow_contract.judging.verdict import Ledger, Verdict
from servicenow_contract.report.causes import Cause, Part, causes, told
from servicenow_contract.text import counted, head, visible

_STYLES = {
    Verdict.PASS: "green",
    Verdict.NOT_RUN: "dim",
    Verdict.DEVIATES: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raises BrokenPipeError again: the command says how it ends."""
        raise BrokenPipeError


def say(line: str, *, style: str = "") -> None:
    """Print a line as it is, never wrapped; others may have written what stands in it."""
    plain = "\n".join(map(visible, line.split("\n")))
    _Console().print(plain, style=style, markup=False, highlight=False, soft_wrap=True)


def verdict_line(ledger: Ledger, name: str) -> None:
    """Print one requirement: verdict, level and id, and the first reason, if there is one."""
    verdict = ledger.verdict(name)
    why = next(iter(ledger.reasons(name)), "")
    shown = Text(f"{verdict:<9}", style=_STYLES[verdict], no_wrap=True, overflow="ellipsis")
    shown.append(f"{ledger.catalogue[name].level:<7}", style="default")
    shown.append(f"{name:<41}" if why else name, style="default")
    shown.append(visible(why), style="dim")
    out = _Console()
    out.print(shown, soft_wrap=not out.is_terminal)


def details(record: Part) -> None:
    """Print what fails by its causes, some examples of each, and how to see one again."""
    found, lines = causes(record["requirements"]), list[str]()
    for number, cause in enumerate(found):
        block = _block(cause)
        if len(lines) + len(block) > _LINES:
            rest = sum(each.count for each in found[number:])
            more = counted(len(found) - number, "more cause")
            lines += ["", f"{more}, with {counted(rest, 'failure')}; --report shows them."]
            break
        lines += block
    for line in [*lines, ""] if lines else []:
        say(line)


def _block(cause: Cause) -> list[str]:
    """A cause in lines: its words, its requirements with examples, the shell lines of the first."""
    lines, asked = ["", cause.title], [*cause.requirements.values()]
    named = [f"{found[0][0]['id']} ({found[0][0]['level']}, {len(found)})" for found in asked]
    for name, found in list(zip(named, asked, strict=True))[:_SHOWN]:
        lines.append(f"  {name}: {found[0][0]['statement']}")
        few = max(1, _EXAMPLES // len(asked))
        lines += [f"    {head(told(outcome), 400)}" for _, outcome in found[:few]]
    if rest := named[_SHOWN:]:
        lines.append(f"  and {', '.join(rest)}")
    repeat = cause.found[0][1]["repeat"]
    if len(repeat) > _EXAMPLES:
        others = counted(len(repeat) - 1, "other request")
        lines.append(f"  (after {others}; --report lists them)")
        repeat = repeat[-1:]
    return lines + [f"  {line}" for line in repeat]


_LINES = 56
"""How many lines failures take at most."""
_SHOWN = 8
"""How many requirements of one cause are told, where the others are named."""
_EXAMPLES = 3
"""How many failures of one cause are shown, unless it has more requirements, and shell lines."""
