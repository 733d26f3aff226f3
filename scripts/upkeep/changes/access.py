"""Compares where the operation is called, and who may: servers, their sites, keys, permissions."""

from collections.abc import Mapping
from typing import Any

from upkeep.changes.change import shown
from upkeep.changes.parts import Basis, Side


def compare_servers(basis: Basis, old: Side, new: Side) -> None:
    """Compare the servers by their address; their order counts for nothing."""
    for was, becomes in basis.pairs((_servers(old), _servers(new)), "server", "the server {}"):
        basis.words(was, becomes)
        variables = was.below("variables").members(), becomes.below("variables").members()
        told = "the variable `{}` of the address"
        for variable in basis.pairs(variables, "server-variable", told):
            _compare_variable(basis, *variable)
        basis.rest(was, becomes, {"url", "description", "variables"})


def _servers(document: Side) -> dict[str, Side]:
    return {
        server["url"]: Side(document.fragment, f"/servers/{at}", server)
        for at, server in enumerate(document.value.get("servers", ()))
    }


def _compare_variable(basis: Basis, old: Side, new: Side) -> None:
    before, after = old.value.get("enum"), new.value.get("enum")
    if before is not None and after is not None:
        where = new.where + "/enum"
        basis.listed(before, after, where, "the site", ("site-added", "site-removed"))
    else:
        basis.note(old, new, "enum", "unjudged", "`enum` came or went, and no rule judges it")
    basis.words(old, new)
    said = f"the site of who names none became {shown(new.value['default'])}"
    basis.note(old, new, "default", "default-site-changed", said)
    basis.rest(old, new, {"enum", "default", "description"})


Alternatives = set[frozenset[str]]


def compare_security(basis: Basis, old: Side, new: Side) -> None:
    """Compare which keys an operation asks for; what the fragment calls them counts for nothing."""
    before, after = _schemes(old), _schemes(new)
    same_key: dict[str, str] = {}
    for name in [name for name in before if name in after]:
        was, becomes = before[name], after[name]
        basis.words(was, becomes)
        basis.rest(was, becomes, {"type", "in", "name", "scheme", "description"})
        if _key(was) == _key(becomes):
            basis.words(was, becomes, ("name",))
        if _key(was) != _key(becomes) and was.value["type"] == becomes.value["type"] == "apiKey":
            same_key[_key(becomes)] = _key(was)
            said = f"the key in {_key(was)} is in {_key(becomes)} now"
            where = "name" if was.value["name"] != becomes.value["name"] else "in"
            basis.changes.add("key-header-changed", f"{becomes.where}/{where}", said)
    needed = _alternatives(old, before, {})
    needs = _alternatives(new, after, same_key)
    if needs != needed:
        _judge(basis, needed, needs, new)


def _judge(basis: Basis, needed: Alternatives, needs: Alternatives, new: Side) -> None:
    """Whoever had enough keys has enough where some alternative asks for no other ones."""
    if any(not any(new_ <= old_ for new_ in needs) for old_ in needed):
        rule = "security-narrowed"
    else:
        rule = "security-widened" if needed - needs else "security-added"
    said = f"{_spoken(needs)} is needed now; before, it was {_spoken(needed)}"
    where = new.where if "security" in new.value else ""
    basis.changes.add(rule, f"{where}/security", said)


def _security(operation: Side) -> list[Mapping[str, Any]]:
    asked = operation.value.get("security", operation.fragment.document.get("security"))
    return list(asked) if asked else [{}]


def _schemes(operation: Side) -> dict[str, Side]:
    """The security schemes that the operation uses, by their names."""
    document = Side.of(operation.fragment)
    names = dict.fromkeys(name for each in _security(operation) for name in each)
    return {name: document.below("components", "securitySchemes", name) for name in names}


def _alternatives(
    operation: Side, schemes: Mapping[str, Side], same_key: Mapping[str, str]
) -> Alternatives:
    found = set()
    for each in _security(operation):
        keys = set()
        for name, scopes in each.items():
            key = _key(schemes[name])
            key = same_key.get(key, key)
            keys |= {f"{key} ({scope})" for scope in scopes} or {key}
        found.add(frozenset(keys))
    return found


def _key(scheme: Side) -> str:
    said = scheme.value
    if said["type"] == "apiKey":
        name = str(said["name"])
        return f"{said['in']} {name.lower() if said['in'] == 'header' else name}"
    return f"{said['type']} {said.get('scheme', '')}".strip()


def _spoken(alternatives: Alternatives) -> str:
    return " or ".join(
        " and ".join(sorted(each)) or "no key" for each in sorted(alternatives, key=sorted)
    )


def compare_permissions(basis: Basis, old: Side, new: Side) -> None:
    """Compare `x-permission`: which permissions are needed, and whether one of them is enough."""
    before, after = (list(each.value.get("permissions", ())) for each in (old, new))
    was, becomes = (each.value.get("operator", "AND") for each in (old, new))
    where = new.where + "/permissions"
    came = "permission-added" if before and becomes == "OR" else "permission-required"
    went = "permission-removed" if after and was == "OR" else "permission-dropped"
    basis.listed(before, after, where, "the permission", (came, went))
    if was != becomes and len(before) > 1 and len(after) > 1:
        all_needed = becomes != "OR"
        rule = "permissions-all-needed" if all_needed else "permissions-any-enough"
        said = "all of the permissions are needed" if all_needed else "one permission is enough"
        basis.changes.add(rule, new.where + "/operator", said)
    basis.rest(old, new, {"permissions", "operator"})
