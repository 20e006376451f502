#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every bench, one after another; what each says goes to build/bench/ as JSON.
#
#     BUILD    where programs were built (build/release)
#     VENV     where torch and the others are (build/venv); without them what
#              is compared with them is left out
#     PYTHON   for what needs no more than Python (python3)
set -eu
: "${BUILD:=build/release}"
: "${VENV:=build/venv}"
: "${PYTHON:=python3}"
mkdir -p build/bench

# bench NAME COMMAND...
bench() {
    name=$1
    shift
    echo "---- $name"
    "$@" --json "build/bench/$name.json"
}

bench kernels "$BUILD/tests/bench/kernels"
if [ -e "$VENV/conformance" ]; then
    bench peers "$VENV/bin/python" tests/bench/peers.py \
        "$BUILD/tests/bench/kernels"
    bench clients "$VENV/bin/python" tests/bench/clients.py "$BUILD/sowd"
else
    echo "peers, clients: torch and the others are not there: left out"
fi
bench loopback "$PYTHON" tests/bench/loopback.py "$BUILD/sowd"
bench sizing "$PYTHON" tests/bench/sizing.py "$BUILD/sowd"
