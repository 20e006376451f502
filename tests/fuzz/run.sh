#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Build the fuzzers with clang and run them, and then schemathesis:
#
#     FUZZ_SECONDS=600 SCHEMATHESIS_SECONDS=0 tests/fuzz/run.sh [NAME…]
#
# One is named by its file here: query, request, …; without names all run, as
# many side by side as there are cores, or as JOBS says, and schemathesis, unless
# it has 0 seconds.  Each begins with seeds from our own examples (seeds.py) and
# what it found before, in build/fuzz/corpus.  An input under which something
# does not hold is kept in build/fuzz/found, and the fuzzer has failed; what a
# file there does tells build/fuzz/fuzz-NAME FILE.
set -eu
cd "$(dirname "$0")/../.."

: "${FUZZ_SECONDS:=60}"
: "${SCHEMATHESIS_SECONDS:=60}"
: "${JOBS:=$(nproc)}"
: "${PYTHON:=/usr/bin/python3}"
: "${CLANG:=clang}"
export SCHEMATHESIS_SECONDS
build=build/fuzz
MAKEFLAGS= # a make that called us keeps its jobs to itself

tests/need.sh clang
version=$($CLANG -dumpversion)
tests/need.sh "libclang-rt-${version%%.*}-dev"

# shellcheck disable=SC2086,SC2046 # many words
objects_of() { printf "$build/%s.o " $(printf '%s\n' "$@" | sed 's/\.c$//'); }

names=$*
if [ -z "$names" ]; then
    names=$(find tests/fuzz -name '*.c' ! -name 'fuzz*' -exec basename {} .c \; |
        sort)
fi
shared=$(objects_of tests/fuzz/fuzz*.c tests/api/keeper.c tests/api/drive.c)

# All as `make MODE=asan` has it, with counters at every branch.
# shellcheck disable=SC2086,SC2046 # many words
make -s -j"$JOBS" MODE=asan CC="$CLANG" BUILD=$build WARN=-w \
    CFLAGS='-g -fsanitize=fuzzer-no-link' $build/libapi.a $build/libsow.a \
    $shared $(for name in $names; do objects_of "tests/fuzz/$name.c"; done)
$PYTHON tests/fuzz/seeds.py $build
mkdir -p $build/found $build/logs

# Link fuzzer $1 and run it; 0 when nothing was found.
# shellcheck disable=SC2046,SC2086 # many words
run() {
    mkdir -p "$build/corpus/$1"
    $CLANG -fsanitize=fuzzer,address,undefined -o "$build/fuzz-$1" \
        "$build/tests/fuzz/$1.o" $shared $build/libapi.a $build/libsow.a \
        $(pkg-config --libs jansson libsodium nettle) -lm -pthread \
        >"$build/logs/$1" 2>&1 || return 1
    "$build/fuzz-$1" -max_total_time="$FUZZ_SECONDS" -timeout=60 \
        -rss_limit_mb=2048 -max_len=4096 -dict="$build/dictionaries/$1" \
        -print_final_stats=1 -artifact_prefix="$build/found/$1-" \
        "$build/corpus/$1" "$build/seeds/$1" >"$build/logs/$1" 2>&1
}

# "NAME: N executions, N of N branches: nothing found"
summary() { # name, what came of it
    awk -v name="$1" -v verdict="$2" '
        /inline 8-bit counters/ { total = $0; sub(/.*modules *\(/, "", total)
                                  total += 0 }
        match($0, /cov: [0-9]+/) { cov = substr($0, RSTART + 5, RLENGTH - 5) }
        /number_of_executed_units/ { runs = $2 }
        END { printf "%-8s %9d executions, %5d of %d branches: %s\n",
                  name, runs, cov, total, verdict }
    ' "$build/logs/$1"
}

# Takes every JOBS-th of the names; says what came of each when it is through.
worker() { # number
    failed=0
    i=0
    for name in $names; do
        i=$((i + 1))
        [ $((i % JOBS)) = "$1" ] || continue
        if run "$name"; then
            summary "$name" 'nothing found'
        else
            summary "$name" "FAILED, see $build/logs/$name"
            tail -n 60 "$build/logs/$name"
            failed=1
        fi
    done
    return $failed
}

status=0
workers=
for number in $(seq 0 $((JOBS - 1))); do
    worker "$number" &
    workers="$workers $!"
done
for worker in $workers; do
    wait "$worker" || status=1
done

# What a client makes of the document.
if [ $# -gt 0 ] || [ "$SCHEMATHESIS_SECONDS" = 0 ]; then
    echo "schemathesis: left out"
elif [ -x build/venv/bin/schemathesis ]; then
    make -s -j"$JOBS" all
    build/venv/bin/python tests/fuzz/test_schemathesis.py || status=1
else
    echo "schemathesis: not there (make build/venv/conformance): left out"
fi
exit $status
