"""Rendered models are alike: what one template makes of them is mutated once."""

import re
from collections.abc import Iterable, Iterator

from upkeep.mutation.client.places import PACKAGE, ClientMutant, path

_TEMPLATES = PACKAGE.parent / "codegen" / "templates"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RENDERED = "_generated.models."


def once(mutants: Iterable[ClientMutant]) -> Iterator[ClientMutant]:
    """The mutants without those of a model that change the same place of a template as others do.

    Two lines are of one place when they differ only in words that no template has: the names of
    models and of their members.
    """
    words = frozenset(
        word for file in _TEMPLATES.rglob("*.jinja") for word in _WORD.findall(file.read_text())
    )
    lines: dict[str, list[str]] = {}
    seen = set[tuple[str, ...]]()
    for mutant in mutants:
        module = mutant.place.module
        if module.startswith(_RENDERED):
            if module not in lines:
                lines[module] = path(module).read_text(encoding="utf-8").splitlines()
            line = lines[module][mutant.place.line - 1]
            verb = mutant.name.split(":")[2]
            shape = (verb, *(_shape(text, words) for text in (line, mutant.old, mutant.new)))
            if shape in seen:
                continue
            seen.add(shape)
        yield mutant


def _shape(text: str, words: frozenset[str]) -> str:
    """The text, with one mark for each name; a mark tells how the mutant bends a name."""

    def mark(found: re.Match[str]) -> str:
        word = found[0]
        if word in words:
            return word
        if word.startswith("XX") and word.endswith("XX"):
            return "XX*XX"
        return "* in capitals" if word.isupper() else "*"

    return _WORD.sub(mark, text)
