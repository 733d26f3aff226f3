"""The URL rule: the words of the page against the pattern of the fragment."""

import re
from collections.abc import Iterator, Mapping

from attrs import evolve

from upkeep.drift.differences import Contrast
from upkeep.drift.page_facts import Fact, Key

MAX_URL = 2048
_EITHER_CASE = re.compile(r"\[[A-Z]([a-z])\]")
"""One letter, large or small."""


def url_rules(page: Mapping[Key, Fact], contract: Mapping[Key, Fact]) -> Iterator[Contrast]:
    """A change for each pattern that does not keep the page's rule or refuses its example."""
    for key, rule in page.items():
        pattern = contract.get(key)
        if rule.topic != "url-rule" or pattern is None:
            continue
        host, record = rule.value
        example = page.get(("example", rule.subject))
        if not _keeps(str(pattern.value), host, record, example):
            yield Contrast("differs", rule, pattern)
        elif example and not _matches(str(pattern.value), example.value):
            moved = evolve(example, topic="url-example")
            yield Contrast("differs", moved, evolve(pattern, topic="url-example"))


def _keeps(pattern: str, host: str, record: str, example: Fact | None) -> bool:
    """Whether the pattern names host and record, and refuses the example with another of each."""
    plain = _EITHER_CASE.sub(r"\1", pattern).replace("[.]", ".").replace("\\", "")
    if host not in plain or record not in plain:
        return False
    url = str(example.value) if example else ""
    others = (
        url.replace(host, f"{host}.example.com"),
        url.replace(host, "example.com"),
        url.replace(f".{host}", f"-{host}"),
        url.replace("https://", "https://example.com/"),
        url.replace(record, "another") if record else url,
    )
    return not any(other != url and _matches(pattern, other) for other in others)


def _matches(pattern: str, url: object) -> bool:
    if not isinstance(url, str) or len(url) > MAX_URL:
        return False
    try:
        return re.search(pattern, url) is not None
    except re.error:
        return False
