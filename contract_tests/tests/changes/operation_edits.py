"""More edits with a known answer: of the operation, its address, its keys, and of mere words."""

from collections.abc import Iterator

from servicenow_contract.contract.references import at
from tests.changes.fragment_edits import ANSWERS, BOTH, REQUESTS, TITLE, Known
from tests.page.drafts import BODY, OK, OP, SITES
from upkeep.mutation.fragment.edits import dropping, many, renaming, setting

KEYS = "/components/securitySchemes"
SITE = "/servers/0/variables/site"

_ANYONE = {"operator": "OR", "permissions": ["one", "two"]}
_ALL = {"operator": "AND", "permissions": ["one", "two"]}
_PERMISSION = f"{OP}/x-permission"
_BEARER = {"type": "http", "scheme": "bearer"}

OPERATIONS = [
    Known("path", renaming("/paths/~1api~1v2~1security~1findings~1servicenow_tickets", "/api/v3/t"),
          "path-changed", "/paths/~1api~1v3~1t", "major", "cs"),
    Known("method", renaming(OP, "post"),
          "method-changed", OP.replace("/patch", "/post"), "major", "cs"),
    Known("another operation", setting(f"{OP.removesuffix('patch')}get", {"responses": {}}),
          "operation-added", f"{OP.removesuffix('patch')}get", "minor", "s"),
    Known("operation gone", dropping(f"{OP.removesuffix('patch')}get"),
          "operation-removed", f"{OP.removesuffix('patch')}get", "major", "c",
          (setting(f"{OP.removesuffix('patch')}get", {"responses": {}}),)),
    Known("operationId", setting(f"{OP}/operationId", "AttachFindings"),
          "operation-id-changed", f"{OP}/operationId", "major", "c"),
    Known("site", setting(f"{SITES}/7", "uk1.datadoghq.com"),
          "site-added site-removed", f"{SITES} {SITES}", "major", "cs"),
    Known("site more", lambda document: at(document, SITES).append("x"),
          "site-added", SITES, "minor", "s"),
    Known("site less", dropping(f"{SITES}/7"), "site-removed", SITES, "major", "c"),
    Known("default site", setting(f"{SITE}/default", "datadoghq.eu"),
          "default-site-changed", f"{SITE}/default", "major", "c"),
    Known("any site", dropping(f"{SITE}/enum"), "unjudged", f"{SITE}/enum", "major", "crs"),
    Known("server", lambda document: document["servers"].append({"url": "https://x.example.com"}),
          "server-added", "/servers/1", "minor", "s"),
    Known("server elsewhere", setting("/servers/0/url", "https://{site}"),
          "server-added server-removed", "/servers/0 /servers/0", "major", "cs"),
    Known("variable of the server", setting("/servers/0/variables/port", {"default": "443"}),
          "server-variable-added", "/servers/0/variables/port", "major", "c"),
    Known("header of a key in small letters", setting(f"{KEYS}/apiKeyAuth/name", "dd-api-key"),
          "text-changed", f"{KEYS}/apiKeyAuth/name", "patch"),
    Known("header of a key", setting(f"{KEYS}/apiKeyAuth/name", "X-API-KEY"),
          "key-header-changed", f"{KEYS}/apiKeyAuth/name", "major", "cs"),
    Known("key in the address", setting(f"{KEYS}/apiKeyAuth/in", "query"),
          "key-header-changed", f"{KEYS}/apiKeyAuth/in", "major", "cs"),
    Known("one key is enough", dropping(f"{OP}/security/0/appKeyAuth"),
          "security-widened", f"{OP}/security", "minor", "s"),
    Known("both keys again", setting(f"{OP}/security/0/appKeyAuth", []),
          "security-narrowed", f"{OP}/security", "major", "cs",
          (dropping(f"{OP}/security/0/appKeyAuth"),)),
    Known("another kind of key",
          many(setting(f"{KEYS}/appKeyAuth/type", "http"),
               setting(f"{KEYS}/appKeyAuth/scheme", "bearer"),
               dropping(f"{KEYS}/appKeyAuth/name"), dropping(f"{KEYS}/appKeyAuth/in")),
          "security-narrowed", f"{OP}/security", "major", "cs"),
    Known("another way in",
          many(setting(f"{KEYS}/token", _BEARER),
               lambda document: at(document, f"{OP}/security").append({"token": []})),
          "security-added", f"{OP}/security", "minor", "s"),
    Known("permission more", setting(f"{_PERMISSION}/permissions", ["one", "two", "three"]),
          "permission-added", f"{_PERMISSION}/permissions", "minor", "s",
          (setting(_PERMISSION, _ANYONE),)),
    Known("permission less", setting(f"{_PERMISSION}/permissions", ["one"]),
          "permission-removed", f"{_PERMISSION}/permissions", "major", "cs",
          (setting(_PERMISSION, _ANYONE),)),
    Known("permission needed too", setting(f"{_PERMISSION}/permissions", ["one", "two", "three"]),
          "permission-required", f"{_PERMISSION}/permissions", "major", "cs",
          (setting(_PERMISSION, _ALL),)),
    Known("permission not needed", setting(f"{_PERMISSION}/permissions", ["one"]),
          "permission-dropped", f"{_PERMISSION}/permissions", "minor", "s",
          (setting(_PERMISSION, _ALL),)),
    Known("all permissions needed", setting(f"{_PERMISSION}/operator", "AND"),
          "permissions-all-needed", f"{_PERMISSION}/operator", "major", "cs"),
    Known("deprecated", setting(f"{OP}/deprecated", True),
          "deprecated", f"{OP}/deprecated", "minor"),
    Known("callback", setting(f"{OP}/callbacks", {}),
          "unjudged", f"{OP}/callbacks", "major", "crs"),
    Known("something new in the document", setting("/webhooks", {}),
          "unjudged", "/webhooks", "major", "crs"),
]  # fmt: skip

WORDS = [
    Known("description of a member", setting(f"{TITLE}/description", "Another."),
          "text-changed", f"{TITLE}/description", "patch"),
    Known("description of the operation", setting(f"{OP}/description", "Another."),
          "text-changed", f"{OP}/description", "patch"),
    Known("description of a status", setting(f"{OP}/responses/200/description", "Another."),
          "text-changed", f"{OP}/responses/200/description", "patch"),
    Known("example of the request", setting(f"{BODY}/example/data/type", "other"),
          "example-changed", f"{BODY}/example", "patch"),
    Known("example of an answer", setting(f"{OK}/example/data/id", "other"),
          "example-changed", f"{OK}/example", "patch"),
    Known("note of the preview", dropping(f"{OP}/x-unstable"),
          "preview-note-changed", f"{OP}/x-unstable", "patch"),
    Known("version of the fragment", setting("/info/version", "1.0.1"),
          "bookkeeping-changed", "/info/version", "none"),
    Known("tags", setting(f"{OP}/tags", []), "bookkeeping-changed", f"{OP}/tags", "none"),
]  # fmt: skip


def every() -> Iterator[tuple[str, Known]]:
    """Each edit with a name of its own."""
    lists = {
        "request": REQUESTS,
        "answer": ANSWERS,
        "both": BOTH,
        "operation": OPERATIONS,
        "words": WORDS,
    }
    for side, edits in lists.items():
        for known in edits:
            yield f"{side} {known.name}".replace(" ", "-"), known
