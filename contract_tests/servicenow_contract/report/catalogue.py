"""The catalogue of requirements as a page for people, in Markdown."""

import re
from collections.abc import Iterator, Mapping

from servicenow_contract.contract.requirements import Level, Requirement

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_ESCAPED = r"\\\1"


def requirements_page(catalogue: Mapping[str, Requirement]) -> str:
    """Every requirement, by who keeps it: level, id, statement, words of the page and rule."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Mapping[str, Requirement]) -> Iterator[str]:
    yield "# The requirements"
    yield ""
    yield f"{_tally(catalogue)}, as in RFC 2119. *The page* is Datadog's documentation of the"
    yield "operation: MUST is what it says, in the words quoted; SHOULD is what its model or"
    yield "example shows and a client needs; MAY is what it leaves open. The last line of each is"
    yield "a JSON Pointer into the fragment, `openapi/servicenow_tickets.yaml`."
    for keeper in dict.fromkeys(each.of for each in catalogue.values()):
        kept = {name: each for name, each in catalogue.items() if each.of == keeper}
        yield from ("", f"## {keeper.capitalize()}", "", f"{_tally(kept)}.", "")
        for each in kept.values():
            statement = _SPECIAL.sub(_ESCAPED, each.statement)
            yield f"- **{each.level}** `{each.id}`: {statement}  "
            if each.words:
                yield f"  “{_SPECIAL.sub(_ESCAPED, each.words)}”  "
            yield f"  `{each.at}`" if each.at else "  the whole fragment"


def _tally(catalogue: Mapping[str, Requirement]) -> str:
    levels = [each.level for each in catalogue.values()]
    counts = ", ".join(f"{levels.count(each)} {each}" for each in Level if each in levels)
    return f"{len(levels)} requirements: {counts}"
