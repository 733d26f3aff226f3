"""A run as lines on a terminal, in which nothing foreign is obeyed."""

from rich.console import Console
from rich.text import Text

from servicenow_contract.judging.verdict import Ledger, Verdict
from servicenow_contract.text import visible

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


def details(ledger: Ledger) -> None:
    """Print each requirement that fails or is in error: its statement, reasons and curl."""
    lines = []
    for name, requirement in ledger.catalogue.items():
        if ledger.verdict(name) not in (Verdict.FAIL, Verdict.ERROR):
            continue
        lines += ["", f"{name}: {requirement.statement}", f"  rule: {requirement.at}"]
        lines += [f"  the page: {requirement.words}"] if requirement.words else []
        lines += [f"  {reason}" for reason in ledger.reasons(name)[:10]]
        worst = [each for each in ledger.outcomes[name] if each.verdict is ledger.verdict(name)]
        lines += [f"  {exchange['curl']}" for exchange in (worst[0].exchanges if worst else [])]
    for line in [*lines, ""] if lines else []:
        say(line)
