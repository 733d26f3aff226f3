"""The command `./scripts/mutants`: proves the suite by faults that it has to find."""

import argparse
import functools
import itertools
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.progress import Progress

from servicenow_contract.contract import contract
from servicenow_contract.contract.contract import Contract
from servicenow_contract.mutants import Death, catalogue
from servicenow_contract.mutants.derived_requests import equivalents
from servicenow_contract.mutants.freedoms import freedoms
from upkeep.command import CommandError
from upkeep.mutation import matrix, pool
from upkeep.mutation import options as mutants_options
from upkeep.mutation.client import judge
from upkeep.mutation.fragment import family as fragments
from upkeep.mutation.matrix import Family
from upkeep.mutation.options import Choices
from upkeep.mutation.readme import README, with_lines

_AT_ONCE = {"servers": 64, "freedoms": 8, "fragments": 8, "clients": 40}
"""How many mutants a process is given at a time: setting up costs much or little."""
_GATE = 80
"""How many mutants of the client every change has to kill; the nightly run takes all."""
_LINE_AFTER = 100
_SERVERS = {"servers": catalogue, "freedoms": freedoms}
"""The families of servers: those that break a promise, and those that break none."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the mutants. Returns 0 when all are as they should be, 1 when not, 2 on trouble."""
    return mutants_options.command().run(_prove, argv)


def _prove(given: argparse.Namespace) -> int:
    options = mutants_options.checked(given)
    read = contract.load()
    chosen = _chosen(read, options)
    families = [_run(read, name, sentences, options) for name, sentences in chosen.items()]
    if options.report is not None:
        mutants = [each for each in families if not each.conforming]
        matrix.write(options.report, matrix.as_data(read, mutants, options.seed))
    for family in families:
        _print(family, full=not options.stop)
    if any(family.trouble for family in families):
        return 2
    if options.readme:
        text = with_lines(README.read_text("utf-8"), families, time.strftime("%Y-%m-%d"))
        README.write_text(text, "utf-8")
    return int(any(family.unexplained or family.outdated for family in families))


def _chosen(contract: Contract, options: Choices) -> dict[str, Mapping[str, str]]:
    """The mutants to run and their sentences, by family."""
    found = {name: _sentences(contract, name) for name in options.families}
    known = {key for sentences in found.values() for key in sentences}
    for key in options.only:
        if key not in known:
            raise CommandError(f"--only {key}: no mutant has this name; --report lists them all")
    if options.only:
        found = {
            name: {key: told for key, told in sentences.items() if key in options.only}
            for name, sentences in found.items()
        }
    if options.sample is not None:
        found = {name: _sampled(each, options.sample, options.seed) for name, each in found.items()}
    if options.gate:
        found["clients"] = _sampled(found["clients"], _GATE, options.seed)
    part, parts = options.shard
    found = {
        name: dict(itertools.islice(sentences.items(), part - 1, None, parts))
        for name, sentences in found.items()
    }
    return {name: sentences for name, sentences in found.items() if sentences}


def _sentences(contract: Contract, family: str) -> Mapping[str, str]:
    if family == "clients":
        return judge.sentences()
    if family in _SERVERS:
        return {name: each.sentence for name, each in _SERVERS[family](contract.fragment).items()}
    return {name: each.sentence for name, each in fragments.family(contract.fragment).items()}


def _sampled(sentences: Mapping[str, str], count: int, seed: int) -> Mapping[str, str]:
    """Some of them, in their own order; the same ones for the same seed."""
    dice = random.Random(seed)  # noqa: S311  # a repeatable choice, no secret
    kept = set(dice.sample(list(sentences), min(count, len(sentences))))
    return {name: told for name, told in sentences.items() if name in kept}


def _run(contract: Contract, name: str, sentences: Mapping[str, str], options: Choices) -> Family:
    idle: Sequence[str] = ()
    if name in _SERVERS:
        work: pool.Work = functools.partial(
            pool.of_servers, contract=contract, stop=options.stop, seed=options.seed
        )
    elif name == "clients":
        idle = judge.prepare()
        for line in idle:
            print(line, file=sys.stderr, flush=True)
        work = judge.judged
    else:
        work = functools.partial(
            pool.of_fragments, contract=contract.fragment, stop=options.stop, page=options.page
        )
    names = list(sentences)
    found = pool.run(work, names, options.workers, at_once=_AT_ONCE[name])
    deaths = list(_shown(name, found, len(names)))
    equivalent, explained = _reasons(contract, name)
    size = len(_sentences(contract, name))
    of = None if len(names) == size else size
    about = _groups(contract, name, names)
    kept = name == "freedoms"
    judges = () if kept else tuple(matrix.judges(contract, name))
    return Family(
        name,
        sentences,
        deaths,
        about,
        equivalent,
        explained,
        of,
        judges,
        conforming=kept,
        idle_tests=len(idle),
    )


def _groups(contract: Contract, family: str, names: Sequence[str]) -> Mapping[str, str]:
    """What each mutant is about: a name begins with the module, or with what is done."""
    if family in _SERVERS:
        return {name: each.group for name, each in _SERVERS[family](contract.fragment).items()}
    return {name: name.partition(":" if family == "clients" else "_")[0] for name in names}


def _reasons(contract: Contract, family: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The mutants of a family that are no fault, and those that are and survive, with reasons."""
    if family == "clients":
        return judge.known()
    return equivalents(contract.fragment), {}


def _shown(name: str, found: Iterator[Death], count: int) -> Iterator[Death]:
    """The deaths, with progress: a bar for a person, now and then a line for a log."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=count)
        for done, death in enumerate(found, 1):
            progress.advance(task)
            if not console.is_terminal and done % _LINE_AFTER == 0:
                print(f"{name}: {done} of {count} …", file=sys.stderr, flush=True)
            yield death


def _print(family: Family, *, full: bool) -> None:
    for death in family.outdated:
        print(f"killed, but listed as a survivor: {death.mutant}: by {', '.join(death.killed_by)}")
    for death in family.unexplained:
        why = f" [{'; '.join(death.trouble)[:300]}]" if death.trouble else ""
        if family.conforming:
            what, by = "accused", f" (by {', '.join(death.killed_by)})" * bool(death.killed_by)
        else:
            only = f" (only {', '.join(death.also_failed)} failed)"
            what, by = "survives", only * bool(death.also_failed)
        print(f"{what}: {death.mutant}: {family.sentences[death.mutant]}{by}{why}")
    for name in family.only_the_digest:
        print(f"noticed by the digest alone: {name}: {family.sentences[name]}")
    for name in family.idle if full else ():
        print(f"kills nothing: {name}")
    for line in judge.left_out() if full and family.name == "clients" else ():
        print(line)
    print(family.sentence)


if __name__ == "__main__":
    sys.exit(main())
