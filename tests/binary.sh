#!/bin/sh
# SPDX-License-Identifier: MIT
#
# SOWD (build/release/sowd) as a binary: the same bytes again from a copy of
# the sources in another folder, and the locks that a compiler can put on.
# Ends with "N passed, N failed".
set -eu
cd "$(dirname "$0")/.."

sowd=${SOWD:-build/release/sowd}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# check STATEMENT COMMAND...
check() {
    statement=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
        return 0
    fi
    failed=$((failed + 1))
    echo "FAILED: $statement"
    tail -n 20 "$work/output"
}

# has FILE PATTERN, has_not FILE PATTERN
has() { grep -E "$2" "$work/$1"; }
has_not() { ! grep -E "$2" "$work/$1"; }

# Elsewhere, with other times, and another language.
build_again() {
    folder=$work/another/place
    mkdir -p "$folder"
    tar c --exclude=./build --exclude=./.git . | tar x -m -C "$folder"
    env -u MAKEFLAGS -u MAKELEVEL LC_ALL=C.UTF-8 TZ=Asia/Tokyo \
        make -C "$folder" -j"${JOBS:-$(nproc)}" MODE=release WERROR=1 all &&
        mv "$folder/build/release/sowd" "$work/again"
}

# The note that all of a binary has marks is no matter of ours: Debian's C
# library comes without.
has_marks() {
    marks=$(objdump -d "$sowd" | grep -c endbr64)
    echo "$marks marks"
    [ "$marks" -ge 1000 ]
}

check_locks() {
    readelf -W -h -l -d "$sowd" >"$work/head"
    readelf -W --dyn-syms "$sowd" >"$work/symbols"
    check "its place in memory is random (PIE)" has head 'Flags:.* PIE'
    check "tables of functions become read-only (RELRO)" has head GNU_RELRO
    check "and are filled in at the start (BIND_NOW)" has head 'Flags: NOW'
    check "no stack is executable" has head 'GNU_STACK .* RW '
    check "no segment is writable and executable" has_not head 'LOAD .* RWE '
    check "no folder is searched for libraries" has_not head 'R(UN)?PATH'
    check "stacks are guarded" has symbols ' __stack_chk_fail@'
    check "library calls are checked (FORTIFY)" has symbols \
        ' __(memcpy|snprintf|vsnprintf|read|fprintf)_chk@'
    if has head 'Machine:.*X86-64' >/dev/null; then
        check "functions have marks where jumps may land (CET)" has_marks
    fi
}

[ -x "$sowd" ] || { echo "there is no $sowd: run make" >&2; exit 1; }
check_locks
check "it builds in another folder" build_again
check "and is the same" cmp "$sowd" "$work/again"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
