"""The generated models of the request and of the answers.

Reading keeps everything: a member that the contract does not document, or whose value is not as
documented, is in `additional_properties`, and `to_dict` writes it back. What is absent is `UNSET`.
"""

from ._generated.models import *  # noqa: F403  # the generated names are this module's names
from ._generated.models import __all__ as _models
from ._generated.types import UNSET, ReadError, Response, Timestamp, Unset

__all__ = ["UNSET", "ReadError", "Response", "Timestamp", "Unset", *_models]  # noqa: PLE0604  # all of them are strings
