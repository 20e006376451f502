#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Run test programs (Check) and scripts (Python), and sum up their results:
#
#     tests/run.sh build/release/tests/lib/run tests/clients/test_curl.py
#
# As many run side by side as there are cores, or as JOBS says; put long ones
# first.  An area's program ("run") is run in parts, those of one in turn with
# those of the others: where an area's tests wait, another's compute.  One that
# measures time says so in a line '# Runs alone: why', and has the machine to
# itself.
# Outputs are kept apart and told of in the order of the arguments: a program's
# is shown when it fails, or always with V=1.  A program that ran no test has
# failed.  PYTHON is the interpreter of the scripts.
# REQUIRE_ENGINES="portable avx2" makes the lack of an engine a failure (a test
# in tests/lib sees to it); otherwise those lacking are only named, as is what
# a script could not do: its lines 'skipped: why'.

: "${PYTHON:=python3}"
: "${JOBS:=$(nproc)}"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export PYTHON work

passed=0
failed=0

# Run each 'NUMBER PROGRAM PART' of the input, N at a time: its output goes into
# $work/NUMBER, how it ended into $work/NUMBER.status.
run() {
    # shellcheck disable=SC2016 # the shells of xargs expand it
    xargs -r -L 1 -P "$1" sh -c '
        case $1 in
        *.py) "$PYTHON" "$1" ;;
        *) PART=$2 "$1" ;;
        esac >"$work/$0" 2>&1
        echo $? >"$work/$0.status"'
}

# "CHECKS FAILURES" of the last summary line of the output, whoever wrote it.
results() {
    sed -n \
        -e 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' \
        -e 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$2" |
        tail -n 1 |
        case $1 in
        *.py) awk '{ print $1 + $2, $2 }' ;;
        *) awk '{ print $1, $2 + $3 }' ;;
        esac
}

# Add what PROGRAM said in OUTPUT, and tell of it what matters.
tell() {
    program=$1
    output=$2
    status=$(cat "$output.status")
    # shellcheck disable=SC2046 # two words
    set -- $(results "$program" "$output")
    checks=${1:-0}
    failures=${2:-0}
    complaint=
    if [ "$checks" -eq 0 ]; then
        complaint="ran no test"
    elif [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
        complaint="passed its checks, but failed"
    fi
    if [ -n "$complaint" ] || [ "$failures" -ne 0 ] || [ "${V:-0}" = 1 ]; then
        echo "== $program"
        cat "$output"
    else
        grep -E '^(engine missing|skipped: )' "$output"
    fi
    if [ -n "$complaint" ]; then
        echo "$program: $complaint (exit status $status)"
        failed=$((failed + 1))
    fi
    passed=$((passed + checks - failures))
    failed=$((failed + failures))
}

touch "$work/scripts" "$work/alone"
number=0

# Note a program, or a part of it.
plan() { # LIST PROGRAM PART
    number=$((number + 1))
    echo "$number $2 $3" >>"$work/$1"
}

for program; do
    case $program in
    */run)
        # No more than the smallest area has suites: an empty part fails.
        for part in 1 2 3 4; do
            plan "part$part" "$program" "$part/4"
        done
        ;;
    *)
        list=scripts
        ! grep -q '^# Runs alone: ' "$program" || list=alone
        plan $list "$program" 1/1
        ;;
    esac
done
find "$work" -name 'part*' | sort | xargs -r cat >"$work/together"
cat "$work/scripts" >>"$work/together"
run "$JOBS" <"$work/together"
run 1 <"$work/alone"

sort -n "$work/together" "$work/alone" >"$work/plan"
while read -r number program part; do
    tell "$program" "$work/$number"
done <"$work/plan"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
