"""The command `./scripts/publish`: both wheels to the internal index that the environment names.

PACKAGE_INDEX_URL is where it takes uploads, UV_PUBLISH_TOKEN what opens it. UV_PUBLISH_CHECK_URL,
where packages are installed from, lets an upload that broke off go on: what is there already with
the same digest is skipped, and with another one refused.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from servicenow_contract.target.wire import is_loopback
from upkeep.command import Command, CommandError
from upkeep.paths import DIST
from upkeep.release.build import pair


class PublishError(CommandError):
    """Nothing was sent. The message says what is missing."""


def main(argv: Sequence[str] | None = None) -> int:
    """Publish. Returns 0 when both wheels were taken, 2 when not."""
    command = Command(
        "publish",
        "Send both wheels to the index whose upload address is PACKAGE_INDEX_URL, "
        "with the token UV_PUBLISH_TOKEN. A wheel that is already at UV_PUBLISH_CHECK_URL, the "
        "address to install from, is skipped.",
        {0: "both are there", 2: "they are not"},
    )
    add = command.add_argument
    where = "the folder of the wheels (default: dist/)"
    add("folder", nargs="?", type=Path, default=DIST, metavar="DIR", help=where)
    return command.run(_publish, argv)


def _publish(options: argparse.Namespace) -> int:
    index = _index()
    publish(pair(options.folder), index)
    return 0


def _index() -> str:
    """The upload address. Without one uv would send to the public registry."""
    text = os.environ.get("PACKAGE_INDEX_URL", "")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise PublishError(f"PACKAGE_INDEX_URL is not a URL: {error}") from None
    if not text:
        raise PublishError(
            "PACKAGE_INDEX_URL is not set; set it to the upload address of the package index"
        )
    if not url.host:
        raise PublishError("PACKAGE_INDEX_URL is not a URL; it looks like https://HOST/PATH")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url)):
        raise PublishError("PACKAGE_INDEX_URL must be https, so that the token is encrypted")
    if url.userinfo:
        raise PublishError("PACKAGE_INDEX_URL has a user; put the token into UV_PUBLISH_TOKEN")
    if not os.environ.get("UV_PUBLISH_TOKEN"):
        raise PublishError("UV_PUBLISH_TOKEN is not set; set it to the token of the index")
    return text


def publish(wheels: tuple[Path, Path], index: str) -> None:
    """Send wheels of one version. Raises PublishError."""
    versions = {wheel.name: wheel.name.split("-")[1] for wheel in wheels}
    if len(set(versions.values())) != 1:
        raise PublishError(f"the wheels are of two versions: {', '.join(versions)}")
    options = ("--no-config", "publish", "--trusted-publishing=never", f"--publish-url={index}")
    done = subprocess.run([sys.executable, "-m", "uv", *options, *wheels], check=False)
    if done.returncode:
        told = "uv publish failed; the reason is above"
        if not os.environ.get("UV_PUBLISH_CHECK_URL"):
            told += "; to skip wheels that are already there, set UV_PUBLISH_CHECK_URL"
        raise PublishError(told)


if __name__ == "__main__":
    sys.exit(main())
