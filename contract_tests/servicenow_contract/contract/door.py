"""The door of every command that judges: what it rests on is read here, before anything is done."""

from servicenow_contract.contract import deviations, fragment, requirements


def check() -> None:
    """Read the contract's files. Raises ContractError for the first that cannot be used."""
    fragment.load()
    requirements.load()
    deviations.load()
