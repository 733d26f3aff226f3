"""What this package was made from: commit, fragment and generator."""

from typing import NamedTuple

from ._commit import COMMIT
from ._generated import contract
from ._version import __version__


class Provenance(NamedTuple):
    """What a client was made from, to be logged or quoted when something is reported."""

    version: str
    """The version of this package."""
    commit: str | None
    """The commit that a released wheel was built from. None for any other installation: what it
    holds may be in no commit."""
    fragment_version: str
    """The version of the OpenAPI fragment that the models were rendered from."""
    fragment_sha256: str
    """The digest of that fragment's file, in hexadecimal."""
    generator: str
    """Name and version of what rendered the models."""


provenance: Provenance = Provenance(
    version=__version__,
    commit=None if COMMIT.startswith("$") else COMMIT,
    fragment_version=contract.FRAGMENT_VERSION,
    fragment_sha256=contract.FRAGMENT_SHA256,
    generator=contract.GENERATOR,
)
"""What this package was made from."""
