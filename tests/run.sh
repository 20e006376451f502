#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Run test programs (Check) and scripts (Python), and sum up their results:
#
#     tests/run.sh build/release/tests/lib/run tests/clients/test_curl.py
#
# A program's output is shown when it fails, or always with V=1.  A program
# that ran no test has failed.  PYTHON is the interpreter of the scripts.
# REQUIRE_ENGINES="portable avx2" makes the lack of an engine a failure
# (a test in tests/lib sees to it); otherwise those lacking are only named.

: "${PYTHON:=python3}"

output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT
trap 'exit 1' HUP INT TERM

passed=0
failed=0

# "CHECKS FAILURES" of the last summary line in the output, whoever wrote it.
results() {
    sed -n \
        -e 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' \
        -e 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$output" |
        tail -n 1 |
        case $1 in
        *.py) awk '{ print $1 + $2, $2 }' ;;
        *) awk '{ print $1, $2 + $3 }' ;;
        esac
}

run() {
    case $1 in
    *.py) "$PYTHON" "$@" ;;
    *) "$@" ;;
    esac
}

for program; do
    run "$program" >"$output" 2>&1
    status=$?
    set -- $(results "$program")
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
        grep '^engine missing' "$output"
    fi
    if [ -n "$complaint" ]; then
        echo "$program: $complaint (exit status $status)"
        failed=$((failed + 1))
    fi
    passed=$((passed + checks - failures))
    failed=$((failed + failures))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
