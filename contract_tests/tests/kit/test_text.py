"""Foreign text is safe to show, and nothing that can be read is lost on the way."""

import re

from hypothesis import given
from hypothesis import strategies as st

from servicenow_contract.text import counted, first_line, head, shown, sound, visible

ANY = st.text(st.characters(exclude_categories=()))


@given(ANY)
def test_visible_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    """Every character prints, and those that did before are the same."""
    assert visible(text).isprintable()
    if "\\" not in text:
        escapes = r"\\(?:x..|u.{4}|U.{8}|[nrt])"
        assert re.sub(escapes, "", visible(text)) == "".join(filter(str.isprintable, text))
    assert visible("a\x1b[2J\u202eb") == "a\\x1b[2J\\u202eb"


@given(ANY)
def test_shown_names_what_cannot_be_seen(text: str) -> None:
    """Line feeds and tabs stay; every other character that does not print is named in place."""
    named = re.sub(r"⟦U\+([0-9A-F]{4,6})⟧", lambda found: chr(int(found[1], 16)), shown(text))
    assert "⟦" in text or named == text
    assert all(each.isprintable() or each in "\n\t" for each in shown(text))


@given(ANY, st.integers(0, 9))
def test_head_says_how_much_is_left_out(text: str, limit: int) -> None:
    """What is short stays whole; of what is long the beginning is kept, and the rest counted."""
    rest = f" … ({len(text) - limit} more characters)" if len(text) > limit else ""
    assert head(text, limit) == text[:limit] + rest


@given(ANY)
def test_sound_can_be_written(text: str) -> None:
    """Halves of surrogate pairs are replaced, and nothing else is."""
    assert sound(text).encode().decode() == re.sub("[\ud800-\udfff]", "?", text)


@given(st.lists(st.sampled_from(["", " ", "\t", "a\tb", "\x1b", "\x85c"])))
def test_first_line_that_says_something(lines: list[str]) -> None:
    """It is one printable line: the first that is not blank, with its gaps made one space."""
    said = [" ".join(re.split(r"[ \t\r]+", each)).strip(" ") for each in lines]
    assert first_line("\n".join(lines)) == visible(next(filter(None, said), ""))


def test_counted() -> None:
    """One of a thing is one, and any other number is several."""
    told = ["0 entries", "1 entry", "1,264 entries", "1 case", "2 cases"]
    asked = [(0, "entry"), (1, "entry"), (1264, "entry"), (1, "case"), (2, "case")]
    assert [counted(*each) for each in asked] == told
