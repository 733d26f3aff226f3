"""The verdicts of a run as lines for a terminal."""

from rich.text import Text

from servicenow_contract.judging.verdict import Ledger, Verdict

_STYLES = {
    Verdict.PASS: "green",
    Verdict.NOT_RUN: "dim",
    Verdict.DEVIATES: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
}
BROKEN = 2
"""The exit code when the suite or the connection, not the target, is at fault."""


def line(ledger: Ledger, name: str) -> Text:
    """One requirement: its verdict, level and id, and the first reason if it does not pass."""
    verdict = ledger.verdict(name)
    why = "" if verdict is Verdict.PASS else next(iter(ledger.reasons(name)), "")
    shown = Text(f"{verdict:<9}", style=_STYLES[verdict], no_wrap=True, overflow="ellipsis")
    shown.append(f"{ledger.catalogue[name].level:<7}", style="default")
    shown.append(f"{name:<41}" if why else name, style="default")
    shown.append(why, style="dim")
    return shown


def details(ledger: Ledger) -> list[str]:
    """For each requirement that fails or could not be judged: its statement, reasons and curl."""
    lines = []
    for name, requirement in ledger.catalogue.items():
        if ledger.verdict(name) not in (Verdict.FAIL, Verdict.ERROR):
            continue
        lines += ["", f"{name}: {requirement.statement}", f"  rule: {requirement.at}"]
        lines += [f"  {reason}" for reason in ledger.reasons(name)[:10]]
        worst = [each for each in ledger.outcomes[name] if each.verdict is ledger.verdict(name)]
        lines += [f"  {exchange['curl']}" for exchange in (worst[0].exchanges if worst else [])]
    return [*lines, ""] if lines else []
