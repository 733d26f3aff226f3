"""The whole contract as one value: a command reads it at its door, and hands it on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from servicenow_contract.contract import deviations, fragment, requirements
from servicenow_contract.contract.deviations import Deviation
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Requirement


@frozen
class Contract:
    """The fragment, what it promises, and how the service is known to differ from it."""

    fragment: Fragment
    requirements: Mapping[str, Requirement] = field(repr=False)
    deviations: Sequence[Deviation] = field(repr=False)

    @classmethod
    def read(cls, folder: Path) -> "Contract":
        """Read the fragment and its deviations from a folder, and the catalogue of the kit.

        Raises ContractError for the first file that cannot be used.
        """
        found = Fragment.read(folder / fragment.FILE)
        catalogue = requirements.read(requirements.FILE, found.statuses)
        return cls(found, catalogue, deviations.read(folder / "deviations.yaml", catalogue))

    def of(self, *keepers: str) -> Mapping[str, Requirement]:
        """The requirements that these keep, of `fragment`, `client` and `server`."""
        return {name: each for name, each in self.requirements.items() if each.of in keepers}

    def excused(self, *, strict: bool) -> Sequence[Deviation]:
        """The known deviations, which are no failures; in a strict run there are none."""
        return () if strict else self.deviations


def load() -> Contract:
    """The contract of this kit. Raises ContractError."""
    return Contract.read(fragment.folder())
