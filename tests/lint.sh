#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a machine can check of the house's rules.  Usage: lint.sh LIBSOW.A FILE…
# Prints every finding; exits 1 when there is one.
set -u
archive=$1
shift
files=$*
cores=$(nproc)
for tool in clang-format clang-tidy cppcheck nm size; do
    command -v "$tool" >/dev/null || { echo "lint needs $tool"; exit 1; }
done
findings=$(mktemp)
trap 'rm -f "$findings"' EXIT

say() { # rule, then findings on standard input
    sed "s|^|$1: |" >>"$findings"
}

code() { # the files below the given folders
    for f in $files; do
        case $f in "$1"/*) echo "$f" ;; esac
    done
}

# --- formatting and the compilers' own checkers
# shellcheck disable=SC2016 # the shells of xargs expand it
echo "$files" | xargs -n 1 -P "$cores" sh -c \
    'clang-format --dry-run -Werror "$0" >/dev/null 2>&1 || echo "$0"' |
    say "not clang-formatted (make format)"
cppcheck --quiet -j "$cores" --std=c11 --enable=warning,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem \
    --suppress=uninitvar --suppress=legacyUninitvar \
    --suppress=ctuuninitvar --suppress=comparePointers --error-exitcode=0 \
    -D__x86_64__ -Ilib -Iapi -Iserver lib api server 2>&1 |
    grep -E ': (error|warning|performance|portability)' | say cppcheck
# shellcheck disable=SC2016
for d in lib api server; do code $d; done | grep '\.c$' |
    xargs -n 8 -P "$cores" sh -c 'clang-tidy "$0" "$@" -- -std=c11 \
        -D_GNU_SOURCE -mavx2 -mfma -mavx512f -mavx512dq -mavx512bw \
        -mavx512vl -Ilib -Iapi -Iserver 2>/dev/null' \
    --quiet --warnings-as-errors='*' --checks='-*,bugprone-*,cert-*,
clang-analyzer-*,-bugprone-easily-swappable-parameters,
-bugprone-reserved-identifier,-bugprone-narrowing-conversions,
-bugprone-implicit-widening-of-multiplication-result,-cert-dcl37-c,
-cert-dcl51-cpp,-cert-err33-c,-bugprone-assignment-in-if-condition,
-bugprone-branch-clone,-bugprone-suspicious-include,-cert-dcl03-c,
-bugprone-suspicious-string-compare,-bugprone-sizeof-expression,
-bugprone-not-null-terminated-result,-bugprone-misplaced-widening-cast,
-clang-analyzer-valist.Uninitialized,-clang-analyzer-core.CallAndMessage,
-clang-analyzer-core.NonNullParamChecker,-clang-analyzer-security.insecureAPI.*' |
    grep -E '(warning|error):' | say clang-tidy

# --- each foreign header has one home
home() { # header, extended regular expression of the files that may
    grep -lE "^#include <$1>" $files | grep -vE "$2" |
        say "includes <$1>"
}
# digests in one file; comparing, clearing and signing in the other
home sodium.h '^(lib/(digest|secret)\.c|tests/)'
home 'nettle/.*' '^lib/sha(1|256)\.c'
home jansson.h '^(api|tests)/'
home 'gnutls/.*' '^server/tls\.c'
home microhttpd.h '^server/http(_[a-z]+)?\.[ch]'

# --- lib <- api <- server, never back
grep -nE '#include "(api|problems|spec|formats/|http|config)' \
    $(code lib) | say "lib includes what is above it"
grep -nE '#include "(http|config|pool|log)\.h"' $(code api) |
    say "api includes server"

# --- the library's symbols: the prefix, and what it may need
nm -A --defined-only "$archive" | grep -E ' [TDBRC] ' |
    grep -vE ' sow1?_' | say "symbol without the prefix"
needs() { # what objects need that any of them may not
    xargs nm --undefined-only | awk '/ U /{print $2}' | sort -u |
        grep -vE '^(sow|crypto_|sodium_|nettle_sha(1|256)_)' |
        grep -vE '^(mem(cpy|set|cmp|move)|str(len|cmp|ncmp|chr|cspn)|v?snprintf)$' |
        grep -vE '^__(stack_chk_fail|(mem|v?sn).*_chk|cpu_(model|indicator_init))$' |
        grep -vE '^(fmaf?|_GLOBAL_OFFSET_TABLE_)$'
}
objects=$(dirname "$archive")/lib
find "$objects" -name '*.o' ! -path '*/lib/analysis/*' | needs | say "lib needs"
find "$objects/analysis" -name '*.o' | needs |
    grep -vE '^(acos|asin|ceil|cos|erfc?|exp|expm1|ldexp|log|log10|log1p|log2|pow|sin|sincos|sqrt|tanh)$' |
    say "lib/analysis needs"
size -A "$archive" | awk '/\(ex / { object = $1 }
    $1 ~ /^\.(data|bss)$/ && $2 > 0 { print object, $1 }' |
    say "mutable data in lib"

# --- calls and comments that have no place here
grep -nE '\b(sprintf|vsprintf|strcpy|strcat|gets|atoi|atol|strtok|alloca|rand|srand|system|popen)\(' \
    $files | say "banned call"
grep -nE '(^|[^:"])//' $files | grep -v '"' | say "// comment"
grep -nE '\bgoto\b' $(code lib) $(code api) $(code server) | say goto
grep -nE '\b(TOD[O]|FIXM[E]|XX[X])\b' $files | say unfinished
for f in $files; do
    head -n 1 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"
done | say "no SPDX line"
grep -nE '.{81,}' $files | grep -vE 'https?://' |
    awk -F: '{ line = $0; sub(/^[^:]*:[^:]*:/, "", line);
               if (length(line) > 80) print $1 ":" $2 }' | say "over 80 columns"

# --- lengths: functions of 60 lines, files of 400
awk 'FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^\}/ && start { n = FNR - start + 1
        if (n > 60) print FILENAME ":" start ": " n " lines"; start = 0 }' \
    $files | say "function over 60 lines"
for f in $files; do
    n=$(wc -l <"$f")
    [ "$n" -le 400 ] || echo "$f: $n lines"
done | say "file over 400 lines"

sort "$findings"
if [ -s "$findings" ]; then
    echo "lint: $(wc -l <"$findings") findings"
    exit 1
fi
echo "lint: clean"
