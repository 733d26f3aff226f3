"""`compare` gives each change of the fragment its rule, its step, and whom it breaks."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.references import at
from tests.changes.fragment_edits import FINDINGS, TITLE, Known
from tests.changes.operation_edits import every
from tests.page.drafts import S
from tests.specimen import FRAGMENT
from upkeep.changes.change import Change, Changes
from upkeep.changes.fragment import compare_fragments
from upkeep.changes.rules import CONTRACT, LOWER, PLAIN, UPPER, kebab
from upkeep.mutation.fragment.edits import Edit, dropping, renaming, setting

EDITS = dict(every())


def document(*edits: Edit) -> dict[str, Any]:
    """The fragment, edited."""
    edited = dict(FRAGMENT.document)
    for edit in edits:
        edited = copy.deepcopy(edited)  # no edit changes what an earlier one put in
        edit(edited)
    return edited


def compared(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """What changed from one document to the other."""
    changes = Changes()
    compare_fragments(Fragment(old, ""), Fragment(new, ""), changes)
    return list(changes)


def ends(known: Known) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document before an edit, and after it."""
    return document(*known.given), document(*known.given, known.edit)


_OPPOSITES = [
    ("added", "removed"),
    ("added", "dropped"),
    ("required", "dropped"),
    ("lowered", "raised"),
    ("narrowed", "widened"),
    ("refused", "allowed"),
    ("required", "optional"),
    ("always", "not-always"),
    ("deprecated", "no-longer-deprecated"),
    ("body-required", "body-removed"),
    ("required-parameter-added", "parameter-removed"),
    ("all-needed", "any-enough"),
    ("security-added", "security-narrowed"),
    ("security-narrowed", "security-narrowed"),
    ("error-status-added", "status-removed"),
    ("rewritten", "rewritten"),
]


def _is_opposite(rule: str, other: str) -> bool:
    if rule.endswith("changed") or rule == "unjudged":
        return rule == other
    return any(
        rule.endswith(a) and other == rule.removesuffix(a) + b
        for pair in _OPPOSITES
        for a, b in (pair, pair[::-1])
    )


@pytest.mark.parametrize("known", EDITS.values(), ids=EDITS)
def test_an_edit_has_its_answer(known: Known) -> None:
    """The edit gives its rules at their places, no other, and their step and parties.

    Taking it back gives the opposite: what it added is removed; so with lowering, narrowing and
    requiring. And whatever the edited fragment holds, it is what it is.
    """
    before, after = ends(known)
    found, back = compared(before, after), compared(after, before)
    assert sorted((each.rule, each.where) for each in found) == sorted(
        zip(known.rule.split(), known.where.split(), strict=True)
    )
    assert str(max(each.step for each in found)) == known.step
    assert "".join(sorted({party[0] for each in found for party in each.why})) == known.breaks
    assert len(found) == len(back)
    for change in found:
        assert any(_is_opposite(change.rule, other.rule) for other in back), [*found, *back]
    assert compared(after, copy.deepcopy(after)) == []


def test_every_rule_of_the_fragment_is_given_by_an_edit() -> None:
    """Each rule judges an edit, or the way back from one; bounds have a test of their own."""
    bounds = {
        rule
        for name in map(kebab, (*UPPER, *LOWER, *PLAIN))
        for rule in CONTRACT
        if rule.startswith(f"{name}-")
    }
    register = {rule for rule in CONTRACT if rule.startswith("deviation")}
    rules = {name: known.rule.split() for name, known in EDITS.items()}
    missing = {*CONTRACT} - bounds - register - {rule for each in rules.values() for rule in each}
    back = {
        change.rule
        for name, each in rules.items()
        if any(_is_opposite(rule, other) for rule in each for other in missing)
        for change in compared(*ends(EDITS[name])[::-1])
    }
    assert missing - back == set()


@pytest.mark.parametrize("keyword", [*UPPER, *LOWER, *PLAIN])
@pytest.mark.parametrize(("name", "tighter"), [("request", "major"), ("answer", "minor")])
def test_bounds(keyword: str, name: str, tighter: str) -> None:
    """A tighter bound breaks callers, a wider one readers; of other keywords that is not judged."""
    place = f"{FINDINGS}/items" if name == "request" else f"{S}/Insight/properties/ref"
    given_ = setting(place, {})
    looser = "minor" if tighter == "major" else "major"
    values = {"pattern": ("^a", "^b"), "uniqueItems": (True, True)}.get(keyword, (3, 7))
    low, high = (document(given_, setting(f"{place}/{keyword}", value)) for value in values)
    without = document(given_)

    def steps(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
        return [(each.rule, str(each.step)) for each in compared(old, new)]

    assert steps(without, low) == [(f"{kebab(keyword)}-added", tighter)]
    assert steps(low, without) == [(f"{kebab(keyword)}-removed", looser)]
    if keyword in PLAIN:
        changed = [] if low == high else [(f"{kebab(keyword)}-changed", "major")]
        assert steps(low, high) == changed
        return
    down, up = (tighter, looser) if keyword in UPPER else (looser, tighter)
    assert steps(low, high) == [(f"{kebab(keyword)}-raised", up)]
    assert steps(high, low) == [(f"{kebab(keyword)}-lowered", down)]


def _shuffled(value: Any, draw: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shuffled(value[key], draw) for key in draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [_shuffled(each, draw) for each in value]
    return value


@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_the_order_of_members_is_nothing(data: st.DataObject) -> None:
    """A fragment whose members come in any other order is the same."""
    assert compared(document(), _shuffled(document(), data.draw)) == []


@pytest.mark.parametrize(
    "edit",
    [
        renaming(f"{S}/Insight", "Attached"),
        lambda document: document["servers"][0]["variables"]["site"]["enum"].reverse(),
        lambda document: at(document, f"{S}/TicketAttachment/required").reverse(),
        setting(f"{FINDINGS}/minItems", 0),
        setting(f"{FINDINGS}/maxItems", 50.0),
        setting(f"{S}/Insight/additionalProperties", True),
        setting(f"{S}/Insight/properties/ref/deprecated", False),
        setting(f"{S}/Unused", {"type": "object"}),
        setting("/components/securitySchemes/unused", {"type": "http", "scheme": "bearer"}),
        setting(f"{S}/Case/properties/attributes", {"allOf": [{"$ref": f"#{S}/CaseAttributes"}]}),
        setting(f"{S}/Case/properties/attributes", {"anyOf": [{"$ref": f"#{S}/CaseAttributes"}]}),
        setting(
            f"{S}/Case/properties/attributes",
            {"allOf": [{"deprecated": False}, {"allOf": [{"$ref": f"#{S}/CaseAttributes"}]}]},
        ),
    ],
)
def test_what_means_the_same_is_nothing(edit: Edit) -> None:
    """Other names of components, another order, a keyword that says nothing, what nobody uses."""
    after = document(edit)
    if "Attached" in after["components"]["schemas"]:
        place = f"{S}/CaseAttributes/properties/insights/items/$ref"
        setting(place, f"#{S}/Attached")(after)
    assert compared(document(), after) == []


def test_a_schema_behind_a_reference_is_the_same() -> None:
    """Moving a schema behind a `$ref`, or taking it out of one, changes nothing."""

    def move(document: Any) -> None:
        members = document["components"]["schemas"]["CaseAttributes"]["properties"]
        document["components"]["schemas"]["Title"] = members["title"]
        members["title"] = {"$ref": f"#{S}/Title"}
        parts = document["components"]
        responses = document["paths"]["/api/v2/security/findings/servicenow_tickets"]["patch"]
        parts["responses"] = {"Busy": responses["responses"]["429"]}
        responses["responses"]["429"] = {"$ref": "#/components/responses/Busy"}

    assert compared(document(), document(move)) == []
    assert compared(document(move), document()) == []
    [change] = compared(document(move), document(move, setting(f"{S}/Title/type", "integer")))
    assert (change.rule, change.where) == ("type-changed", f"{S}/Title/type")
    beside = setting(f"{S}/CaseAttributes/properties/title/description", "Another.")
    [change] = compared(document(move), document(move, beside))
    assert (change.rule, change.where) == (
        "text-changed",
        f"{S}/CaseAttributes/properties/title/description",
    )


def test_what_stands_beside_a_reference_is_not_forgotten() -> None:
    """A keyword beside a `$ref` to a schema with the same one is unjudged, and asks for major."""
    place = f"{S}/Case/properties/type"
    [change] = compared(document(), document(setting(f"{place}/enum", ["cases"])))
    assert (change.rule, str(change.step)) == ("unjudged", "major")
    [change] = compared(document(), document(setting(f"{place}/minLength", 1)))
    assert (change.rule, change.where) == ("min-length-added", f"{place}/minLength")


def test_a_schema_that_contains_itself_is_compared() -> None:
    """A circle of references is walked once, and what differs inside it is found."""
    circle = setting(f"{S}/Insight/properties/inner", {"$ref": f"#{S}/Insight"})
    before, after = document(circle), document(circle, dropping(f"{S}/Insight/properties/ref"))
    assert [each.rule for each in compared(before, after)] == ["member-removed"]
    assert compared(before, copy.deepcopy(before)) == []
    for keyword in ("additionalProperties", "items"):
        inside = document(setting(f"{S}/Insight/{keyword}", {"$ref": f"#{S}/Insight"}))
        assert "type-narrowed" in {each.rule for each in compared(document(), inside)}
        assert "type-widened" in {each.rule for each in compared(inside, document())}


def test_what_is_used_twice_is_compared_twice() -> None:
    """What is written beside one of two references to a schema is not taken for the other's."""
    place = f"{S}/CaseRelationships/properties/modified_by"
    beside = setting(place, {"$ref": f"#{S}/UserRelationship", "minProperties": 2})
    [change] = compared(document(), document(beside))
    assert (change.rule, change.where) == ("min-properties-added", f"{place}/minProperties")
    null = setting(place, {"oneOf": [{"$ref": f"#{S}/UserRelationship"}, {"type": "null"}]})
    assert [each.rule for each in compared(document(), document(null))] == ["type-widened"]


@pytest.mark.parametrize(
    ("kind", "nullable"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": "string", "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
    ],
)
def test_ways_to_allow_null_are_the_same(kind: dict[str, Any], nullable: dict[str, Any]) -> None:
    """`oneOf` or `anyOf` with null, in any order, says what a list of types says."""
    before = document(setting(TITLE, nullable))
    for keyword in ("oneOf", "anyOf"):
        for null in ({"type": "null"}, {"const": None}, {"enum": [None]}):
            for parts in ([kind, null], [null, kind]):
                assert compared(before, document(setting(TITLE, {keyword: parts}))) == []


def test_a_pattern_that_cannot_be_shown_to_be_wider_is_another() -> None:
    """Where the one is no regular language, neither direction is claimed; the worst is taken."""
    for old, new in (("^a", "^(?=a)"), ("^(?=a)", "^a"), (r"(a)\1", "a")):
        place = f"{TITLE}/pattern"
        before, after = (document(setting(place, pattern)) for pattern in (old, new))
        assert [each.rule for each in compared(before, after)] == ["pattern-changed"]
