# Sourced by every script here: sets ROOT to the repository and PYTHON to the interpreter of its
# .venv, which is made from requirements.lock when it is missing or stale. Needs Python 3.11 or newer.
# The folder stays the caller's, so that paths in arguments mean what the caller means.
if [ ! -f "$(dirname "$0")/bootstrap.sh" ]; then
    echo "bootstrap.sh: sourced by the scripts beside it only, not by $0" >&2
    exit 2
fi
set -eu
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
ROOT=$(cd "$(dirname "$0")/.." && pwd)
PYTHON=$ROOT/.venv/bin/python

_find_python() {
    for name in ${CONTRACT_PYTHON:-} python3.11 python3 python3.13 python3.12 python3.14 python; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "$0: no Python 3.11 or newer with venv and ensurepip was found in PATH;" \
        "install one, or name it in CONTRACT_PYTHON" >&2
    return 2
}

# What the environment follows from: the lock, the place, the interpreter that was asked for.
_environment_stamp() {
    cat "$ROOT/scripts/requirements.lock" "$ROOT/scripts/bootstrap.sh"
    echo "$ROOT ${CONTRACT_PYTHON:-}"
}

# What the two packages say of themselves: names, versions, commands, entry points.
_packages_stamp() {
    cat "$ROOT/pyproject.toml" "$ROOT/generated_client/pyproject.toml" \
        "$ROOT/generated_client/datadog_servicenow_tickets/_version.py"
}

_fresh() {
    [ -x "$PYTHON" ] && _environment_stamp | cmp -s - "$ROOT/.venv/environment.stamp" &&
        _packages_stamp | cmp -s - "$ROOT/.venv/packages.stamp"
}

_pip_install() {
    "$PYTHON" -P -m pip install -qq --disable-pip-version-check --no-deps "$@"
}

# A list of &&, because `set -e` does not hold in a function whose failure is handled.
_make_environment() {
    base=$(_find_python) &&
        echo "$0: making .venv from scripts/requirements.lock with $("$base" --version) (under a minute) …" >&2 &&
        rm -rf "$ROOT/.venv" &&
        "$base" -P -m venv "$ROOT/.venv" &&
        _pip_install --require-hashes --requirement "$ROOT/scripts/requirements.lock" &&
        site=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') &&
        echo "$ROOT/scripts" >"$site/upkeep.pth" &&
        _environment_stamp >"$ROOT/.venv/environment.stamp"
}

_make() {
    { _environment_stamp | cmp -s - "$ROOT/.venv/environment.stamp" 2>/dev/null || _make_environment; } &&
        _pip_install --no-index --no-build-isolation --editable "$ROOT" --editable "$ROOT/generated_client" &&
        _packages_stamp >"$ROOT/.venv/packages.stamp"
}

if ! _fresh; then
    # One maker at a time: whoever comes second waits, then finds .venv fresh.
    until mkdir "$ROOT/.venv.lock" 2>/dev/null; do
        maker=$(cat "$ROOT/.venv.lock/pid" 2>/dev/null || echo starting)
        if [ "$maker" != starting ] && ! kill -0 "$maker" 2>/dev/null; then
            rm -rf "$ROOT/.venv.lock" # its maker was killed
        fi
        sleep 1
    done
    echo $$ >"$ROOT/.venv.lock/pid"
    trap 'rm -rf "$ROOT/.venv.lock"' EXIT
    trap 'exit 2' HUP INT TERM
    _fresh || _make || {
        echo "$0: .venv could not be made; the reason stands above" >&2
        exit 2
    }
    rm -rf "$ROOT/.venv.lock"
    trap - EXIT HUP INT TERM
fi
PATH=$ROOT/.venv/bin:$PATH
export PATH
