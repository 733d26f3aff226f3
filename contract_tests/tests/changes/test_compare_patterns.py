"""Which of two patterns takes more is shown, never guessed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.specimen import FRAGMENT
from upkeep.changes.patterns import Relation, relation

URL = (
    "^https://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+service-now[.]com/"
    "(?:now/nav/ui/classic/params/target/|nav_to[.]do[?]uri=(?:/|%2[Ff])?)?incident[.]do"
    "(?:[?]|%3[Ff])sys_id(?:=|%3[Dd])[0-9A-Fa-f]{32}"
    "(?:(?:&|%26)(?:[A-Za-z0-9._~:/?@!$&'()*+,;=^|-]|%[0-9A-Fa-f]{2})*)?$"
)
"""What the fragment took of addresses before its pattern became the widest reading."""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("^a$", "^[ab]$", Relation.WIDER),
        ("^a{1,3}$", "^a{1,4}$", Relation.WIDER),
        ("^a*$", "^(aa)*$", Relation.NARROWER),
        ("^[a-z]+$", r"^\w+$", Relation.WIDER),
        (r"^\d$", "^[0-9]$", Relation.SAME),
        ("^(?:a|bc)$", "^(?:bc|a)$", Relation.SAME),
        ("^[^a]$", "^.$", Relation.UNKNOWN),
        ("^a", "^b", Relation.UNKNOWN),
        ("a", "^a", Relation.NARROWER),
        ("^$", "", Relation.WIDER),
        ("^a+?$", "^a+$", Relation.SAME),
        ("(?i)a", "a", Relation.UNKNOWN),
        ("(", "a", Relation.UNKNOWN),
        (URL, "^https://", Relation.WIDER),
        (URL, FRAGMENT.ticket_url_pattern, Relation.WIDER),
        (URL, URL.replace("{0,61}", "{0,60}"), Relation.NARROWER),
        (URL, URL.replace("https", "https?"), Relation.WIDER),
        (URL, URL.replace("incident[.]do", "(?:incident|task)[.]do"), Relation.WIDER),
        (URL, URL.replace("[0-9A-Fa-f]", "[0-9a-f]"), Relation.NARROWER),
        (URL, URL.replace("service-now", "servicenow"), Relation.UNKNOWN),
        (URL, URL.replace("(?:[?]|%3[Ff])", "(?:%3[Ff]|[?])"), Relation.SAME),
    ],
)
def test_a_pattern_beside_another(old: str, new: str, found: Relation) -> None:
    """Wider, narrower or the same is said where it is so; and backwards the other way round."""
    assert relation(old, new)[0] is found
    back = {Relation.WIDER: Relation.NARROWER, Relation.NARROWER: Relation.WIDER}
    assert relation(new, old)[0] is back.get(found, found)


def test_a_text_shows_the_difference() -> None:
    """The text that is given is taken by one of the two patterns only."""
    for new in ("^https://", URL.replace("{0,61}", "{0,60}"), URL.replace("https", "https?")):
        text = relation(URL, new)[1]
        assert text is not None
        assert bool(re.search(URL, text)) != bool(re.search(new, text))


_PARTS = st.sampled_from(
    ["a", "b", "[ab]", "[^a]", ".", "a?", "b*", "(?:a|bb)", "(?:ab){1,2}", "a+"]
)
_PATTERNS = st.builds(
    lambda head, parts, tail: head + "".join(parts) + tail,
    st.sampled_from(["", "^"]),
    st.lists(_PARTS, min_size=1, max_size=4),
    st.sampled_from(["", "$"]),
)
_TEXTS = ["", *(a + b + c for a in "abc" for b in ("", *"abc") for c in ("", *"abc"))]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(old=_PATTERNS, new=_PATTERNS)
def test_no_text_contradicts_what_is_said(old: str, new: str) -> None:
    """No short text is lost by a pattern that is said to be wider, or won by a narrower one."""
    how, _ = relation(old, new)
    lost = [each for each in _TEXTS if re.search(old, each) and not re.search(new, each)]
    won = [each for each in _TEXTS if re.search(new, each) and not re.search(old, each)]
    if how in {Relation.WIDER, Relation.SAME}:
        assert lost == []
    if how in {Relation.NARROWER, Relation.SAME}:
        assert won == []
    if lost or won:
        assert how is not Relation.SAME
