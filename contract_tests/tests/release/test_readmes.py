"""What the READMEs show is true: links, commands, programs and numbers."""

import csv
import logging
import re
import runpy
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from servicenow_contract.contract import world
from servicenow_contract.contract.contract import Contract
from servicenow_contract.mutants.kinds import PROVOKED
from servicenow_contract.service import Service
from tests.commands import MODULES, help_of
from tests.contract import FRAGMENT
from upkeep import conformance
from upkeep.paths import CLIENT, ROOT

FILES = {str(each.relative_to(ROOT)): each for each in sorted(ROOT.glob("[a-z]*/README.md"))}
FILES["README.md"] = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(
    r"(?<![\w-])(?:\./scripts/[a-z]|servicenow-tickets-(?!contract)|attach-findings\b)[^`#|]*"
)


def _blocks(name: str, language: str) -> list[str]:
    return [code for kind, code in _BLOCK.findall(FILES[name].read_text()) if kind == language]


def _shown() -> Iterator[tuple[str, str]]:
    for name, path in FILES.items():
        for found in _COMMAND.findall(path.read_text()):
            yield name, found.partition("\n")[0].strip()


@pytest.mark.parametrize("shown", sorted(set(_shown())), ids=" ".join)
def test_commands(shown: tuple[str, str]) -> None:
    """Each command that a README shows is there, with the options that are shown."""
    words = shlex.split(shown[1].replace("'", "").replace('"', ""))
    command = words[0].rstrip(".,;:)")
    told = help_of(command)
    for option in re.findall(r"(?<![\w-])--?[a-z][\w-]*", " ".join(words[1:])):
        assert re.search(rf"(?<![\w-]){option}\b", told), f"{command} has no {option}"


@pytest.mark.parametrize("name", FILES)
def test_links(name: str) -> None:
    """Each link inside the repository leads to a file, and to a heading of it if it names one."""
    for target in re.findall(r"\]\(([^)]+)\)", FILES[name].read_text()):
        assert not target.startswith("http"), "what is elsewhere may go; name it in words"
        file, _, heading = target.partition("#")
        path = (FILES[name].parent / file).resolve() if file else FILES[name]
        assert path.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


@pytest.mark.parametrize("name", FILES)
def test_paths(name: str) -> None:
    """Each path of a file of this repository that is named from its root leads to it."""
    for path in re.findall(r"`([\w.-]+/[\w./-]+\.(?:py|yaml|json))`", FILES[name].read_text()):
        if (ROOT / path.partition("/")[0]).is_dir():
            assert (ROOT / path).exists(), path


def test_front_page_is_short() -> None:
    """The front page is read in a few minutes."""
    assert len(FILES["README.md"].read_text().splitlines()) <= 130


def test_exit_statuses() -> None:
    """The table of commands has each script, with the exit statuses that its --help names."""
    rows = re.findall(
        r"^\| `\./scripts/([\w-]+)[^`]*` \|.*\| ([^|]*) \|$",
        FILES["scripts/README.md"].read_text(),
        re.MULTILINE,
    )
    assert [name for name, _ in rows] == [*MODULES]
    for name, told in rows:
        assert help_of(f"./scripts/{name}").endswith(f"Exit status: {told}."), name


def _idle(contract: Contract) -> int:
    """How many requirements are not judged: the page is not here, and what no test provokes."""
    return 1 + sum(each not in PROVOKED for each in contract.fragment.statuses)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any two keys."""
    monkeypatch.setenv("DD_API_KEY", "an-api-key")
    monkeypatch.setenv("DD_APP_KEY", "an-app-key")


def _run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run one of the client's programs as it stands, in this process; gives its exit status."""
    [code] = [
        each for each in _blocks("generated_client/README.md", "python") if f'"{name}' in each
    ]
    (folder / name).write_text(code)
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    try:
        runpy.run_path(str(folder / name), run_name="__main__")
    except SystemExit as ended:
        return int(str(ended.code or 0))
    return 0


@pytest.mark.usefixtures("keys")
def test_csv(
    servicenow_tickets: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What fails today is in the second file, and given to the program again it goes through."""
    known, count = servicenow_tickets.world, FRAGMENT.max_findings + 1
    rows = [[known.tickets[0], known.project, f"finding-{number}"] for number in range(count)]
    rows += [[known.tickets[1], known.project, "other"]]
    today, tomorrow = tmp_path / "findings.csv", tmp_path / "findings.csv.failed"
    with today.open("w", newline="") as file:
        csv.writer(file).writerows([["ticket_url", "project_id", "finding_id"], *rows])
    servicenow_tickets.fault("status=403,at=2")
    assert _run("attach_csv.py", tmp_path, monkeypatch, str(today)) == 1
    assert list(csv.reader(tomorrow.read_text().splitlines()))[1:] == [rows[-2]]
    assert "403" in capsys.readouterr().err
    assert _run("attach_csv.py", tmp_path, monkeypatch, str(tomorrow)) == 0
    assert sorted(map(len, servicenow_tickets.state.snapshot().values())) == [1, count]


@pytest.mark.usefixtures("keys")
def test_async(
    servicenow_tickets: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each ticket gets its finding, and a line with its case or why it failed."""
    known = servicenow_tickets.world
    servicenow_tickets.fault("status=403,at=3")
    _run("attach_async.py", tmp_path, monkeypatch, known.project, "f", *known.tickets[:5])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(known.tickets[:5])
    assert len([line for line in lines if " failed: " in line]) == 1
    assert len(servicenow_tickets.state.snapshot()) == 4


class _Span:
    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.set_attribute = self.told.__setitem__

    def __enter__(self) -> "_Span":
        return self

    def __exit__(self, *_: object) -> None:
        self.told["ended"] = True


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("status", [200, 403])
def test_traced(
    status: int, servicenow_tickets: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A span tells how a call ended; what stands for OpenTelemetry here has the two calls of it."""
    span = _Span()
    tracer = types.SimpleNamespace(start_as_current_span=lambda _name: span)
    api: Any = types.ModuleType("opentelemetry")
    api.trace = types.SimpleNamespace(get_tracer=lambda _name: tracer)
    monkeypatch.setitem(sys.modules, "opentelemetry", api)
    monkeypatch.setattr(logging.getLogger("datadog_servicenow_tickets"), "level", logging.NOTSET)
    monkeypatch.setattr(logging.root, "handlers", [logging.NullHandler()])
    known = servicenow_tickets.world
    asked = (known.tickets[0], known.project, "a", "b")
    if status == 200:
        _run("attach_traced.py", tmp_path, monkeypatch, *asked)
        shown: dict[str, Any] = {
            "findings": 2,
            "http.response.status_code": 200,
            "attempts": 1,
            "ended": True,
        }
    else:
        servicenow_tickets.fault(f"status={status}")
        with pytest.raises(Exception, match="403"):
            _run("attach_traced.py", tmp_path, monkeypatch, *asked)
        shown = {"findings": 2, "applied": "False", "attempts": 1, "ended": True}
    assert span.told == shown


@pytest.mark.usefixtures("keys", "servicenow_tickets")
def test_first_program(capsys: pytest.CaptureFixture[str]) -> None:
    """The front page's program prints the id of a case."""
    [code] = _blocks("README.md", "python")
    exec(code, {})  # noqa: S102  # our own README
    assert re.fullmatch(r"[0-9a-f-]{36}\n", capsys.readouterr().out)


def test_workflow(tmp_path: Path) -> None:
    """The job that judges a staging server is a workflow, and what it runs is printed above."""
    [text] = _blocks("contract_tests/README.md", "yaml")
    (tmp_path / "contract.yml").write_text(text)
    schema = "--builtin-schema=vendor.github-workflows"
    command = (sys.executable, "-m", "check_jsonschema", schema, tmp_path / "contract.yml")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    uses = [
        step["uses"] for step in yaml.safe_load(text)["jobs"]["staging"]["steps"] if "uses" in step
    ]
    ours = "".join(path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    for action, _, version in (each.partition("@") for each in uses):
        assert re.search(rf"{action}@\w+ +# {version}\.", ours), action


def test_world_file(tmp_path: Path) -> None:
    """The world that the suite's README shows can be used."""
    [text] = _blocks("contract_tests/README.md", "json")
    (tmp_path / "world.json").write_text(text)
    assert world.read(tmp_path / "world.json").project


def test_verdict_lines(whole_contract: Contract, capsys: pytest.CaptureFixture[str]) -> None:
    """What the front page prints of a run is what a run prints, counts and all."""
    [text] = _blocks("README.md", "text")
    first, more, *lines, gap, last = text.splitlines()
    only = [f"--only={line.split()[-1]}" for line in lines]
    assert conformance.main(only) == 0
    said = capsys.readouterr().out
    assert {more, gap} == {"…"}
    assert set(lines) <= set(said.splitlines())
    count, idle = len(whole_contract.requirements), _idle(whole_contract)
    counts = f"({count} requirements: {count - idle} pass, {idle} not-run)."
    begins = ("Judging the embedded reference service by ", "The contract is kept")
    assert (first, last) == (f"{begins[0]}{count} requirements (seed 0).", f"{begins[1]} {counts}")
    assert all(f"\n{each}" in f"\n{said}" for each in begins)


def test_options_of_the_commands() -> None:
    """The tables of options have every option of the two commands, but --help."""
    text = FILES["contract_tests/README.md"].read_text()
    for command in ("conformance", "serve"):
        options = set(
            re.findall(
                r"(?<![\w-])--[a-z][\w-]*", help_of(f"./scripts/{command}").split("options:")[1]
            )
        )
        assert options - {"--help"} <= set(re.findall(r"--[a-z][\w-]*", text)), command


def test_client_programs_are_tried() -> None:
    """No program of the client's README is left out here."""
    names = re.findall(r'^"""(\w+\.py)', (CLIENT / "README.md").read_text(), re.MULTILINE)
    ours = Path(__file__).read_text()
    assert names
    assert all(f'"{name}"' in ours for name in names)
