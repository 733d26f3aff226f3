"""Who notices that one fact of the fragment was changed."""

import contextlib
import functools
import io
import multiprocessing
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from servicenow_contract.contract import fragment
from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.fragment import Fragment
from upkeep import paths
from upkeep.codegen import rendering, source
from upkeep.drift.command import against_fragment
from upkeep.drift.fragment_facts import Facts
from upkeep.drift.schema_facts import FragmentError
from upkeep.mutation.fragment.family import FragmentMutant
from upkeep.page.model import Page

REFUSAL = "regenerate refuses it"
RENDERING = "the rendered code differs"
TESTS = "a test of the fragment fails"
PAGE = "check-docs tells it"
DIGEST = "the digest in the rendered code differs"
"""Every edit of the file changes this one, so it alone proves little."""
_TESTS = paths.TESTS / "judged" / "test_fragment.py"
_OPTIONS = (
    *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
    # This process has what it needs imported already, so that nothing is rewritten or read twice.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
_FILE = "servicenow_tickets.yaml"


def notices(
    contract: Fragment, mutant: FragmentMutant, *, stop: bool = True, page: Page | None = None
) -> list[str]:
    """Who notices the mutant; with `stop`, the first one only, the digest last of all."""
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="fragment-") as name:
        # What stands beside the fragment is as it was.
        folder = Path(shutil.copytree(fragment.folder(), Path(name) / "openapi"))
        write(mutant.document(contract), folder / _FILE)
        for each in _each(contract, folder, page):
            found.append(each)
            if stop:
                break
    return found


def write(document: dict[str, Any], path: Path) -> None:
    """Write a fragment; comments are no facts and stay behind."""
    text = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10**6)
    path.write_text(text, encoding="utf-8")


class _Plain(yaml.SafeDumper):
    """Writes each value where it stands: an edit of one never changes another."""

    def ignore_aliases(self, _data: object) -> bool:
        """No anchors."""
        return True


def _each(contract: Fragment, folder: Path, page: Page | None) -> Iterator[str]:
    path = folder / _FILE
    try:
        rendering.render(path, folder.parent / "new")
    except rendering.RenderError:
        yield REFUSAL
        rendered = None
    else:
        rendered = rendering.files(folder.parent / "new")
        if _without_digest(rendered, source.read(path)) != committed(contract):
            yield RENDERING
    if _tests_fail(folder):
        yield TESTS
    if page is not None and _page_differs(path, page):
        yield PAGE
    if rendered is not None and rendered != rendering.files(paths.TARGET):
        yield DIGEST


@functools.cache
def committed(contract: Fragment) -> dict[str, bytes]:
    """The rendered code in the repository, with the digest blanked."""
    return _without_digest(rendering.files(paths.TARGET), contract)


def _without_digest(files: dict[str, bytes], of: Fragment) -> dict[str, bytes]:
    return {name: data.replace(of.digest.encode(), b"-") for name, data in files.items()}


def _tests_fail(folder: Path) -> bool:
    """Whether the fragment's own tests fail; they run in a process that knows only this one."""
    process = multiprocessing.get_context("fork").Process(target=_run_tests, args=(folder,))
    process.start()
    process.join()
    return process.exitcode != 0


def _run_tests(folder: Path) -> None:
    fragment.folder = lambda: folder
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = pytest.main([str(_TESTS), *_OPTIONS])
    raise SystemExit(int(code))


def _page_differs(path: Path, page: Page) -> bool:
    try:
        return bool(against_fragment(page, Facts(source.read(path))))
    except (ContractError, FragmentError):
        return True
