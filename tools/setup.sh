#!/usr/bin/env bash
# Make the course's Python environment, or do nothing when it is up to date. Settings come from the
# environment (the Makefile passes them on): VENV, PYTHON, CONSTRAINTS.
#
# $VENV/.course-kit, line 1: the checkout that made it, or "user" for an environment that was there.
# Line 2: the key of a finished set-up, written last, so that one cut short is seen and started
# over. Only what this very checkout made is ever removed. Every failure is one line on stderr.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
VENV=${VENV:-.venv} CONSTRAINTS=${CONSTRAINTS:-constraints.txt}
EXTRAS="lab,test,grading" STATE="$VENV/.course-kit" LOG="$VENV/setup.log"

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# version PYTHON [MODULES]: "3.12", or nothing if the kit does not run on it or a module is missing.
version() {
    "$1" -c "import sys ${2:-}
assert (3, 11) <= sys.version_info < (3, 14)
print('%d.%d' % sys.version_info[:2])" 2>/dev/null
}

find_python() { # sets BASE
    local IFS=:
    for BASE in ${PYTHON:-python3.13:python3.12:python3.11:python3:python}; do
        [ -z "$(version "$BASE" ", ensurepip, venv")" ] || return 0
    done
    fail "${PYTHON:-nothing on PATH} is no Python 3.11, 3.12 or 3.13 with the module venv;" \
        "install one (Debian: python3-venv) or name it: make PYTHON=/path/to/python3.12 ..."
}

free_mb() {
    local folder=$VENV
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1024) }'
}

write_state() {
    printf '%s\n%s\n' "$OWNER" "$1" 2>/dev/null >"$STATE" || fail "cannot write in $VENV"
}

run() { # a command of venv or pip: a dot for each package, and what went wrong in one line
    "$@" 2>&1 | tee "$LOG" | while read -r word _; do [ "$word" != Collecting ] || printf .; done
    [ "${PIPESTATUS[0]}" -ne 0 ] || return 0
    if grep -qi 'no space left\|quota exceeded' "$LOG" || [ "$(free_mb)" = 0 ]; then
        fail "the disk is full (in $VENV or ${TMPDIR:-/tmp}); make room, run the same command again"
    elif grep -qi 'name resolution\|connection\|timed out\|unreachable\|ssl\|proxy' "$LOG"; then
        fail "cannot reach the package index (behind a proxy: set HTTPS_PROXY); try again"
    fi
    fail "$(grep 'ERROR\|rror:' "$LOG" | cat - "$LOG" | head -n 1 | cut -c 1-150) (more in $LOG)"
}

trap 'printf "\nsetup: interrupted; the same command starts it over\n" >&2; exit 130' INT
[ -f "$CONSTRAINTS" ] || fail "CONSTRAINTS=$CONSTRAINTS: there is no such file"
KEY="$(cat pyproject.toml "$CONSTRAINTS" | cksum) $EXTRAS $PWD"
OWNER=$(sed -n 1p "$STATE" 2>/dev/null) MARK=$(sed -n 2p "$STATE" 2>/dev/null)
# A kit that was moved takes its environment along, which must be made anew.
[ -e "${OWNER:-/}" ] ||
    case "$OWNER $VENV" in "user "* | *" /"* | *..*) ;; *) OWNER=$PWD ;; esac
here=$(version "$VENV/bin/python")
[ -n "$here" ] && [ "$here" = "$(version "${PYTHON:-$VENV/bin/python}")" ] && fits=yes || fits=no
[ "$MARK $fits" != "$KEY yes" ] || exit 0

process=${MARK#busy }
if [ "$process" != "$MARK" ] && ps -p "$process" -o args= 2>/dev/null | grep -q 'setup\.sh'; then
    fail "another set-up of $VENV is at work (process $process); wait for it"
elif [ "$OWNER" = "$PWD" ]; then # ours: cut short or of another Python it is made anew
    [ "$fits" = yes ] && [ "${MARK%"$PWD"}" != "$MARK" ] || { find_python && rm -rf "$VENV"; } ||
        fail "cannot remove the unfinished $VENV: remove it by hand"
elif [ "${OWNER:-user}" != user ]; then
    fail "$VENV was made by the checkout $OWNER; remove it, or name another: make VENV=..."
elif [ "$fits" = no ] && [ -n "$(ls -A "$VENV" 2>/dev/null)" ]; then
    fail "$VENV is there but is no Python environment that fits; name another: VENV="
fi
if [ ! -x "$VENV/bin/python" ]; then
    find_python
    [ "$(free_mb)" -ge 4000 ] || fail "not enough disk: $(free_mb) MB free for $VENV, 4000 needed"
    mkdir -p "$VENV" 2>/dev/null || fail "cannot make $VENV here; name another: make VENV=..."
    echo "Setting up $VENV with Python $(version "$BASE") (once; about 2.8 GB on disk)"
    OWNER=$PWD && write_state "busy $$"
    run "$BASE" -m venv "$VENV"
fi
OWNER=${OWNER:-user} && write_state "busy $$"
printf "  installing TensorFlow, JupyterLab and friends into %s (a few minutes) " "$VENV"
export PIP_USER=0 PIP_TARGET= PIP_PREFIX= PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1
run "$VENV/bin/python" -m pip install --no-input -c "$CONSTRAINTS" -e ".[$EXTRAS]"
echo " ready" && write_state "$KEY"
