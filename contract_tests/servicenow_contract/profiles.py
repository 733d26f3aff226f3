"""How many cases a run generates. The seed is pytest's own `--hypothesis-seed`."""

from hypothesis import HealthCheck, Phase, settings

_EXAMPLES = {"quick": 20, "ci": 100, "deep": 5000}
PROFILES = tuple(_EXAMPLES)


def use(name: str) -> None:
    """Make this profile the one that tests follow: quick, ci or deep.

    Nothing is stored between runs, and no case is timed: a run repeats itself on any machine.
    """
    # A failing case is made smaller for minutes; only a deep run, which hunts, takes that time.
    shrink = [Phase.shrink] if name == "deep" else []
    settings.register_profile(
        name,
        max_examples=_EXAMPLES[name],
        phases=[Phase.explicit, Phase.generate, *shrink],
        report_multiple_bugs=False,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    settings.load_profile(name)
