"""A class stands for one thing: kit, upkeep and client have no name for two."""

import ast
from collections import defaultdict

from upkeep.paths import CLIENT, KIT, SCRIPTS, TARGET


def test_no_class_name_twice() -> None:
    """No two classes have one name, a leading underscore aside; what is rendered has its own."""
    places = defaultdict(list)
    for folder in (KIT, SCRIPTS / "upkeep", CLIENT / "datadog_servicenow_tickets"):
        for path in folder.rglob("*.py"):
            if not path.is_relative_to(TARGET):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.ClassDef):
                        places[node.name.lstrip("_")].append(path.name)
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
