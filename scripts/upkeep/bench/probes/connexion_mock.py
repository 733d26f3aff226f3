"""A mock that connexion makes of a fragment: `connexion_mock.py FRAGMENT PORT`."""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

_READ = "3.0.3"
"""The version of OpenAPI that connexion reads; nothing in the fragment needs a later one."""


def known(key: str) -> Mapping[str, str]:
    """Who has this key: any key has an owner."""
    return {"sub": key}


def main(fragment: str, port: int) -> None:
    """Serve the fragment, as JSON, until the process ends."""
    # They are in this program's own environment alone.
    connexion, uvicorn = map(importlib.import_module, ("connexion", "uvicorn"))
    resolver = importlib.import_module("connexion.mock").MockResolver(mock_all=True)

    document = json.loads(Path(fragment).read_text(encoding="utf-8"))
    document |= {"openapi": _READ, "servers": [{"url": "/"}]}
    for scheme in document["components"]["securitySchemes"].values():
        scheme["x-apikeyInfoFunc"] = "connexion_mock.known"
    app = connexion.FlaskApp("connexion_mock")
    app.add_api(document, resolver=resolver)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
