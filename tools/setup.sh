#!/usr/bin/env bash
# Make the course's Python environment, or do nothing when it is up to date.
#
# Settings come from the environment (the Makefile passes them on):
#   VENV         where the environment is                    (default .venv)
#   PYTHON       the Python to make it from                  (default: the newest 3.11-3.13 on PATH)
#   CONSTRAINTS  the file of pinned versions                 (default constraints.txt)
#
# $VENV/.course-kit says what is there: line 1 is who made the environment ("kit" or "user"), line 2
# the key of a finished set-up, or "busy PID" while one runs. Line 2 gets its key last, so a set-up
# that was cut short is seen and started over. Only what the kit made is ever removed.
# Every failure is one line on stderr and exit status 1. Plain bash 3.2 (macOS) is enough.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

VENV=${VENV:-.venv}
CONSTRAINTS=${CONSTRAINTS:-constraints.txt}
EXTRAS="lab,test,grading"
NEED_MB=4000 # the environment is 2.8 GB, and pip keeps what it downloads beside it
STATE="$VENV/.course-kit"
LOG="$VENV/setup.log"
BEAT="" # the process id of the heartbeat

say() { printf '%s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# "3.12" and whether venv can make an environment, for one command; nothing if it is no Python 3.
probe() {
    "$1" -c 'import sys
v = "%d.%d" % sys.version_info[:2]
try:
    import ensurepip, venv
    print(v + " ok")
except ImportError:
    print(v + " novenv")' 2>/dev/null
}

supported() { case "$1" in 3.11 | 3.12 | 3.13) true ;; *) false ;; esac; }

no_venv() {
    fail "Python $2 ($1) has no venv module; install it (Debian, Ubuntu:" \
        "sudo apt install python$2-venv) or name another Python: make PYTHON=/path/to/python3.12 ..."
}

# Sets BASE (the command) and BASE_VERSION.
find_python() {
    local candidate answer seen="" lacking="" lacking_version=""
    if [ -n "${PYTHON:-}" ]; then
        command -v "$PYTHON" >/dev/null 2>&1 || fail "PYTHON=$PYTHON: there is no such command"
        answer=$(probe "$PYTHON")
        [ -n "$answer" ] || fail "PYTHON=$PYTHON does not run as a Python 3"
        supported "${answer% *}" || fail "PYTHON=$PYTHON is Python ${answer% *}; the kit needs 3.11, 3.12 or 3.13"
        [ "${answer#* }" = ok ] || no_venv "$PYTHON" "${answer% *}"
        BASE=$PYTHON BASE_VERSION=${answer% *}
        return
    fi
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        answer=$(probe "$candidate") || continue
        if ! supported "${answer% *}"; then
            seen="$seen, $candidate is ${answer% *}"
        elif [ "${answer#* }" = ok ]; then
            BASE=$candidate BASE_VERSION=${answer% *}
            return
        elif [ -z "$lacking" ]; then
            lacking=$candidate lacking_version=${answer% *}
        fi
    done
    [ -z "$lacking" ] || no_venv "$lacking" "$lacking_version"
    fail "no Python 3.11, 3.12 or 3.13 on PATH${seen:+ (${seen#, })};" \
        "install one, or name it: make PYTHON=/path/to/python3.12 ..."
}

state_owner() { sed -n 1p "$STATE" 2>/dev/null; }
state_mark() { sed -n 2p "$STATE" 2>/dev/null; }
write_state() {
    printf '%s\n%s\n' "$1" "$2" 2>/dev/null >"$STATE" || fail "cannot write in $VENV: is it yours, is the disk full?"
}

# Is a set-up with this process id still at work? (Process ids are used again, hence the name.)
at_work() {
    kill -0 "$1" 2>/dev/null || return 1
    if [ -r "/proc/$1/cmdline" ]; then
        tr '\0' ' ' <"/proc/$1/cmdline" | grep -q 'setup\.sh'
    else
        ps -p "$1" -o args= 2>/dev/null | grep -q 'setup\.sh'
    fi
}

# Megabytes free where $VENV is or will be.
free_mb() {
    local parent=$VENV
    while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
    df -Pk "$parent" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }'
}

check_disk() {
    local free
    free=$(free_mb)
    [ -z "$free" ] || [ "$free" -ge "$NEED_MB" ] ||
        fail "not enough disk: $free MB free for $VENV, about $NEED_MB MB needed;" \
            "make room, or put it elsewhere: make VENV=/path/with/room/venv ..."
}

make_venv() {
    find_python
    check_disk
    mkdir -p "$VENV" 2>/dev/null ||
        fail "cannot make $VENV: the folder is read-only or not yours;" \
            "use a copy of the kit that you own, or make VENV=/path/of/yours/venv ..."
    say "Setting up $VENV with Python $BASE_VERSION (once; about 2.8 GB on disk)"
    write_state kit "busy $$"
    "$BASE" -m venv "$VENV" >"$LOG" 2>&1 || explain "making the environment failed"
}

# One line for what went wrong, from the log of pip or venv.
explain() {
    # A full disk may leave no room for the log either.
    if grep -q 'No space left on device\|Disk quota exceeded' "$LOG" || [ "$(free_mb)" = 0 ]; then
        fail "the disk is full (in $VENV, or in ${TMPDIR:-/tmp} where pip unpacks); make room and run the same command again"
    elif grep -q 'Read-only file system\|Permission denied' "$LOG"; then
        fail "no permission to write: $(grep -m 1 'Read-only file system\|Permission denied' "$LOG" | cut -c 1-150)"
    elif grep -qi 'name resolution\|NewConnectionError\|ConnectTimeout\|ReadTimeout\|timed out\|network is unreachable\|SSLError\|CERTIFICATE_VERIFY\|ProxyError\|Connection refused\|Connection aborted' "$LOG"; then
        fail "cannot reach the package index (is the network up? behind a proxy: set HTTPS_PROXY); then run the same command again"
    elif grep -q 'No matching distribution found' "$LOG"; then
        fail "the package index has no $(sed -n 's/.*No matching distribution found for \([^ ]*\).*/\1/p' "$LOG" | head -n 1) for this Python and machine; try another Python (make PYTHON=...), details in $LOG"
    fi
    fail "$1: $( (grep 'ERROR\|Error' "$LOG" || tail -n 1 "$LOG") | head -n 1 | cut -c 1-150) (all of it in $LOG)"
}

# A line every half minute, so that a slow line does not look like a hang.
heartbeat() {
    local seconds=0
    while :; do
        sleep 5 >/dev/null 2>&1 # its own output: an orphan must not hold the caller's pipe
        seconds=$((seconds + 5))
        [ $((seconds % 30)) -ne 0 ] ||
            say "    $seconds s, $(du -sm "$VENV" 2>/dev/null | cut -f 1) MB so far"
    done
}

stop_heartbeat() {
    [ -z "$BEAT" ] || kill -KILL "$BEAT" 2>/dev/null
    BEAT=""
}

install() {
    local status started=$SECONDS
    say "  installing TensorFlow, JupyterLab and friends (a few minutes on a fast line) ..."
    heartbeat 2>/dev/null &
    BEAT=$!
    disown "$BEAT" # bash would report its end
    PIP_USER=0 PIP_TARGET='' PIP_PREFIX='' PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$VENV/bin/python" -m pip install -q --no-input -c "$CONSTRAINTS" -e ".[$EXTRAS]" >"$LOG" 2>&1
    status=$?
    stop_heartbeat
    [ "$status" -eq 0 ] || explain "installing failed"
    say "  ready after $((SECONDS - started)) s"
}

[ -f "$CONSTRAINTS" ] || fail "CONSTRAINTS=$CONSTRAINTS: there is no such file"
KEY="$(cat pyproject.toml "$CONSTRAINTS" | cksum | tr ' ' -) $EXTRAS $PWD"

wanted_version() { [ -z "${PYTHON:-}" ] || [ "$(probe "$PYTHON")" = "$(probe "$VENV/bin/python")" ]; }

if [ -x "$VENV/bin/python" ] && [ "$(state_mark)" = "$KEY" ] && wanted_version; then
    exit 0
fi

trap stop_heartbeat EXIT
trap 'printf "\nsetup: interrupted; the same command starts it over\n" >&2; exit 130' INT
trap 'exit 143' TERM

mark=$(state_mark)
owner=$(state_owner)
case "$mark" in
busy*) at_work "${mark#busy }" && fail "another set-up of $VENV is at work (process ${mark#busy }); wait for it" ;;
esac

if [ "$owner" = kit ]; then
    # Ours. Cut short, moved, broken or of another Python: start over. Else bring it up to date.
    case "$mark" in
    *" $PWD") [ -x "$VENV/bin/python" ] && [ -n "$(probe "$VENV/bin/python")" ] && wanted_version && fresh=no || fresh=yes ;;
    *) fresh=yes ;;
    esac
    if [ "$fresh" = yes ]; then
        find_python
        rm -rf "$VENV" 2>/dev/null || fail "cannot remove the unfinished $VENV: remove it by hand"
        make_venv
    else
        say "Bringing $VENV up to date"
    fi
elif [ -x "$VENV/bin/python" ]; then
    # The user's own environment: install into it, never remove it.
    owner=user
    answer=$(probe "$VENV/bin/python")
    supported "${answer% *}" ||
        fail "$VENV is Python ${answer:-of an unknown version}; the kit needs 3.11, 3.12 or 3.13: remove it, or name another (make VENV=...)"
    say "Installing into the environment that is there: $VENV"
elif [ -e "$VENV" ] && [ -n "$(ls -A "$VENV" 2>/dev/null)" ]; then
    fail "$VENV is there but is no Python environment; move it away, or name another (make VENV=...)"
else
    make_venv
fi

write_state "${owner:-kit}" "busy $$"
install
write_state "${owner:-kit}" "$KEY"
