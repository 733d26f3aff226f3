"""The fragment's statements as the facts that a page can state, each with its JSON Pointer."""

from collections.abc import Callable, Iterator
from typing import Any

from servicenow_contract.contract.fragment import Fragment, pointer
from upkeep.drift.page_facts import OPERATION, REQUEST, Fact, Key, example_facts
from upkeep.drift.schema_facts import FragmentError, Schemas
from upkeep.page.model import ANY_KEY

_VARIABLES = {"DD-API-KEY": "DD_API_KEY", "DD-APPLICATION-KEY": "DD_APP_KEY"}
"""The environment variable of each key's header, on every page of the platform. The fragment has no
place for them."""

_KEYWORDS = {"array": "type", "limit": "maxItems", "url-rule": "pattern", "mark": "description"}

_PLACES: dict[str, Callable[[str, tuple[str, ...]], str]] = {
    "accept": lambda here, _: here + "/responses",
    "body": lambda here, _: here + "/requestBody",
    "content-type": lambda here, _: here + "/requestBody/content",
    "header": lambda _here, _: "/components/securitySchemes",
    "note": lambda here, _: here,
    "permission": lambda here, _: here + "/x-permission/permissions",
    "preview": lambda here, _: here + "/x-unstable",
    "sentence": lambda here, _: here + "/description",
    "site": lambda _here, _: "/servers/0/variables/site/enum",
    "site-endpoint": lambda here, _: here,
    "status": lambda here, subject: here + pointer("responses", *subject),
    "summary": lambda here, subject: here + pointer("responses", *subject, "description"),
    "wording": lambda here, _: here + "/description",
    "title": lambda here, _: here + "/summary",
    "unread": lambda here, _: here,
}
"""Where the fragment says something that it does not say yet, from the operation's pointer."""


OWN_EXAMPLE = "x-own-example"
"""Stands beside an example that is ours, because the page shows none."""


class Facts:
    """The facts of a fragment, and the place for each fact that it lacks.

    Raises FragmentError for a fragment whose form no page shows.
    """

    def __init__(self, fragment: Fragment) -> None:
        try:
            self._operation = fragment.operation_pointer
        except ValueError:
            raise FragmentError("/paths: not exactly one operation, as on a page") from None
        self._fragment = fragment
        self.schemas = Schemas(fragment)
        self._media: dict[str, str] = {}
        self.facts: dict[Key, Fact] = {}
        for fact in self._all():
            self.facts.setdefault(fact.key, fact)  # a media type counts where it stands first

    def users(self, subject: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Every field that has the same schema as this one, itself included."""
        return self.schemas.users.get(self.schemas.inner.get(subject, ""), [])

    def pointer_for(self, topic: str, subject: tuple[str, ...]) -> str:
        """Where the fragment says this, or where it would."""
        if topic == "contradiction":
            topic, *below = subject
            subject = tuple(below)
        return self._pointer_for(topic, subject)

    def _pointer_for(self, topic: str, subject: tuple[str, ...]) -> str:
        known = self.facts.get((topic, subject))
        if known:
            return known.pointer
        if topic in _PLACES:
            return _PLACES[topic](self._operation, subject)
        if topic in {"example", "curl-body"}:
            return self._media_pointer(subject[0]) + "/example" + pointer(*subject[1:])
        if topic in {"field", "model"}:
            return self._place(subject)
        if topic == "required":
            return self._place(subject[:-1]) + "/required"
        subject = subject[:-1] if topic == "mark" else subject
        outer = self.schemas.outer if topic in {"array", "limit"} else {}
        return (outer.get(subject) or self._place(subject)) + pointer(_KEYWORDS.get(topic, topic))

    def _place(self, subject: tuple[str, ...]) -> str:
        """The schema of a field or a part, or where it would stand."""
        known = self.schemas.inner.get(subject)
        if known:
            return known
        if len(subject) <= 1:
            return self._media_pointer(subject[0]) + "/schema"
        name = subject[-1]
        member = ("additionalProperties",) if name == ANY_KEY else ("properties", name)
        return self._place(subject[:-1]) + pointer(*member)

    def _media_pointer(self, part: str) -> str:
        where = ("requestBody",) if part == REQUEST else ("responses", part)
        standard = self._operation + pointer(*where, "content", "application/json")
        return self._media.get(part, standard)

    def _all(self) -> Iterator[Fact]:
        operation, here = self._fragment.operation, self._operation
        yield from self._sites()
        yield from self._endpoint()
        yield from _permissions(operation.get("x-permission", {}), here + "/x-permission")
        yield from self._security()
        if "x-unstable" in operation:
            yield Fact("preview", OPERATION, pointer=here + "/x-unstable")
        for at, parameter in enumerate(operation.get("parameters", ())):
            where = f"{here}/parameters/{at}"
            yield Fact("rule", ("parameters", str(at)), parameter, pointer=where)
        if "requestBody" in operation:
            where = self.schemas.follow(here + "/requestBody")
            required = self._fragment.at(where).get("required", False)
            yield Fact("body", (REQUEST,), pointer=where)
            yield Fact("body-required", (REQUEST,), required, pointer=where + "/required")
            yield from self._content(REQUEST, where, "content-type")
        for status in operation["responses"]:
            where = self.schemas.follow(here + pointer("responses", status))
            yield Fact("status", (str(status),), pointer=where)
            yield from self._content(str(status), where, "accept")
            for name in self._fragment.at(where).get("headers", ()):
                place = where + pointer("headers", name)
                yield Fact("rule", (str(status), "headers", name), name, pointer=place)

    def _sites(self) -> Iterator[Fact]:
        for number, server in enumerate(self._fragment.document.get("servers", ())):
            here, variables = f"/servers/{number}", server.get("variables", {})
            if len(variables) != 1:
                raise FragmentError(f"{here}/variables: not one variable, for the site")
            [(name, variable)] = variables.items()
            for at, value in enumerate(variable.get("enum", ())):
                where = here + pointer("variables", name, "enum", at)
                base = server["url"].replace("{" + name + "}", value)
                yield Fact("site", (base,), value, pointer=where)
            if number == 0:
                base = server["url"].replace("{" + name + "}", variable["default"])
                where = here + pointer("variables", name, "default")
                yield Fact("curl-url", OPERATION, base + self._fragment.path, pointer=where)

    def _endpoint(self) -> Iterator[Fact]:
        here, method, path = self._operation, self._fragment.method, self._fragment.path
        yield Fact("method", OPERATION, method, pointer=here)
        yield Fact("path", OPERATION, path, pointer=pointer("paths", path))
        yield Fact("curl", OPERATION, pointer=here)
        yield Fact("curl-method", OPERATION, method, pointer=here)

    def _security(self) -> Iterator[Fact]:
        needed = self._fragment.operation.get("security", ())
        for at, alternative in enumerate(needed[1:], start=1):
            where = f"{self._operation}/security/{at}"
            yield Fact("rule", ("security", str(at)), alternative, pointer=where)
        for name in needed[0] if needed else ():
            where = self.schemas.follow(pointer("components", "securitySchemes", name))
            header = self._fragment.at(where).get("name", name)
            yield Fact("header", (header,), _VARIABLES.get(header), pointer=where + "/name")

    def _content(self, part: str, where: str, topic: str) -> Iterator[Fact]:
        contents = self._fragment.at(where).get("content", {})
        for at, (media_type, media) in enumerate(contents.items()):
            here = where + pointer("content", media_type)
            yield Fact(topic, (media_type,), media_type, pointer=here)
            if at == 0:  # a page shows one media type
                self._media[part] = here
                yield Fact("model", (part,), pointer=here + "/schema")
                yield from self.schemas.facts(here + "/schema", (part,))
                yield from _examples(part, media, here)


def _permissions(permission: dict[str, Any], here: str) -> Iterator[Fact]:
    names = permission.get("permissions", ())
    for at, name in enumerate(names):
        yield Fact("permission", (name,), name, pointer=f"{here}/permissions/{at}")
    if len(names) > 1:
        operator = permission.get("operator")
        yield Fact("permission-operator", OPERATION, operator, pointer=here + "/operator")


def _examples(part: str, media: dict[str, Any], here: str) -> Iterator[Fact]:
    """The example as facts; the curl block shows that of the request once more.

    An example of our own, where the page shows none, is no fact.
    """
    if "example" not in media:
        return
    shown = () if media.get(OWN_EXAMPLE) else ("example",)
    for topic in (*shown, "curl-body") if part == REQUEST else shown:
        for fact in example_facts(topic, (part,), media["example"]):
            where = here + "/example" + pointer(*fact.subject[1:])
            yield Fact(topic, fact.subject, fact.value, pointer=where, whole=fact.whole)
