"""Every number and every block of the READMEs is held: read from its source, or by a named test."""

import inspect
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from datadog_servicenow_tickets import Client, errors
from datadog_servicenow_tickets._settings import keys
from servicenow_contract.command import UNUSABLE, Command
from servicenow_contract.report.page import MOST
from servicenow_contract.service import PORT
from servicenow_contract.service.faults import InjectedFault
from tests.commands import help_of, main_of
from tests.contract import FRAGMENT
from tests.kit.test_conformance_command import WORLD
from tests.release.test_readmes import FILES
from upkeep.bench.contenders import locked
from upkeep.bench.figures import FIGURES
from upkeep.paths import CLIENT, ROOT, SCRIPTS
from upkeep.release.version import Step, next_version

_FRONT, _OPENAPI, _CLIENT = "README.md", "openapi/README.md", "generated_client/README.md"
_SUITE, _SCRIPTS = "contract_tests/README.md", "scripts/README.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(
    r"(?<![\w.,-])\d[\d.,]*(?<![.,])(?![\w-])"
    r"|\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|half|quarter|tenth)\b",
    re.IGNORECASE,
)

BLOCKS = {
    (_FRONT, "mermaid"): "no fact that can be held",
    (_FRONT, "sh"): "test_lines",
    (_FRONT, "text"): "test_readmes.py::test_verdict_lines",
    (_FRONT, "python"): "test_readmes.py::test_first_program",
    (_CLIENT, "sh"): "test_lines",  # the pin: test_wheel.py::test_pin
    (_CLIENT, "python"): "test_readmes.py::test_client_programs_are_tried",
    (_CLIENT, ""): "client/sources/test_readme.py::test_tree",
    (_SUITE, "sh"): "test_lines",
    (_SUITE, "json"): "test_readmes.py::test_world_file",
    (_SUITE, "yaml"): "test_readmes.py::test_workflow",
    (_SUITE, "python"): "service/test_plugin.py::test_readme",
    (_SCRIPTS, "sh"): "test_lines",  # all of it is performed: test_maintainers_day.py
    (_SCRIPTS, "text"): "mutation/test_mutants.py::test_the_readme_shows_whole_families",
}
"""What holds the blocks of each kind in each README."""

ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    _CLIENT: (
        # client/sources/test_readme.py::test_defaults
        r"^\| `(?:timeout|deadline|max_retries|max_retry_wait)` .*$",
        r"408, 500, 502 to 504 and 520 to 529",
        r"up to a tenth on top; else up to [\d., …\s]* seconds",
        r"^\| .* of official \|.*$",  # bench/test_bench.py::test_readmes_agree
        r"clean, 100 %",  # client/sources/test_types.py::test_every_public_type_is_known
        r"HTTP/2",  # a name
    ),
    _SCRIPTS: (
        r"^\| `\./scripts/.*$",  # test_readmes.py::test_exit_statuses
        r"exits 1 for an error .*?, 2 when",  # bench/test_bench.py::test_strangers_are_told
        r"^Measured on (?s:.*?)(?=^Where time goes)",  # bench/test_bench.py
    ),
}
"""What other tests hold, which a comment names."""


def _least(project: Path) -> str:
    found: str = tomllib.loads((project / "pyproject.toml").read_text())["project"][
        "requires-python"
    ]
    return found.removeprefix(">=")


def _seconds() -> tuple[int, float]:
    """How long bootstrap.sh says that the kit's environment takes, and a run took by `bench`."""
    bootstrap, figures = (SCRIPTS / "bootstrap.sh").read_text(), FILES[_SCRIPTS].read_text()
    [made] = re.findall(r"making \.venv .*\(about (\d+) seconds\)", bootstrap)
    [run] = re.findall(r"\n\| suite: a run \| ([\d.]+) s ", figures)
    return int(made), float(run)


def _told() -> Iterator[tuple[str, str, bool]]:
    """Words with a number, the README that has them, and whether their source says the same."""
    least, needed = _least(ROOT), f"({_least(ROOT).replace('.', ', ')})"
    everywhere = needed in (SCRIPTS / "bootstrap.sh").read_text() and least == _least(CLIENT)
    for name in (_FRONT, _CLIENT, _SUITE, _SCRIPTS):
        yield name, f"Python {least} or newer", everywhere
    judged = "0 no MUST fails; 1 a MUST fails; 2 the suite or the connection broke"
    for name in (_FRONT, _SUITE):
        words = (
            "0 when no MUST fails, 1 when one does, and 2 when the suite or the connection broke"
        )
        yield name, words, judged in help_of("./scripts/conformance")
    made, run = _seconds()
    words = "half a minute in a fresh clone, and ten seconds after that"
    yield _FRONT, words, run < 10 and made + run < 30
    version = str(FRAGMENT.document["openapi"]).rpartition(".")[0]
    yield _OPENAPI, f"OpenAPI {version} document", True
    yield from _of_the_client()
    yield from _of_the_suite()
    yield _SCRIPTS, "would ask for 2.0.0", next_version("1.0.0", Step.MAJOR) == "2.0.0"
    cases = [case.name for figure in FIGURES for trial in figure.trials for case in trial.cases]
    yield _SCRIPTS, "With 64 tasks it is", "64 tasks" in cases


def _of_the_client() -> Iterator[tuple[str, str, bool]]:
    options = inspect.signature(Client).parameters
    times, retries = options["timeout"].default, options["max_retries"].default
    yield _CLIENT, "repeated, twice by default", retries == 2
    yield _CLIENT, f"| {retries}, lost answers included |", True
    yield _CLIENT, f"| {times.connect:g} s and {times.read:g} s |", True
    yield _CLIENT, "keys of eight characters or more", keys._MASKED_FROM == 8
    ends = "0 attached, or .* 2 not sent: an option, .* 3 not sent: no connection was made"
    words = (
        "0 says attached, 2 that an option or the request cannot be used, "
        "3 that no connection was made"
    )
    yield _CLIENT, words, bool(re.search(ends, help_of("attach-findings")))
    for package in ("datadog-api-client", "openapi-python-client"):
        yield _CLIENT, f"`{package}` {locked()[package]}", True


def _of_the_suite() -> Iterator[tuple[str, str, bool]]:
    yield _SUITE, f"at most {MOST // 1000} kB", True
    enough = len(WORLD["findings"]) == FRAGMENT.max_findings + 10  # test_world_file shows it
    words = f"Ten findings more than the limit and {len(WORLD['tickets'])} tickets are enough"
    yield _SUITE, words, enough
    traffic, serve = help_of("./scripts/check-traffic"), help_of("./scripts/serve")
    words = "2 also means that a file is not a recording, or that nothing in it could be judged"
    yield _SUITE, words, "2 a file is not a recording, or nothing could be judged" in traffic
    yield _SUITE, "reads HAR 1.2 from", "a HAR 1.2 file" in traffic
    yield _SUITE, f"at http://127.0.0.1:{PORT} unless told otherwise", True
    yield _SUITE, "0 takes any free port", "0 takes any free port" in serve
    words = "0 when the service was interrupted, and 2 when it could not start"
    yield _SUITE, words, "0 when interrupted; 2 when it could not start" in serve
    yield _SUITE, "one sentence and exit 2", UNUSABLE == 2


def _is_status(number: str) -> bool:
    """Whether a number is a status that the client knows, which may be named anywhere."""
    known = number.isdigit() and errors.APIError.for_status(int(number))
    return number == "200" or known not in {False, errors.UnexpectedStatusError}


@pytest.mark.parametrize("name", FILES)
def test_numbers(name: str) -> None:
    """No number stands in the prose of a README but those that this test or another one holds."""
    text = _BLOCK.sub("", FILES[name].read_text(encoding="utf-8"))
    for pattern in ELSEWHERE.get(name, ()):
        text, count = re.subn(pattern, "", text, flags=re.MULTILINE)
        assert count, pattern
    text = " ".join(text.split())
    for _, words, held in (each for each in _told() if each[0] == name):
        assert held, words
        assert words in text
        text = text.replace(words, "")
    left = _NUMBER.findall(re.sub(r"`[^`]*`", "", text))
    assert [each for each in left if not _is_status(each)] == []


def test_blocks() -> None:
    """Each block is of a kind that some test holds."""
    found = {(name, kind) for name in FILES for kind, _ in _BLOCK.findall(FILES[name].read_text())}
    assert found == set(BLOCKS)


def test_faults() -> None:
    """Each fault that the suite's README names is one."""
    found = re.findall(
        r"`((?:status|html|delay|reset|truncate)\b[^`]*,[^`]*)`", FILES[_SUITE].read_text()
    )
    assert len([InjectedFault.parse(each) for each in found]) == 4


@pytest.mark.parametrize("name", FILES)
def test_port(name: str) -> None:
    """The port of an address on this machine is the one on which `serve` listens."""
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", FILES[name].read_text())) <= {str(PORT)}


def _lines() -> Iterator[str]:
    for name in FILES:
        for kind, code in _BLOCK.findall(FILES[name].read_text(encoding="utf-8")):
            if kind == "sh" and "pip install" not in code:
                yield from code.splitlines()


@pytest.mark.parametrize("line", dict.fromkeys(_lines()))
def test_lines(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command line is one that the command takes, values and all.

    They are not run here: they would judge, serve or test everything. Other tests run what they
    stand for: judging in kit/, recordings in traffic/, `serve` in service/, `adopt` in adopt/.
    """
    command, *arguments = shlex.split(line.rpartition("| ")[2], comments=True)
    if command == "$EDITOR":
        assert [*ROOT.glob(arguments[0])]
        return
    if command == "attach-findings":
        ticket = f"https://a.service-now.com/incident.do?sys_id={32 * '0'}"
        arguments = [ticket if each == "URL" else each for each in arguments]
        monkeypatch.setattr("sys.stdin", iter(["a-finding"]))
        arguments.append("--dry-run")
    monkeypatch.setattr(Command, "run", lambda self, _, argv=None: bool(self.parse_args(argv)) - 1)
    assert main_of(command)(arguments) == 0
