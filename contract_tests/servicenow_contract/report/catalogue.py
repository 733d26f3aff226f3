"""The catalogue of requirements as a page for people, in Markdown."""

import re
from collections.abc import Iterator, Mapping

from servicenow_contract.contract.requirements import Level, Requirement

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def requirements_page(catalogue: Mapping[str, Requirement]) -> str:
    """Every requirement, by who keeps it: level, id, statement and rule."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Mapping[str, Requirement]) -> Iterator[str]:
    yield "# The requirements"
    yield ""
    yield f"{_tally(catalogue)}. MUST, SHOULD and MAY as in RFC 2119; what the page leaves open is"
    yield "MAY. Each rule is a JSON Pointer into the fragment, `openapi/servicenow_tickets.yaml`."
    for keeper in dict.fromkeys(each.of for each in catalogue.values()):
        kept = {name: each for name, each in catalogue.items() if each.of == keeper}
        yield from ("", f"## {keeper.capitalize()}", "", f"{_tally(kept)}.", "")
        for each in kept.values():
            statement = _SPECIAL.sub(r"\\\1", each.statement)
            yield f"- **{each.level}** `{each.id}`: {statement}  "
            yield f"  `{each.at}`" if each.at else "  the whole fragment"


def _tally(catalogue: Mapping[str, Requirement]) -> str:
    levels = [each.level for each in catalogue.values()]
    counts = ", ".join(f"{levels.count(each)} {each}" for each in Level if each in levels)
    return f"{len(levels)} requirements: {counts}"
