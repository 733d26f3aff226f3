"""Each rule: what a change is called, whom it breaks, and which step of the version it asks for.

A *caller* writes requests, a *reader* reads answers, and the *server's side* breaks when a server
that kept the base has work to do. The version is the client's, so callers and readers decide the
step: what breaks one of them asks for a major one. A schema that requests and answers share gets
both judgements.
"""

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from upkeep.release.version import Step

PARTIES = ("caller", "reader", "server")


@frozen
class Judgement:
    """The step that a change asks for, and why it breaks each of the parties that it breaks."""

    step: Step
    why: Mapping[str, str] = field(factory=dict)


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


def _major(**why: str) -> Judgement:
    return Judgement(Step.MAJOR, why)


def _minor(**why: str) -> Judgement:
    return Judgement(Step.MINOR, why)


def _both(judgement: Judgement) -> ChangeRule:
    return ChangeRule(judgement, judgement)


_PATCH, _NONE = _both(Judgement(Step.PATCH)), _both(Judgement(Step.NONE))
_MUST_TAKE = "it must take what it could refuse"
_REQUEST_TIGHTER = _major(
    caller="a request that was right can be refused", server="it must refuse what it took"
)
_REQUEST_WIDER = _minor(server=_MUST_TAKE)
_ANSWER_TIGHTER = _minor(server="it must answer with less than it could")
_ANSWER_WIDER = _major(reader="an answer can hold what it could not before")

TIGHTER = ChangeRule(_REQUEST_TIGHTER, _ANSWER_TIGHTER)
"""Fewer values are allowed."""
WIDER = ChangeRule(_REQUEST_WIDER, _ANSWER_WIDER)
"""More values are allowed."""
_OTHER = ChangeRule(
    _REQUEST_TIGHTER,
    _major(reader="an answer can hold what it could not before", server="its answers change"),
)

UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
PLAIN = ("pattern", "multipleOf", "uniqueItems")
"""Keywords without an order; of two patterns it is shown where it can be which one allows more."""


def kebab(keyword: str) -> str:
    """`maxItems` as `max-items`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in keyword)


def _bounds() -> dict[str, ChangeRule]:
    rules: dict[str, ChangeRule] = {}
    for keywords, lowered, raised in ((UPPER, TIGHTER, WIDER), (LOWER, WIDER, TIGHTER)):
        for name in map(kebab, keywords):
            rules |= {f"{name}-lowered": lowered, f"{name}-raised": raised}
    for name in map(kebab, (*UPPER, *LOWER, *PLAIN)):
        rules |= {f"{name}-added": TIGHTER, f"{name}-removed": WIDER}
    rules |= {"pattern-narrowed": TIGHTER, "pattern-widened": WIDER, "pattern-rewritten": _PATCH}
    return rules | {f"{kebab(keyword)}-changed": _OTHER for keyword in PLAIN}


SCHEMA = {
    "required-member-added": ChangeRule(
        _major(caller="a request without it is refused", server="it must ask for it"),
        _minor(server="it must send it"),
    ),
    "member-added": ChangeRule(_minor(server="it must take it"), _minor()),
    "required-member-removed": ChangeRule(
        _major(caller="what is written there is ignored", server="it must work without it"),
        _major(reader="what is read there is gone"),
    ),
    "member-removed": ChangeRule(
        _major(caller="what is written there is ignored"),
        _major(reader="what is read there is gone"),
    ),
    "required-mark-added": ChangeRule(
        _major(caller="a request without it is refused", server="it must ask for it"),
        _minor(server="it must send it"),
    ),
    "required-mark-removed": ChangeRule(
        _minor(server="it must work without it"), _major(reader="it can be missing")
    ),
    "type-changed": _OTHER,
    "type-narrowed": TIGHTER,
    "type-widened": WIDER,
    # A format decides the type in Python: a `date-time` is a time, and not a string any more.
    "format-added": ChangeRule(_REQUEST_TIGHTER, _major(reader="its type in Python changes")),
    "format-removed": ChangeRule(_REQUEST_WIDER, _major(reader="its type in Python changes")),
    "format-changed": _OTHER,
    # Any other format stays text, and the client does not look at it.
    "text-format-added": TIGHTER,
    "text-format-removed": WIDER,
    "text-format-changed": _OTHER,
    "enum-added": TIGHTER,
    "enum-dropped": ChangeRule(_REQUEST_WIDER, _major(reader="the known values are no longer all")),
    # The client keeps values that it does not know, and says so: more of them break no reader.
    "enum-value-added": ChangeRule(_REQUEST_WIDER, _minor()),
    "enum-value-removed": ChangeRule(
        _REQUEST_TIGHTER,
        _major(reader="code that waits for it never sees it", server="it must not send it"),
    ),
    # Reading keeps members that it does not know.
    "additional-members-allowed": ChangeRule(_REQUEST_WIDER, _minor()),
    "additional-members-refused": TIGHTER,
    "default-added": _both(_minor(server="a member that is absent means something now")),
    "default-changed": _both(
        _major(
            caller="leaving the member out means something else",
            reader="a member that is absent means something else",
            server="a member that is absent means something else",
        )
    ),
    "default-removed": _both(
        _major(
            caller="leaving the member out means nothing certain",
            reader="a member that is absent means nothing certain",
        )
    ),
    **_bounds(),
}
"""What can change in a schema."""

OPERATION = {
    "operation-added": _both(_minor(server="it must answer it")),
    "operation-removed": _both(_major(caller="there is nothing to call")),
    "path-changed": _both(_major(caller="the address changes", server="the address changes")),
    "method-changed": _both(_major(caller="the method changes", server="the method changes")),
    # The client names nothing after it; whoever generates another client from the fragment does.
    "operation-id-changed": _both(_major(caller="generated code calls it by another name")),
    "site-added": _both(_minor(server="it must be there")),
    "site-removed": _both(_major(caller="requests to it reach nothing")),
    "default-site-changed": _both(_major(caller="a client that names no site reaches another one")),
    "server-added": _both(_minor(server="it must be there")),
    "server-removed": _both(_major(caller="requests to it reach nothing")),
    "server-variable-added": _both(_major(caller="the address asks for one value more")),
    "server-variable-removed": _both(_major(caller="the address takes one value less")),
    "security-added": _both(_minor(server="it must accept another way to authenticate")),
    "security-narrowed": _both(
        _major(caller="the keys that were enough are not", server="it must ask for other keys")
    ),
    "security-widened": _both(_minor(server="it must ask for fewer keys")),
    "key-header-changed": _both(
        _major(caller="the key goes unseen", server="it must look in another header")
    ),
    "permission-added": _both(_minor(server="it must take it")),
    "permission-required": _both(
        _major(caller="a caller without it is refused", server="it must ask for it")
    ),
    "permission-removed": _both(
        _major(caller="a caller with only this one is refused", server="it must not take it")
    ),
    "permission-dropped": _both(_minor(server="it must work without it")),
    "permissions-all-needed": _both(
        _major(caller="a caller with only one is refused", server="it must ask for all")
    ),
    "permissions-any-enough": _both(_minor(server="one must be enough")),
    "body-added": _both(_minor(server="it must take it")),
    "body-removed": _both(_major(caller="what is written there is ignored")),
    "body-required": _both(
        _major(caller="a request without one is refused", server="it must ask for it")
    ),
    "body-optional": _both(_minor(server="it must work without it")),
    "media-type-added": ChangeRule(
        _minor(server="it must take it"),
        _minor(),  # a reader names what it wants in `Accept`
    ),
    "media-type-removed": ChangeRule(
        _major(caller="a request that uses it is refused"),
        _major(reader="a reader that asks for it gets another", server="it must not send it"),
    ),
    "parameter-added": _both(_minor(server="it must take it")),
    "required-parameter-added": _both(
        _major(caller="a request without it is refused", server="it must ask for it")
    ),
    "parameter-removed": _both(_major(caller="what is written there is ignored")),
    "parameter-required": _both(
        _major(caller="a request without it is refused", server="it must ask for it")
    ),
    "parameter-optional": _both(_minor(server="it must work without it")),
    # Errors that no page lists are answered too, and the client has a class for each: one more on
    # the page breaks nobody. Another success can lack what the only one always had.
    "error-status-added": _both(_minor()),
    "status-added": _both(_major(reader="success can look another way")),
    "status-removed": _both(_major(reader="code that waits for it never sees it")),
    "answer-body-added": _both(_minor(server="it must send one")),
    "answer-body-removed": _both(_major(reader="there is nothing to read")),
    "header-added": _both(_minor()),
    "header-removed": _both(_major(reader="what is read there is gone")),
    "header-always": _both(_minor(server="it must send it")),
    "header-not-always": _both(_major(reader="it can be missing")),
}
"""What can change of an operation."""

WORDS = {
    "text-changed": _PATCH,
    "example-changed": _PATCH,
    "preview-note-changed": _PATCH,
    "deprecated": _both(_minor()),
    "no-longer-deprecated": _PATCH,
    # What the fragment says of itself reaches nobody's code; the wheel has its own version.
    "bookkeeping-changed": _NONE,
    # The register is the suite's: the contract stays as it is, and so does the client.
    "deviation-added": _NONE,
    "deviation-changed": _NONE,
    "deviation-removed": _both(
        Judgement(Step.NONE, {"server": "what deviated is a failure again"})
    ),
}
"""What people read, and what the suite excuses."""

_UNKNOWN = "no rule here knows what it means"
UNJUDGED = {
    "unjudged": _both(_major(caller=_UNKNOWN, reader=_UNKNOWN, server=_UNKNOWN)),
}
"""What no rule knows is taken for the worst, and never passed over."""

_GONE = "code that names it fails"
API = {
    "name-added": _both(_minor()),
    "name-removed": _both(_major(caller=_GONE, reader=_GONE)),
    "name-became-another-kind": _both(_major(caller=_GONE, reader=_GONE)),
    "call-changed": _both(_major(caller="it is called in another way")),
    "python-parameter-added": _both(_minor()),
    "python-parameter-added-required": _both(_major(caller="a call without it fails")),
    "python-parameter-removed": _both(_major(caller="a call with it fails")),
    "python-parameter-required": _both(_major(caller="a call without it fails")),
    "python-parameter-optional": _both(_minor()),
    "python-parameter-moved": _both(_major(caller="a call by position means another")),
    "python-parameter-kind-changed": _both(_major(caller="it is passed in another way")),
    "python-parameter-type-changed": _both(_major(caller="what was passed does not fit")),
    "python-parameter-type-widened": _both(_minor()),
    "python-default-changed": _both(_major(caller="a call without it means something else")),
    "return-type-changed": _both(_major(reader="the returned type changes")),
    "return-type-narrowed": _both(_minor()),
    "attribute-type-changed": _both(_major(caller="it holds another type", reader="the same")),
    "attribute-type-compatible": _both(_minor()),
    "enum-member-value-changed": _both(_major(caller="its value changes", reader="the same")),
    "base-class-added": _both(_minor()),
    "base-class-removed": _both(_major(reader="`except` and `isinstance` no longer find it")),
    # A model that only answers hold is made by reading; that other code makes one is no promise.
    "answer-constructor-changed": _both(_minor()),
}
"""What can change of the public Python names."""

RULES: Mapping[str, ChangeRule] = {**SCHEMA, **OPERATION, **WORDS, **UNJUDGED, **API}
