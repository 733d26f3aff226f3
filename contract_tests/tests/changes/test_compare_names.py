"""`compare` gives each change of the public Python names its rule and its step."""

import re
from pathlib import Path
from typing import NamedTuple

import griffe
import pytest

from upkeep.changes.api import compare_names
from upkeep.changes.change import Change, Changes
from upkeep.changes.names import PACKAGE, NamesError, read_names
from upkeep.changes.rules import NAMES
from upkeep.changes.usage import MODELS, Usage
from upkeep.paths import ROOT

HAND_WRITTEN = (f"{MODELS}.ReadError", f"{MODELS}.Response", f"{MODELS}.Timestamp")

INIT = """
from . import models, errors
from ._made import Answer
from .client import Client
from .errors import RefusedError

__all__ = ["Answer", "Client", "RefusedError", "errors", "models"]
__version__ = "1.0.0"
"""
MODELS_FILE = """
from ._generated import *
from ._generated import __all__ as _models

__all__ = [*_models]
"""
GENERATED = """
from enum import StrEnum
from attrs import define as _define, field as _field

class Kind(StrEnum):
    ONE = "one"

@_define(kw_only=True)
class Request:
    id: str
    kind: Kind | Unset = UNSET
    note: str | Unset = UNSET
    rest: dict[str, str] = _field(init=False, factory=dict)

@_define(kw_only=True)
class Case:
    title: str | Unset = UNSET
    kind: str | Unset = UNSET
    def __getitem__(self, key: str) -> str: ...

__all__ = ("Case", "Kind", "Request")
"""
CLIENT = """
from . import models
class _Base:
    @property
    def is_closed(self) -> bool: ...
class Client(_Base):
    def __init__(self, *, site: str | None = None, retries: int = 2) -> None:
        self.site = site
    def attach(self, body: models.Request, again: bool = False) -> models.Case: ...
    def close(self) -> None: ...
def hidden() -> None: ...
"""
MADE = """
from attrs import field, frozen
@frozen
class _Head:
    status: int
@frozen
class Answer(_Head):
    case: models.Case | None = None
    text: str = ""
    note: str = ""
"""
ERRORS = """
class BaseError(Exception):
    applied: bool | None = None
class RefusedError(BaseError, ValueError):
    def __init__(self, message: str) -> None: ...
"""
FILES = {
    "__init__.py": INIT,
    "models.py": MODELS_FILE,
    "_generated.py": GENERATED,
    "client.py": CLIENT,
    "_made.py": MADE,
    "errors.py": ERRORS,
}


class Known(NamedTuple):
    """Edits of the package, `old -> new` in one file, and their known answer."""

    name: str
    file: str
    old: str
    new: str
    rules: str
    step: str
    where: str


EDITS = [
    Known("name gone", "client.py", "    def close(self) -> None: ...\n", "",
          "name-removed", "major", "Client.close"),
    Known("exported name gone", "__init__.py", '"Answer", ', "",
          "name-removed", "major", "Answer"),
    Known("new name", "client.py", "    def close",
          "    def ping(self) -> None: ...\n    def close",
          "name-added", "minor", "Client.ping"),
    Known("model renamed", "_generated.py", "Kind", "Sort",
          "name-removed name-added attribute-type-changed", "major",
          "models.Kind models.Sort models.Request.kind"),
    Known("parameter renamed", "client.py", "again: bool", "more: bool",
          "python-parameter-removed python-parameter-added", "major",
          "Client.attach Client.attach"),
    Known("required parameter", "client.py", "again: bool = False",
          "again: bool = False, *, by: str",
          "python-parameter-added-required", "major", "Client.attach"),
    Known("optional parameter", "client.py", "retries: int = 2", 'retries: int = 2, to: str = ""',
          "python-parameter-added", "minor", "Client.__init__"),
    Known("parameter required now", "client.py", "again: bool = False", "again: bool",
          "python-parameter-required", "major", "Client.attach"),
    Known("parameter optional now", "errors.py", "message: str", 'message: str = ""',
          "python-parameter-optional", "minor", "RefusedError.__init__"),
    Known("another default", "client.py", "retries: int = 2", "retries: int = 3",
          "python-default-changed", "major", "Client.__init__"),
    Known("parameters swapped", "_made.py", '    text: str = ""\n    note: str = ""',
          '    note: str = ""\n    text: str = ""',
          "python-parameter-moved python-parameter-moved", "major",
          "Answer.__init__ Answer.__init__"),
    Known("field of a private base", "_made.py", "status", "code",
          "name-added name-removed python-parameter-added-required", "major",
          "Answer.code Answer.status Answer.__init__"),
    Known("by name only", "client.py", "again: bool", "*, again: bool",
          "python-parameter-kind-changed", "major", "Client.attach"),
    Known("parameter of another type", "client.py", "again: bool", "again: int",
          "python-parameter-type-changed", "major", "Client.attach"),
    Known("parameter takes more", "client.py", "again: bool", "again: bool | None",
          "python-parameter-type-widened", "minor", "Client.attach"),
    Known("parameter takes any string", "client.py", "again: bool", "kind: str, again: bool",
          "python-parameter-added-required python-parameter-moved", "major",
          "Client.attach Client.attach"),
    Known("answer may be missing", "client.py", "-> models.Case", "-> models.Case | None",
          "return-type-changed", "major", "Client.attach"),
    Known("value may be missing", "client.py", "-> bool", "-> bool | None",
          "attribute-type-changed", "major", "Client.is_closed"),
    Known("awaited", "client.py", "    def close", "    async def close",
          "call-changed", "major", "Client.close"),
    Known("method became a value", "client.py",
          "    def close(self) -> None: ...", "    close = None",
          "name-became-another-kind", "major", "Client.close"),
    Known("base gone", "errors.py", "(BaseError, ValueError)", "(BaseError)",
          "base-class-removed", "major", "RefusedError"),
    Known("base more", "errors.py", "(Exception)", "(Exception, OSError)",
          "base-class-added base-class-added", "minor", "errors.BaseError RefusedError"),
    Known("value of a member", "_generated.py", '"one"', '"two"',
          "enum-member-value-changed", "major", "models.Kind.ONE"),
    Known("field of a request, in the middle", "_generated.py", "    id: str\n",
          "    id: str\n    by: str | Unset = UNSET\n",
          "name-added", "minor", "models.Request.by"),
    Known("required field of a request", "_generated.py",
          "    id: str\n", "    id: str\n    by: str\n",
          "name-added python-parameter-added-required", "major",
          "models.Request.by models.Request.__init__"),
    Known("field of a request gone", "_generated.py", "    note: str | Unset = UNSET\n", "",
          "name-removed", "major", "models.Request.note"),
    Known("field of a request takes any string", "_generated.py", "kind: Kind |", "kind: str |",
          "attribute-type-compatible", "minor", "models.Request.kind"),
    Known("field of a request may be left out", "_generated.py", "    id: str\n",
          "    id: str | Unset = UNSET\n",
          "attribute-type-compatible", "minor", "models.Request.id"),
    Known("field of an answer", "_generated.py",
          "    title:", "    zone: str | Unset = UNSET\n    title:",
          "name-added", "minor", "models.Case.zone"),
    Known("field of an answer is sure", "_generated.py",
          "    title: str | Unset = UNSET", "    title: str",
          "attribute-type-compatible answer-constructor-changed", "minor",
          "models.Case.title models.Case.__init__"),
    Known("field of an answer is of known values", "_generated.py", "kind: str |", "kind: Kind |",
          "attribute-type-compatible", "minor", "models.Case.kind"),
    Known("field of an answer is a time", "_generated.py", "title: str", "title: Timestamp",
          "attribute-type-changed", "major", "models.Case.title"),
    Known("constructor without a field", "_made.py", '    note: str = ""',
          '    note: str = field(default="", init=False)',
          "python-parameter-removed", "major", "Answer.__init__"),
    Known("attribute of an error", "errors.py", "def __init__(self, message: str) -> None: ...",
          "def __init__(self, message: str) -> None:\n        self.message = message",
          "name-added", "minor", "RefusedError.message"),
    Known("parameter that is kept", "client.py", "site: str | None = None", "site: str",
          "attribute-type-compatible python-parameter-required python-parameter-type-changed",
          "major", "Client.site Client.__init__ Client.__init__"),
    Known("private name", "client.py", "def hidden", "def secret", "", "", ""),
    Known("private base", "client.py", "_Base", "_Root", "", "", ""),
    Known("version", "__init__.py", "1.0.0", "2.0.0", "", "", ""),
    Known("words", "client.py", "class Client(_Base):\n", 'class Client(_Base):\n    """It."""\n',
          "", "", ""),
]  # fmt: skip


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders for the package."""
    return tmp_path / "old", tmp_path / "new"


def write(folder: Path, **edited: str) -> None:
    """Write the package, with files edited; their names without what follows the dot."""
    package = folder / PACKAGE
    package.mkdir(parents=True)
    for name, text in FILES.items():
        (package / name).write_text(edited.get(name.partition(".")[0], text))


def compared(places: tuple[Path, Path]) -> list[Change]:
    """What changed from one folder's package to the other's."""
    changes = Changes()
    compare_names(read_names(places[0]), read_names(places[1]), changes)
    return list(changes)


@pytest.mark.parametrize("known", EDITS, ids=lambda known: known.name.replace(" ", "-"))
def test_an_edit_has_its_answer(known: Known, places: tuple[Path, Path]) -> None:
    """The edit gives its rules at their names, no other, and their step."""
    text = FILES[known.file]
    assert known.old in text
    write(places[0])
    write(places[1], **{known.file.partition(".")[0]: text.replace(known.old, known.new)})
    found = compared(places)
    assert sorted((each.rule, each.where.removeprefix(f"{PACKAGE}.")) for each in found) == sorted(
        zip(known.rules.split(), known.where.split(), strict=True)
    )
    assert str(max((each.step for each in found), default="")) == known.step


def test_a_narrower_answer_is_minor(places: tuple[Path, Path]) -> None:
    """What comes back of fewer types than before breaks nobody."""
    write(places[0], client=CLIENT.replace("-> models.Case", "-> models.Case | None"))
    write(places[1])
    assert [(each.rule, str(each.step)) for each in compared(places)] == [
        ("return-type-narrowed", "minor")
    ]


def test_what_moves_between_modules_is_still_compared(places: tuple[Path, Path]) -> None:
    """A class that is defined elsewhere now is the same under its public name."""
    write(places[0])
    write(places[1], __init__=INIT.replace("from .client", "from ._elsewhere"))
    module = places[1] / PACKAGE / "client.py"
    module.rename(module.with_name("_elsewhere.py"))
    assert compared(places) == []
    text = CLIENT.replace("retries: int = 2", "retries: int = 3")
    module.with_name("_elsewhere.py").write_text(text)
    [change] = compared(places)
    assert (change.rule, change.where) == (
        "python-default-changed",
        f"{PACKAGE}.Client.__init__",
    )


def test_the_client_equals_itself() -> None:
    """Nothing changes between the client and itself, and what it exports is what is compared."""
    folder = ROOT / "generated_client"
    names = read_names(folder)
    assert compared((folder, folder)) == []
    exported = {f"{PACKAGE}.{name}" for name in names.package.exports or ()}
    assert exported <= names.public.keys()
    assert f"{PACKAGE}.models.CaseAttributes.title" in names.public
    assert f"{PACKAGE}.BadRequestError.errors" in names.public
    assert not any(name.startswith(f"{PACKAGE}.retry") for name in names.public)


def test_what_is_written_and_what_is_read() -> None:
    """What callers pass is written, what comes back is read, and the project is both."""
    usage = Usage.of(read_names(ROOT / "generated_client"))
    assert {"AttachRequest", "FindingIdentifier"} <= usage.written - usage.read
    assert {"CaseResponse", "CaseAttributes", "Insight"} <= usage.read - usage.written
    assert {"ProjectRelationship", "ProjectIdentifier"} <= usage.read & usage.written


def test_models_are_made_by_keyword() -> None:
    """No model takes an argument by position, so that a new field moves no other."""
    names = read_names(ROOT / "generated_client")
    made = [name for name in names.public if re.fullmatch(rf"{MODELS}[.]\w+[.]__init__", name)]
    assert f"{MODELS}.CaseAttributes.__init__" in made
    by_position = {
        f"{name}({each.name})"
        for name in made
        for each in names.public[name].parameters
        if each.name != "self" and each.kind is not griffe.ParameterKind.keyword_only
    }
    assert {each for each in by_position if not each.startswith(HAND_WRITTEN)} == set()


def test_every_rule_of_names_is_given_by_an_edit() -> None:
    """No rule is without an edit that it judges."""
    given = {rule for known in EDITS for rule in known.rules.split()}
    assert {*NAMES} - given == {"return-type-narrowed"}


@pytest.mark.parametrize("text", [None, "def", "x = 1"])
def test_what_is_no_package_is_refused(text: str | None, tmp_path: Path) -> None:
    """A package that is not there, cannot be parsed, or names nothing as public is refused."""
    if text is not None:
        (tmp_path / PACKAGE).mkdir()
        (tmp_path / PACKAGE / "__init__.py").write_text(text)
    with pytest.raises(NamesError, match=PACKAGE):
        read_names(tmp_path)
