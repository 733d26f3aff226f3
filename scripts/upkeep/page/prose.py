"""The rules that a page states in words: limits, the URL rule, permissions, enum values.

Every pattern has bounded repeats, because a page is untrusted.
"""

import re
from collections.abc import Sequence

from upkeep.page.model import Permissions, StatedLimit, Text, UrlRule

_TENS = "ten twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBERS = {
    "twenty-five": 25,  # before what it begins with
    "a hundred": 100,
    "one hundred": 100,
    **{word: 10 * tens for tens, word in enumerate(_TENS.split(), 1)},
}
_LIMIT = re.compile(
    r"\b(?:up to|at most|no more than|not more than|maximum of|limit of|limited to) "
    rf"(\d{{1,9}}(?:,\d{{3}}){{0,3}}|{'|'.join(_NUMBERS)})\b((?: [A-Za-z-]{{1,40}}){{0,6}})",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"\b(?:[a-z0-9-]{2,63}\.){1,8}[a-z]{2,24}\b")
_RECORD = re.compile(r"\b([A-Za-z_]{1,40}) records?\b")
_MUST = re.compile(r"\b(?:must|has to|is required to)\b", re.IGNORECASE)
_ENUM = re.compile(
    r"(?i)Allowed (?:enum )?values?: {0,4}"
    r"((?:`[^`]{0,2000}`,? {0,4}(?:(?:or|and) (?=`))?){1,200})\.?"
)
_DEFAULT = re.compile(r"\bdefault: {0,4}`([^`]{0,200})`\.?", re.IGNORECASE)
_NO_ITEMS = re.compile(
    r"(?i)(?:requests?|calls?|characters?|chars|letters|digits|words|bytes|[kmg]i?b|seconds?|minutes?"
    r"|hours?|days?|weeks?|months?|years?|times)\b|.*\bper (?:second|minute|hour|day|month|user)\b"
)
_MAX_HOSTS = 8
_CODE = re.compile(r"`([^`]{1,200})`")
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")


def spaced(text: str) -> str:
    """The text with plain spaces, where a page has some that break no line."""
    return text.translate({0xA0: " ", 0x202F: " "})


def sentences(line: Text) -> list[Text]:
    """The sentences of one line."""
    parts = _SENTENCE_END.split(spaced(line.text).strip())
    return [Text(line.line, part.strip()) for part in parts if part]


def limits(text: str, line: int) -> tuple[StatedLimit, ...]:
    """Every number that the text calls the most."""
    return tuple(
        StatedLimit(line, number, words, not _NO_ITEMS.match(words))
        for match in _LIMIT.finditer(text)
        for words in [match[2].strip()]
        for number in [_NUMBERS.get(match[1].lower()) or int(match[1].replace(",", ""))]
    )


def all_limits(said: Sequence[Text]) -> tuple[StatedLimit, ...]:
    """The limits of several sentences."""
    return tuple(limit for each in said for limit in limits(each.text, each.line))


def url_rule(text: str, line: int) -> UrlRule | None:
    """The rule that a description lays down for a URL: it says must, a domain, and which record.

    Several domains or records are all named, with `or` between them.
    """
    found = list(dict.fromkeys(_DOMAIN.findall(text)))[:_MAX_HOSTS]
    hosts = [each for each in found if not any(each.endswith(f".{other}") for other in found)]
    records = dict.fromkeys(word.lower() for word in _RECORD.findall(text))
    if not (hosts and _MUST.search(text)):
        return None
    return UrlRule(line, " or ".join(hosts), " or ".join(records))


def enum_values(description: str) -> tuple[str, ...]:
    """The values after the words that announce them: in one code span or several."""
    found = _ENUM.search(description)
    listed = ",".join(_CODE.findall(found[1])) if found else ""
    return tuple(value for part in listed.split(",") if (value := part.strip()))


def default_value(description: str) -> str | None:
    """The default that a description gives."""
    found = _DEFAULT.search(description)
    return found[1] if found else None


def plain(description: str) -> str:
    """The description without its enum values and default, which are facts of their own."""
    return " ".join(_DEFAULT.sub("", _ENUM.sub("", description)).split())


def permissions(said: Sequence[Text], after: Text | None) -> Permissions | None:
    """The permissions named in a sentence that requires them, or on the line after the prose."""
    for sentence in said:
        words = sentence.text.lower()
        if "permission" in words and "require" in words:
            listed = after or sentence
            names = _CODE.findall(sentence.text) or (_CODE.findall(after.text) if after else [])
            every = re.search(r"\b(?:all|both|each|every)\b|` and `", words)
            operator = "AND" if every else "OR"
            return Permissions(listed.line, operator, tuple(names)) if names else None
    return None


def is_code_list(line: Text) -> bool:
    """Whether the line holds code spans and nothing else."""
    return bool(line.text.strip()) and not _CODE.sub("", line.text).strip(" ,")
