"""Unpacks what the working tree is compared with: a revision of git, or a released wheel."""

import hashlib
import re
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from attrs import frozen

from upkeep.changes.names import PACKAGE
from upkeep.command import CommandError
from upkeep.release.git import GitError, Repository
from upkeep.release.version import version_of

FRAGMENT = "openapi/servicenow_tickets.yaml"
DEVIATIONS = "openapi/deviations.yaml"
_DIGEST = re.compile(r'^FRAGMENT_SHA256 = "([0-9a-f]{64})"', re.MULTILINE)


@frozen
class Tree:
    """A state of the contract and the client, in a folder laid out like the repository."""

    name: str
    folder: Path
    version: str
    has_register: bool = True
    """Whether it is known which deviations were."""

    @property
    def package_folder(self) -> Path:
        """Where the Python package is."""
        return self.folder / "generated_client"

    @property
    def fragment(self) -> Path:
        """The fragment's file."""
        return self.folder / FRAGMENT

    @property
    def deviations(self) -> Path:
        """The register's file; an early revision lacks it."""
        return self.folder / DEVIATIONS


def working_tree(root: Path) -> Tree:
    """The repository as it is on disk. Raises CommandError."""
    return Tree("the working tree", root, version_of(root))


def unpacked(base: str, repository: Repository, place: Path) -> Tree:
    """The base, a revision or a wheel, unpacked into an empty folder. Raises CommandError."""
    if base.endswith(".whl"):
        return _wheel(Path(base), repository, place)
    return _revision(base, repository, place)


def _revision(base: str, repository: Repository, place: Path) -> Tree:
    absence = repository.absence()
    if absence:
        raise CommandError(f"{base!r} is looked for in git, and there is none here: {absence}")
    commit = repository.commit(base)
    name = f"{base.removeprefix('refs/tags/')} ({commit[:10]})"
    try:
        repository.export(commit, place, "openapi", "generated_client")
    except GitError:
        raise CommandError(f"{name} lacks openapi/ or generated_client/") from None
    return Tree(name, place, version_of(place))


def _wheel(path: Path, repository: Repository, place: Path) -> Tree:
    """A wheel holds no fragment, and its digest: the fragment is looked for in the history."""
    try:
        with zipfile.ZipFile(path) as wheel:
            names = wheel.namelist()
            mine = [name for name in names if name.startswith(f"{PACKAGE}/")]
            [metadata] = [n for n in names if re.fullmatch(rf"{PACKAGE}-[^/]+/METADATA", n)]
            for name in mine:
                wheel.extract(name, place / "generated_client")
            said = HeaderParser().parsestr(wheel.read(metadata).decode())
    except (OSError, zipfile.BadZipFile) as error:
        raise CommandError(f"{path}: not a readable wheel: {error}") from None
    except ValueError:
        raise CommandError(f"{path}: not a wheel of {PACKAGE.replace('_', '-')}") from None
    contract = place / "generated_client" / PACKAGE / "_generated" / "contract.py"
    digest = _DIGEST.search(contract.read_text(encoding="utf-8")) if contract.exists() else None
    if digest is None:
        raise CommandError(f"{path}: does not say which fragment it was rendered from")
    fragment = place / FRAGMENT
    fragment.parent.mkdir(parents=True)
    fragment.write_bytes(_fragment_with(digest[1], path, repository))
    return Tree(path.name, place, str(said["Version"]), has_register=False)


def _fragment_with(digest: str, wheel: Path, repository: Repository) -> bytes:
    here = (repository.root / FRAGMENT).read_bytes()
    if hashlib.sha256(here).hexdigest() == digest:
        return here
    if repository.absence() is None:
        for commit in repository.git("rev-list", "--all", "--", FRAGMENT).split():
            try:
                found = repository.file(commit, FRAGMENT)
            except GitError:
                continue  # the commit that removed it
            if hashlib.sha256(found).hexdigest() == digest:
                return found
    raise CommandError(
        f"{wheel}: its fragment (SHA-256 {digest}) is neither here nor in any commit of this "
        "repository; name the revision that the wheel was built from instead"
    )
