"""`./scripts/bench`: its statistics, record, table and probes. Nothing here is timed."""

import copy
import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from servicenow_contract.contract.requirements import Level
from servicenow_contract.mutants import catalogue
from servicenow_contract.mutants.derived_requests import equivalents
from servicenow_contract.service import State
from tests import specimen
from tests.contract import FRAGMENT
from upkeep.bench import command as bench
from upkeep.bench import readme, strangers
from upkeep.bench import record as bench_record
from upkeep.bench import report as bench_report
from upkeep.bench.contenders import (
    BARE,
    CONFORMANCE,
    GENERATOR_PIN,
    LARGE,
    OFFICIAL,
    OURS,
    SCHEMATHESIS,
    SMALL,
    STOCK,
    BenchError,
    Contender,
    locked,
)
from upkeep.bench.contenders import _stock as stock_requirements
from upkeep.bench.faults import cost, sample
from upkeep.bench.figures import FIGURES
from upkeep.bench.service import grown
from upkeep.bench.statistics import Goal, Spread, ratios
from upkeep.bench.taking import Bench
from upkeep.bench.trials import Cost, Figure, Trial, Values, taken
from upkeep.paths import FRAGMENT as FILE
from upkeep.paths import ROOT

_CASES = (
    Cost("a case", "µs", {SCHEMATHESIS.title: Goal(0.50)}),
    Cost("its <other> case", "calls/s", more=True),
)
_TRIAL = Trial(_CASES, (CONFORMANCE, SCHEMATHESIS), lambda _, __: (1.0, 1.0), rounds=3)
_FIGURE = Figure("call", "a figure & its title", (_TRIAL,))


def _record(ours: float = 1.0) -> bench_record.Record:
    """A record of three rounds in which one took part with 1 and 8, and one with 4 and 2."""
    record = bench_record.begun(quick=False)
    rows: Values = {
        CONFORMANCE: [(ours, 8.0)] * 3,
        SCHEMATHESIS: [(4.0, 2.0), (2.0, 2.0), (4.0, 2.0)],
    }
    failed = Trial((Cost("lost", "ms"),), (LARGE, SMALL), _TRIAL.take, rounds=1)
    lost = BenchError("no java in PATH")
    bench_record.add(record, _FIGURE, [(_TRIAL, rows) if ours else (failed, lost)])
    return bench_record.finished(record)


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        ([7.0], Spread(7.0, 7.0, 7.0)),
        ([1.0, 2.0, 3.0, 4.0, 100.0], Spread(3.0, 2.0, 4.0)),
        ([4.0, 1.0], Spread(2.5, 1.75, 3.25)),
    ],
)
def test_spread(values: list[float], spread: Spread) -> None:
    """The spread of values is their median between their quartiles."""
    assert Spread.of(values) == spread


def test_ratios_are_made_in_rounds() -> None:
    """A slow moment that meets both of a round leaves their ratio as it is."""
    assert ratios([1.0, 10.0, 1.0], [2.0, 20.0, 2.0]) == Spread(0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match="argument 2 is longer"):
        ratios([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("goal", "median", "met"),
    [
        (Goal(0.85), 0.854, True),
        (Goal(0.85), 0.856, False),
        (Goal(least=0.90), 0.896, True),
        (Goal(least=0.90), 0.894, False),
        (Goal(1.1, 0.9), 1.0, True),
        (Goal(1.1, 0.9), 1.2, False),
    ],
)
def test_goal(goal: Goal, median: float, met: bool) -> None:
    """A goal is held against the ratio as it is printed, with two digits."""
    assert goal.met(Spread(median, median, median)) is met


def test_turns(tmp_path: Path) -> None:
    """Contenders take turns, each round begins with another one, and a warm-up does not count."""
    turns: list[str] = []

    def take(_: Bench, contender: Contender) -> tuple[float]:
        turns.append(contender.title)
        return (float(len(turns)),)

    trial = Trial((Cost("a case", "s"),), (CONFORMANCE, SCHEMATHESIS), take, 2, warm_up=True)
    values = taken(Bench(FRAGMENT, tmp_path), trial, lambda _, __: None)
    one, two = CONFORMANCE.title, SCHEMATHESIS.title
    assert turns == [two, one, one, two, two, one]
    assert values == {CONFORMANCE: [(3.0,), (6.0,)], SCHEMATHESIS: [(4.0,), (5.0,)]}


def _given(value: tuple[float, ...], _bench: Bench, _contender: Contender) -> tuple[float, ...]:
    return value


def test_nothing_taken(tmp_path: Path) -> None:
    """A value that is zero, or one too few, is no measurement."""
    values: list[tuple[float, ...]] = [(0.0, 1.0), (1.0,)]
    for value in values:
        take = functools.partial(_given, value)
        trial = Trial(_CASES, (CONFORMANCE, SCHEMATHESIS), take, rounds=1)
        with pytest.raises(BenchError, match="conformance gave"):
            taken(Bench(FRAGMENT, tmp_path), trial, lambda _, __: None)


def test_figures() -> None:
    """Every figure is there, and every goal is one of a contender that takes part."""
    names = [
        "call",
        "throughput",
        "cold",
        "model",
        "weight",
        "codegen",
        "suite",
        "faults",
        "service",
    ]
    assert [figure.name for figure in FIGURES] == names
    for figure in FIGURES:
        for trial in figure.trials:
            others = {contender.title for contender in trial.contenders[1:]}
            assert all(case.goals.keys() <= others for case in trial.cases)
    goals = {f.name for f in FIGURES for t in f.trials for c in t.cases if c.goals}
    assert goals == set(names)


def test_record(tmp_path: Path) -> None:
    """What --json writes satisfies its schema, and nothing else is taken for a record."""
    path = tmp_path / "record.json"
    record = _record()
    path.write_text(json.dumps(record))
    assert bench_record.read(path) == record
    broken = copy.deepcopy(record)
    broken["figures"][0]["cases"][0]["ratios"][0]["median"] = 0
    for text in (json.dumps(broken), "{}", "no JSON", "[" * 10_000):
        path.write_text(text)
        with pytest.raises(BenchError, match="is not a record of a run"):
            bench_record.read(path)


def test_ratios_of_a_record() -> None:
    """The first contender is held against each other one, and its goal against the median."""
    one, other = _record()["figures"][0]["cases"]
    assert one["ratios"] == [
        {
            "beside": SCHEMATHESIS.title,
            "median": 0.25,
            "low": 0.25,
            "high": 0.375,
            "goal": "≤ 0.50",
            "goal_ratio": 0.5,
            "met": True,
        }
    ]
    assert (other["ratios"][0]["median"], other["ratios"][0]["met"]) == (4.0, None)


@pytest.mark.parametrize(("ours", "status"), [(1.0, 0), (4.0, 1), (0.0, 2)])
def test_exit_status(
    ours: float, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 when every goal is met, 1 when one is missed, 2 when something was not measured."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(_record(ours)))
    assert bench.main(["--from", str(path)]) == status
    out = capsys.readouterr().out
    assert ("missed" in out, "not measured: lost: no java in PATH" in out) == (
        status == 1,
        status == 2,
    )


def test_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run measures what --only names, tells its rounds, and writes the record."""
    other = Figure("cold", "another", (_TRIAL,))
    monkeypatch.setattr(bench, "FIGURES", (_FIGURE, other))
    monkeypatch.setattr(bench, "prepare_all", lambda _: None)
    record = tmp_path / "r.json"
    assert bench.main(["--only", "cold", "--json", str(record)]) == 1
    assert [figure["name"] for figure in bench_record.read(record)["figures"]] == ["cold"]
    said = capsys.readouterr()
    assert "round 3 of 3" in said.err
    assert "a case (µs, less is better)" in said.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.json"]


def test_a_folder_that_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that cannot be written in the end is told in a sentence, after what was measured."""
    folder = tmp_path / "gone"
    folder.mkdir()
    figure = Figure("call", "a figure", (attrs.evolve(_TRIAL, take=lambda _, __: _gone(folder)),))
    monkeypatch.setattr(bench, "FIGURES", (figure,))
    monkeypatch.setattr(bench, "prepare_all", lambda _: None)
    assert bench.main(["--json", str(folder / "r.json")]) == 2
    said = capsys.readouterr()
    assert "a case (µs, less is better)" in said.out
    assert said.err.endswith("r.json cannot be written: No such file or directory\n")


def _gone(folder: Path) -> tuple[float, float]:
    if folder.exists():
        folder.rmdir()
    return (1.0, 1.0)


def test_what_cannot_be_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A figure that fails is recorded with its reason, and the others are measured all the same."""

    def fail(_bench: Bench, _contender: Contender) -> tuple[float]:
        raise BenchError("the tide is out")

    broken = Figure("call", "broken", (Trial((Cost("tide", "m"),), _TRIAL.contenders, fail, 1),))
    monkeypatch.setattr(bench, "FIGURES", (broken, Figure("cold", "good", (_TRIAL,))))
    monkeypatch.setattr(bench, "prepare_all", lambda _: None)
    path = tmp_path / "r.json"
    assert bench.main(["--json", str(path)]) == 2
    one, other = bench_record.read(path)["figures"]
    assert one["not_measured"] == ["tide: the tide is out"]
    assert len(other["cases"]) == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--only", "speed"], "argument --only: invalid choice: 'speed' (choose from 'call', "),
        (["--json", "/nowhere/r.json"], "argument --json: /nowhere/r.json cannot be written; name"),
        (["--json", "/"], "argument --json: / cannot be written; name a file in a folder"),
        (["--from", "/nowhere/r.json"], "/nowhere/r.json cannot be read: No such file"),
        (["--from", __file__], "is not a record of a run: "),
        (["--from", __file__, "--only", "call"], "--from measures nothing, so it goes with"),
        (["call"], "unrecognized arguments: call"),
    ],
)
def test_bad_options(options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever cannot be used is refused in one sentence, with 2, before anything is measured."""
    status = bench.main(options)
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    [line] = said.err.splitlines()
    assert line.startswith("bench: ")
    assert sentence in line


def test_table() -> None:
    """The table has a row for each case, or one for each ratio where not the client is measured."""
    lines = list(bench_report.markdown(_record()))
    assert (
        "| call: a case | 1 µs | schemathesis run | 0.25 (0.25-0.38); goal ≤ 0.50: met |" in lines
    )
    client = copy.deepcopy(_record())
    for case in client["figures"][0]["cases"]:
        case["contenders"][0]["title"] = OURS.title
        case["ratios"][0]["beside"] = OFFICIAL.title
    row = "| call: a case | 1 µs |  |  | 0.25 (0.25-0.38); goal ≤ 0.50: met |"
    assert row in list(bench_report.markdown(client))


def test_growth() -> None:
    """A state grows to the count of findings that is asked for, 50 on a ticket."""
    state: State = grown(FRAGMENT, 120)
    assert sorted(len(findings) for findings in state.snapshot().values()) == [20, 50, 50]


@pytest.fixture(scope="module")
def served() -> Iterator[Bench]:
    """A bench with its servers, of the contract that the official client was made for."""
    with Bench.running(specimen.FRAGMENT, quick=True) as running:
        yield running


def _probe(contender: Contender, *arguments: str, path: str = "") -> str:
    """What a probe says when it does its work once, in this environment."""
    program = contender.command(*arguments)[1:]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'scripts'}:{path}"}
    done = subprocess.run(
        [sys.executable, *program], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_ONCE = ("--worker", "--loops=8", "--warmups=0", "--values=1")
_WORKS = ("call", "acall", "threads", "tasks", "read", "write")


@pytest.mark.parametrize("name", ["ours", "bare", "stock", "official"])
def test_probes(name: str, served: Bench, tmp_path: Path) -> None:
    """Each client's probe does each of its works, and tells what its first answer took."""
    contender, path = Contender(name, name, name), ""
    if name == "official":
        pytest.importorskip("datadog_api_client", reason="not run: the group `official` is missing")
    if name == "stock":
        [path] = stock_requirements(tmp_path)
    url, file = served.answering(2), str(served.answer(2))
    done, megabytes = _probe(contender, "cold", url, path=path).split()
    assert done == "done"
    assert 5 < float(megabytes) < 500
    for work in _WORKS:
        if name == "official" and work in {"acall", "tasks"}:
            continue
        about = (file, "-") if work in {"read", "write"} else (url, "2")
        assert "probe: " in _probe(contender, *_ONCE, work, *about, path=path)


def test_probe_of_the_service(served: Bench) -> None:
    """The service's probe asks its function and its server, and the server counts."""
    assert "probe: " in _probe(SMALL, *_ONCE, "handle", str(FILE), "100")
    url, server = served.fresh_service()
    assert "probe: " in _probe(SMALL, *_ONCE, "send", str(FILE), url)
    assert server.stdin
    assert server.stdout
    print(file=server.stdin, flush=True)
    assert server.stdout.readline() == "16\n"


def test_cost_of_a_fault() -> None:
    """It is the time of all runs, by the number of those that find the fault."""
    assert cost("a suite", [(2.0, True), (4.0, False), (6.0, True)]) == (6.0, 2.0)
    with pytest.raises(BenchError, match="a suite finds no fault"):
        cost("a suite", [(2.0, False)])


def test_faulty_servers() -> None:
    """Each of the sample breaks a MUST, and a request can tell it from the service."""
    names = sample(FRAGMENT, quick=False)
    known = catalogue(FRAGMENT)
    assert {known[name].level for name in names} == {Level.MUST}
    assert not set(names) & set(equivalents(FRAGMENT))


README = readme.README.read_text().partition("\n## Figures\n")[2].partition("\n## ")[0]


def _row(name: str) -> list[str]:
    """The cells of a row of the README's table."""
    [line] = [line for line in README.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_strangers_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has its exit, the suite's errors and the MUSTs that fail; who is absent says why."""
    failed = {"id": "types-demanded", "level": "MUST", "verdict": "fail", "reasons": ["it took 7"]}
    judged = {"exit_code": 1, "sentence": "Broken.", "trouble": [], "requirements": [failed]}
    monkeypatch.setattr(strangers, "_judged", lambda *_: judged)
    assert strangers.told(FRAGMENT.document, {"one": strangers.STRANGERS["connexion"]}) == 0
    assert (
        capsys.readouterr().out == "one: exit 1, 0 errors: Broken.\n  types-demanded: it took 7\n"
    )
    failed |= {"verdict": "error"}
    assert strangers.told(FRAGMENT.document, {"one": strangers.STRANGERS["connexion"]}) == 1
    assert "exit 1, 1 errors: Broken.\n  types-demanded\n" in capsys.readouterr().out
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(strangers, "ENVIRONMENTS", ROOT / "nowhere")
    npm = [each for each in strangers.STRANGERS if each.startswith("@")]
    assert strangers.told(FRAGMENT.document, {name: strangers.STRANGERS[name] for name in npm}) == 2
    out = capsys.readouterr().out
    assert out.splitlines() == [
        f"{name}: absent: {name} needs npm, and npm is not in PATH" for name in npm
    ]


def test_a_stranger_is_judged_where_it_listens(tmp_path: Path) -> None:
    """A server that listens is reached at its port; one that ends says its last words."""
    listening = "import http.server, sys; http.server.test(port=int(sys.argv[1]), bind='127.0.0.1')"
    python = [sys.executable, "-c"]
    with strangers._serving(lambda _, port: [*python, listening, port], "", tmp_path) as url:
        assert url.startswith("http://127.0.0.1:")
    with (
        pytest.raises(BenchError, match="it did not start: no room"),
        strangers._serving(lambda *_: [*python, "exit('no room')"], "", tmp_path),
    ):
        pass


def test_versions_of_the_table() -> None:
    """The table was taken with the pinned versions, and a client that the changelog has."""
    told = dict(
        each.split(" ")
        for each in README.partition("Versions: ")[2]
        .partition(".\n")[0]
        .replace("\n", " ")
        .split(", ")
    )
    generator, _, pin = GENERATOR_PIN.partition("==")
    pins = {**locked(), generator: pin}
    assert told.keys() == {"Python", *bench_record.NAMED, *bench_record.OF_THE_LOCK}
    assert told.pop("Python").startswith("3.")
    # A newer version of the client leaves the table true: it says which one was measured.
    changelog = (ROOT / "generated_client" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {told.pop('datadog-servicenow-tickets')}\n" in changelog
    assert told == {name: pins[name] for name in told}


def test_table_is_whole() -> None:
    """The README's table has a row for each case of each figure, and no other."""
    rows = [line.split(" | ")[0].strip("| ") for line in README.splitlines() if line[:2] == "| "]
    wanted = {f"{f.name}: {c.name}" for f in FIGURES for t in f.trials for c in t.cases}
    assert {row for row in rows if ": " in row} == wanted


def test_goals_of_the_table() -> None:
    """Each cell has the unit and the goal of its case, which is met where its median says so."""
    cases = {f"{f.name}: {c.name}": c for f in FIGURES for t in f.trials for c in t.cases}
    lines = [line.strip("| ") for line in README.splitlines() if line.startswith("| ")]
    rows = [cells for line in lines if (cells := re.split(r" \|+ +", line))[0] in cases]
    titles = (BARE.title, STOCK.title, OFFICIAL.title)
    for name, ours, *cells in rows:
        case = cases[name]
        assert ours.endswith(f" {case.unit}")
        apart = dict(zip(titles, cells, strict=False)) if "(" in cells[0] else dict([cells])
        for title, cell in apart.items():
            ratio, _, goal = cell.partition("; ")
            found = re.fullmatch(r"(?:json alone: )?([\d.]+) \(([\d.]+)-([\d.]+)\)", ratio)
            assert found, cell
            wanted = case.goals.get(title)
            met = wanted is not None and wanted.met(Spread(*map(float, found.groups())))
            assert goal == (f"goal {wanted}: {'met' if met else 'missed'}" if wanted else "")


@pytest.mark.parametrize(("theirs", "ours"), readme.QUOTED.items())
def test_readmes_agree(theirs: str, ours: str) -> None:
    """What the wheel's README says of a figure is in the table."""
    text = readme.OF_THE_WHEEL.read_text()
    [line] = [line for line in text.splitlines() if line.startswith(f"| {theirs} |")]
    official = _row(ours)[-1]
    assert line.split(" | ")[1] == f"{official.split(' ')[0]} of official"


def test_filling_the_readmes() -> None:
    """A record's table takes the place of the old one, its ratios that of the old quotes."""
    record = _record()
    [case, _] = record["figures"][0]["cases"]
    case["contenders"][0]["title"] = OURS.title
    case["ratios"][0]["beside"] = OFFICIAL.title
    record["figures"] = [
        {**record["figures"][0], "name": name, "cases": [{**case, "name": rest}]}
        for name, _, rest in (ours.partition(": ") for ours in readme.QUOTED.values())
    ]
    whole = readme.README.read_text()
    filled = readme.with_table(whole, record)
    before, _, old = whole.partition("\nMeasured on ")
    assert filled.startswith(before)
    assert filled.endswith(old[old.index("\nWhere time goes") :])
    assert filled.count("| cold: to its first answer | 1 µs |  |  | 0.25 (0.25-0.38); goal") == 1
    assert "suite: a run" not in filled
    quotes = readme.with_quotes("\n".join(f"| {q} | 9 | x |" for q in readme.QUOTED), record)
    assert quotes.splitlines() == [f"| {q} | 0.25 of official | x |" for q in readme.QUOTED]
    record["figures"].pop()
    with pytest.raises(BenchError, match="the record has no weight: installed"):
        readme.with_quotes("", record)
