"""Writes what a run found: `verdict.json`, `junit.xml` and `report.html`."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from servicenow_contract.command import CommandError
from servicenow_contract.report.junit import junit
from servicenow_contract.report.page import page


class ReportError(CommandError):
    """The report cannot be written; the message says where and why."""


def schema() -> Any:
    """The published JSON Schema (2020-12) of verdict.json."""
    path = Path(__file__).parent / "verdict.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


def check(folder: Path) -> None:
    """Make the folder, and try to write there. Raises ReportError when that cannot be done."""
    with _saying(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "verdict.json.tried", b"")
        (folder / "verdict.json.tried").unlink()


@contextlib.contextmanager
def _saying(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise ReportError(f"the report cannot be written to {folder}: {why}") from error


def write(record: Mapping[str, Any], folder: Path) -> None:
    """Write the three files of a run, each whole or not at all; `verdict.json` comes last.

    `record` satisfies the published schema. The folder is made when it is missing. Raises
    ReportError when it cannot be written.
    """
    files = {
        "report.html": page(record).encode(),
        "junit.xml": junit(record),
        "verdict.json": _json(record),
    }
    with _saying(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            _replace(folder / name, data)


def _json(record: Mapping[str, Any]) -> bytes:
    """In UTF-8; a lone surrogate, which that cannot hold and many readers refuse, is U+FFFD."""
    text = json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False)
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return f"{sound}\n".encode()


def _replace(path: Path, data: bytes) -> None:
    """Put the whole file where readers see it in one step."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
