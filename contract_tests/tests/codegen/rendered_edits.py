"""Single edits of the fragment: those that give a client that works, and those that are refused."""

from typing import Any, NamedTuple

from servicenow_contract.contract.references import at
from tests.changes.fragment_edits import FINDINGS, INSIGHT, TEXT, TITLE, URL
from tests.page.drafts import BODY, OK, OP, S
from upkeep.mutation.fragment.edits import Edit, dropping, many, renaming, setting


def _answer(schema: Any, example: Any) -> Any:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": "No.", "content": content}


def _answering(status: int, schema: Any, example: Any) -> Edit:
    return setting(f"{OP}/responses/{status}", _answer(schema, example))


_ERRORS = _answer({"$ref": f"#{S}/APIErrorResponse"}, {"errors": ["No"]})
_JIRA = f"{S}/CaseAttributes/properties/jira_issue"
_JIRA_ISSUE = {"$ref": f"#{S}/JiraIssue"}
_NULL = {"type": "null"}
_REF = f"{INSIGHT}/properties/ref"
_FINDING = f"{S}/FindingIdentifier"
_REQUIRED = f"{S}/TicketAttributes/required"
_SHOWN_CASE = f"{OK}/example/data/attributes"
_SHOWN_URL = f"{BODY}/example/data/attributes/servicenow_ticket_url"
OWN_NAMES = (
    *("additional_keys", "additional_properties", "from_dict", "to_dict", "field_dict", "cast"),
    *("write_datetime", "insights_item", "insights_item_data", "class", "self", "__init__", "@"),
)
"""Names of members that the models' own code has, too, or that Python has."""


def member(name: str) -> Edit:
    """A case has one more member, in schema and example."""
    return many(
        setting(f"{S}/CaseAttributes/properties/{name}", TEXT),
        setting(f"{_SHOWN_CASE}/{name}", "text"),
    )


def _into(place: str, section: str, kind: str) -> Edit:
    """Puts a reference in the place of something, and that under the components."""

    def edit(document: Any) -> None:
        document["components"][section] = {kind: at(document, place)}
        setting(place, {"$ref": f"#/components/{section}/{kind}"})(document)

    return edit


WORKING: dict[str, Edit] = {
    "members of the models' own names": many(*map(member, OWN_NAMES)),
    "members of the models' own names among others of one type": setting(
        f"{S}/CustomAttributes/properties",
        dict.fromkeys(("prop", "prop_name", "field_dict", "additional_properties"), TEXT),
    ),
    "names of members that differ in a hyphen": setting(
        f"{INSIGHT}/properties", {"a-b": TEXT, "a_b": TEXT}
    ),
    "another tag": setting(f"{OP}/tags", ["Findings"]),
    "no tag": dropping(f"{OP}/tags"),
    "another operationId": setting(f"{OP}/operationId", "attach-findings"),
    "no operationId": dropping(f"{OP}/operationId"),
    "a status without content": setting(f"{OP}/responses/503", {"description": "Busy."}),
    "a status with empty content": setting(f"{OP}/responses/429/content", {}),
    "a status with a model": setting(f"{OP}/responses/403", _ERRORS),
    "a status of any JSON": _answering(403, {}, [1]),
    "a status with a date": _answering(403, {"type": "string", "format": "date"}, "2025-01-01"),
    "a status with times": _answering(
        403, {"type": "array", "items": {"type": "string", "format": "date-time"}},
        ["2025-01-01T00:00:00.000Z"]),
    "a status with a list": _answering(403, {"type": "array", "items": TEXT}, ["a"]),
    "no limit": dropping(f"{FINDINGS}/maxItems"),
    "another limit": setting(f"{FINDINGS}/maxItems", 100),
    "the limit behind a reference": many(
        setting(f"{S}/Ids", {"type": "array", "maxItems": 50, "items": {"$ref": f"#{_FINDING}"}}),
        setting(FINDINGS, {"$ref": f"#{S}/Ids"}),
    ),
    "no pattern": dropping(f"{URL}/pattern"),
    "a pattern elsewhere that Python lacks": setting(f"{TITLE}/pattern", r"^\p{L}"),
    "an optional body": dropping(f"{OP}/requestBody/required"),
    "a vendor's media type": renaming(BODY, "application/vnd.api+json"),
    "a media type with a parameter": renaming(BODY, "application/json; charset=utf-8"),
    "a path with a space": renaming(OP.rpartition("/")[0], "/api/v2/a ticket"),
    "a limit with a point": setting(f"{FINDINGS}/maxItems", 50.0),
    "null by oneOf": setting(TITLE, {"oneOf": [TEXT, _NULL]}),
    "null by oneOf and a reference": setting(_JIRA, {"oneOf": [_JIRA_ISSUE, _NULL]}),
    "a reference in allOf": setting(_JIRA, {"allOf": [_JIRA_ISSUE]}),
    "an object in place": setting(_JIRA, {"type": "object", "properties": {"status": TEXT}}),
    "null among values": setting(TITLE, {"enum": ["A title for the case.", None]}),
    "values of signs": setting(f"{TITLE}/enum", ["", "+", "-", "A title for the case."]),
    "a schema with itself below a member": setting(
        f"{INSIGHT}/properties/inner", {"$ref": f"#{INSIGHT}"}
    ),
    "a closed model": setting(f"{INSIGHT}/additionalProperties", False),
    "a header of a key": setting("/components/securitySchemes/apiKeyAuth/name", "X-Key"),
    "a new required member of answers": many(
        setting(f"{S}/Case/properties/zone", TEXT),
        setting(f"{S}/Case/required", ["type", "zone"]),
        setting(f"{OK}/example/data/zone", "a"),
    ),
}  # fmt: skip
"""Each gives a client that works."""
TOGETHER = (
    ("members of the models' own names", "another tag", "another operationId", "no limit",
     "a status with a model", "a pattern elsewhere that Python lacks", "an optional body",
     "null by oneOf and a reference", "a closed model", "a header of a key"),
    ("members of the models' own names among others of one type", "no tag", "no operationId",
     "a status without content", "a status of any JSON", "another limit", "null by oneOf",
     "a reference in allOf", "names of members that differ in a hyphen", "a vendor's media type"),
    ("a status with empty content", "a status with a date", "the limit behind a reference",
     "no pattern", "null among values", "an object in place",
     "a schema with itself below a member", "a media type with a parameter"),
    ("a status with times", "values of signs", "a new required member of answers"),
    ("a status with a list", "a limit with a point"),
    ("a path with a space",),
)  # fmt: skip
"""Those that are made and rendered at once, as none is of another's place."""


class Refused(NamedTuple):
    """An edit that is refused: where, and with which words."""

    edit: Edit
    where: str
    words: str


def _refused(where: str, value: Any, words: str, below: str = "") -> Refused:
    return Refused(setting(where, value), where + below, words)


REFUSED: dict[str, Refused] = {
    "a new required member of requests": Refused(
        many(
            setting(f"{S}/TicketAttributes/properties/urgent", TEXT),
            setting(_REQUIRED, ["servicenow_ticket_url", "urgent"]),
            setting(f"{BODY}/example/data/attributes/urgent", "a"),
        ),
        f"{BODY}/example/data/attributes", '"urgent" is a required property'),
    "another name of a model": Refused(
        many(renaming(f"{S}/CaseResponse", "Answer"),
             setting(f"{OK}/schema", {"$ref": f"#{S}/Answer"})),
        OP, "it cannot be imported: AttributeError"),
    "an address that the client refuses": Refused(
        many(dropping(f"{URL}/pattern"), setting(f"{URL}/type", "string"),
             setting(_SHOWN_URL, "javascript:alert(1)"),
             setting(f"{S}/TicketAttributes/properties/servicenow_ticket_url/pattern", "^java")),
        OP, "attach_detailed does not work: InvalidRequestError"),
    "no 200": Refused(dropping(f"{OP}/responses/200"), OP, "the body of a 200"),
    "a 200 without content": Refused(
        dropping(f"{OP}/responses/200/content"), OP, "the body of a 200"),
    "a schema that is itself": _refused(INSIGHT, {"$ref": f"#{INSIGHT}"}, "leads back to itself"),
    "a schema all of itself": _refused(
        INSIGHT, {"allOf": [{"$ref": f"#{INSIGHT}"}]}, "leads back to itself", "/allOf/0"),
    "a schema one of itself": _refused(
        INSIGHT, {"oneOf": [{"$ref": f"#{INSIGHT}"}, TEXT]}, "leads back to itself", "/oneOf/0"),
    "a list of itself": _refused(
        INSIGHT, {"type": "array", "items": {"$ref": f"#{INSIGHT}"}}, "circular", "/items"),
    "a member that is itself": _refused(
        _REF, {"$ref": f"#{_REF}"}, "leads back to itself"),
    "a reference to a member": _refused(
        _REF, {"$ref": f"#{TITLE}"}, "Could not find reference"),
    "members of one name": Refused(
        setting(f"{INSIGHT}/properties", {"@": TEXT, "$": TEXT}),
        f"{INSIGHT}/properties/$", "'$' and '@' become one name in Python"),
    "values of one name": _refused(
        f"{TITLE}/enum", ["a b", "a-b"], "'a-b' and 'a b' become one name in Python, A_B", "/1"),
    "values that differ in capitals": _refused(
        f"{TITLE}/enum", ["OPEN", "open"], "'open' and 'OPEN' become one name", "/1"),
    "values whose given names are one": _refused(
        TITLE, {"enum": ["a", "b"], "x-enum-varnames": ["A B", "A-B"]},
        "'b' and 'a' become one name in Python, A_B", "/enum/1"),
    "a hostile name": _refused(
        f"{TITLE}/enum", ["\x1b[2J", "a"], "'\\x1b[2J' has a character", "/0"),
    "no mapping of schemas": Refused(setting("/components/schemas", 5), S, "5 is not"),
    "a value twice": _refused(f"{TITLE}/enum", ["a", "a"], "'a' appears twice", "/1"),
    "numbers as values": _refused(
        TITLE, {"type": "integer", "enum": [1, 2]}, "cannot read the type of `title`"),
    "a constant": _refused(TITLE, {"const": "a"}, "cannot read the type of `title`"),
    "bytes": _refused(
        TITLE, {"type": "string", "format": "binary"}, "cannot read the type of `title`"),
    "schemas of one name": Refused(
        setting(f"{S}/insight", {"type": "object"}), f"{S}/insight", "become one name in Python"),
    "a schema of the models' own name": Refused(
        setting(f"{S}/Unset", {"type": "object"}), f"{S}/Unset", "the models' own"),
    "a request body by reference": Refused(
        _into(f"{OP}/requestBody", "requestBodies", "Body"),
        f"{OP}/requestBody", "written out"),
    "an answer by reference": Refused(
        _into(f"{OP}/responses/429", "responses", "Busy"),
        f"{OP}/responses/429", "written out"),
    "a default among statuses": _refused(f"{OP}/responses/default", _ERRORS, "nothing is allowed"),
    "a class of statuses": _refused(f"{OP}/responses/4XX", _ERRORS, "nothing is allowed"),
    "two alternatives of security": _refused(
        f"{OP}/security", [{"apiKeyAuth": []}, {"appKeyAuth": []}], "one alternative"),
    "a parameter": _refused(
        f"{OP}/parameters", [{"name": "q", "in": "query", "schema": TEXT}], "a parameter", "/0"),
    "a form": Refused(renaming(BODY, "application/x-www-form-urlencoded"), OP, "media type"),
    "no name of a header": _refused(
        "/components/securitySchemes/apiKeyAuth/name", "X Key", "the name of a header"),
    "a broken pattern": _refused(f"{URL}/pattern", "^(a", 'is not a "regex"'),
    "a broken pattern elsewhere": _refused(f"{TITLE}/pattern", "^(a", 'is not a "regex"'),
    "a pattern that Python lacks": _refused(f"{URL}/pattern", r"^\p{L}", "Python's re cannot read"),
    "a pattern that only Python reads otherwise": _refused(
        f"{URL}/pattern", "^https[[a]?", "Python's re cannot read"),
    "a pattern that the validator lacks": _refused(
        f"{URL}/pattern", r"^https\0?:", "the example cannot be judged by this"),
    "a schema that is true": _refused(TITLE, True, "Input should be a valid dictionary"),
    "values of fractions": _refused(
        TITLE, {"type": "number", "enum": [1.5]}, "a form that the generator does not know"),
    "names of values that are numbers": _refused(
        TITLE, {"enum": ["a", "b"], "x-enum-varnames": [1, 2]},
        "a name of a value is not text", "/x-enum-varnames"),
    "a name of two lines": _refused(
        f"{INSIGHT}/properties", {"a\nb": TEXT}, "a character that cannot be rendered", "/a\nb"),
    "an identifier in capitals": Refused(
        many(setting(f"{S}/Case/properties/id/format", "uuid"),
             setting(f"{OK}/example/data/id", "C1234567-89AB-CDEF-0123-456789ABCDEF")),
        f"{OK}/example/data/id", "writes another JSON value"),
    "a key in the header of the media type": Refused(
        setting("/components/securitySchemes/apiKeyAuth/name", "Content-Type"),
        OP, "the request that is sent is not that of the example"),
    "a server with a port": _refused("/servers/0/url", "https://api.{site}:8443", "does not match"),
    "a default that is no site": _refused(
        "/servers/0/variables/site/default", "a.example", "is not one of the listed sites"),
    "a site with a path": _refused(
        "/servers/0/variables/site/enum/0", "datadoghq.com/x", "does not match"),
    "sites of one name": Refused(
        many(setting("/servers/0/variables/site/enum/1", "a-b.org"),
             setting("/servers/0/variables/site/enum/2", "a.b.org")),
        "/servers/0/variables/site/enum/2", "'a.b.org' and 'a-b.org' become one name in Python"),
    "a member of the document that OpenAPI lacks": Refused(
        setting("/server", []), "", "not OpenAPI 3.1: Unevaluated properties"),
    "a default that breaks the schema": _refused(
        f"{URL}/default", "a", "does not match"),
    "an example of another type": _refused(
        f"{_SHOWN_CASE}/title", 5, "the example breaks its schema"),
    "an example of another form": _refused(_SHOWN_URL, "http://a", "does not satisfy `pattern`"),
    "an example that lacks a member": Refused(
        dropping(f"{OK}/example/data/type"), f"{OK}/example/data", '"type" is a required property'),
}  # fmt: skip
"""Each is refused in one sentence with its place."""
