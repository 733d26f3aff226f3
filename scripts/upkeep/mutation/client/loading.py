"""How a changed client is put in place: a function is swapped, or a module loaded from a text."""

import gc
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from attrs import define

from upkeep.mutation.client.forks import Job

CLIENT = "datadog_servicenow_tickets"
Functions = Mapping[tuple[str, str, int], list[FunctionType]]


def import_client() -> None:
    """Import every module of the client: some are imported by a call that needs them."""
    package = importlib.import_module(CLIENT)
    for each in pkgutil.walk_packages(package.__path__, f"{CLIENT}."):
        importlib.import_module(each.name)


def functions_by_place() -> Functions:
    """Every function of the client, by file, qualified name and first line."""
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    gc.unfreeze()  # else what a conftest.py froze is among no objects
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and CLIENT in each.__code__.co_filename:
            code = each.__code__
            key = (code.co_filename, code.co_qualname, code.co_firstlineno)
            found.setdefault(key, []).append(each)
    return found


def swap(job: Job, functions: Functions) -> None:
    """Give the changed function its new code. Raises LookupError."""
    if job.function is None:
        return  # the client as it is
    code = code_of(compile(job.source, job.path, "exec", dont_inherit=True), job.function)
    for function in functions[job.path, *job.function]:
        function.__code__ = code


def code_of(module: CodeType, function: tuple[str, int]) -> CodeType:
    """The code of one function within a module's. Raises LookupError."""
    for code in codes(module):
        if (code.co_qualname, code.co_firstlineno) == function:
            return code
    raise LookupError(f"no function is called {function[0]} in line {function[1]}")


def codes(code: CodeType) -> Iterator[CodeType]:
    """The code of everything within a module's, or a function's."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from codes(each)


class _MutantLoader(SourceFileLoader):
    """Loads a module from a text that is not its file's."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.module, job.path)
        self._job = job

    def get_code(self, _name: str) -> CodeType:
        """The changed code."""
        code: CodeType = compile(self._job.source, self._job.path, "exec", dont_inherit=True)
        return code


@define
class _Finder:
    """Finds the one changed module."""

    job: Job

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        """The changed module, or nothing."""
        path = Path(self.job.path)
        if name != self.job.module:
            return None
        return importlib.util.spec_from_file_location(
            name,
            path,
            loader=_MutantLoader(self.job),
            submodule_search_locations=[str(path.parent)] if path.stem == "__init__" else None,
        )


def import_changed(job: Job) -> None:
    """See to it that the changed module is imported from the text of the job."""
    if CLIENT in sys.modules:
        raise RuntimeError("the client was imported before it was changed")
    sys.meta_path.insert(0, _Finder(job))
