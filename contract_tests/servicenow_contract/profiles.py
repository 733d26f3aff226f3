"""How many cases a run generates. The seed is pytest's own `--hypothesis-seed`."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase

_EXAMPLES = {"quick": 20, "ci": 100, "deep": 2000}
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
