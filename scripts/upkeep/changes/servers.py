"""Compares the addresses: servers, and the sites that a variable of theirs allows."""

from upkeep.changes.change import shown
from upkeep.changes.parts import Basis, Side


def compare_servers(basis: Basis, old: Side, new: Side) -> None:
    """Compare the servers by their address; their order counts for nothing."""
    before, after = _servers(old), _servers(new)
    for url in dict.fromkeys((*after, *before)):
        was, becomes = before.get(url), after.get(url)
        if was and becomes:
            basis.words(was, becomes)
            _compare_variables(basis, was.below("variables"), becomes.below("variables"))
            basis.rest(was, becomes, {"url", "description", "variables"})
        elif becomes:
            basis.changes.add("server-added", becomes.where, f"the server {url} is new")
        elif was:
            basis.changes.add("server-removed", was.where, f"the server {url} is gone")


def _servers(document: Side) -> dict[str, Side]:
    return {
        server["url"]: Side(document.fragment, f"/servers/{at}", server)
        for at, server in enumerate(document.value.get("servers", ()))
    }


def _compare_variables(basis: Basis, old: Side, new: Side) -> None:
    for name in dict.fromkeys((*new.value, *old.value)):
        was, becomes = old.below(name), new.below(name)
        if name not in old.value:
            said = f"the variable `{name}` of the address is new"
            basis.changes.add("server-variable-added", becomes.where, said)
        elif name not in new.value:
            said = f"the variable `{name}` of the address is gone"
            basis.changes.add("server-variable-removed", was.where, said)
        else:
            _compare_variable(basis, was, becomes)


def _compare_variable(basis: Basis, old: Side, new: Side) -> None:
    before, after = old.value.get("enum"), new.value.get("enum")
    if before is not None and after is not None:
        for site in sorted({*after} - {*before}):
            said = f"the site {site} is new"
            basis.changes.add("site-added", new.where + "/enum", said)
        for site in sorted({*before} - {*after}):
            said = f"the site {site} is gone"
            basis.changes.add("site-removed", new.where + "/enum", said)
    else:
        basis.note(old, new, "enum", "unjudged", "`enum` came or went, and no rule judges it")
    basis.words(old, new)
    said = f"the site of who names none became {shown(new.value['default'])}"
    basis.note(old, new, "default", "default-site-changed", said)
    basis.rest(old, new, {"enum", "default", "description"})
