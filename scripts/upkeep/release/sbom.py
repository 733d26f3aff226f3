"""What a wheel needs, as CycloneDX 1.6: every package below it in the environment of the lock."""

import hashlib
import importlib.metadata
import json
import uuid
import zipfile
from collections.abc import Set
from datetime import UTC, datetime
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Needs = dict[str, tuple[str, set[str]]]
"""The version of each package, and the names of what it needs itself."""


def distribution(wheel: Path) -> PathDistribution:
    """What a wheel says of itself."""
    name = "-".join(wheel.name.split("-")[:2])
    return PathDistribution(zipfile.Path(wheel, f"{name}.dist-info/"))


def sbom(wheel: Path, seconds: int) -> bytes:
    """The bill of materials of a wheel, made at a time since the epoch; the same for the same.

    Raises PackageNotFoundError when this environment lacks what the wheel needs.
    """
    needs: Needs = {}
    of_the_wheel = distribution(wheel)
    _add(needs, of_the_wheel, {""})
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    purls = {name: f"pkg:pypi/{name}@{version}" for name, (version, _) in needs.items()}
    own, *others = [
        {"type": "library", "bom-ref": purl, "name": name, "version": needs[name][0], "purl": purl}
        for name, purl in purls.items()
    ]
    said = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own['purl'] + digest)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(seconds, UTC).isoformat(),
            "component": {**own, "hashes": [{"alg": "SHA-256", "content": digest}]},
        },
        "components": sorted(others, key=lambda each: str(each["name"])),
        "dependencies": [
            {"ref": purls[name], "dependsOn": sorted(purls[each] for each in inner)}
            for name, (_, inner) in sorted(needs.items())
        ],
    }
    return (json.dumps(said, indent=1) + "\n").encode()


def _add(needs: Needs, found: Distribution, extras: Set[str]) -> None:
    own = needs.setdefault(canonicalize_name(found.name), (found.version, set()))[1]
    for each in map(Requirement, found.requires or ()):
        name = canonicalize_name(each.name)
        wanted = each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras)
        if wanted and name not in own:
            own.add(name)
            _add(needs, importlib.metadata.distribution(name), {"", *each.extras})
