"""The kill matrix: who killed which mutant, as data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from servicenow_contract.contract.contract import Contract
from servicenow_contract.mutants import Death
from upkeep.mutation.client import judge
from upkeep.mutation.fragment.judges import DIGEST, PAGE, REFUSAL, RENDERING, TESTS
from upkeep.mutation.picture import page

VERSION = 1
"""Of the file's format; it grows when a member changes its meaning."""


@frozen
class Family:
    """What became of one family of mutants."""

    name: str
    sentences: Mapping[str, str]
    """What each mutant does."""
    deaths: Sequence[Death]
    groups: Mapping[str, str] = field(factory=dict)
    """What each mutant is about, in a word or two."""
    equivalent: Mapping[str, str] = field(factory=dict)
    """The reason for each mutant that is not a fault."""
    explained: Mapping[str, str] = field(factory=dict)
    """The reason for each mutant that is a fault, and is known to survive."""
    of: int | None = None
    """How many mutants the family has, when these are only some."""
    judges: Sequence[str] = ()
    """Who can kill a mutant of this family."""
    conforming: bool = False
    """Whether its servers break no promise: then what is wrong is to be killed."""
    idle_tests: int = 0
    """How many tests judge nothing, because they fail without a mutant."""

    @property
    def survivors(self) -> list[Death]:
        """The mutants that nothing kills, equivalents aside."""
        return [
            each for each in self.deaths if each.survived and each.mutant not in self.equivalent
        ]

    @property
    def unexplained(self) -> list[Death]:
        """The survivors for which there is no reason; of conforming servers, the accused."""
        if self.conforming:
            return [each for each in self.deaths if each.killed_by or each.trouble]
        return [each for each in self.survivors if each.mutant not in self.explained]

    @property
    def outdated(self) -> list[Death]:
        """The mutants of this family that are killed, against what its list says of them."""
        listed = {**self.explained, **(self.equivalent if self.name == "clients" else {})}
        return [each for each in self.killed if each.mutant in listed]

    @property
    def in_order(self) -> list[Death]:
        """The deaths in the order of the catalogue, whoever was done first."""
        order = {name: place for place, name in enumerate(self.sentences)}
        return sorted(self.deaths, key=lambda each: order[each.mutant])

    @property
    def killed(self) -> list[Death]:
        """The mutants that something kills."""
        return [each for each in self.deaths if not each.survived]

    @property
    def equivalents(self) -> list[str]:
        """The mutants that nobody can tell from what they were made of."""
        return [
            each.mutant for each in self.deaths if each.survived and each.mutant in self.equivalent
        ]

    @property
    def trouble(self) -> list[Death]:
        """The mutants that survive because the suite could not finish its work."""
        return [each for each in self.survivors if each.trouble]

    @property
    def only_the_digest(self) -> list[str]:
        """The changed fragments whose digest alone gives them away."""
        return [each.mutant for each in self.deaths if each.killed_by == (DIGEST,)]

    @property
    def idle(self) -> list[str]:
        """The judges that kill nothing; none is known when only some mutants were judged."""
        if self.of is not None:
            return []
        killers = {name for each in self.deaths for name in (*each.killed_by, *each.also_failed)}
        return [name for name in self.judges if name not in killers]

    @property
    def sentence(self) -> str:
        """The family in one sentence."""
        real = len(self.deaths) - len(self.equivalents)
        if self.conforming:
            return f"{self.name}: {len(self.killed)} of {real} conforming servers accused"
        share = 100 * len(self.killed) / real if real else 100.0
        seconds = sum(each.seconds for each in self.deaths)
        parts = [
            f"{self.name}: {len(self.killed)} of {real} mutants killed ({share:.1f} %)",
            f"{seconds:.0f} s of work",
        ]
        if self.explained:
            parts.append(f"{len(self.survivors) - len(self.unexplained)} survivors explained")
        if self.equivalents:
            parts.append(f"{len(self.equivalents)} equivalent")
        if self.only_the_digest:
            parts.append(f"{len(self.only_the_digest)} noticed by the digest alone")
        if self.idle_tests:
            parts.append(f"without {self.idle_tests} tests that fail with the client as it is")
        return ", ".join(parts)


def judges(contract: Contract, family: str) -> Iterable[str]:
    """Who can kill a mutant of a family: requirements, guards of the fragment, test modules."""
    if family == "clients":
        return judge.judges()
    return (
        contract.of("server") if family == "servers" else (REFUSAL, RENDERING, TESTS, PAGE, DIGEST)
    )


def as_data(contract: Contract, families: Sequence[Family], seed: int) -> dict[str, Any]:
    """The matrix, as plain data; of servers and fragments with every kill, not the first alone."""
    return {
        "version": VERSION,
        "fragment": contract.fragment.digest,
        "seed": seed,
        "families": [_family(each) for each in families],
    }


def _family(family: Family) -> dict[str, Any]:
    return {
        "family": family.name,
        "sentence": family.sentence,
        "of": len(family.deaths) if family.of is None else family.of,
        "judges": list(family.judges),
        "mutants": [
            {
                "name": each.mutant,
                "group": family.groups.get(each.mutant, family.name),
                "sentence": family.sentences[each.mutant],
                "killed_by": list(each.killed_by),
                "also_failed": list(each.also_failed),
                "trouble": list(each.trouble),
                "seconds": each.seconds,
            }
            for each in family.in_order
        ],
        "survivors": [each.mutant for each in family.survivors],
        "equivalents": {name: family.equivalent[name] for name in family.equivalents},
        "explained": {
            each.mutant: family.explained[each.mutant]
            for each in family.survivors
            if each.mutant in family.explained
        },
        "only_the_digest": family.only_the_digest,
        # A client stops at its first kill even here: thousands by a thousand tests take a day.
        "kill_nothing": family.idle if family.name != "clients" else [],
    }


def write(folder: Path, data: Mapping[str, Any]) -> None:
    """Write kill-matrix.json and report.html. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    (folder / "kill-matrix.json").write_text(text, encoding="utf-8")
    (folder / "report.html").write_text(page(data), encoding="utf-8")
