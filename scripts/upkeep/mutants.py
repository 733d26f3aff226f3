"""The command `./scripts/mutants`: proves the suite by faults that it has to find."""

import argparse
import functools
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NoReturn

from attrs import frozen
from rich.console import Console
from rich.progress import Progress

from servicenow_contract import fragment
from servicenow_contract.mutants import servers
from upkeep import mutants_fragments, mutants_matrix, mutants_pool
from upkeep import page as pages
from upkeep.mutants_matrix import Family
from upkeep.page_model import Page, PageError

FAMILIES = ("servers", "fragments")


class _UsageError(Exception):
    """An option that cannot be used, in one sentence."""


@frozen
class _Options:
    families: tuple[str, ...]
    only: tuple[str, ...]
    matrix: Path | None
    workers: int
    seed: int
    page: Page | None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the mutants. Returns 0 when all are killed, 1 on a survivor, 2 on trouble."""
    try:
        options = _options(argv)
        chosen = _chosen(options)
        families = [_run(name, sentences, options) for name, sentences in chosen.items()]
        if options.matrix is not None:
            full = mutants_matrix.as_data(families, options.seed, full=True)
            mutants_matrix.write(options.matrix, full)
    except (_UsageError, OSError, BrokenProcessPool) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("mutants: interrupted", file=sys.stderr)
        return 2
    for family in families:
        _print(family, full=options.matrix is not None and not options.only)
    if any(family.trouble for family in families):
        return 2
    return int(any(family.survivors for family in families))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, without the usage in front."""
        raise _UsageError(message)


def _options(argv: Sequence[str] | None) -> _Options:
    given = _parser().parse_args(argv)
    if given.matrix is not None and not given.matrix.absolute().parent.is_dir():
        raise _UsageError(f"--matrix {given.matrix}: the folder does not exist")
    if not 1 <= given.workers <= 256:
        raise _UsageError(f"-j takes a number of processes from 1 to 256, not {given.workers}")
    if given.seed < 0:
        raise _UsageError(f"--seed takes a number from 0 on, not {given.seed}")
    try:
        page = pages.read_file(given.page) if given.page is not None else None
    except PageError as error:
        raise _UsageError(f"--page {given.page}: {error}") from None
    families = FAMILIES if given.family == "all" else (given.family,)
    return _Options(
        families, tuple(given.only or ()), given.matrix, given.workers, given.seed, page
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mutants",
        description="Prove the suite: each mutant breaks one promise, and something notices.",
        epilog="Exit status: 0 all killed, 1 a mutant survives, 2 the work could not be done.",
    )
    parser.add_argument(
        "--family", choices=(*FAMILIES, "all"), default="all", help="which mutants (default: all)"
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="this one; can be repeated")
    parser.add_argument(
        "--matrix",
        type=Path,
        metavar="FILE",
        help="write who kills what as JSON; no mutant then stops at its first kill",
    )
    parser.add_argument(
        "-j", dest="workers", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the generated cases (default: 0)")
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FILE",
        help="a saved documentation page, with which check-docs looks at the fragments too",
    )
    return parser


def _chosen(options: _Options) -> dict[str, Mapping[str, str]]:
    """The mutants to run and their sentences, by family."""
    found: dict[str, Mapping[str, str]] = {}
    for name in options.families:
        kinds = servers() if name == "servers" else mutants_fragments.family(fragment.load())
        found[name] = {key: kind.sentence for key, kind in kinds.items()}
    if not options.only:
        return found
    known = {key for sentences in found.values() for key in sentences}
    for key in options.only:
        if key not in known:
            raise _UsageError(f"--only {key}: no mutant of this family is called so")
    wanted = {
        name: {key: told for key, told in sentences.items() if key in options.only}
        for name, sentences in found.items()
    }
    return {name: sentences for name, sentences in wanted.items() if sentences}


def _run(name: str, sentences: Mapping[str, str], options: _Options) -> Family:
    stop = options.matrix is None
    work: mutants_pool.Work = (
        functools.partial(mutants_pool.server, stop=stop, seed=options.seed)
        if name == "servers"
        else functools.partial(mutants_pool.of_fragment, stop=stop, page=options.page)
    )
    deaths = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=len(sentences))
        for death in mutants_pool.run(work, list(sentences), options.workers):
            deaths.append(death)
            progress.advance(task)
    return Family(name, sentences, deaths)


def _print(family: Family, *, full: bool) -> None:
    for death in family.survivors:
        why = f" [{'; '.join(death.trouble)[:300]}]" if death.trouble else ""
        also = f" (only {', '.join(death.also_failed)} failed)" if death.also_failed else ""
        print(f"survives: {death.mutant}: {family.sentences[death.mutant]}{also}{why}")
    for name in family.only_the_digest:
        print(f"digest alone: {name}: {family.sentences[name]}")
    for name in family.idle if full else ():
        print(f"kills nothing: {name}")
    print(family.sentence)


if __name__ == "__main__":
    sys.exit(main())
