"""Edits of the fragment with a known answer: which rule, which step, and whom it breaks.

The parties are letters: `c` who calls, `r` who reads, `s` the server's side. `given` is done to
both fragments, so that there is something to change; where two rules are named, it gives both.
"""

from typing import Any, NamedTuple

from tests.page.drafts import BODY, OP, S
from upkeep.mutation.fragment.edits import Edit, dropping, renaming, setting

URL = f"{S}/TicketAttributes/properties/servicenow_ticket_url"
FINDINGS = f"{S}/FindingsRelationship/properties/data"
TITLE = f"{S}/CaseAttributes/properties/title"
LINK = f"{S}/JiraIssueResult/properties/issue_url"
PROJECT = f"{S}/ProjectIdentifier"
INSIGHT = f"{S}/Insight"
VALUES = f"{S}/CustomAttributes/additionalProperties"
TEXT = {"type": "string"}


class Known(NamedTuple):
    """An edit and its known answer; `where` is a pointer for each rule."""

    name: str
    edit: Edit
    rule: str
    where: str
    step: str
    breaks: str = ""
    given: tuple[Edit, ...] = ()


def many(*edits: Edit) -> Edit:
    """Several edits as one."""

    def edit(document: Any) -> None:
        for each in edits:
            each(document)

    return edit


def _marked(schema: str, *names: str) -> Edit:
    return setting(f"{S}/{schema}/required", list(names))


_NULLABLE = {"oneOf": [TEXT, {"type": "null"}]}
_QUERY = {"name": "dry_run", "in": "query", "schema": {"type": "boolean"}}
_AFTER = {"schema": {"type": "integer"}, "description": "Seconds."}
_NAMED = {"name": "note", "in": "query", "schema": TEXT}
_ERROR = {"description": "Too busy.", "content": {}}
_OTHER = f"{OP}/responses/200/content/text~1json"

REQUESTS = [
    Known("optional member", setting(f"{S}/TicketAttachment/properties/urgent", TEXT),
          "member-added", f"{S}/TicketAttachment/properties/urgent", "minor", "s"),
    Known("required member",
          many(setting(f"{S}/TicketAttributes/properties/urgent", TEXT),
               _marked("TicketAttributes", "servicenow_ticket_url", "urgent")),
          "required-member-added", f"{S}/TicketAttributes/properties/urgent", "major", "cs"),
    Known("member gone", dropping(f"{S}/FindingsRelationship/properties/data"),
          "member-removed", FINDINGS, "major", "c"),
    Known("required member gone",
          many(dropping(f"{S}/TicketAttachment/properties/type"),
               _marked("TicketAttachment", "attributes", "relationships")),
          "required-member-removed", f"{S}/TicketAttachment/properties/type", "major", "cs"),
    Known("member required now", setting(f"{S}/FindingsRelationship/required", ["data"]),
          "required-mark-added", f"{S}/FindingsRelationship/required", "major", "cs"),
    Known("member optional now", _marked("TicketRelationships", "project"),
          "required-mark-removed", f"{S}/TicketRelationships/required", "minor", "s"),
    Known("fewer findings", setting(f"{FINDINGS}/maxItems", 1),
          "max-items-lowered", f"{FINDINGS}/maxItems", "major", "cs"),
    Known("more findings", setting(f"{FINDINGS}/maxItems", 10**6),
          "max-items-raised", f"{FINDINGS}/maxItems", "minor", "s"),
    Known("any number of findings", dropping(f"{FINDINGS}/maxItems"),
          "max-items-removed", f"{FINDINGS}/maxItems", "minor", "s"),
    Known("at least one finding", setting(f"{FINDINGS}/minItems", 1),
          "min-items-added", f"{FINDINGS}/minItems", "major", "cs"),
    Known("each finding once", setting(f"{FINDINGS}/uniqueItems", True),
          "unique-items-added", f"{FINDINGS}/uniqueItems", "major", "cs"),
    Known("another pattern", setting(f"{URL}/pattern", "^https://[a-z]+/"),
          "pattern-changed", f"{URL}/pattern", "major", "cs"),
    Known("a wider pattern", setting(f"{URL}/pattern", "^[Hh]"),
          "pattern-widened", f"{URL}/pattern", "minor", "s"),
    Known("a narrower pattern", setting(f"{URL}/pattern", "^https://a"),
          "pattern-narrowed", f"{URL}/pattern", "major", "cs",
          (setting(f"{URL}/pattern", "^https://"),)),
    Known("the same pattern in other words", setting(f"{URL}/pattern", "^http[s]:[/]{2}"),
          "pattern-rewritten", f"{URL}/pattern", "patch", "",
          (setting(f"{URL}/pattern", "^https://"),)),
    Known("no pattern", dropping(f"{URL}/pattern"),
          "pattern-removed", f"{URL}/pattern", "minor", "s"),
    Known("a format", setting(f"{URL}/format", "uri"),
          "text-format-added", f"{URL}/format", "major", "cs"),
    Known("no format", dropping(f"{URL}/format"),
          "text-format-removed", f"{URL}/format", "minor", "s", (setting(f"{URL}/format", "uri"),)),
    Known("another value", setting(f"{S}/FindingsType/enum", ["findings", "signals"]),
          "enum-value-added", f"{S}/FindingsType/enum", "minor", "s"),
    Known("a value less", setting(f"{S}/FindingsType/enum", ["findings"]),
          "enum-value-removed", f"{S}/FindingsType/enum", "major", "cs",
          (setting(f"{S}/FindingsType/enum", ["findings", "signals"]),)),
    Known("any value", dropping(f"{S}/FindingsType/enum"),
          "enum-dropped", f"{S}/FindingsType/enum", "minor", "s"),
    Known("one value only", setting(f"{S}/FindingIdentifier/properties/id/const", "x"),
          "enum-added", f"{S}/FindingIdentifier/properties/id/const", "major", "cs"),
    Known("another type", setting(f"{URL}/type", "integer"),
          "type-changed", f"{URL}/type", "major", "cs", (dropping(f"{URL}/pattern"),)),
    Known("null allowed", setting(f"{URL}/type", ["string", "null"]),
          "type-widened", f"{URL}/type", "minor", "s"),
    Known("null refused", setting(f"{URL}/type", "string"),
          "type-narrowed", f"{URL}/type", "major", "cs",
          (setting(f"{URL}/type", ["string", "null"]),)),
    Known("other members refused",
          setting(f"{S}/TicketAttributes/additionalProperties", False),
          "additional-members-refused", f"{S}/TicketAttributes/additionalProperties",
          "major", "cs"),
    Known("a default", setting(f"{URL}/default", "x"),
          "default-added", f"{URL}/default", "minor", "s"),
    Known("another default", setting(f"{URL}/default", "y"),
          "default-changed", f"{URL}/default", "major", "crs", (setting(f"{URL}/default", "x"),)),
    Known("body optional now", dropping(f"{OP}/requestBody/required"),
          "body-optional", f"{OP}/requestBody/required", "minor", "s"),
    Known("body required now", setting(f"{OP}/requestBody/required", True),
          "body-required", f"{OP}/requestBody/required", "major", "cs",
          (setting(f"{OP}/requestBody/required", False),)),
    Known("no body", dropping(f"{OP}/requestBody"),
          "body-removed", f"{OP}/requestBody", "major", "c"),
    Known("body that may be left out", setting(f"{OP}/requestBody", {"content": {}}),
          "body-added", f"{OP}/requestBody", "minor", "s", (dropping(f"{OP}/requestBody"),)),
    Known("media type of requests", setting(f"{OP}/requestBody/content/text~1json", {"schema": {}}),
          "media-type-added", f"{OP}/requestBody/content/text~1json", "minor", "s"),
    Known("media type of requests renamed", renaming(BODY, "application/vnd.api+json"),
          "media-type-added media-type-removed",
          f"{OP}/requestBody/content/application~1vnd.api+json {BODY}", "major", "cs"),
    Known("optional parameter", setting(f"{OP}/parameters", [_QUERY]),
          "parameter-added", f"{OP}/parameters/0", "minor", "s"),
    Known("required parameter", setting(f"{OP}/parameters", [_QUERY | {"required": True}]),
          "required-parameter-added", f"{OP}/parameters/0", "major", "cs"),
    Known("parameter required now", setting(f"{OP}/parameters/0/required", True),
          "parameter-required", f"{OP}/parameters/0/required", "major", "cs",
          (setting(f"{OP}/parameters", [_QUERY]),)),
    Known("parameter longer", setting(f"{OP}/parameters/0/schema/maxLength", 9),
          "max-length-raised", f"{OP}/parameters/0/schema/maxLength", "minor", "s",
          (setting(f"{OP}/parameters", [_NAMED | {"schema": TEXT | {"maxLength": 5}}]),)),
    Known("parameter in another style", setting(f"{OP}/parameters/0/style", "deepObject"),
          "unjudged", f"{OP}/parameters/0/style", "major", "crs",
          (setting(f"{OP}/parameters", [_QUERY]),)),
]  # fmt: skip

ANSWERS = [
    Known("optional member", setting(f"{S}/CaseAttributes/properties/zone", TEXT),
          "member-added", f"{S}/CaseAttributes/properties/zone", "minor"),
    Known("required member",
          many(setting(f"{S}/Case/properties/zone", TEXT), _marked("Case", "type", "zone")),
          "required-member-added", f"{S}/Case/properties/zone", "minor", "s"),
    Known("member gone", dropping(f"{S}/CaseAttributes/properties/key"),
          "member-removed", f"{S}/CaseAttributes/properties/key", "major", "r"),
    Known("member renamed", renaming(f"{INSIGHT}/properties/ref", "link"),
          "member-added member-removed",
          f"{INSIGHT}/properties/link {INSIGHT}/properties/ref", "major", "r"),
    Known("member not sure any more", setting(f"{S}/APIErrorResponse/required", []),
          "required-mark-removed", f"{S}/APIErrorResponse/required", "major", "r"),
    Known("member sure now", _marked("Case", "type", "id"),
          "required-mark-added", f"{S}/Case/required", "minor", "s"),
    Known("another type", setting(f"{TITLE}/type", "integer"),
          "type-changed", f"{TITLE}/type", "major", "rs"),
    Known("null can come", setting(f"{TITLE}/type", ["string", "null"]),
          "type-widened", f"{TITLE}/type", "major", "r"),
    Known("null can come, by oneOf", setting(TITLE, _NULLABLE),
          "type-widened", f"{TITLE}/oneOf/0/type", "major", "r", (setting(TITLE, TEXT),)),
    Known("null can come, by anyOf and a reference",
          setting(f"{S}/CaseAttributes/properties/jira_issue",
                  {"anyOf": [{"type": "null"}, {"$ref": f"#{S}/JiraIssue"}]}),
          "type-widened", f"{S}/JiraIssue/type", "major", "r"),
    Known("null can come beside values",
          setting(f"{S}/Case/properties/type",
                  {"oneOf": [{"$ref": f"#{S}/CasesType"}, {"type": "null"}]}),
          "type-widened", f"{S}/CasesType/type", "major", "r"),
    Known("one of two", setting(TITLE, {"oneOf": [TEXT, {"type": "integer"}]}),
          "type-widened unjudged", f"{TITLE} {TITLE}/oneOf", "major", "crs",
          (setting(TITLE, TEXT),)),
    Known("whole numbers only", setting(f"{TITLE}/type", "integer"),
          "type-narrowed", f"{TITLE}/type", "minor", "s", (setting(f"{TITLE}/type", "number"),)),
    Known("list of another type", setting(f"{VALUES}/items/type", "integer"),
          "type-changed", f"{VALUES}/items/type", "major", "rs"),
    Known("a format", setting(f"{S}/CaseAttributes/properties/due_date/format", "date"),
          "format-added", f"{S}/CaseAttributes/properties/due_date/format", "major", "r"),
    Known("a format that stays text", setting(f"{LINK}/format", "uri"),
          "text-format-added", f"{LINK}/format", "minor", "s"),
    Known("another format that stays text", setting(f"{LINK}/format", "uri-reference"),
          "text-format-changed", f"{LINK}/format", "major", "rs",
          (setting(f"{LINK}/format", "uri"),)),
    Known("no format", dropping(f"{S}/CaseAttributes/properties/closed_at/format"),
          "format-removed", f"{S}/CaseAttributes/properties/closed_at/format", "major", "r"),
    Known("another format", setting(f"{S}/CaseAttributes/properties/closed_at/format", "date"),
          "format-changed", f"{S}/CaseAttributes/properties/closed_at/format", "major", "rs"),
    Known("another value", setting(f"{S}/CasesType/enum", ["cases", "incidents"]),
          "enum-value-added", f"{S}/CasesType/enum", "minor"),
    Known("a value less", setting(f"{S}/CasesType/enum", ["cases"]),
          "enum-value-removed", f"{S}/CasesType/enum", "major", "rs",
          (setting(f"{S}/CasesType/enum", ["cases", "incidents"]),)),
    Known("known values", setting(f"{TITLE}/enum", ["one"]),
          "enum-added", f"{TITLE}/enum", "minor", "s"),
    Known("any value", dropping(f"{S}/CasesType/enum"),
          "enum-dropped", f"{S}/CasesType/enum", "major", "r"),
    Known("a limit", setting(f"{TITLE}/maxLength", 80),
          "max-length-added", f"{TITLE}/maxLength", "minor", "s"),
    Known("a higher limit", setting(f"{TITLE}/maxLength", 90),
          "max-length-raised", f"{TITLE}/maxLength", "major", "r",
          (setting(f"{TITLE}/maxLength", 80),)),
    Known("other members refused", setting(f"{INSIGHT}/additionalProperties", False),
          "additional-members-refused", f"{INSIGHT}/additionalProperties", "minor", "s"),
    Known("other members allowed", dropping(f"{INSIGHT}/additionalProperties"),
          "additional-members-allowed", INSIGHT, "minor", "",
          (setting(f"{INSIGHT}/additionalProperties", False),)),
    Known("no default", dropping(f"{TITLE}/default"),
          "default-removed", f"{TITLE}/default", "major", "cr",
          (setting(f"{TITLE}/default", "x"),)),
    Known("deprecated", setting(f"{TITLE}/deprecated", True),
          "deprecated", f"{TITLE}/deprecated", "minor"),
    Known("deprecated no more", dropping(f"{TITLE}/deprecated"),
          "no-longer-deprecated", f"{TITLE}/deprecated", "patch", "",
          (setting(f"{TITLE}/deprecated", True),)),
    Known("error status", setting(f"{OP}/responses/503", _ERROR),
          "error-status-added", f"{OP}/responses/503", "minor"),
    Known("another error status", setting(f"{OP}/responses/409", _ERROR),
          "error-status-added", f"{OP}/responses/409", "minor"),
    Known("success status", setting(f"{OP}/responses/202", _ERROR),
          "status-added", f"{OP}/responses/202", "major", "r"),
    Known("status gone", dropping(f"{OP}/responses/404"),
          "status-removed", f"{OP}/responses/404", "major", "r"),
    Known("media type of answers", setting(_OTHER, {"schema": {}}),
          "media-type-added", _OTHER, "minor"),
    Known("media type of answers gone", dropping(_OTHER),
          "media-type-removed", _OTHER, "major", "rs",
          (setting(_OTHER, {"schema": {}}),)),
    Known("no body", dropping(f"{OP}/responses/429/content"),
          "answer-body-removed", f"{OP}/responses/429", "major", "r"),
    Known("header", setting(f"{OP}/responses/429/headers", {"Retry-After": _AFTER}),
          "header-added", f"{OP}/responses/429/headers/Retry-After", "minor"),
    Known("header sure now", setting(f"{OP}/responses/429/headers/Retry-After/required", True),
          "header-always", f"{OP}/responses/429/headers/Retry-After/required", "minor", "s",
          (setting(f"{OP}/responses/429/headers", {"Retry-After": _AFTER}),)),
    Known("header of another type",
          setting(f"{OP}/responses/429/headers/Retry-After/schema/type", "string"),
          "type-changed", f"{OP}/responses/429/headers/Retry-After/schema/type", "major", "rs",
          (setting(f"{OP}/responses/429/headers", {"Retry-After": _AFTER}),)),
    Known("link", setting(f"{OP}/responses/200/links", {}),
          "unjudged", f"{OP}/responses/200/links", "major", "crs"),
]  # fmt: skip

BOTH = [
    Known("optional member", setting(f"{PROJECT}/properties/key", TEXT),
          "member-added", f"{PROJECT}/properties/key", "minor", "s"),
    Known("required member",
          many(setting(f"{PROJECT}/properties/key", TEXT),
               _marked("ProjectIdentifier", "id", "type", "key")),
          "required-member-added", f"{PROJECT}/properties/key", "major", "cs"),
    Known("member gone",
          many(dropping(f"{PROJECT}/properties/id"), _marked("ProjectIdentifier", "type")),
          "required-member-removed", f"{PROJECT}/properties/id", "major", "crs"),
    Known("member optional now", _marked("ProjectIdentifier", "id"),
          "required-mark-removed", f"{PROJECT}/required", "major", "rs"),
    Known("member required now", setting(f"{PROJECT}/required", ["id", "type"]),
          "required-mark-added", f"{PROJECT}/required", "major", "cs",
          (setting(f"{PROJECT}/required", ["id"]),)),
    Known("a limit", setting(f"{PROJECT}/properties/id/maxLength", 40),
          "max-length-added", f"{PROJECT}/properties/id/maxLength", "major", "cs"),
    Known("null allowed", setting(f"{PROJECT}/properties/id/type", ["string", "null"]),
          "type-widened", f"{PROJECT}/properties/id/type", "major", "rs"),
    Known("a value more", setting(f"{S}/ProjectsType/enum", ["projects", "teams"]),
          "enum-value-added", f"{S}/ProjectsType/enum", "minor", "s"),
    Known("a keyword that no rule knows", setting(f"{PROJECT}/propertyNames", {"maxLength": 9}),
          "unjudged", f"{PROJECT}/propertyNames", "major", "crs"),
    Known("a condition", setting(f"{PROJECT}/anyOf", [{"required": ["id"]}]),
          "unjudged", f"{PROJECT}/anyOf", "major", "crs"),
    Known("an extension that no rule knows", setting(f"{PROJECT}/x-secret", True),
          "unjudged", f"{PROJECT}/x-secret", "major", "crs"),
]  # fmt: skip
