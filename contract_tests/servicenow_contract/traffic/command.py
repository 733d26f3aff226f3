"""The command that judges recorded traffic: reads the files, prints the verdicts."""

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from servicenow_contract.command import Command, complain
from servicenow_contract.contract import contract
from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.judging.verdict import Ledger, Verdict
from servicenow_contract.report import record, write
from servicenow_contract.report.terminal import details, say, verdict_line
from servicenow_contract.text import counted
from servicenow_contract.traffic import files as recordings
from servicenow_contract.traffic.exchange import Recorded, RecordingError
from servicenow_contract.traffic.judge import Traffic, concerns
from servicenow_contract.traffic.secrets import secrets


@define
class _Files:
    """What the files hold: the exchanges to judge, recording by recording, and what is left out."""

    contract: Fragment = field(repr=False)
    all: list[Recorded] = field(factory=list)
    judged: list[list[Recorded]] = field(factory=list)
    unread: list[Recorded] = field(factory=list)
    """Entries of this operation, or of nobody knows which, that cannot be read."""
    trouble: list[str] = field(factory=list)

    @classmethod
    def read(cls, contract: Fragment, paths: Sequence[Path]) -> "_Files":
        """Read every file; one that is not a recording is trouble, and the others are read."""
        files = cls(contract)
        for path in paths:
            try:
                found = recordings.read(path)
            except RecordingError as error:
                files.trouble.append(str(error))
                continue
            files.all += found
            ours = [each for each in found if concerns(contract, each)]
            files.judged.append([each for each in ours if not each.unread])
            files.unread += [
                each for each in found if each.unread and (each in ours or not each.url)
            ]
        if not files.trouble and not files.count:
            broken = f"; {files.broken}: {files.unread[0].unread}" if files.unread else ""
            others = counted(files.others, "exchange")
            files.trouble.append(
                f"no exchange is of {_operation(files.contract)} ({others} of other "
                f"operations{broken}); name a recording that holds this operation"
            )
        return files

    @property
    def others(self) -> int:
        """How many exchanges are of other operations."""
        return len(self.all) - self.count - len(self.unread)

    @property
    def broken(self) -> str:
        """How many entries cannot be read, in words."""
        return f"{counted(len(self.unread), 'entry')} that cannot be read"

    @property
    def count(self) -> int:
        """How many exchanges are judged."""
        return sum(map(len, self.judged))

    @property
    def sentence(self) -> str:
        """What is judged and what is not, in one sentence."""
        read = counted(len(self.judged), "recording")
        notes = [f"{self.others} of other operations are left out"]
        each = list(itertools.chain(*self.judged))
        if silent := sum(one.status is None for one in each):
            notes.append(f"{silent} without an answer")
        if bare := sum(None in (one.request.content, one.response.content) for one in each):
            notes.append(f"{bare} without a body that can be read")
        if self.unread:
            notes.append(self.broken)
        what = f"{counted(self.count, 'exchange')} of {_operation(self.contract)} in {read}"
        return f"Judging {what} ({'; '.join(notes)})."


def main(argv: Sequence[str] | None = None) -> int:
    """Judge recordings by the contract and print the verdicts.

    Returns 0 when no MUST fails, 1 when one does, and 2 when a file is not a recording or nothing
    could be judged, what could be being told even then, or when the contract cannot be used.
    """
    return _command().run(_run, argv)


def _run(given: argparse.Namespace) -> int:
    read = contract.load()
    clock = record.Clock()
    files = _Files.read(read.fragment, given.files)
    traffic = Traffic(read, secrets(read.fragment, files.all), strict=given.strict)
    for each in files.judged:
        traffic.judge(each)
    said = _record(read, traffic.close(), files, given, clock)
    _print(traffic.ledger, files, said)
    if given.report is not None:
        write.write(said, given.report)
        say(f"The report is in {given.report}.")
    return int(said["exit_code"])


def _record(
    contract: Contract,
    ledger: Ledger,
    files: _Files,
    given: argparse.Namespace,
    clock: record.Clock,
) -> dict[str, Any]:
    trouble = list(files.trouble)
    if files.count and ledger.count(Verdict.NOT_RUN) == len(ledger.catalogue):
        trouble.append(
            f"nothing that was recorded shows whether a requirement is kept "
            f"({counted(files.count, 'exchange')}); record answers with their bodies"
        )
    names = [*map(str, given.files[:3]), *(["…"] if given.files[3:] else [])]
    run = record.Run(
        target=f"recorded traffic: {', '.join(names)}",
        url=None,
        profile="recorded",
        seed=0,
        strict=given.strict,
        requests=files.count,
        written={},
        trouble=trouble,
    )
    said = record.of_ledger(contract, ledger, run, clock)
    if files.trouble and files.count:
        said["sentence"] += f". The other files: {ledger.sentence}"
    if files.unread and files.count:
        said["sentence"] += f" Not judged: {files.broken}, the first {files.unread[0].unread}."
    return said


def _print(ledger: Ledger, files: _Files, said: dict[str, Any]) -> None:
    for each in said["trouble"]:
        complain("check-traffic", each)
    if not files.count:
        return
    say(files.sentence)
    unseen = [name for name in ledger.catalogue if _unseen(ledger, name)]
    for name in ledger.catalogue:
        if name not in unseen:
            verdict_line(ledger, name)
    if unseen:
        say(f"{counted(len(unseen), 'requirement')} that no exchange here shows: not-run.")
    details(said)
    say(said["sentence"], style="bold")


def _unseen(ledger: Ledger, name: str) -> bool:
    """Whether no exchange says anything of a requirement."""
    outcomes = ledger.outcomes[name]
    return ledger.verdict(name) is Verdict.NOT_RUN and not any(each.exchanges for each in outcomes)


def _operation(contract: Fragment) -> str:
    return f"{contract.method} {contract.path}"


def _command() -> Command:
    command = Command(
        "check-traffic",
        "Judge recorded exchanges of the ServiceNow tickets operation by its contract. "
        "Nothing is sent, and no key of a recording is shown.",
        {
            0: "no MUST fails",
            1: "a MUST fails",
            2: "a file is not a recording, or nothing could be judged",
        },
    )
    add = command.add_argument
    add(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="a recording: a HAR 1.2 file, a VCR cassette, or JSON of MockServer or WireMock",
    )
    add("--strict", action="store_true", help="count known deviations as failures")
    add("--report", type=Path, metavar="DIR", help="write verdict.json, junit.xml and report.html")
    return command


if __name__ == "__main__":
    sys.exit(main())
