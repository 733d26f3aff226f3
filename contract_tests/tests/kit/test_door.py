"""What a command cannot use is one sentence and exit 2, in every command of scripts/."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import pytest

from servicenow_contract.contract import contract, documents, fragment, requirements
from servicenow_contract.contract.documents import ContractError
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.world import DEFAULT_WORLD
from servicenow_contract.run import command as cli
from servicenow_contract.service import asgi
from servicenow_contract.service import command as server
from servicenow_contract.traffic import command as traffic_cli
from servicenow_contract.vectors.rules import vectors
from tests.commands import MODULES, help_of, main_of
from tests.specimen import FILE
from upkeep import check, conformance
from upkeep.bench import command as bench
from upkeep.changes import command as compare
from upkeep.codegen import command as regenerate
from upkeep.drift import command as docs_check
from upkeep.mutation import command as mutants
from upkeep.paths import ROOT
from upkeep.release import version, wheels

Main = Callable[[list[str]], int]

FRAGMENT = fragment.folder() / "servicenow_tickets.yaml"
GOOD = FILE.read_text(encoding="utf-8")
LIMIT = "maxItems: 50"
LINES = GOOD.count("\n")
RESPONSES = "/paths/~1api~1v2~1security~1findings~1servicenow_tickets/patch/responses"
REGISTERED = "- {{requirement: {}, statement: A., failure: {}, evidence: b, since: 2025-11-01}}\n"


def _with(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, 1).encode()


FRAGMENTS = {
    "an open bracket": (_with("paths:\n", "paths: [\n"), ":34: not usable YAML"),
    "a tab": (_with("  title:", "\ttitle:"), ":6: not usable YAML"),
    "a number as key": (_with("'200':", "200:"), f":73: {RESPONSES}: a key is not text"),
    "a list as key": (_with("  title:", "  [a]: b\n  title:"), ":6: /info: a key is not text"),
    "an unknown tag": (_with("title: D", "title: !x D"), ":6: /info/title: the tag '!x'"),
    "a tag of Python": (_with("title: D", "title: !!python/name:os D"), ":6: /info/title: the tag"),
    "a second path": (_with("paths:\n", "paths:\n  /x: {}\n"), "/paths: this has more than 1"),
    "no method": (_with("    patch:", "    x-patch:"), "the contract has one method, found 0"),
    "nothing": (b"", ":1: the file is empty"),
    "a comment alone": (b"# Nothing\n", ":1: the file is empty"),
    "a list": (b"- openapi", ':1: this is not of type "object"'),
    "bytes that are not UTF-8": (GOOD.encode() + b"# \xff", f":{LINES + 1}: not UTF-8"),
    "what one reader takes": (b": : x [", ":1: not usable YAML"),
    "a key twice": (_with("info:\n", "info:\n  version: '1'\n"), "appears twice"),
    "two documents": (GOOD.encode() + b"---\n{}\n", f":{LINES + 1}: not usable YAML"),
    "a control character": (_with("title: D", "title: \x07D"), ":6: not usable YAML"),
    "depth without end": (b"[" * 999, "nested too deeply"),
    "what holds itself": (b"&a [*a]", "nested too deeply"),
    "an infinite limit": (_with(LIMIT, "maxItems: .inf"), "maxItems: not a finite number"),
    "a limit in words": (_with(LIMIT, "maxItems: many"), 'maxItems: "many" is not of'),
    "no pattern": (_with("^[Hh]", "^([Hh]"), ' … is not a "regex"; a schema'),
    "a pattern that is not Python's": (
        _with("^[Hh]", "^(?<n>[Hh])"),
        "/servicenow_ticket_url/pattern: Python's re cannot read it",
    ),
    "no example": (
        _with("              example:\n                errors: [Bad Request]\n", ""),
        f"{RESPONSES}/400/content/application~1json: \"example\" is a required property",
    ),
    "a status of all": (_with("'200':", "2XX:"), f"{RESPONSES}"),
    "a key in the query": (_with("in: header", "in: query"), "/apiKeyAuth/in: "),
    "a reference to nothing": (_with("CasesType'", "CaseType'"), "points to nothing"),
    "a reference to itself": (
        _with("  schemas:\n", "  schemas:\n    A: {$ref: '#/components/schemas/A'}\n"),
        "leads back to itself",
    ),
    "no type": (_with("type: string\n", "type: text\n"), '/type: "text" is not valid'),
}  # fmt: skip
"""Files that cannot be used, and what is said of each beside its name."""

REGISTERS = {
    "an open bracket": (b"- [", ":1: not usable YAML"),
    "nothing": (b"", ":1: the file is empty"),
    "an unknown requirement": (
        REGISTERED.format("nobody-asks", "a").encode(),
        ":1: /0/requirement: no requirement is called 'nobody-asks'",
    ),
    "no expression": (
        b"\n" + REGISTERED.format("answer-media-type", "'('").encode(),
        ":2: /0/failure: not a regular expression",
    ),
    "no date": (REGISTERED.format("a", "b").encode().replace(b"-11-", b"-13-"), "/0/since: "),
    "a member too much": (b"- {requirement: a, also: b}", ":1: /0: "),
}
CATALOGUES = {
    "a tab": (b"\t- a", ":1: not usable YAML"),
    "a level of its own": (
        b"- {id: a, level: WILL, of: server, statement: A., at: ''}",
        ":1: /0/level: ",
    ),
}

WITH_WORLD = {
    "conformance": lambda path: cli.main(["--world", str(path)]),
    "serve": lambda path: server.main(["--world", str(path), "--port", "0"]),
}
OF_ALL: dict[str, Main] = {
    "conformance": lambda more: cli.main(["--report", "written", *more]),
    "conformance of all": lambda more: conformance.main(["--report", "written", *more]),
    "conformance --plan": lambda more: cli.main(["--plan", *more]),
    "conformance --requirements": lambda more: cli.main(["--requirements", *more]),
    "check-traffic": lambda more: traffic_cli.main(["a.har", "--report", "written", *more]),
    "mutants": lambda more: mutants.main(["--report", "written", *more]),
    "bench": lambda more: bench.main(["--json", "written", *more]),
    "test": lambda more: check.main(["--static", *more]),
}
"""The commands that read all files of the contract."""
OF_FRAGMENT: dict[str, Main] = {
    **OF_ALL,
    "serve": lambda more: server.main(["--port", "0", *more]),
    "compare": compare.main,
    "wheels": wheels.main,
    "check-docs": lambda more: docs_check.main(["a.md", "--fragment", _FILE, *more]),
    "regenerate": lambda more: regenerate.main(["--fragment", _FILE, "--target", "written", *more]),
    "regenerate --check": lambda more: regenerate.main(
        ["--check", "--fragment", _FILE, "--target", "written", *more]
    ),
}
_FILE = "openapi/servicenow_tickets.yaml"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a contract of its own, in which every command runs and may start nothing."""
    shutil.copytree(FRAGMENT.parent, tmp_path / "openapi")
    shutil.copy(requirements.FILE, tmp_path)
    (tmp_path / version.FILE).parent.mkdir(parents=True)
    shutil.copy(ROOT / version.FILE, tmp_path / version.FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fragment, "folder", lambda: tmp_path / "openapi")
    monkeypatch.setattr(requirements, "FILE", tmp_path / "requirements.yaml")
    monkeypatch.setattr(compare, "ROOT", tmp_path)
    for module, name in ((subprocess, "run"), (subprocess, "Popen"), (asgi, "listen")):
        monkeypatch.setattr(module, name, _started)
    return tmp_path


def _started(*_arguments: object, **_options: object) -> None:
    raise AssertionError("something was started")


def _hold_refusal(
    command: str, run: Callable[[], int], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(Path.cwd().rglob("*"))
    assert run() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{command.split(maxsplit=1)[0]}: ")
    assert said.err.endswith("\n")
    assert said.err.count("\n") == 1
    assert told in said.err
    assert sorted(Path.cwd().rglob("*")) == before


def _in_turns(
    faults: Iterable[str], commands: Iterable[str], everywhere: Collection[str], turns: int
) -> list[tuple[str, str]]:
    """Faults with commands: those of `everywhere` with each, the others with one in `turns`."""
    return [
        (fault, command)
        for number, fault in enumerate(faults)
        for turn, command in enumerate(commands)
        if fault in everywhere or (number + turn) % turns == 0
    ]


KINDS = ("a tab", "no type", "an infinite limit", "a reference to nothing")
"""A fault of YAML, one of OpenAPI, and what a schema of it lets pass."""


@pytest.mark.parametrize(("fault", "command"), _in_turns(FRAGMENTS, OF_FRAGMENT, KINDS, 5))
def test_fragment(
    fault: str, command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken fragment is told by file and line before anything is done.

    Each kind of fault in every command, and each fault in some.
    """
    data, told = FRAGMENTS[fault]
    (place / _FILE).write_bytes(data)
    _hold_refusal(command, lambda: OF_FRAGMENT[command]([]), told, capsys)


def test_no_limit(place: Path) -> None:
    """A contract without a limit can be judged by: no request breaks one, and many is a hundred."""
    (place / _FILE).write_bytes(_with(f"          {LIMIT}\n", ""))
    limited, free = (Fragment.read(each) for each in (FILE, place / _FILE))
    assert [(each.limit, each.max_findings) for each in (limited, free)] == [(50, 50), (None, 100)]
    broken = [{each.keyword for each in vectors(it, DEFAULT_WORLD)} for it in (limited, free)]
    assert broken[0] - broken[1] == {"maxItems"}


@pytest.mark.parametrize("command", OF_FRAGMENT)
def test_no_fragment(command: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fragment that is not there is told in every command."""
    (place / _FILE).unlink()
    told = "servicenow_tickets.yaml: cannot be read: No such file"
    _hold_refusal(command, lambda: OF_FRAGMENT[command]([]), told, capsys)


OTHER_FILES = {
    f"{file}: {name}": (file, *each)
    for file, faults in (("openapi/deviations.yaml", REGISTERS), ("requirements.yaml", CATALOGUES))
    for name, each in faults.items()
}


@pytest.mark.parametrize(
    ("fault", "command"),
    _in_turns(
        OTHER_FILES, OF_ALL, ("openapi/deviations.yaml: nothing", "requirements.yaml: a tab"), 3
    ),
)
def test_register_and_catalogue(
    fault: str, command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken deviations and requirements are told before anything is sent."""
    file, data, told = OTHER_FILES[fault]
    (place / file).write_bytes(data)
    _hold_refusal(command, lambda: OF_ALL[command]([]), told, capsys)


@pytest.mark.parametrize("command", WITH_WORLD)
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "world.json:1: not usable YAML"),
        (b"", "world.json:1: the file is empty"),
        (b"\xff", "world.json:1: not UTF-8"),
        (b"project: a\nfindings: [a]\ntickets: 1\n", "world.json:"),
    ],
)
def test_world(
    command: str, data: bytes, told: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken world is told by file and line."""
    (place / "world.json").write_bytes(data)
    _hold_refusal(command, lambda: WITH_WORLD[command](Path("world.json")), told, capsys)


MISSING = {
    "adopt": (["page.md", "--root", "none"], "none"),
    "bench": (["--from", "none"], "none cannot be read: No such file or directory"),
    "build": (["--root", "none"], "none"),
    "check-docs": (["none"], "none: line 1: the file cannot be opened"),
    "check-traffic": (["none"], "none: cannot be read: No such file or directory"),
    "compare": (["none.whl"], "none.whl: not a readable wheel: "),
    "conformance": (["--world", "none"], "--world none: cannot be read: No such file"),
    "mutants": (["--page", "none"], "--page none: line 1: the file cannot be opened"),
    "propose": (["--branch", "a", "--root", "none"], "none"),
    "publish": (["none"], "PACKAGE_INDEX_URL is not set"),
    "regenerate": (["--fragment", "none"], "none: cannot be read: No such file or directory"),
    "release-check": (["v1.0.0", "--root", "none"], "none"),
    "serve": (["--world", "none"], "none: cannot be read: No such file or directory"),
    "wheels": (["--dist", "none"], "none has 0 files datadog_servicenow_tickets-*.whl"),
}
"""What each command says of a file that is not there; `lock` and `test` take none."""


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("option", ["--unknown", "--hel"])
@pytest.mark.parametrize("command", MODULES)
def test_unknown_option(command: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An option that a command does not know, or an abbreviated one, is refused."""
    run = main_of(f"./scripts/{command}")
    required = {"release-check": ["v1.0.0"], "propose": ["--branch", "a"]}.get(command, [])
    required += ["a"] * command.startswith(("adopt", "check-"))
    told = f"unrecognized arguments: {option}; --help lists what it takes"
    _hold_refusal(command, lambda: run([*required, option]), told, capsys)


@pytest.mark.parametrize("command", MODULES)
def test_exit_statuses(command: str) -> None:
    """The help of a command says what each exit status means."""
    said = help_of(f"./scripts/{command}")
    assert said.startswith(f"usage: {command} ")
    assert re.search(r"Exit status: 0 .+; 2 .+\.\Z", said)


def test_every_command_has_a_missing_file() -> None:
    """A command that is added says what it makes of a file that is not there."""
    assert MISSING.keys() | {"lock", "test"} == MODULES.keys()


@pytest.mark.parametrize("command", MISSING)
def test_missing_file(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file or folder that is not there is refused before anything is written."""
    monkeypatch.chdir(tmp_path)
    options, told = MISSING[command]
    run = main_of(f"./scripts/{command}")
    _hold_refusal(command, lambda: run(options), told, capsys)


def test_good_files_pass(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The door lets the contract pass as it is, and the commands go on."""
    contract.load()
    assert cli.main(["--requirements"]) == 0
    assert "valid-request-accepted" in capsys.readouterr().out
    assert traffic_cli.main(["a.har"]) == 2
    assert "a.har: cannot be read" in capsys.readouterr().err
    assert docs_check.main(["a.md", "--fragment", _FILE]) == 2
    assert "a.md: " in capsys.readouterr().err
    assert server.main(["--port", "0"]) == 2
    assert "something was started" in capsys.readouterr().err
    (place / "openapi/deviations.yaml").write_text("[]")
    contract.load()


@pytest.mark.parametrize(
    "written",
    [
        GOOD.replace("\n", "\r\n"),
        f"\ufeff{GOOD}",
        f"%YAML 1.1\n---\n{GOOD}...\n",
        GOOD.replace("'2025-01-01'", "2025-01-01"),
        GOOD.replace("type: object\n      required: [data]\n", '"type": !!str object\n      required:\n      - data\n'),  # noqa: E501  # one edit
        GOOD.replace("errors: [Bad Request]", "&e errors: &b [Bad Request]", 1).replace(
            "errors: [Bad Request]\n", "errors: *b\n", 1
        ),
        json.dumps(documents.read(FILE).value),
    ],
    ids=["crlf", "mark", "directive", "date", "style", "anchors", "json"],
)  # fmt: skip
def test_other_ways_to_write_it(written: str, tmp_path: Path) -> None:
    """What says the same in another way is the same contract."""
    assert written != GOOD
    path = tmp_path / "fragment.yaml"
    path.write_text(written, encoding="utf-8", newline="")
    assert Fragment.read(path).document == Fragment.read(FILE).document


def test_lines_are_those_of_the_names(tmp_path: Path) -> None:
    """A pointer's line is that of the name it ends with; of what is not there, its parent's."""
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  - b/c: 1\n  -\n    d: 2\ne: {}\n", encoding="utf-8")
    document = documents.read(path)
    for where, line in (("", 1), ("/a/0/b~1c", 2), ("/a/1/d", 4), ("/e", 5), ("/e/f", 5)):
        assert str(document.error(where, "wrong")).startswith(f"{path}:{line}: ")


def test_no_module_reads_the_contract_while_imported() -> None:
    """Kit and commands can be imported where no file is read: a door reads when it is called."""
    code = (
        "import importlib, pkgutil, sys, servicenow_contract as kit\n"
        "from servicenow_contract.contract import documents\n"
        "documents.read = lambda path: sys.exit(f'{path} was read')\n"
        "found = pkgutil.walk_packages(kit.__path__, 'servicenow_contract.')\n"
        "for name in (*(each.name for each in found), *sys.argv[1:]):\n"
        "    importlib.import_module(name)\n"
        "    print(name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *MODULES.values()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    imported = {"servicenow_contract.conformance.test_refusal", "upkeep.mutation.command"}
    assert imported <= {*done.stdout.splitlines()}


@pytest.mark.parametrize(
    ("fixture", "status"),
    [("servicenow_tickets_url", 4), ("capsys", 0)],
)
def test_plugin(fixture: str, status: int, tmp_path: Path) -> None:
    """A pytest run that needs the service ends with the sentence; one that does not goes on."""
    (tmp_path / "servicenow_tickets.yaml").write_bytes(FRAGMENTS["a tab"][0])
    (tmp_path / "conftest.py").write_text(
        "import pathlib; from servicenow_contract.contract import fragment\n"
        "fragment.folder = lambda: pathlib.Path(__file__).parent\n"
    )
    (tmp_path / "test_it.py").write_text(f"def test_it({fixture}):\n    pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "servicenow_contract.plugin", tmp_path],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    said = f"ERROR: {tmp_path}/servicenow_tickets.yaml:6: not usable YAML: "
    assert (said in done.stderr) == (status == 4)
    assert "Traceback" not in done.stdout + done.stderr


def test_what_is_read_is_refused_by_its_own_error(tmp_path: Path) -> None:
    """Whatever is wrong with a file, the reader raises ContractError and nothing else."""
    path = tmp_path / "fragment.yaml"
    for data, told in FRAGMENTS.values():
        path.write_bytes(data)
        with pytest.raises(ContractError) as caught:
            Fragment.read(path)
        assert str(caught.value).startswith(str(path))
        assert told in str(caught.value)
