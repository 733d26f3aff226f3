"""Recordings: files of exchanges, as HAR or as a cassette, read with care."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from servicenow_contract.text import sound
from servicenow_contract.traffic import cassette, har
from servicenow_contract.traffic.exchange import Recorded, RecordingError

MAX_FILE = 64 << 20
"""How many bytes a recording may have."""
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read(path: Path) -> Sequence[Recorded]:
    """Every exchange in a file, of whatever operation, in the file's order.

    A HAR 1.2 file is JSON; a cassette is YAML or JSON. Raises RecordingError for any other file.
    """
    text, file = _text(path), sound(str(path))
    try:
        if text.lstrip()[:1] in ("{", "["):
            return _from_json(_json(text), file)
        return cassette.from_yaml(text, file)
    except RecordingError as error:
        raise RecordingError(f"{path}: {error}") from None
    except RecursionError:
        raise RecordingError(f"{path}: is nested too deeply for a recording") from None


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise RecordingError(f"{path}: is a folder; name the recordings in it")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise RecordingError(f"{path}: cannot be read: {why}") from None
    if len(data) > MAX_FILE:
        raise RecordingError(
            f"{path}: has more than {MAX_FILE >> 20} MiB; record this operation alone, "
            "or filter the recording by its address"
        )
    if not data.strip():
        raise RecordingError(f"{path}: is empty")
    if data.startswith(b"\x1f\x8b"):
        raise RecordingError(f"{path}: is compressed; unpack it first")
    try:
        return data.decode(_MARKS.get(data[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecordingError(f"{path}: line {line}: is no text in UTF-8") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordingError(
            f"line {error.lineno}, column {error.colno}: the JSON breaks off or is none "
            f"({error.msg}); save the recording again"
        ) from None
    except ValueError:
        raise RecordingError("holds a number that is too long to be read") from None


def _from_json(document: Any, file: str) -> Sequence[Recorded]:
    if isinstance(document, dict) and "log" in document:
        return har.exchanges(document, file)
    return cassette.exchanges(document, file)
