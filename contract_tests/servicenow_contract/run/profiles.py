"""How many cases a run generates. The seed is pytest's own `--hypothesis-seed`."""

import os
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

_EXAMPLES = {"quick": 10, "ci": 20, "deep": 2000}
PROFILES = tuple(_EXAMPLES)


def use(name: str, examples: str | None = None) -> None:
    """Make this profile the one that tests follow: quick, ci or deep.

    No case is timed, and nothing is stored between runs unless `examples` names a folder for what
    failed, so a run repeats itself on any machine.
    """
    database = DirectoryBasedExampleDatabase(examples) if examples is not None else None
    # A failing case is made smaller for minutes; only a deep run, which hunts, takes that time.
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if name == "deep" else [])]
    settings.register_profile(
        name,
        max_examples=_EXAMPLES[name],
        phases=[Phase.reuse, *phases] if database is not None else phases,
        report_multiple_bugs=False,
        deadline=None,
        database=database,
        print_blob=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    settings.load_profile(name)
    _draw_from_the_seed_alone()


def keep_tables_in_cache() -> None:
    """Keep the tables of Unicode in the user's cache (XDG Base Directory), not where a run starts.

    `HYPOTHESIS_STORAGE_DIRECTORY` has the last word, as everywhere; who has no home keeps none.
    """
    if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.path.expanduser("~"), ".cache"))  # noqa: PTH111  # raises nothing
        name = "servicenow-tickets-conformance"
        set_hypothesis_home_dir(cache / name if cache.is_absolute() else os.devnull)


def _draw_from_the_seed_alone() -> None:
    """Keep Hypothesis from drawing literals of the modules that happen to be loaded.

    It mixes them in since 6.131 and has no setting for it, so the cases of one seed would differ
    with the folder that a run starts in and with what ran before it.
    """
    setattr(providers, "_get_local_constants", Constants)  # noqa: B010  # no interface of theirs
    providers.CONSTANTS_CACHE.cache.clear()
