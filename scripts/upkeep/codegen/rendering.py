"""Renders `_generated/` from the fragment: always whole, always into an empty folder."""

import contextlib
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from servicenow_contract.contract.documents import ContractError
from upkeep.codegen import generator, names, trial
from upkeep.codegen.source import Source, load
from upkeep.command import CommandError, ran
from upkeep.paths import TARGET

HEADER = """\
# Rendered by ./scripts/regenerate from openapi/servicenow_tickets.yaml. Do not edit: change the
# fragment or generated_client/codegen/, and run the command again.

"""
# Isolated, so that no configuration on the way up changes a byte.
_RUFF = [str(Path(sysconfig.get_path("scripts"), "ruff"))]  # not by `-m`: Python starts slowly
_FORMATTER = (
    [*_RUFF, "check", "--isolated", "--quiet", "--fix", "--select", "F401,I", "."],
    [*_RUFF, "format", "--isolated", "--quiet", "--line-length", "100", "."],
)
# The generator's own way to send has no time limit, keeps the key in its repr and raises ValueError
# on status 520. Sending is done by the policy, in one place.
_NOT_SHIPPED = ("client.py", "errors.py")

_SITES = "The Datadog sites that the page lists, by the names that Datadog gives them."


class RenderError(CommandError):
    """The fragment cannot be rendered. The message says what is wrong, where, and what to do."""


def render(fragment_path: Path, folder: Path) -> Source:
    """Render the fragment into `folder`, which is made and must not exist; give what was read.

    Raises RenderError when the fragment is wrong or holds what the generator would skip.
    """
    try:
        source = load(fragment_path)
        generator.generate(source, folder)
    except ContractError as error:
        raise RenderError(str(error)) from None
    for name in _NOT_SHIPPED:
        (folder / name).unlink()
    (folder / "contract.py").write_text(_contract_module(source), encoding="utf-8")
    for command in _FORMATTER:
        done = ran(*command, cwd=folder)
        if done.returncode:
            said = " ".join(done.stderr.split())
            raise RenderError(f"{fragment_path}: the rendered code cannot be formatted: {said}")
    for module in folder.rglob("*.py"):
        module.write_text(HEADER + module.read_text(encoding="utf-8"), encoding="utf-8")
    shutil.rmtree(folder / ".ruff_cache", ignore_errors=True)
    return source


def _contract_module(source: Source) -> str:
    """Facts of the contract that the generator leaves out; `repr` keeps strings strings."""
    fragment = source.fragment
    facts = {
        "FRAGMENT_VERSION": (fragment.document["info"]["version"], "The fragment's version."),
        "FRAGMENT_SHA256": (fragment.digest, "The digest of the fragment's file."),
        "GENERATOR": (
            f"openapi-python-client {version('openapi-python-client')}",
            "What rendered this package.",
        ),
        "METHOD": (fragment.method, "The operation's method."),
        "PATH": (fragment.path, "The operation's path."),
        "SERVER": (fragment.at("/servers/0/url"), "The server's address, with the site left open."),
        "DEFAULT_SITE": (fragment.at("/servers/0/variables/site/default"), "The site of most."),
        "KEY_HEADERS": (dict(fragment.key_headers), "The header of each key, by security scheme."),
        "MEDIA_TYPE": (fragment.media_type, "The media type of a request."),
        "STATUSES": (fragment.statuses, "The statuses that the page lists."),
        "MAX_FINDINGS": (
            source.fragment.limit,
            "How many findings one request can attach; None where the page has no limit.",
        ),
        "TICKET_URL_PATTERN": _pattern(source),
    }
    lines = ['"""Facts of the contract that are no model."""', "", "from enum import StrEnum", ""]
    lines += ["class Site(StrEnum):", f'    """{_SITES}"""']
    lines += [f"    {name} = {site!r}" for name, site in names.of_sites(fragment.sites)]
    for name, (value, meaning) in facts.items():
        kind = ": int | None" if name == "MAX_FINDINGS" else ""
        lines += [f"{name}{kind} = {value!r}", f'"""{meaning}"""']
    return "\n".join(lines) + "\n"


def _pattern(source: Source) -> tuple[str, str]:
    if source.ticket_url_pattern is None:
        return r"[\s\S]*", "The contract has no pattern; this matches every text."
    return source.ticket_url_pattern, "What a ticket's address matches."


def files(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its relative path, Python's caches aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differing(fragment_path: Path, target: Path) -> list[str]:
    """What `target` has too much, too little or different, a line each; writes nothing to it."""
    with _workplace() as place:
        render(fragment_path, place / "new")
        wanted, found = files(place / "new"), files(target)
    return [
        *(f"missing: {name}" for name in sorted(wanted.keys() - found.keys())),
        *(f"stray: {name}" for name in sorted(found.keys() - wanted.keys())),
        *(
            f"differs: {name}"
            for name in sorted(wanted)
            if found.get(name, wanted[name]) != wanted[name]
        ),
    ]


def replace(fragment_path: Path, target: Path) -> int:
    """Render, use the result, then put it in the place of `target`; on any failure `target` stays.

    It is used with the policy beside `target`, or else with this repository's. Returns the number
    of files. Raises RenderError as `render` does, for a client that does not work, and for a target
    that holds anything that was not rendered here.
    """
    reason = _irreplaceable(target)
    if reason:
        raise RenderError(
            f"--target {target}: {reason}; name a folder that is absent or empty, or one that "
            "./scripts/regenerate rendered"
        )
    with _workplace(target.parent) as place:
        new, old = place / "new", place / "old"
        source = render(fragment_path, new)
        beside = target.parent if (target.parent / "client.py").is_file() else TARGET.parent
        try:
            trial.use(source, new, beside)
        except ContractError as error:
            raise RenderError(str(error)) from None
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    return len(files(target))


def _irreplaceable(target: Path) -> str | None:
    """Why `target` is not to be replaced; None when nothing but rendered files would be lost."""
    if not target.parent.is_dir():
        return f"there is no folder {target.parent}"
    if target.is_symlink():
        return "it is a symbolic link"
    if not target.exists():
        return None
    if not target.is_dir():
        return "it is not a folder"
    foreign = next(_foreign(target), None)
    if foreign is None:
        return None
    return f"{foreign.relative_to(target)} in it was not rendered and would be lost"


def _foreign(folder: Path) -> Iterator[Path]:
    """Everything below `folder` that was not rendered. Raises OSError for what cannot be read.

    The header, with which every rendered file begins, tells; a link is never rendered.
    """
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from _foreign(path)
        elif path.is_symlink() or not path.is_file():
            yield path
        elif folder.name == "__pycache__" and path.suffix == ".pyc":
            continue
        elif not path.read_bytes().startswith(HEADER.encode()):
            yield path


@contextlib.contextmanager
def _workplace(beside: Path | None = None) -> Iterator[Path]:
    """A folder that is gone afterwards; `beside` keeps it on the same file system."""
    with tempfile.TemporaryDirectory(prefix=".rendering-", dir=beside) as name:
        yield Path(name)
