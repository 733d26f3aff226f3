"""JSON as the standard has it (RFC 8259), where Python's own reader takes more."""

import json
from typing import Any, NoReturn


def parsed(content: bytes) -> Any:
    """The value of a body in UTF-8.

    Raises UnicodeDecodeError, and JSONDecodeError for what is not JSON, `NaN` and `Infinity`
    included; of JSON that Python cannot hold, ValueError for long numbers and RecursionError.
    """
    return json.loads(content.decode("utf-8"), parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError("not JSON", name, 0)
