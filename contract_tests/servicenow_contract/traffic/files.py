"""Recordings: files of exchanges, in one of several formats, read with care."""

import functools
import io
import json
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from servicenow_contract.text import sound
from servicenow_contract.traffic import cassette, har, mockserver, wiremock
from servicenow_contract.traffic.body import MAX_BODY
from servicenow_contract.traffic.exchange import Recorded, RecordingError

MAX_FILE = 64 << 20
"""How many bytes a recording may have."""
_PLAIN = re.compile(r"[\w-][\w.-]*", re.ASCII)
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read(path: Path) -> Sequence[Recorded]:
    """Every exchange in a file, of whatever operation, in the file's order.

    A HAR 1.2 file is JSON, or Playwright's zip of it and the bodies; a cassette is YAML or JSON;
    MockServer and WireMock write JSON. Raises RecordingError for any other file.
    """
    data, file = _data(path), sound(str(path))
    try:
        if data.startswith(b"PK\x03\x04"):
            return _from_zip(data, file)
        text = _text(data)
        if text.lstrip()[:1] in ("{", "["):
            return _from_json(_json(text), file, functools.partial(_beside, path.parent))
        return cassette.from_yaml(text, file)
    except RecordingError as error:
        raise RecordingError(f"{path}: {error}") from None
    except RecursionError:
        raise RecordingError(f"{path}: is nested too deeply for a recording") from None


def _data(path: Path) -> bytes:
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
    return data


def _text(data: bytes) -> str:
    if not data.strip():
        raise RecordingError("is empty")
    if data.startswith(b"\x1f\x8b"):
        raise RecordingError("is compressed; unpack it first")
    try:
        return data.decode(_MARKS.get(data[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecordingError(f"line {line}: is not text in UTF-8") from None


def _beside(folder: Path, name: str) -> bytes | None:
    """A file that a recording names, beside it; no name leads out of its folder."""
    path = folder / name
    if not _PLAIN.fullmatch(name) or path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        content = file.read(MAX_BODY + 1)
    return content if len(content) <= MAX_BODY else None


def _from_zip(data: bytes, file: str) -> Sequence[Recorded]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [each for each in archive.namelist() if each.endswith(".har")]
            if len(names) != 1:
                raise RecordingError(
                    "is a zip file that does not hold just one HAR; unpack it first"
                )
            text = _text(_within(archive, names[0], MAX_FILE) or b"")
            return _from_json(_json(text), file, lambda name: _within(archive, name, MAX_BODY))
    except (zipfile.BadZipFile, NotImplementedError):
        raise RecordingError("is a zip file that cannot be read; unpack it first") from None


def _within(archive: zipfile.ZipFile, name: str, most: int) -> bytes | None:
    """A file of an archive, unless it is missing, too long or not readable."""
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except (KeyError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return None
    return content if len(content) <= most else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordingError(
            f"line {error.lineno}, column {error.colno}: the JSON breaks off, or it is not JSON "
            f"({error.msg}); save the recording again"
        ) from None
    except ValueError:
        raise RecordingError("holds a number that is too long to be read") from None


def _from_json(document: Any, file: str, attached: har.Attached) -> Sequence[Recorded]:
    if isinstance(document, dict) and "log" in document:
        return har.exchanges(document, file, attached)
    if mockserver.is_one(document):
        return mockserver.exchanges(document, file)
    if (entries := wiremock.entries(document)) is not None:
        return wiremock.exchanges(entries, file)
    return cassette.exchanges(document, file)
