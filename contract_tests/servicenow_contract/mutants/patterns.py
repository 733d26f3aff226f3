"""Ways to bend a regular expression, one part at a time."""

import itertools
import re
from collections.abc import Iterator

_CLASS = re.compile(r"\[[^\]]+\]")
_COUNT = re.compile(r"\{(\d+)(?:,(\d+))?\}")


def bends(pattern: str) -> Iterator[tuple[str, str, str]]:
    """Label, sentence and pattern of each bend."""
    if pattern.startswith("^"):
        yield "the_beginning", "Accepts text before the pattern", pattern[1:]
    if pattern.endswith("$"):
        yield "the_end", "Accepts text after the pattern", pattern[:-1]
    yield from _classes(pattern)
    yield from _counts(pattern)
    yield from _groups(pattern)
    yield from _letters(pattern)


def _classes(pattern: str) -> Iterator[tuple[str, str, str]]:
    for number, match in enumerate(_CLASS.finditer(pattern), 1):
        head, inside, tail = pattern[: match.start()], match[0][1:-1], pattern[match.end() :]
        if len(inside) == 1:
            what = f"Accepts any character for {inside!r} (character class {number})"
            yield f"class_{number}_to_anything", what, f"{head}.{tail}"
            continue
        for part, span in enumerate(re.findall(r"[A-Za-z0-9]-[A-Za-z0-9]", inside), 1):
            rest = inside.replace(span, "", 1)
            if rest:
                what = f"Refuses {span} of [{inside[:20]}] (character class {number})"
                yield f"class_{number}_less_span_{part}", what, f"{head}[{rest}]{tail}"
        what = f"Also accepts _ and space for [{inside[:20]}] (character class {number})"
        yield f"class_{number}_to_more", what, f"{head}[_ {inside}]{tail}"


def _counts(pattern: str) -> Iterator[tuple[str, str, str]]:
    for number, match in enumerate(_COUNT.finditer(pattern), 1):
        head, tail = pattern[: match.start()], pattern[match.end() :]
        least, most = int(match[1]), int(match[2] or match[1])
        what = f"Accepts {most + 1} repetitions"
        yield f"count_{number}_up", what, f"{head}{{{least},{most + 1}}}{tail}"
        if least:
            what = f"Accepts {least - 1} repetitions"
            yield f"count_{number}_down", what, f"{head}{{{least - 1},{most}}}{tail}"
        elif most:
            what = f"Refuses {most} repetitions"
            yield f"count_{number}_short", what, f"{head}{{0,{most - 1}}}{tail}"


def _groups(pattern: str) -> Iterator[tuple[str, str, str]]:
    """Each group: one alternative less, or no longer left out, or no longer there."""
    for number, (start, end) in enumerate(_spans(pattern), 1):
        inside, after = pattern[start + 3 : end], pattern[end + 1 : end + 2]
        head, tail = pattern[:start], pattern[end + 1 :]
        bare, short = f"{head}(?:{inside}){tail[1:]}", repr(inside[:20])
        parts = _alternatives(inside)
        for index, gone in enumerate(parts, 1):
            if len(parts) > 1:
                rest = "|".join(part for part in parts if part is not gone)
                what = f"Refuses the alternative {gone!r}"
                yield f"group_{number}_less_{index}", what, f"{head}(?:{rest}){tail}"
        if after == "?":
            yield f"group_{number}_needed", f"Requires {short}", bare
            yield f"group_{number}_gone", f"Refuses {short}", head + tail[1:]
        elif after and after in "+*":
            yield f"group_{number}_once", f"Accepts {short} exactly once", bare
        else:
            what = f"Accepts an address without {short}"
            yield f"group_{number}_free", what, f"{head}(?:{inside})?{tail}"


def _spans(pattern: str) -> list[tuple[int, int]]:
    """Where each group opens and closes."""
    plain = _CLASS.sub(lambda match: "x" * len(match[0]), pattern)
    opened, found = list[int](), list[tuple[int, int]]()
    for place, letter in enumerate(plain):
        if letter == "(":
            opened.append(place)
        elif letter == ")":
            found.append((opened.pop(), place))
    return sorted(found)


def _alternatives(inside: str) -> list[str]:
    plain, depth = _CLASS.sub(lambda match: "x" * len(match[0]), inside), 0
    cuts = [-1]
    for place, letter in enumerate(plain):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "|" and depth == 0:
            cuts.append(place)
    cuts.append(len(inside))
    return [inside[one + 1 : other] for one, other in itertools.pairwise(cuts)]


def _letters(pattern: str) -> Iterator[tuple[str, str, str]]:
    """Each word that stands in the pattern as it is: any other letters in its place."""
    words = re.finditer(r"(?<![A-Za-z0-9%\[\\-])[a-z_]{3,}(?![A-Za-z0-9-]*\])", pattern)
    for number, match in enumerate(words, 1):
        what = f"Accepts any letters for {match[0]!r}"
        bent = f"{pattern[: match.start()]}[A-Za-z_-]+{pattern[match.end() :]}"
        yield f"word_{number}", what, bent
