"""Each rule: what a change is called, whom it breaks, and which step of the version it asks for.

A *caller* writes requests, a *reader* reads answers, and the *server's side* breaks when a server
that kept the base has work to do. The version is the client's, so callers and readers decide the
step: what breaks one of them asks for a major one. A schema that requests and answers share gets
both judgements.
"""

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from upkeep.release.version import Step

PARTIES = ("caller", "reader", "server")


@frozen
class Judgement:
    """The step that a change asks for, and why it breaks each of the parties that it breaks."""

    step: Step
    why: Mapping[str, str] = field(factory=dict)

    @classmethod
    def read(cls, text: str) -> "Judgement":
        """The judgement that a table says: a step, then each party that it breaks, and why."""
        step, *parties = text.split("; ")
        return cls(Step[step.upper()], dict(each.split(": ", 1) for each in parties))


@frozen
class ChangeRule:
    """How a change is judged where it concerns requests, and where it concerns answers."""

    request: Judgement
    answer: Judgement

    def judge(self, sides: Iterable[str]) -> Judgement:
        """The judgement for the sides, `request` and `answer`, that a change concerns."""
        each: list[Judgement] = [getattr(self, side) for side in sorted(sides, reverse=True)]
        why: dict[str, str] = {}
        for judgement in each:
            why |= judgement.why
        return Judgement(
            max(judgement.step for judgement in each),
            {party: why[party] for party in PARTIES if party in why},
        )


UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
PLAIN = ("pattern", "multipleOf", "uniqueItems")
"""Keywords without an order; of two patterns it is shown where it can be which one allows more."""


def kebab(keyword: str) -> str:
    """`maxItems` as `max-items`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in keyword)


def _each(keywords: Iterable[str], *ends: str) -> str:
    return " ".join(f"{kebab(keyword)}-{end}" for keyword in keywords for end in ends)


_REFUSES = "server: it must refuse what it accepted"
_REFUSED = f"major; caller: a request that was right can be refused; {_REFUSES}"
_TAKEN = "minor; server: it must accept what it could refuse"
_CAN_HOLD = "reader: an answer can hold what it could not before"
_TIGHTER = f"{_REFUSED} | minor; server: it must answer with less than it could"
_WIDER = f"{_TAKEN} | major; {_CAN_HOLD}"
_ASKED = "major; caller: a request without it is refused; server: it must ask for it"
_IGNORED = "major; caller: what is written there is ignored"
_MUST_TAKE = "minor; server: it must accept it"
_WITHOUT = "minor; server: it must work without it"
_GONE = "major; reader: what is read there is gone"
_MISSING = "major; reader: it can be missing"
_ABSENT = "a member that is absent means"
_UNCERTAIN = "means nothing certain"
_UNSEEN = "reader: code that waits for it never sees it"
_PYTHON_TYPE = "major; reader: its type in Python changes"
_UNKNOWN = "no rule here knows what it means"

_CONTRACT = {
    _TIGHTER: "type-narrowed text-format-added enum-added additional-members-refused "
    f"pattern-narrowed {_each(UPPER, 'lowered')} {_each(LOWER, 'raised')} "
    + _each((*UPPER, *LOWER, *PLAIN), "added"),
    _WIDER: "type-widened text-format-removed pattern-widened "
    f"{_each(UPPER, 'raised')} {_each(LOWER, 'lowered')} "
    + _each((*UPPER, *LOWER, *PLAIN), "removed"),
    f"{_REFUSED} | major; {_CAN_HOLD}; server: its answers change":
        f"type-changed format-changed text-format-changed {_each(PLAIN, 'changed')}",
    f"{_ASKED} | minor; server: it must send it": "required-member-added required-mark-added",
    f"{_MUST_TAKE} | minor": "member-added media-type-added",  # readers name what they `Accept`
    f"{_IGNORED}; server: it must work without it | {_GONE}": "required-member-removed",
    f"{_IGNORED} | {_GONE}": "member-removed",
    f"{_WITHOUT} | {_MISSING}": "required-mark-removed",
    # A format decides the type in Python: a `date-time` is a time, and not a string any more. Any
    # other format stays text, and the client does not look at it.
    f"{_REFUSED} | {_PYTHON_TYPE}": "format-added",
    f"{_TAKEN} | {_PYTHON_TYPE}": "format-removed",
    f"{_TAKEN} | major; reader: the known values are no longer all": "enum-dropped",
    # The client keeps values and members that it does not know: more of them break no reader.
    f"{_TAKEN} | minor": "enum-value-added additional-members-allowed",
    f"{_REFUSED} | major; {_UNSEEN}; server: it must not send it": "enum-value-removed",
    f"minor; server: {_ABSENT} something now": "default-added",
    "major; caller: leaving the member out means something else; "
    f"reader: {_ABSENT} something else; server: {_ABSENT} something else": "default-changed",
    f"major; caller: leaving the member out {_UNCERTAIN}; reader: a member that is absent "
    f"{_UNCERTAIN}": "default-removed",
    "minor; server: it must answer it": "operation-added",
    "major; caller: there is nothing to call": "operation-removed",
    "major; caller: the address changes; server: the address changes": "path-changed",
    "major; caller: the method changes; server: the method changes": "method-changed",
    # The client names nothing after it; whoever generates another client from the fragment does.
    "major; caller: generated code calls it by another name": "operation-id-changed",
    "minor; server: it must be there": "site-added server-added",
    "major; caller: requests to it reach nothing": "site-removed server-removed",
    "major; caller: a client that names no site reaches another one": "default-site-changed",
    "major; caller: the address needs one more value": "server-variable-added",
    "major; caller: the address takes one value less": "server-variable-removed",
    "minor; server: it must accept another way to authenticate": "security-added",
    "major; caller: the keys that were enough are not; server: it must ask for other keys":
        "security-narrowed",
    "minor; server: it must ask for fewer keys": "security-widened",
    "major; caller: the key goes unseen; server: it must look in another header":
        "key-header-changed",
    "major; caller: a caller without it is refused; server: it must ask for it":
        "permission-required",
    "major; caller: a caller with only this one is refused; server: it must not accept it":
        "permission-removed",
    "major; caller: a caller with only one is refused; server: it must ask for all":
        "permissions-all-needed",
    "minor; server: one must be enough": "permissions-any-enough",
    _ASKED: "required-parameter-added parameter-required body-required",
    _MUST_TAKE: "permission-added body-added parameter-added",
    _WITHOUT: "permission-dropped body-optional parameter-optional",
    _IGNORED: "body-removed parameter-removed",
    "major; caller: a request that uses it is refused | major; "
    "reader: a reader that asks for it gets another; server: it must not send it":
        "media-type-removed",
    # Errors that no page lists are answered too, and the client has a class for each: one more on
    # the page breaks nobody. Another success can lack what the only one always had.
    "minor": "deprecated error-status-added header-added",
    "major; reader: success can look another way": "status-added",
    f"major; {_UNSEEN}": "status-removed",
    "minor; server: it must send one": "answer-body-added",
    "minor; server: it must send it": "header-always",
    "major; reader: there is nothing to read": "answer-body-removed",
    _GONE: "header-removed",
    _MISSING: "header-not-always",
    "patch": "text-changed example-changed preview-note-changed no-longer-deprecated "
    "pattern-rewritten",
    # What the fragment says of itself reaches nobody's code; the wheel has its own version. The
    # register is the suite's: the contract stays as it is, and so does the client.
    "none": "bookkeeping-changed deviation-added deviation-changed",
    "none; server: what deviated is a failure again": "deviation-removed",
    # What no rule knows is taken for the worst, and never passed over.
    f"major; caller: {_UNKNOWN}; reader: {_UNKNOWN}; server: {_UNKNOWN}": "unjudged",
}  # fmt: skip
"""What can change of the contract: a judgement, or one of requests and one of answers, and the
rules that have it.
"""

_NAMES = {
    # A model that only answers hold is made by reading; that other code makes one is no promise.
    "minor": "name-added python-parameter-added python-parameter-optional base-class-added "
    "python-parameter-type-widened return-type-narrowed attribute-type-compatible "
    "answer-constructor-changed",
    "major; caller: code that names it fails; reader: code that names it fails":
        "name-removed name-became-another-kind",
    "major; caller: it is called in another way": "call-changed",
    "major; caller: a call without it fails":
        "python-parameter-added-required python-parameter-required",
    "major; caller: a call with it fails": "python-parameter-removed",
    "major; caller: a call by position means another": "python-parameter-moved",
    "major; caller: it is passed in another way": "python-parameter-kind-changed",
    "major; caller: what was passed does not fit": "python-parameter-type-changed",
    "major; caller: a call without it means something else": "python-default-changed",
    "major; reader: the returned type changes": "return-type-changed",
    "major; caller: it holds another type; reader: the same": "attribute-type-changed",
    "major; caller: its value changes; reader: the same": "enum-member-value-changed",
    "major; reader: `except` and `isinstance` no longer find it": "base-class-removed",
}  # fmt: skip
"""The same of the public Python names."""


def _rules(table: Mapping[str, str]) -> Iterator[tuple[str, ChangeRule]]:
    for text, names in table.items():
        request, _, answer = text.partition(" | ")
        rule = ChangeRule(Judgement.read(request), Judgement.read(answer or request))
        yield from dict.fromkeys(names.split(), rule).items()


CONTRACT, NAMES = dict(_rules(_CONTRACT)), dict(_rules(_NAMES))
RULES: Mapping[str, ChangeRule] = {**CONTRACT, **NAMES}
