"""What a worker of pytest-xdist loads: the judge, set up as the run's own process says."""

import pickle

import pytest

from servicenow_contract.contract.contract import Contract
from servicenow_contract.run import profiles
from servicenow_contract.run.judge_plugin import JudgePlugin
from servicenow_contract.run.settings import RunSettings


def pytest_configure(config: pytest.Config) -> None:
    """Register the judge in a worker; the run's own process has one already."""
    given = getattr(config, "workerinput", None)
    if given is not None and "servicenow_contract" in given:
        profiles.keep_tables_in_cache()
        settings = RunSettings.from_data(given["servicenow_contract"])
        number = int(given["workerid"].removeprefix("gw"))
        contract: Contract = pickle.loads(given["servicenow_contract.contract"])  # noqa: S301  # from the run
        target = settings.target(contract.fragment, number)
        judge = JudgePlugin(contract, target, settings=settings, files=False)
        config.pluginmanager.register(judge, "servicenow_contract_judge")
        judge.pytest_configure(config)
