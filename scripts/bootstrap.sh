# Sourced by every script here: sets ROOT to the repository and PYTHON to the interpreter of its
# .venv, which is made from requirements.lock when it is missing or stale. Needs Python 3.11 or newer.
# The commands that only judge and serve wait for the packages of kit.names, any other for the whole lock.
# The folder stays the caller's, so that paths in arguments mean what the caller means.
if [ ! -f "$(dirname "$0")/bootstrap.sh" ]; then
    echo "bootstrap.sh: sourced by the scripts beside it only, not by $0" >&2
    exit 2
fi
set -eu
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Else each start would compile everything anew; .gitignore names what is kept.
unset PYTHONDONTWRITEBYTECODE
case ${0##*/} in
    conformance | serve | check-traffic) NEEDS=kit ;;
    *) NEEDS=all ;;
esac
ROOT=$(cd "$(dirname "$0")/.." && pwd)
VENV=$ROOT/.venv
PYTHON=$VENV/bin/python

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
    cat "$ROOT/scripts/requirements.lock" "$ROOT/scripts/kit.names" "$ROOT/scripts/bootstrap.sh"
    echo "$ROOT ${CONTRACT_PYTHON:-}"
}

# What the two packages say of themselves: names, versions, commands, entry points.
_packages_stamp() {
    cat "$ROOT/pyproject.toml" "$ROOT/generated_client/pyproject.toml" \
        "$ROOT/generated_client/datadog_servicenow_tickets/_version.py"
}

_holds() {
    [ -x "$PYTHON" ] && _environment_stamp | cmp -s - "$VENV/$1.stamp" 2>/dev/null
}

_fresh() {
    _holds "$NEEDS" && _packages_stamp | cmp -s - "$VENV/packages.stamp"
}

_say() {
    echo "$0: $*" >&2
}

# uv where one is installed, since it is quicker; pip when there is none, or when uv finds no index.
_install() {
    if command -v uv >/dev/null; then
        uv pip install --quiet --python "$PYTHON" --no-deps "$@" && return
        _say "uv could not install; trying pip"
    fi
    # A pipe tells of its last part only, so pip leaves a file behind when it is done.
    _pip && rm -f "$VENV/installed" &&
        { "$PYTHON" -P -m pip install --disable-pip-version-check --no-compile --no-deps \
            --progress-bar off "$@" 2>"$VENV/pip.errors" && touch "$VENV/installed"; } | _count &&
        { [ -e "$VENV/installed" ] || { cat "$VENV/pip.errors" >&2 && return 1; }; }
}

_pip() {
    [ -x "$VENV/bin/pip" ] || "$PYTHON" -P -m ensurepip --default-pip >/dev/null
}

# pip's lines as a count, on a terminal.
_count() {
    if [ -t 2 ]; then
        awk '/^(Collecting|Processing) / { printf "  %d packages\r", ++found; fflush() }
            /^Installing collected/ && found { print "  installing " found " packages …" }' >&2
    else
        cat >/dev/null
    fi
}

# What the lock has under the names of a file.
_locked() {
    awk 'NR == FNR { named[$1]; next }
        /^[a-z0-9]/ { split($1, part, "=="); wanted = part[1] in named }
        wanted' "$1" "$ROOT/scripts/requirements.lock"
}

# A list of &&, because `set -e` does not hold in a function whose failure is handled.
_make_kit() {
    base=$(_find_python) &&
        _say "making .venv from scripts/requirements.lock with $("$base" --version) (about 20 seconds) …" &&
        rm -rf "$VENV" &&
        "$base" -P -m venv --without-pip "$VENV" &&
        _locked "$ROOT/scripts/kit.names" >"$VENV/kit.lock" &&
        _install --require-hashes --requirement "$VENV/kit.lock" &&
        site=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') &&
        echo "$ROOT/scripts" >"$site/upkeep.pth" &&
        _environment_stamp >"$VENV/kit.stamp"
}

# While it works no stamp stands, so that a half of it is not taken for the whole.
_make_all() {
    _say "adding what only the maintainer's commands need (about 30 seconds) …" &&
        rm -f "$VENV/kit.stamp" &&
        _install --require-hashes --requirement "$ROOT/scripts/requirements.lock" &&
        _pip &&
        _environment_stamp | tee "$VENV/all.stamp" >"$VENV/kit.stamp"
}

_make() {
    { _holds kit || _make_kit; } &&
        { _packages_stamp | cmp -s - "$VENV/packages.stamp" 2>/dev/null ||
            _install --no-index --no-build-isolation --editable "$ROOT" --editable "$ROOT/generated_client"; } &&
        _packages_stamp >"$VENV/packages.stamp" &&
        { _holds "$NEEDS" || _make_all; }
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
        _say ".venv could not be made; the reason is above"
        exit 2
    }
    rm -rf "$ROOT/.venv.lock"
    trap - EXIT HUP INT TERM
fi
PATH=$VENV/bin:$PATH
export PATH
