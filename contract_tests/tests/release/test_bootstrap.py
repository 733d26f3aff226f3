"""The environment behind every script: what is made for whom, and what is left of half a one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from upkeep.paths import LOCK, SCRIPTS

PYTHON = """#!/bin/sh
case "$*" in
*sysconfig*) dirname "$0" ;;
*"-m venv"*)
    for last; do :; done
    echo venv >>"$LOG"
    mkdir -p "$last/bin"
    cp "$0" "$last/bin/python" ;;
*ensurepip*) touch "$(dirname "$0")/pip"; chmod +x "$(dirname "$0")/pip" ;;
*"-m pip install"*)
    case "$*" in *"$FAILS"*) [ -z "$FAILS" ] || { echo "no such package" >&2; exit 1; } ;; esac
    for last; do :; done
    case "$*" in
    *--editable*) echo editable >>"$LOG" ;;
    *) sed -n 's/==.*//p' "$last" | xargs >>"$LOG" ;;
    esac ;;
*"-m upkeep"* | *"-m servicenow"*) echo works ;;
--version) echo Python ;;
esac
"""
"""Stands for an interpreter: writes down what it is asked to make and to install."""
UV = '#!/bin/sh\necho uv >>"$LOG"\nexit "$UV_STATUS"\n'


class Clone:
    """A clone with a lock of two packages, one of them the kit's, and no environment yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("generated_client/datadog_servicenow_tickets/_version.py", "pyproject.toml"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        shutil.copytree(SCRIPTS, root / "scripts", ignore=shutil.ignore_patterns("upkeep"))
        (root / "generated_client" / "pyproject.toml").touch()
        (root / "scripts" / LOCK.name).write_text("inner==1 \\\n    --hash=x\nouter==2\n")
        (root / "scripts" / "kit.names").write_text("inner\n")
        self._put("python", PYTHON)
        self.log.touch()

    @property
    def log(self) -> Path:
        """What the interpreter was asked for, a line each."""
        return self.root / "log"

    def _put(self, name: str, text: str) -> None:
        (self.root / "bin").mkdir(exist_ok=True)
        (self.root / "bin" / name).write_text(text)
        (self.root / "bin" / name).chmod(0o755)

    def with_uv(self) -> None:
        """Install uv."""
        self._put("uv", UV)

    def start(self, script: str, **variables: str) -> subprocess.Popen[str]:
        """Start a script with no other environment than this."""
        return subprocess.Popen(
            [self.root / "scripts" / script],
            env={
                "PATH": f"{self.root / 'bin'}:/usr/bin:/bin",
                "CONTRACT_PYTHON": str(self.root / "bin" / "python"),
                "LOG": str(self.log),
                "FAILS": "",
                "UV_STATUS": "0",
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, status: int = 0, **variables: str) -> tuple[list[str], str]:
        """Run a script to its end; gives what the interpreter was asked for, and what was said."""
        before = len(self.log.read_text().splitlines())
        process = self.start(script, **variables)
        out, errors = process.communicate(timeout=60)
        assert process.returncode == status, errors
        assert out == ("works\n" if status == 0 else "")
        return self.log.read_text().splitlines()[before:], errors


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone as it comes."""
    return Clone(tmp_path)


@pytest.mark.parametrize("script", ["conformance", "serve", "check-traffic"])
def test_kit_only(clone: Clone, script: str) -> None:
    """What judges and serves waits for the kit's packages only, and the second time for nothing."""
    assert clone.run(script)[0] == ["venv", "inner", "editable"]
    assert clone.run(script) == ([], "")


def test_rest_is_added(clone: Clone) -> None:
    """A maintainer's command adds the rest to the same environment; then both find it fresh."""
    clone.run("serve")
    assert clone.run("test")[0] == ["inner outer"]
    assert clone.run("test") == clone.run("serve") == ([], "")


def test_all_at_once(clone: Clone) -> None:
    """A maintainer's command makes everything by itself."""
    assert clone.run("test")[0] == ["venv", "inner", "editable", "inner outer"]


@pytest.mark.parametrize("changed", [LOCK.name, "kit.names", "bootstrap.sh"])
def test_stale(clone: Clone, changed: str) -> None:
    """An environment of another lock is made anew."""
    clone.run("test")
    with (clone.root / "scripts" / changed).open("a") as file:
        file.write("\n")
    assert clone.run("serve")[0] == ["venv", "inner", "editable"]


def test_another_version(clone: Clone) -> None:
    """When only what the packages say of themselves changed, only they are installed again."""
    clone.run("test")
    (clone.root / "pyproject.toml").write_text("# changed")
    assert clone.run("test")[0] == ["editable"]


@pytest.mark.parametrize("gone", ["bin/python", "kit.stamp", "packages.stamp"])
def test_half_of_one(clone: Clone, gone: str) -> None:
    """What is missing of an environment is made again."""
    clone.run("serve")
    (clone.root / ".venv" / gone).unlink()
    assert clone.run("serve")[0][-1] == "editable"
    assert clone.run("serve") == ([], "")


@pytest.mark.parametrize("fails", ["venv/kit.lock", "--editable", "requirements.lock"])
def test_install_that_fails(clone: Clone, fails: str) -> None:
    """A failure tells pip's reason, ends with 2, and the next try does not trust what it left."""
    told = clone.run("test", 2, FAILS=fails)[1].splitlines()
    assert told[-2:] == [
        "no such package",
        f"{clone.root}/scripts/test: .venv could not be made; the reason is above",
    ]
    assert clone.run("test")[0][-1] == "inner outer"
    assert not (clone.root / ".venv.lock").exists()


def test_at_once(clone: Clone) -> None:
    """Of commands that start together one makes the environment, and all of them work."""
    started = [clone.start("serve") for _ in range(4)]
    assert [each.communicate(timeout=60)[0] for each in started] == ["works\n"] * 4
    assert clone.log.read_text().splitlines() == ["venv", "inner", "editable"]


def test_maker_that_was_killed(clone: Clone) -> None:
    """The mark of a maker that is gone holds nobody up."""
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    (clone.root / ".venv.lock").mkdir()
    (clone.root / ".venv.lock" / "pid").write_text(str(gone.pid))
    assert clone.run("serve")[0] == ["venv", "inner", "editable"]


def test_uv_where_there_is_one(clone: Clone) -> None:
    """An installed uv installs."""
    clone.with_uv()
    assert clone.run("serve")[0] == ["venv", "uv", "uv"]


def test_uv_that_cannot(clone: Clone) -> None:
    """Where uv fails, pip does it: uv does not read what a user configured for pip."""
    clone.with_uv()
    told, errors = clone.run("serve", UV_STATUS="1")
    assert told == ["venv", "uv", "inner", "uv", "editable"]
    assert "uv could not install; trying pip" in errors


def test_no_python(clone: Clone) -> None:
    """Without a Python that will do, one sentence says what to install."""
    (clone.root / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (clone.root / "empty").mkdir()
    for tool in ("sh", "cat", "cmp", "dirname", "mkdir", "rm", "kill", "sleep"):
        (clone.root / "empty" / tool).symlink_to(shutil.which(tool) or "/bin/false")
    errors = clone.run("serve", 2, PATH=str(clone.root / "empty"))[1]
    assert "no Python 3.11 or newer with venv and ensurepip was found in PATH" in errors
