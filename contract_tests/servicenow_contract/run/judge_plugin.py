"""What pytest does in a run of the suite: picks its tests, and files what they say as verdicts."""

import json
import pickle
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from attrs import Factory, define, field

from servicenow_contract.contract.contract import Contract
from servicenow_contract.contract.deviations import Deviation
from servicenow_contract.judging.verdict import Ledger, Outcome, Verdict, blame, judged
from servicenow_contract.run import profiles
from servicenow_contract.run.given import CONTRACT
from servicenow_contract.run.outcomes import Stories, filed, label, outcome_of
from servicenow_contract.run.scene import Scene, UngrantedError
from servicenow_contract.run.settings import RunSettings
from servicenow_contract.run.watch import Watch
from servicenow_contract.target.exchange import Exchange
from servicenow_contract.target.target import ClosedWorldError, Target
from servicenow_contract.target.wire import TargetTransport

TARGET: pytest.StashKey[Target] = pytest.StashKey()
"""The target of the run that a pytest serves."""
_PROPERTY = "servicenow_contract"
_ACCEPTED = "valid-request-accepted"


@define(eq=False)
class JudgePlugin:
    """A pytest plugin: picks the tests that name a requirement, and files what they say.

    Without a target of its own it makes the one that `settings` names.
    """

    contract: Contract
    target: Target | None = None
    profile: str | None = None
    progress: Callable[[int, int, str], None] = lambda _done, _all, _name: None
    ledger: Ledger = Factory(lambda self: Ledger(self.contract.requirements), takes_self=True)
    settings: RunSettings = field(factory=RunSettings)
    files: bool = True
    """Whether outcomes are filed here; a worker only sends them on with its reports."""
    generated_only: bool = False
    """Whether tests that generate nothing are left out, as in a later round of a deep run."""
    interrupted: bool = False
    """Whether somebody ended the run before it was through."""
    trouble: list[str] = field(factory=list)
    """What kept the suite from its work; empty when every test could be run."""
    left_out: dict[str, str] = field(factory=dict)
    """Requirements of which some test was left out, with the reason."""
    asked: tuple[str, ...] = ()
    """The requirements that the test on its way names."""
    sent: int = 0
    written: dict[str, dict[str, None]] = field(factory=dict)
    _watch: Watch = field(init=False)
    _stories: Stories = field(factory=Stories, init=False)
    _sent_before: int = 0
    _done: int = 0
    _all: int = 0

    @_watch.default
    def _watching(self) -> Watch:
        return Watch(self._excused)

    @property
    def _excused(self) -> Sequence[Deviation]:
        return self.contract.excused(strict=self.settings.strict)

    def pytest_configure(self, config: pytest.Config) -> None:
        """Choose how much is generated, and hand contract and target to the fixtures."""
        config.stash[CONTRACT] = self.contract
        profiles.use(self.profile or self.settings.profile, self.settings.examples)
        # Nobody reads a test's traceback here, and pytest's long form costs more than the request.
        config.option.tbstyle = "native"
        if self.target is None and self.settings.workers == 1:
            self.target = self.settings.target(self.contract.fragment)
        if self.target is not None:
            self.aim(config, self.target)

    def aim(self, config: pytest.Config, target: Target) -> None:
        """Judge this target from now on; the fixtures of tests that begin later get it."""
        self.target = config.stash[TARGET] = target
        self._sent_before = 0
        self._watch = Watch(self._excused)
        self._watch.over(target)

    def next_round(self) -> None:
        """Make ready for another run that only generates, with a fresh connection."""
        self.generated_only, self.target = True, None
        self.settings = self.settings.after(self.sent)
        self._done = self._sent_before = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist what the run is told."""
        node.workerinput[_PROPERTY] = self.settings.as_data()
        node.workerinput[f"{_PROPERTY}.contract"] = pickle.dumps(self.contract)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Note how many tests the workers share."""
        self._all = len(ids)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out tests without a requirement, and note the ones whose requirement is unknown."""
        items[:] = [item for item in items if named(item)]
        if self.generated_only:
            items[:] = [item for item in items if _generates(item)]
        if only := set(self.settings.only):
            tested = {name for item in items for name in named(item)}
            if only <= tested:  # what no test asks for, any answer of any test may show
                items[:] = [item for item in items if only.intersection(named(item))]
        known = self.ledger.catalogue.keys() | set(self.contract.requirements if only else ())
        for item in items:
            unknown = set(named(item)) - known
            self.trouble += [
                f"{item.nodeid}: no requirement is called {name!r}" for name in unknown
            ]
        if self.trouble:
            items.clear()
        self._all = len(items)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Remember the exchanges of this test only."""
        self.asked = tuple(named(item))
        if self.interrupted:  # where nothing could be raised, as in a callback
            raise KeyboardInterrupt
        if self.target is not None and self.target.wire is not None:
            self.target.wire.history.begin()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put what one test says on its report, which also comes from another process."""
        report = yield
        said: dict[str, Any] = {"outcomes": []}
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, ClosedWorldError):
            said["left_out"] = dict.fromkeys(named(item), str(error))
        elif report.when == "call" or report.outcome != "passed":
            said["outcomes"] = [self._outcome(name, item, call, report) for name in named(item)]
            if isinstance(error, UngrantedError) and error.plain:
                said["outcomes"] += [self._refused(item, str(error))]
        wire = self.target.wire if self.target is not None else None
        if report.when == "teardown" and wire is not None:
            said["outcomes"] += self._witnessed(item, wire)
            said["sent"], said["written"] = self._counted(wire)
        report.user_properties.append((_PROPERTY, json.dumps(said)))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """File what one report says."""
        properties = dict(report.user_properties)
        said = [json.loads(str(properties[_PROPERTY]))] if _PROPERTY in properties else []
        if not self.files or not said:
            return
        for each in said[-1]["outcomes"]:
            if each["requirement"] not in self.ledger.catalogue:
                continue  # the test or the witness sees more than this run asks for
            if self.generated_only and each["verdict"] == Verdict.NOT_RUN:
                continue  # an earlier round ran it
            self.ledger.add(Outcome(**{**each, "verdict": Verdict(each["verdict"])}))
        self.left_out.update(said[-1].get("left_out", {}))
        self._note(said[-1].get("sent", 0), said[-1].get("written", {}))
        if report.when == "teardown":
            self._done += 1
            self.progress(self._done, self._all, label(report.nodeid).partition("::")[2])

    def _counted(self, wire: TargetTransport) -> tuple[int, dict[str, list[str]]]:
        """How much was sent, and what was written, since this was asked last."""
        sent, self._sent_before = wire.sent - self._sent_before, wire.sent
        written = {ticket: list(found) for ticket, found in wire.written.items()}
        wire.written.clear()
        return sent, written

    def count(self, target: Target | None) -> None:
        """Note what went to a target and is on no report: a test that is interrupted has none."""
        if target is not None and target.wire is not None:
            self._note(*self._counted(target.wire))

    def _note(self, sent: int, written: Mapping[str, Iterable[str]]) -> None:
        self.sent += sent
        for ticket, findings in written.items():
            self.written.setdefault(ticket, {}).update(dict.fromkeys(findings))

    def _witnessed(self, item: pytest.Item, wire: TargetTransport) -> Iterator[Mapping[str, Any]]:
        """What the answers showed by the way since this was asked last."""
        for each in self._watch.take():
            said = filed(each.requirement, item, each.verdict, each.reason, wire)
            passed = each.verdict is Verdict.PASS
            story = () if passed else wire.history.story(each.exchange, alone=_generates(item))
            yield {**said, "seconds": 0.0, **self._stories.told(said, story)}

    def _outcome(
        self, name: str, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
    ) -> Mapping[str, Any]:
        scene = getattr(item, "funcargs", {}).get("scene")
        reason = "; ".join(
            dict.fromkeys(scene.patience.notes() if isinstance(scene, Scene) else ())
        )
        verdict = Verdict.PASS
        if report.outcome != "passed":
            verdict, reason = judged(name, outcome_of(call), excused=self._excused)
        return self._filed(name, item, verdict, reason, report.duration)

    def _refused(self, item: pytest.Item, reason: str) -> Mapping[str, Any]:
        """A request that every server grants was refused, whichever test needed it."""
        verdict = blame(_ACCEPTED, reason, self._excused)
        return self._filed(_ACCEPTED, item, verdict, reason, 0.0)

    def _filed(
        self, name: str, item: pytest.Item, verdict: Verdict, reason: str, seconds: float
    ) -> Mapping[str, Any]:
        wire = self.target.wire if self.target is not None else None
        said = filed(name, item, verdict, reason, wire)
        story: Sequence[Exchange] = ()
        if wire is not None and verdict is not Verdict.PASS:
            story = wire.history.story(alone=_generates(item))
        return {**said, "seconds": round(seconds, 4), **self._stories.told(said, story)}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test module that cannot be read breaks the whole run."""
        if report.failed:
            self.trouble.append(f"{report.nodeid} cannot be read: {report.longreprtext[-2000:]}")


def named(item: pytest.Item) -> list[str]:
    """The requirements that a test names."""
    return [name for mark in item.iter_markers("requirement") for name in mark.args]


def _generates(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
