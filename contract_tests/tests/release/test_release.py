"""A release is what its tag says, and goes to the index that the environment names."""

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from servicenow_contract.service import Request, Response
from servicenow_contract.service.asgi import running
from tests.release.snapshot import commit, git, snapshot
from upkeep.release import check_tag, publish, version

TOKEN = "a-token-that-is-secret"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The working tree, committed, with the tag of its version."""
    root = snapshot(tmp_path / "root", "openapi", "pyproject.toml", "generated_client", "scripts")
    current = version.version_of(root)
    for name in (version.FILE, version.CHANGELOG):
        _replace(root / name, current, "1.0.0")
    _tag(root, "v1.0.0")
    return root


def _tag(root: Path, name: str) -> None:
    commit(root)
    git(root, "tag", "--force", name)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _check(root: Path, tag: str = "v1.0.0") -> int:
    return check_tag.main([tag, "--root", str(root)])


def test_tag_that_fits(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A tag on its commit, with its version everywhere, can be released."""
    assert _check(root) == 0
    assert capsys.readouterr().out.startswith("v1.0.0 can be released from ")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (version.CHANGELOG, "## 1.0.0", "## 1.0", "no section for 1.0.0"),
        ("pyproject.toml", '"rich>=14"', '"rich>=99"', "and pyproject.toml asks for rich>=99; run"),
        (version.CHANGELOG, "## 1.0.0", "## 1.1.0\n\nX.\n\n## 1.0.0", "begin with `## 1.0.0`"),
        (version.CHANGELOG, "## 1.0.0", "## 1.0.0\n\n## 0.9", "nothing under `## 1.0.0`"),
    ],
)
def test_tag_that_does_not_fit(
    root: Path, file: str, old: str, new: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each place that says another version is named."""
    _replace(root / file, old, new)
    _tag(root, "v1.0.0")
    assert _check(root) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert told in line


def test_tag_of_another_version(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The version has one home, and the tag says the same."""
    _replace(root / version.FILE, '"1.0.0"', '"1.1.0"')
    _replace(root / version.CHANGELOG, "## 1.0.0", "## [1.1.0] (today)\n\nX.\n\n## 1.0.0")
    _tag(root, "v1.0.0")
    assert _check(root) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert "_version.py says 1.1.0; the tag of a release is v and the version" in line
    _tag(root, "v1.1.0")
    assert _check(root, "v1.1.0") == 0


def test_tag_of_another_kind(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A tag that is no version, is on another commit, or does not exist is refused."""
    _tag(root, "v1.0")
    assert _check(root, "v1.0") == 1
    assert "v and three numbers" in capsys.readouterr().out.splitlines()[0]
    commit(root)
    assert _check(root) == 1
    assert "the tag v1.0.0 is on " in capsys.readouterr().out
    assert _check(root, "v9.9.9") == 2
    assert "v9.9.9" in capsys.readouterr().err


class Index:
    """An index on this machine."""

    def __init__(self) -> None:
        self.url = ""
        """Its upload address."""
        self.uploads: list[tuple[str, bytes]] = []
        self.kept: Sequence[tuple[str, str]] = ()
        """The names and digests of what it has already."""

    def __call__(self, request: Request) -> Response:
        """Show what is there, or take an upload."""
        if request.method == "GET":
            links = [f'<a href="{name}#sha256={digest}">{name}</a>' for name, digest in self.kept]
            page = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
            return Response(200, {"content-type": "text/html"}, page.encode())
        self.uploads.append((request.headers["authorization"], request.body))
        return Response(403 if "closed" in request.path else 200, {}, b"")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An index, which is asked through no proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Index()
    with running(made) as url:
        made.url = f"{url}/upload/"
        yield made


def test_publish(dist: Path, index: Index) -> None:
    """Both wheels arrive as they are, with the token, which is never printed."""
    done = subprocess.run(
        [sys.executable, "-m", "upkeep.release.publish", str(dist)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(dist),
            "PACKAGE_INDEX_URL": index.url,
            "UV_PUBLISH_TOKEN": TOKEN,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = "Basic " + base64.b64encode(f"__token__:{TOKEN}".encode()).decode()
    assert [login for login, _ in index.uploads] == [expected] * 2
    for wheel in dist.glob("*.whl"):
        assert sum(wheel.read_bytes() in body for _, body in index.uploads) == 1
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "token", "told"),
    [
        ("", TOKEN, "PACKAGE_INDEX_URL is not set"),
        ("http://index.invalid/", TOKEN, "must be https"),
        ("index.invalid", TOKEN, "is not a URL"),
        (f"https://a:{TOKEN}@index.invalid/", TOKEN, "has a user"),
        ("https://a:b/", TOKEN, "is not a URL"),
        ("https:///upload", TOKEN, "is not a URL"),
        ("https://index.invalid/", "", "UV_PUBLISH_TOKEN is not set"),
        ("https://index.invalid/", TOKEN, "has 0 files"),
    ],
)
def test_publish_refuses(
    tmp_path: Path,
    url: str,
    token: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without an index, a token or the wheels, one line says so, and nothing is sent."""
    monkeypatch.setenv("PACKAGE_INDEX_URL", url)
    monkeypatch.setenv("UV_PUBLISH_TOKEN", token)
    assert publish.main([str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert TOKEN not in said


def test_publish_goes_on(
    dist: Path, index: Index, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wheel that is there with the same digest is skipped, and the other one sent."""
    client, kit = sorted(dist.glob("*.whl"))
    index.kept = [(client.name, hashlib.sha256(client.read_bytes()).hexdigest())]
    monkeypatch.setenv("PACKAGE_INDEX_URL", index.url)
    monkeypatch.setenv("UV_PUBLISH_TOKEN", TOKEN)
    monkeypatch.setenv("UV_PUBLISH_CHECK_URL", index.url.replace("/upload/", "/simple/"))
    assert publish.main([str(dist)]) == 0
    [(_, body)] = index.uploads
    assert kit.read_bytes() in body
    index.kept = [(client.name, "0" * 64)]
    assert publish.main([str(dist)]) == 2
    assert len(index.uploads) == 1
    assert TOKEN not in "".join(capfd.readouterr())


def test_index_that_refuses(
    dist: Path, index: Index, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An index that takes no upload ends the command with 2."""
    monkeypatch.setenv("PACKAGE_INDEX_URL", f"{index.url}closed")
    monkeypatch.setenv("UV_PUBLISH_TOKEN", TOKEN)
    assert publish.main([str(dist)]) == 2
    said = capfd.readouterr().err
    assert "403" in said
    assert "to skip wheels that are already there, set UV_PUBLISH_CHECK_URL" in said
