"""The mutants prove the suite, and the proof itself is proven."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from servicenow_contract.contract import fragment
from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level, answer_model
from servicenow_contract.contract.world import World
from servicenow_contract.judging import answers, verdict
from servicenow_contract.judging.verdict import Ledger, Verdict
from servicenow_contract.mutants import Death, Mutant, catalogue, judge
from servicenow_contract.mutants.catalogue import WRITTEN
from servicenow_contract.mutants.derived_requests import equivalents
from servicenow_contract.mutants.kinds import PROVOKED
from servicenow_contract.run import outcomes, watch
from servicenow_contract.service import State
from servicenow_contract.service.mock import Respond, responder
from tests.contract import CONTRACT, FRAGMENT
from upkeep.mutation import command as mutants
from upkeep.mutation import matrix as mutants_matrix
from upkeep.mutation import options as mutants_options
from upkeep.mutation import readme
from upkeep.mutation.fragment import family as fragments
from upkeep.mutation.fragment.edits import setting
from upkeep.mutation.picture import page

WITNESSES: dict[str, str] = {
    "valid-request-accepted": "refuses_two_findings",
    "address-of-the-page-accepted": "refuses_the_classic_frame",
    "every-address-of-an-incident-accepted": "refuses_nav_to_addresses",
    "findings-up-to-the-limit-accepted": "refuses_as_many_findings_as_allowed",
    "unknown-members-accepted": "refuses_unknown_members",
    "ids-of-any-letters-accepted": "refuses_letters_beyond_ascii",
    "no-findings-accepted": "refuses_requests_without_findings",
    "findings-over-the-limit-refused": "takes_one_finding_too_many",
    "required-members-demanded": "demands_no_type_in_finding_identifier",
    "types-demanded": "takes_null_in_finding_identifier",
    "resource-types-demanded": "takes_any_value_in_tickets_type",
    "ticket-url-rule-demanded": "takes_any_address",
    "malformed-json-is-400": "repairs_broken_json",
    "media-type-demanded": "takes_any_media_type",
    "api-key-demanded": "takes_no_api_key",
    "app-key-demanded": "takes_no_application_key",
    "missing-keys-are-401-or-403": "answers_404_without_keys",
    "other-methods-refused": "takes_every_method",
    "unknown-finding-is-404": "answers_400_for_404",
    "unknown-project-is-404": "takes_any_project",
    "answer-200-model": "names_the_resource_type_in_the_singular",
    "refusals-say-why": "tells_nothing_with_400",
    "json-dialects-refused": "takes_single_quotes",
    "ticket-status-is-completed": "calls_the_ticket_pending",
    "answer-429-model": "throttles_with_a_string",
    "answer-media-type": "calls_itself_html_with_200",
    "answer-statuses-documented": "answers_500_for_400",
    "answer-shows-the-case": "hides_the_case_id",
    "answer-describes-the-ticket-sent": "shows_another_record",
    "answer-names-the-project": "names_another_project",
    "answer-lists-every-finding": "loses_the_last_finding",
    "findings-shown-at-once": "answers_with_the_state_before",
    "case-is-a-security-case": "calls_the_case_standard",
    "unlinked-ticket-gets-a-case": "keeps_one_case_for_all_tickets",
    "linked-ticket-keeps-its-case": "opens_a_case_every_time",
    "one-incident-is-one-ticket": "opens_a_case_for_each_address",
    "finding-moves-from-its-earlier-ticket": "never_detaches",
    "earlier-findings-stay": "loses_earlier_findings",
    "repeating-changes-nothing": "toggles_findings",
    "refused-request-changes-nothing": "attaches_despite_unknown_findings",
    "permission-demanded": "takes_keys_without_permission",
    "either-permission-suffices": "demands_both_permissions",
    "answer-repeats-the-address-sent": "shows_the_first_address_of_a_ticket",
    "case-times-are-possible": "dates_cases_in_1970",
    "wrong-keys-refused": "takes_wrong_keys",
    "unissued-keys-refused": "takes_wrong_keys",
    "case-times-do-not-go-back": "turns_the_clock_back",
    "concurrent-attaches-lose-nothing": "breaks_when_two_ask_at_once",
}
"""For each requirement of a server, a mutant that it kills."""
WITNESSES |= {
    name: f"{'sends_null_at_the_body' if status in PROVOKED else 'breaks_the_model'}_of_{status}"
    for status in FRAGMENT.statuses
    if (name := answer_model(status)) not in WITNESSES
}


def _unproven(only: str | None = None) -> list[str]:
    """The self-test: the requirements that do not kill their witness, all or one of them."""
    needs: dict[str, str] = {}
    made, known = list[Mutant](), catalogue(FRAGMENT)
    for need, witness in WITNESSES.items():
        if only in (None, need):
            name = f"{witness}_by_{need.replace('-', '_')}"
            needs[name] = need
            made.append(Mutant(name, "A witness.", known[witness].make, Level.MAY))
    deaths = judge(CONTRACT, made, only=needs)
    return [needs[each.mutant] for each in deaths if needs[each.mutant] not in each.killed_by]


def test_every_requirement_kills_its_witness() -> None:
    """Each requirement of a server has a mutant, and kills it by its own tests."""
    assert set(WITNESSES) == set(CONTRACT.of("server"))
    assert _unproven() == []


def _nothing(*_: object, **__: object) -> None:
    """A check that finds nothing."""


_Broken = Callable[[pytest.MonkeyPatch], None]
GUARDS: Mapping[str, tuple[str, _Broken]] = {
    "no model is ever wrong": (
        "answer-404-model",
        lambda patch: patch.setattr(fragment.Validator, "problems", lambda *_: iter(())),
    ),
    "a failure weighs nothing": (
        "valid-request-accepted",
        lambda patch: patch.setattr(
            Verdict, "weight", property(lambda self: int(self is Verdict.PASS))
        ),
    ),
    "the best outcome wins": (
        "types-demanded",
        lambda patch: patch.setattr(
            Verdict, "weight", property(lambda self: -list(Verdict).index(self))
        ),
    ),
    "a target is never to blame": (
        "findings-over-the-limit-refused",
        lambda patch: patch.setattr(outcomes, "_FACTS", ()),
    ),
    "outcomes are not filed": (
        "app-key-demanded",
        lambda patch: patch.setattr(Ledger, "add", _nothing),
    ),
    "every verdict is a pass": (
        "media-type-demanded",
        lambda patch: patch.setattr(Ledger, "verdict", lambda *_: Verdict.PASS),
    ),
    "what is broken is always known": (
        "findings-up-to-the-limit-accepted",
        lambda patch: patch.setattr(verdict, "blame", lambda *_, **__: Verdict.DEVIATES),
    ),
    "an answer shows nothing": (
        "linked-ticket-keeps-its-case",
        lambda patch: patch.setattr(answers.Shown, "get_or_none", _nothing),
    ),
    "nobody watches the answers": (
        "answer-429-model",
        lambda patch: patch.setattr(watch.Watch, "over", _nothing),
    ),
}
"""Mutants of the code that gives the verdicts, each with a requirement that it leaves toothless."""


@pytest.mark.parametrize("name", GUARDS)
def test_a_toothless_suite_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite whose verdict code is broken fails its own self-test."""
    requirement, broken = GUARDS[name]
    broken(monkeypatch)
    assert _unproven(requirement) == [requirement]


def test_the_service_itself_survives() -> None:
    """A mutant that breaks nothing is killed by nothing, and gives the suite no trouble."""
    kept = Mutant(
        "breaks_nothing", "The service.", lambda contract, world: responder(State(contract, world))
    )
    [death] = judge(CONTRACT, [kept], stop=False)
    assert (death.killed_by, death.also_failed, death.trouble) == ((), (), ())


def _never_made(_contract: Fragment, _world: World) -> Respond:
    raise RuntimeError("no such server")


def test_a_mutant_that_breaks_the_suite_is_trouble() -> None:
    """A server that cannot be made is reported as an error, never as one that was killed."""
    [death] = judge(CONTRACT, [Mutant("is_never_made", "Nothing.", _never_made)])
    assert (death.survived, death.trouble) == (True, ("RuntimeError: no such server",))


def test_mutants_are_told_apart() -> None:
    """At least 60 servers are written by hand; each has a sentence of its own, and a group."""
    assert len(WRITTEN) >= 60
    known = catalogue(FRAGMENT).values()
    assert all(re.fullmatch(r"[A-Z].*[.]", each.sentence, re.DOTALL) for each in known)
    assert all(each.group for each in known)


def test_equivalents() -> None:
    """A server that takes any type is no fault where values of the type alone are listed."""
    known = set(equivalents(FRAGMENT))
    assert "takes_any_type_in_tickets_type" in known < set(catalogue(FRAGMENT))
    document = copy.deepcopy(dict(FRAGMENT.document))
    setting("/components/schemas/TicketsType/enum", ["servicenow_tickets", 7])(document)
    others = set(equivalents(Fragment(document, "other")))
    assert known - others == {"takes_any_type_in_tickets_type"}


def test_names_of_fragments_are_stable() -> None:
    """The family of the fragment is the same whenever it is made, and every edit edits."""
    contract = FRAGMENT
    made = fragments.family(contract)
    assert list(made) == list(fragments.family(contract))
    for each in made.values():
        assert each.document(contract) != contract.document, each.name


def test_a_sample_is_killed(capsys: pytest.CaptureFixture[str]) -> None:
    """The command judges a sample of each family, the same for the same seed, and exits 0."""
    assert mutants.main(["--family", "servers", "--sample", "5", "--seed", "1", "-j", "1"]) == 0
    assert "servers: 5 of 5 mutants killed (100.0 %)" in capsys.readouterr().out
    assert mutants.main(["--family", "fragments", "--sample", "2", "-j", "1"]) == 0
    assert "fragments: 2 of 2 mutants killed (100.0 %)" in capsys.readouterr().out


def test_shards() -> None:
    """The parts of all mutants hold each of them once, as many in one as in another."""
    read = mutants_options.command().parse_args
    parts = [
        mutants._chosen(CONTRACT, mutants_options.checked(read(["--shard", f"{part}/3"])))
        for part in (1, 2, 3)
    ]
    for family, every in mutants._chosen(CONTRACT, mutants_options.checked(read([]))).items():
        found = [name for part in parts for name in part[family]]
        assert sorted(found) == sorted(every)
        assert max(len(part[family]) for part in parts) - len(every) / 3 < 1


def test_a_survivor_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A mutant that nothing kills ends the command with 1, and stands out in the report."""
    name = next(iter(equivalents(FRAGMENT)))
    monkeypatch.setattr(mutants, "equivalents", lambda _: {})
    options = ["--family", "servers", "--only", name, "-j", "1", "--report", str(tmp_path / "r")]
    assert mutants.main(options) == 1
    assert f"survives: {name}" in capsys.readouterr().out
    matrix = json.loads((tmp_path / "r" / "kill-matrix.json").read_text())
    [family] = matrix["families"]
    assert (family["survivors"], family["of"]) == ([name], len(catalogue(FRAGMENT)))
    assert family["kill_nothing"] == []  # one mutant shows nothing of that
    text = (tmp_path / "r" / "report.html").read_text()
    assert "1 mutants survive" in text
    assert f"Servers, 1 of {len(catalogue(FRAGMENT)):,}</h2>" in text
    assert 'class="survivor"' in text.partition('role="img"')[2]


class _Rows(HTMLParser):
    """Counts the boxes of the map by row and kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.boxes: dict[str, int] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A path is the kills of one kind in one row."""
        given = dict(attrs)
        if tag == "path":
            kind = given["class"] or ""
            self.boxes[kind] = self.boxes.get(kind, 0) + (given["d"] or "").count("z")


def test_the_picture_shows_every_kill() -> None:
    """Each kill is a box of the map, darker where fewer kill; nothing comes from elsewhere."""
    judges = list(CONTRACT.of("server"))
    deaths = [
        Death("breaks_one_thing", (judges[0],), seconds=1.0),
        Death("breaks_two_things", (judges[0], judges[1]), (judges[2],)),
        Death("breaks_much", tuple(judges[:7])),
        Death("breaks_nothing_seen", ()),
    ]
    sentences = {each.mutant: "<It> & that." for each in deaths}
    family = mutants_matrix.Family("servers", sentences, deaths, judges=judges)
    text = page(mutants_matrix.as_data(CONTRACT, [family], 0))
    assert _Rows(text).boxes == {"alone": 1, "few": 2, "many": 7, "lesser": 1}
    assert "1 mutants survive" in text
    assert "&lt;It&gt; &amp; that." in text
    assert "<It>" not in text
    assert not re.search(r"(?:src|href)=\"(?!#)|<script|url\(|@import", text)
    assert "These kill nothing" in text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--only", "no_such"], "--only no_such: no mutant has this name; --report lists them all"),
        (["--family", "cats"], "--family: invalid choice: 'cats'"),
        (["-j", "0"], "-j: takes a number from 1 to 256, not 0"),
        (["--seed", "-1"], "--seed: takes a number of 0 or more, not '-1'"),
        (["--sample", "0"], "--sample: takes a number of 1 or more, not 0"),
        (["--sample", "few"], "--sample: takes a number of 1 or more, not 'few'"),
        (["--report", __file__], "that is a file; name a folder"),
        (["--page", __file__], f"--page {__file__}: "),
        (["--gate", "--sample", "3"], "--gate chooses the mutants itself"),
        (["--gate", "--shard", "1/2"], "--gate chooses the mutants itself"),
        (["--readme", "--gate"], "--readme shows whole families"),
        (["--readme", "--sample", "3"], "--readme shows whole families"),
        (["--shard", "3/2"], "--shard: takes a part and how many there are: 2/6, not '3/2'"),
        (["--shard", "0/2"], "--shard: takes a part"),
        (["--shard", "half"], "--shard: takes a part"),
    ],
)
def test_bad_options(options: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An option that cannot be used is one sentence on standard error, and exit status 2."""
    assert mutants.main(options) == 2
    out, err = capsys.readouterr()
    assert told in err
    assert (out, err.count("\n")) == ("", 1)


def test_the_readme_shows_whole_families() -> None:
    """Each line of the README is one that the command writes: its share is what its counts give."""
    text = readme.README.read_text("utf-8")
    [lines] = readme.LINES.findall(text)
    assert readme.with_lines(text, [], "") == text
    killed = r"\w+: (\d+) of (\d+) mutants killed \((.*?) %\), \d+ s of work"
    parts = r"(?:, \d+ (?:survivors explained|equivalent|noticed by the digest alone))*"
    for line in lines.splitlines():
        if found := re.fullmatch(rf"[\d-]{{10}}  {killed}{parts}", line):
            assert f"{100 * int(found[1]) / int(found[2]):.1f}" == found[3]
        else:
            assert re.fullmatch(r"[\d-]{10}  \w+: \d+ of \d+ conforming servers accused", line)


def test_a_line_is_replaced() -> None:
    """A family that was judged gets its new line, among the others in their order."""
    text = "a\n```text\n2020-01-01  servers: old\n2020-01-01  clients: old\n```\nb\n"
    found = mutants_matrix.Family("fragments", {}, [Death("a", ("b",)), Death("c", ())])
    line = "2026-02-01  fragments: 1 of 2 mutants killed (50.0 %), 0 s of work\n"
    new = readme.with_lines(text, [found], "2026-02-01")
    assert new == text.replace("servers: old\n", f"servers: old\n{line}")
    assert readme.with_lines(new, [found], "2026-02-01") == new


def test_options_of_everything() -> None:
    """Without options, all families are run on every core, each mutant until its first kill."""
    options = mutants_options.checked(mutants_options.command().parse_args([]))
    assert options.families == mutants_options.FAMILIES
    assert options.stop
