"""Attach Datadog security findings to ServiceNow tickets."""

from typing import TYPE_CHECKING

from . import errors, models
from ._generated.contract import MAX_FINDINGS, Site
from ._messages.answers import AttachResponse
from ._version import __version__
from .client import AsyncClient, Client
from .errors import *  # noqa: F403  # its names are this package's
from .rate_limit import RateLimit

if TYPE_CHECKING:
    from ._provenance import Provenance, provenance
else:

    def __getattr__(name: str) -> object:
        """Read the provenance when it is asked for, so that it costs no start of a process."""
        if name not in {"Provenance", "provenance"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import _provenance  # noqa: PLC0415 - as said above

        return getattr(_provenance, name)


__all__ = [
    "MAX_FINDINGS",
    "AsyncClient",
    "AttachResponse",
    "Client",
    "Provenance",
    "RateLimit",
    "Site",
    "__version__",
    "errors",
    "models",
    "provenance",
]
__all__ += errors.__all__
