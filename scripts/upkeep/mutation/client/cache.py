"""What the family of clients finds out once and keeps under build/."""

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from upkeep.paths import ROOT

_FOLDER = ROOT / "build" / "mutants-client"


def digest(files: Iterable[Path], *words: str) -> str:
    """A digest of files and words."""
    found = hashlib.sha256(" ".join(words).encode())
    for file in sorted(files):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def kept(
    kind: str, of: str, make: Callable[[], Any], good: Callable[[Any], bool] = lambda _: True
) -> Any:
    """The data of a kind that were made of something with this digest.

    Made when they are missing or not good; whoever comes second waits for the first one.
    """
    _FOLDER.mkdir(parents=True, exist_ok=True)
    file = _FOLDER / f"{kind}-{of}.json"
    with (_FOLDER / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (file.is_file() and good(json.loads(file.read_text(encoding="utf-8")))):
            text = json.dumps(make())
            for old in _FOLDER.glob(f"{kind}-*.json"):
                old.unlink()
            file.write_text(text, encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))
