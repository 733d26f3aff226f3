"""The family of client mutants: what it changes, and that its runner tells the truth."""

import ast
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from upkeep.mutation import command as mutants
from upkeep.mutation.client import judge as mutants_client
from upkeep.mutation.client import known, places, tests
from upkeep.mutation.client.coverage import Reach, _Measuring
from upkeep.mutation.client.forks import DEATH, ENDLESS, IMPORT
from upkeep.mutation.client.judge import ForkServers
from upkeep.mutation.client.order import Order
from upkeep.mutation.client.places import ClientMutant, of_module, path

Make = Callable[[], ClientMutant]
_TESTS = (
    "client/test_retries.py",
    "client/messages/test_error_texts.py",
    "client/sources/test_provenance.py",
)


@pytest.fixture(scope="module")
def bench() -> Iterator[ForkServers]:
    """A bench with the tests of the retries, and two modules that have little to do with them."""
    made = ForkServers(_TESTS, limit=1.0)
    yield made
    made.close()


def _mutant(within: str, verb: str, change: str) -> ClientMutant:
    """A mutant of the retries by what it changes."""
    found = of_module("retry")[0].values()
    [mutant] = [m for m in found if (m.place.within, m.change) == (within, change)]
    assert mutant.name.split(":")[2] == verb
    return mutant


def _warm() -> ClientMutant:
    return _mutant(
        "RetryPolicy.wait", "swaps_an_operator", "> self.max_retries → >= self.max_retries"
    )


def _cold() -> ClientMutant:
    more = "502, 503, 504, *range(520, 530)}"
    return _mutant("DOUBTFUL", "leaves_out_an_item", f"{{408, 500, {more} → {{408, {more}")


@pytest.mark.parametrize("make", [_warm, _cold])
def test_planted_mutant_is_killed(make: Make, bench: ForkServers) -> None:
    """A repetition too few, and a status that is not repeated, are noticed by the tests of both."""
    assert bench.judge(make()).killed_by == ("test_retries",)


@pytest.mark.parametrize("make", [_warm, _cold])
def test_mutant_of_nothing_survives(make: Make, bench: ForkServers) -> None:
    """The client as it is passes its tests in the same runner, warm and cold."""
    mutant = make()
    assert bench.judge(evolve(mutant, new=mutant.old), stop=False).survived


@pytest.mark.parametrize(
    ("new", "judge"),
    [
        ("> self.max_retries and [0 for _ in iter(int, 1)]", ENDLESS),
        ("> __import__('os')._exit(0)", DEATH),
    ],
)
def test_mutant_that_does_not_come_back(new: str, judge: str, bench: ForkServers) -> None:
    """A mutant that never ends, or ends the process, is killed, and told as such."""
    assert bench.judge(evolve(_warm(), new=new)).killed_by == (judge,)


def test_mutant_that_cannot_be_imported(bench: ForkServers) -> None:
    """A client that cannot be imported is killed by the import."""
    assert bench.judge(evolve(_cold(), new="1 / 0"), stop=False).killed_by == (IMPORT,)


def test_nothing_leaks(bench: ForkServers) -> None:
    """After all of these the bench still tells a mutant from none."""
    assert bench.judge(_warm()).killed_by
    assert bench.judge(evolve(_warm(), new=_warm().old)).survived


class _Item:
    """A test that fails the first times that it runs."""

    def __init__(self, name: str, failures: int) -> None:
        self.name = self.nodeid = name
        self.left = failures
        self.heard: list[Any] = []
        self.ihook = self

    def pytest_runtest_protocol(self, **_: object) -> None:
        report = SimpleNamespace(failed=self.left > 0, longreprtext=f"…\n{self.name} is sad")
        self.left -= 1
        for each in self.heard:
            each.pytest_runtest_logreport(report)


def _measured(*failures: int) -> _Measuring:
    """What is measured of tests that fail so often, beside a hundred that do not."""
    data = SimpleNamespace(contexts_by_lineno=lambda _: {})
    found = _Measuring(coverage=SimpleNamespace(switch_context=id, get_data=lambda: data))
    items = [_Item(f"test_{number}", times) for number, times in enumerate([*failures, *[0] * 100])]
    for item in items:
        item.heard.append(found)
    found.pytest_runtestloop(SimpleNamespace(items=items))  # type: ignore[arg-type]  # all that it asks for
    return found


def test_what_fails_without_a_mutant_judges_none() -> None:
    """A test that fails with the client as it is, three times, is left out with its last words."""
    found = _measured(0, 2, 3)
    assert found.trouble() == ""
    assert found.data()["left_out"] == {"test_2": "test_2 is sad"}
    assert list(found.data()["seconds"])[:3] == ["test_0", "test_1", "test_3"]


def test_too_many_fail_without_a_mutant() -> None:
    """When more than a few tests fail, it is the client that is wrong, and they are named."""
    assert _measured(3, 3, 3).trouble() == "test_0; test_1; test_2"


@pytest.mark.parametrize(("failures", "killed"), [(1, False), (2, True)])
def test_what_fails_once_kills_nothing(
    failures: int, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test kills a mutant when it fails twice: once, a busy machine may be the reason."""
    monkeypatch.setattr(tests, "allow", id)
    item, said = _Item("test_a", failures), list[tuple[str, str, float]]()
    running = tests._Running(SimpleNamespace(send=said.append))  # type: ignore[arg-type]  # all that it asks for
    item.heard.append(running)
    running.run([(item, 1.0)])  # type: ignore[list-item]  # likewise
    assert (said[-1] == ("failed", "test_a", 1.0)) is killed


def test_neighbours_killers_come_first() -> None:
    """Then one case of each test, by the lines that it runs; slow ones last."""
    seconds = {"m::slow": 1.0, "m::wide": 0.01, "m::few[a]": 0.01, "m::few[b]": 0.02, "n::x": 0.03}
    lines = {"retry": {1: frozenset(seconds), 2: frozenset({"m::wide", "m::slow"})}}
    order = Order(Reach(seconds, lines, {}))
    place = _warm().place
    usual = ["m::few[a]", "n::x", "m::wide", "m::few[b]", "m::slow"]
    assert order.of(seconds.keys(), place) == usual
    order.learn(place, ["m::slow", ENDLESS])
    assert order.of(seconds.keys(), place)[0] == "m::slow"
    assert order.of(seconds.keys(), _cold().place) == usual
    assert [len(each) for each in order.by_module(seconds.keys(), place)] == [4, 1]
    order.forget()
    assert order.of(seconds.keys(), place) == usual
    assert [len(each) for each in order.by_module(seconds.keys(), place)] == [1, 4]


@pytest.mark.parametrize(("load", "limit"), [(0.1, 8.0), (2.0, 8.0), (6.0, 24.0)])
def test_limit_on_a_busy_machine(
    load: float, limit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test may take ten times its time and some more, multiplied by what the machine lacks."""
    monkeypatch.setattr("os.getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert Reach({"m::a": 0.2}, {}, {}).limit("m::a", 6.0) == limit


def test_names_are_stable() -> None:
    """Each mutant has a name of its own, the same in every run."""
    first, again = of_module("rate_limit"), of_module("rate_limit")
    assert first == again
    assert all(name == mutant.name for name, mutant in first[0].items())
    assert all(name.count(":") == 3 for name in first[0])


@pytest.mark.parametrize("module", ["rate_limit", "_settings.servers", "_generated.models.case"])
def test_every_mutant_is_another_program(module: str) -> None:
    """Each mutant is Python, and differs from the client in more than its looks."""
    original = ast.dump(ast.parse(path(module).read_text()))
    for mutant in of_module(module)[0].values():
        assert ast.dump(ast.parse(mutant.source())) != original, mutant.name
        assert mutant.sentence.startswith("Says `")


def test_what_is_left_out_has_its_reason() -> None:
    """Each kind of place that is left out is told with a reason, and is there."""
    left_out = mutants_client.mutants().left_out
    assert left_out.keys() == places.LEFT_OUT.keys()
    assert all(left_out.values())


def test_known_mutants_are_there() -> None:
    """Each entry of the list of survivors names a mutant, and no mutant has two reasons."""
    found = known.match(mutants_client.mutants().by_name)
    assert [str(entry) for entry, names in found.items() if not names] == []
    named = [name for names in found.values() for name in names]
    assert len(named) == len(set(named))


def test_known_mutants_are_few() -> None:
    """Survivors that somebody could notice are less than one in twenty."""
    equivalent, explained = mutants_client.known()
    assert len(explained) <= 0.05 * (len(mutants_client.mutants().by_name) - len(equivalent))


def test_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that no mutant has is one sentence, and exit status 2."""
    assert mutants.main(["--family", "clients", "--only", "no:such:mutant:1"]) == 2
    assert capsys.readouterr().err == (
        "mutants: --only no:such:mutant:1: no mutant has this name; --report lists them all\n"
    )
