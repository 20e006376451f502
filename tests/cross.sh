#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The same bits from other machines and other compilers, in parts:
#
#     tests/cross.sh binary       its locks, and the same binary once more
#     tests/cross.sh avx512       engines, by AVX-512 instructions, emulated
#     tests/cross.sh aarch64      all tests of lib/ and api/ under qemu
#     tests/cross.sh compilers    what pins bits, by gcc and clang, -O0 to -O3
#     tests/cross.sh debian13     and by its gcc and clang; no warning
#     tests/cross.sh              all five
#
# A part ends with "N passed, N failed", the whole with their sums; one that
# can't be built has failed, and the others go on.  What is done is told as it
# ends, since a part takes minutes.  SUITES="vectors jax" runs no other suites.
#
# Each suite is a program of its own, and as many run side by side as there are
# cores.  Compilers and emulator are installed when they are missing (need.sh);
# the arm64 libraries, and all that is of Debian 13, are unpacked below build/
# and stay there: the machine keeps its packages and architectures as they are.
#
# Left out are tests with the tag "laws" (the same bits follow the same laws),
# and on aarch64 "wide" and api's number's millions of numbers as text, which
# are the C library's work.
# shellcheck disable=SC2086,SC2317 # many words; functions called by name
set -eu
cd "$(dirname "$0")/.."

cross=$PWD/build/cross
root=$cross/root
libraries="libc6-dev check libjansson-dev libsodium-dev nettle-dev
    libmicrohttpd-dev libgnutls28-dev libseccomp-dev"
# What pins bits: the vectors, the frameworks' answers, elementary functions.
bits="bfloat16 elementary_bits glibc jax kernels numpy orthogonal philox
    sha256 torch vectors"
# Those that take longest go first, so that no core waits for the last one.
long="aided density_values glibc measure_theory torch wholes"

say() { printf '%5d s  %s\n' $(($(date +%s) - started)) "$*" >&3; }

# Make with its own number of jobs, whoever called this script.
build() {
    env -u MAKEFLAGS -u MAKELEVEL "$@" >"$cross/make.log" 2>&1 ||
        { grep -v '^  CC ' "$cross/make.log"; exit 1; }
}

# program NAME SUITE COMMAND...: a program for run.sh that tells when it ends
program() {
    name=$1
    suite=$2
    shift 2
    case " ${SUITES:-$suite} " in
    *" $suite "*) ;;
    *) return 0 ;;
    esac
    case " $long " in
    *" $suite "*) rank=1 ;;
    *) rank=2 ;;
    esac
    cat >"$cross/run/$rank-$name-$suite" <<END
#!/bin/sh
CK_EXCLUDE_TAGS=laws
export CK_EXCLUDE_TAGS
start=\$(date +%s)
$* $suite
status=\$?
end=\$(date +%s)
echo "$suite" >>"$cross/ended"
verdict=
[ \$status = 0 ] || verdict=', FAILED'
printf '%5d s  %d of %d: %s %s, %d s%s\\n' \$((end - $started)) \
    \$(wc -l <"$cross/ended") \$programs $name $suite \$((end - start)) \
    "\$verdict" >&3
exit \$status
END
}

run_programs() {
    set -- "$cross"/run/*
    [ -e "$1" ] || {
        echo "skipped: it has none of the suites $SUITES"
        echo "0 passed, 0 failed"
        return 0
    }
    say "running $# programs"
    chmod +x "$@"
    programs=$# CK_TIMEOUT_MULTIPLIER=10 tests/run.sh "$@"
}

# The suites of tests/AREA/main.c, but those that have nothing but laws.
suites() {
    sed -n 's/^ *ROW(\([a-z0-9_]*\)).*/\1/p' "tests/$1/main.c" |
        while read -r suite; do
            file=tests/$1/test_$suite.c
            [ "$(grep -c 'tcase_create(' "$file")" = \
                "$(grep -c 'tcase_set_tags(.*"laws")' "$file")" ] ||
                echo "$suite"
        done
}

# ---- the binary ------------------------------------------------------------

binary() {
    say "looking at the binary, and building it in another folder"
    tests/binary.sh
}

# ---- gcc and clang of this machine -----------------------------------------

# WARN comes last on make's command lines: its -O holds for lib/kernels too.
# The tests themselves are compiled once.
# shellcheck disable=SC2016 # make expands it
compilers() {
    tests/need.sh gcc clang
    for level in -O0 -O1 -O2 -O3; do
        for compiler in gcc clang; do
            folder=build/cross/$compiler$level
            mkdir -p "$folder/tests/lib"
            say "compiling with $compiler $level"
            build make BUILD="$folder" CC="$compiler" \
                OPTIMIZE.release="$level" WARN="$level" \
                objects_of='$(patsubst %.c,$(tests)/%.o,
                    $(wildcard tests/$(1)/*.c))' \
                tests=build/cross/gcc-O0 "$folder/tests/lib/run"
            for suite in $bits; do
                program "$compiler$level" "$suite" "$folder/tests/lib/run"
            done
        done
    done
    run_programs
}

# ---- Debian 13 -------------------------------------------------------------

debian13() {
    for compiler in gcc clang; do
        folder=build/debian/trixie-$compiler
        say "compiling with Debian 13's $compiler, without a warning" \
            "(the first time, it is unpacked before that)"
        tests/debian.sh trixie $compiler WERROR=1 all \
            $folder/tests/lib/run $folder/tests/api/run \
            $folder/tests/server/run $folder/tests/fault/run >/dev/null
        for suite in $bits; do
            program "debian13-$compiler" "$suite" $folder/tests/lib/run
        done
    done
    run_programs
}

# ---- aarch64 ---------------------------------------------------------------

# An emulator takes twenty times as long as the processor.
aarch64() {
    tests/need.sh gcc-aarch64-linux-gnu qemu-user
    say "unpacking arm64 libraries into $root, unless they are there"
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    tests/unpack.sh "$root" "$codename" arm64 $libraries \
        >"$cross/unpack.log" 2>&1 || { cat "$cross/unpack.log"; exit 1; }
    say "compiling for aarch64, without a warning"
    build env PKG_CONFIG_SYSROOT_DIR="$root" \
        PKG_CONFIG_LIBDIR="$root/usr/lib/aarch64-linux-gnu/pkgconfig" \
        make BUILD=build/cross/aarch64 WERROR=1 \
        CC="aarch64-linux-gnu-gcc --sysroot=$root" build/cross/aarch64/sowd \
        build/cross/aarch64/tests/lib/run build/cross/aarch64/tests/api/run
    for area in lib api; do
        for suite in $(suites $area); do
            case $suite in
            number) only=CK_RUN_CASE=known ;;
            *) only= ;;
            esac
            program "aarch64-$area" "$suite" env CK_EXCLUDE_TAGS="'laws wide'" \
                CK_TIMEOUT_MULTIPLIER=40 REQUIRE_ENGINES=portable $only \
                qemu-aarch64 -L "$root" "build/cross/aarch64/tests/$area/run"
        done
    done
    run_programs
}

# ---- AVX-512 ---------------------------------------------------------------

# What compares engines, on the processor of tests/emulate.py.  Its package
# needs names that glibc has from 2.38 on.
avx512() {
    tests/need.sh python3-venv
    bochs=$cross/bochs
    [ -e "$bochs/c23.so" ] || {
        say "installing an emulator into $bochs"
        /usr/bin/python3 -m venv "$bochs"
        "$bochs/bin/pip" install -q --no-deps bochscpu-python==0.4.0
        printf '%s\n' '.globl __isoc23_sscanf, __isoc23_strtoull' \
            '__isoc23_sscanf: jmp sscanf@PLT' \
            '__isoc23_strtoull: jmp strtoull@PLT' \
            '.section .note.GNU-stack,"",@progbits' |
            gcc -shared -x assembler - -o "$bochs/c23.so"
    }
    build make build/release/tests/lib/run
    # shellcheck disable=SC2046 # many words
    gcc -static-pie build/release/tests/lib/*.o -Wl,--whole-archive \
        build/release/libsow.a -Wl,--no-whole-archive \
        $(pkg-config --static --libs check libsodium nettle) -lm \
        -o "$bochs/run"
    for suite in choose doubles draws jax kernels kernels_agree mt19937 \
        narrow truncated vectors; do
        program avx512 "$suite" env CK_FORK=no LD_PRELOAD="$bochs/c23.so" \
            REQUIRE_ENGINES="'portable avx2 avx512'" "$bochs/bin/python" \
            tests/emulate.py "$bochs/run"
    done
    run_programs
}

# ----------------------------------------------------------------------------

# take PART: tell of it, and add its checks to the sums
take() {
    say "== $1"
    rm -rf "$cross/run" "$cross/ended"
    mkdir -p "$cross/run"
    log=$cross/$1.log
    set +e
    (
        set -e
        "$1"
    ) >"$log" 2>&1
    status=$?
    set -e
    uniq "$log"
    # shellcheck disable=SC2046 # two words
    set -- $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
        "$log" | tail -n 1)
    passed=$((passed + ${1:-0}))
    failed=$((failed + ${2:-0}))
    [ $status = 0 ] || [ "${2:-0}" != 0 ] || failed=$((failed + 1))
}

started=$(date +%s)
passed=0
failed=0
exec 3>&1
[ $# != 0 ] || set -- binary avx512 aarch64 compilers debian13
for part; do
    case $part in
    binary | avx512 | aarch64 | compilers | debian13) ;;
    *)
        sed -n '4,11s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done
for part; do
    take "$part"
done
say "== all: $*"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
