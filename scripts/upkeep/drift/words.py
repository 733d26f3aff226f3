"""Each topic in words: what it is called, and what to edit in the fragment when it changes.

This table names every kind of difference: the topic, then `-added` (the page has it, the other side
has not), `-removed` (the other way round), `-differs`, or `-moved`.
"""

from attrs import frozen


@frozen
class Topic:
    """`noun` names the fact; the rest says what to edit. `{new}` is the page's value, `{old}` the
    other side's, `{pointer}` the place in the fragment, `{name}` the last token of the subject.
    """

    noun: str
    added: str = ""
    removed: str = ""
    differs: str = ""
    moved: str = ""

    def edit(self, how: str) -> str:
        """What to edit, or where to look when the table has nothing to say."""
        said: str = getattr(self, how)
        return said or "Compare the page and {pointer} by eye."


TOPICS = {
    "method": Topic("the method", differs="Rename {pointer} to {new}, in lower case."),
    "path": Topic("the path", differs="Rename {pointer} to {new}."),
    "site": Topic(
        "the site {name}",
        "Add {new} to {pointer}.",
        "Remove {pointer}; it is {old}.",
        "Check which column of the row is right, then set {pointer} to what gives {new}.",
    ),
    "site-endpoint": Topic(
        "the endpoint of {name}, unlike that of the other sites",
        "Add a server for this site alone at {pointer}, or wait until the page is corrected.",
    ),
    "preview": Topic(
        "the note that the operation is in preview",
        "Add {pointer} with the note in your own words.",
        "Remove {pointer}.",
    ),
    "note": Topic("a note", "Read it, and say at {pointer} what it means for a caller."),
    "permission": Topic(
        "the permission {name}",
        "Add {new} to {pointer}.",
        "Remove {pointer}; it is {old}.",
        "Set {pointer} to {new}.",
    ),
    "permission-operator": Topic(
        "whether any (OR) or all (AND) permissions are needed", differs="Set {pointer} to {new}."
    ),
    "title": Topic("the title", differs="Set {pointer} to {new}."),
    "sentence": Topic(
        "a sentence of the page",
        *["Say at {pointer} in your own words what changed for a caller."] * 3,
    ),
    "body": Topic("the request body", "Add {pointer}.", "Remove {pointer}."),
    "body-required": Topic("whether a body is required", differs="Set {pointer} to {new}."),
    "status": Topic(
        "the status {name}",
        "Add {pointer} with the model and example of the page.",
        "Remove {pointer}.",
    ),
    "summary": Topic(
        "the text of the status", differs="Say at {pointer} what changed, in your own words."
    ),
    "model": Topic("the model", "Add {pointer} with every row.", "Remove {pointer}."),
    "field": Topic(
        "the field {name}",
        "Add {pointer} with every row below it, and to the example what the page's example shows.",
        "Remove {pointer}, its entry in `required` and its value in the example.",
        moved="Move {pointer} to {target}, and its value in the example.",
    ),
    "required": Topic("whether {name} is required", differs="Make {name} {required} {pointer}."),
    "array": Topic("the list brackets of the type", differs="Set {pointer} to what gives {new}."),
    "type": Topic("the type", differs="Set {pointer} to what the page calls {new}."),
    "format": Topic(
        "the format", "Add {pointer}: {new}.", "Remove {pointer}.", "Set {pointer} to {new}."
    ),
    "enum": Topic(
        "the allowed values",
        "Add {pointer}: {new}.",
        "Remove {pointer}.",
        "Set {pointer} to {new}.",
    ),
    "default": Topic(
        "the default", "Add {pointer}: {new}.", "Remove {pointer}.", "Set {pointer} to {new}."
    ),
    "deprecated": Topic("the deprecated mark", "Add {pointer}: true.", "Remove {pointer}."),
    "mark": Topic("the mark {name}", "Say at {pointer} what the mark means."),
    "limit": Topic(
        "the largest number of items, as the page's text states it",
        "Add {pointer}: {new}.",
        "Remove {pointer}, if the page really no longer has a limit.",
        "Set {pointer} to {new}, and correct the number in the descriptions.",
    ),
    "url-rule": Topic(
        "the rule for the URL",
        "Add {pointer} that keeps the rule.",
        "Remove {pointer}, if the page really no longer has a rule.",
        "Rewrite {pointer} for {new}.",
    ),
    "url-example": Topic(
        "the URL in the example", differs="Widen {pointer} so that it takes the example's URL."
    ),
    "rule": Topic("the rule {name}", removed="Remove {pointer}, or show where the page says it."),
    "example": Topic(
        "the example",
        "Add {pointer} with {new}.",
        "Remove {pointer}; where the page shows no example at all, keep it and say beside it "
        "`x-own-example: true`, because the suite needs one.",
        "Set {pointer} to {new}.",
    ),
    "curl": Topic("the curl block", removed="Nothing; check that the page is complete."),
    "curl-method": Topic("the method of the curl block", differs="Compare it with {pointer}."),
    "curl-url": Topic("the URL of the curl block", differs="Compare it with {pointer}."),
    "curl-body": Topic(
        "the body of the curl block",
        *["Compare it with {pointer}: the fragment has one request example."] * 3,
    ),
    "accept": Topic(
        "the media type of the answers",
        "Add {new} to the content of each response under {pointer}.",
        "Remove {pointer}, and {old} from the content of the other responses.",
        "Rename {pointer} to {new}, and so in the other responses.",
    ),
    "content-type": Topic(
        "the media type of the request",
        "Add {new} to {pointer}.",
        "Remove {pointer}.",
        "Rename {pointer} to {new}.",
    ),
    "header": Topic(
        "the header {name}",
        "Add a security scheme for it under {pointer}, and require it on the operation.",
        "Remove the security scheme of {pointer}, also where the operation requires it.",
        "Set {pointer} to {name}, or name the environment variable in the client.",
    ),
    "description": Topic(
        "the description",
        *["Say at {pointer} in your own words what changed, if it changes a rule."] * 3,
    ),
    "contradiction": Topic(
        "two statements of one fact",
        *["Find out which of them holds, then check that {pointer} says so."] * 3,
    ),
    "wording": Topic(
        "a limit on something other than a list",
        *["Say at {pointer} in your own words what it means for a caller."] * 3,
    ),
    "unread": Topic(
        "text that this program cannot read", "Read it, and compare it with {pointer} by eye."
    ),
}
