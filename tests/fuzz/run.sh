#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Build the fuzzers with clang and run them:
#
#     FUZZ_SECONDS=600 tests/fuzz/run.sh [NAME…]
#
# One is named by its file here: query, request, …; without names all run, as
# many side by side as there are cores, or as JOBS says.  Each begins with seeds
# from our own examples (seeds.py) and what it found before, in
# build/fuzz/corpus.  An input under which something does not hold is kept in
# build/fuzz/found, and the fuzzer has failed; what a file there does tells
# build/fuzz/fuzz-NAME FILE.
set -eu
cd "$(dirname "$0")/../.."

: "${FUZZ_SECONDS:=60}"
: "${JOBS:=$(nproc)}"
: "${PYTHON:=/usr/bin/python3}"
: "${CLANG:=clang}"
build=build/fuzz

tests/need.sh clang
version=$($CLANG -dumpversion)
tests/need.sh "libclang-rt-${version%%.*}-dev"

# The archives as `make MODE=asan` has them, with counters at every branch.
make -s MODE=asan CC="$CLANG" BUILD=$build WARN=-w \
    CFLAGS='-g -fsanitize=fuzzer-no-link' \
    $build/libapi.a $build/libsow.a

# shellcheck disable=SC2046 # many words
compile() { # fuzzer
    $CLANG -g -O1 -std=c11 -D_GNU_SOURCE -Ilib -Iapi \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        -o "$build/fuzz-$1" "tests/fuzz/$1.c" tests/fuzz/fuzz*.c \
        tests/api/keeper.c tests/api/drive.c $build/libapi.a $build/libsow.a \
        $(pkg-config --cflags --libs jansson libsodium nettle) -lm
}

names=$*
if [ -z "$names" ]; then
    names=$(find tests/fuzz -name '*.c' ! -name 'fuzz*' -exec basename {} .c \; |
        sort)
fi
$PYTHON tests/fuzz/seeds.py $build
mkdir -p $build/found $build/logs
for name in $names; do
    compile "$name"
    mkdir -p "$build/corpus/$name"
done

status=0
# shellcheck disable=SC2016 # the shell of xargs expands it
echo "$names" | xargs -n 1 -P "$JOBS" sh -c '
    "$0/fuzz-$2" -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 \
        -max_len=4096 -dict="$0/dictionaries/$2" -print_final_stats=1 \
        -artifact_prefix="$0/found/$2-" "$0/corpus/$2" "$0/seeds/$2" \
        >"$0/logs/$2" 2>&1' "$build" "$FUZZ_SECONDS" || status=1

# "NAME: N executions, N of N branches", and all of what failed.
for name in $names; do
    awk -v name="$name" '
        /inline 8-bit counters/ { total = $0; sub(/.*modules *\(/, "", total)
                                  total += 0 }
        match($0, /cov: [0-9]+/) { cov = substr($0, RSTART + 5, RLENGTH - 5) }
        /number_of_executed_units/ { runs = $2 }
        END { print name ": " runs " executions, " cov " of " total " branches" }
    ' "$build/logs/$name"
    ! grep -qE 'ERROR|SUMMARY|does not hold' "$build/logs/$name" ||
        tail -n 60 "$build/logs/$name"
done

# What a client makes of the document, a minute long.
if [ -x build/venv/bin/schemathesis ]; then
    build/venv/bin/python tests/fuzz/test_schemathesis.py || status=1
else
    echo "schemathesis: not there (make build/venv/conformance): left out"
fi
exit $status
