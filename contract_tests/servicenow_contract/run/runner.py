"""Runs the conformance tests with pytest."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.outcomes import note_unseen

CONFORMANCE = Path(__file__).parents[1] / "conformance"
_PLUGINS = (
    "_hypothesis_pytestplugin",
    "servicenow_contract.plugin",
    "servicenow_contract.run.worker",
)
_OF_OTHER_RUNS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
"""What the environment may say to the runs of another suite."""


def run(judge: JudgePlugin, *, seed: int | None = None, also: Sequence[Path] = ()) -> None:
    """Run the conformance tests, and those in `also`, and file what they say with `judge`.

    Generated cases follow from `seed` alone, which is the settings' unless it is given. No plugin
    takes part that happens to be installed: one may put tests in another order, or leave some out.
    """
    configuration = Path(__file__).parent / "conformance.ini"
    paths = [CONFORMANCE, *also]
    root = os.path.commonpath(path if path.is_dir() else path.parent for path in paths)
    workers = judge.settings.workers
    plugins = [*_PLUGINS, "no:terminal", "no:cacheprovider", "no:logging"]
    spread = []
    if workers > 1:
        plugins.append("xdist.plugin")
        spread = ["-n", str(workers), "--dist", "worksteal"]
    with _without(_OF_OTHER_RUNS):
        code = _started(
            judge,
            [
                *map(str, paths),
                f"--config-file={configuration}",
                f"--rootdir={root}",
                f"--confcutdir={root}",
                f"--hypothesis-seed={judge.settings.seed if seed is None else seed}",
                "--import-mode=importlib",
                "--disable-plugin-autoload",
                *(option for name in plugins for option in ("-p", name)),
                *spread,
            ],
        )
    judge.count(judge.target)
    # pytest says the same of a module that it cannot read.
    judge.interrupted |= code == pytest.ExitCode.INTERRUPTED and not judge.trouble
    if judge.files and not judge.interrupted:
        note_unseen(judge.ledger, judge.left_out, judge.contract.fragment)
    expected = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    if code not in expected and not judge.trouble and not judge.interrupted:
        judge.trouble.append(f"pytest ended with {pytest.ExitCode(code).name}")


def _started(judge: JudgePlugin, options: list[str]) -> int:
    """How pytest ended with the judge among its plugins; that it cannot start is his trouble."""
    try:
        return pytest.main(options, plugins=[judge])
    except Exception as error:  # noqa: BLE001 - a report is due, whatever it is
        judge.trouble.append(f"pytest cannot start: {type(error).__name__}: {error}")
        return pytest.ExitCode.INTERNAL_ERROR


@contextlib.contextmanager
def _without(variables: Iterable[str]) -> Iterator[None]:
    """Take these variables out of the environment for a while."""
    taken = {name: os.environ.pop(name) for name in variables if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)
