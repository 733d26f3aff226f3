"""A run as lines on a terminal, in which nothing foreign is obeyed."""

from rich.console import Console
from rich.text import Text

from servicenow_contract.judging.verdict import Ledger, Verdict
from servicenow_contract.report.causes import Cause, Part, causes, told
from servicenow_contract.text import head, visible

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
            lines += [
                "",
                f"{len(found) - number} more causes, with {rest} failures; --report has them.",
            ]
            break
        lines += block
    for line in [*lines, ""] if lines else []:
        say(line)


def _block(cause: Cause) -> list[str]:
    """A cause in lines: its words, its requirements, examples, and the shell lines of the first."""
    by_name = cause.requirements
    counted = [f"{name} ({each[0][0]['level']}, {len(each)})" for name, each in by_name.items()]
    shown = [each[0] for each in by_name.values()]
    shown += [one for each in by_name.values() for one in each[1:]]
    first, outcome = shown[0]
    lines = ["", f"{cause.count} times: {cause.words}", f"  {', '.join(counted)}"]
    lines.append(f"  {first['id']}: {first['statement']}")
    lines += [f"  {head(told(each), 400)}" for _, each in shown[:_EXAMPLES]]
    repeat = outcome["repeat"]
    if len(repeat) > _EXAMPLES:
        lines.append(f"  (after {len(repeat) - 1} requests that --report lists)")
        repeat = repeat[-1:]
    return lines + [f"  {line}" for line in repeat]


_LINES = 56
"""How many lines failures take at most."""
_EXAMPLES = 3
"""How many failures of one cause are shown, and how many shell lines."""
