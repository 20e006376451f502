#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The same bits from other machines and other compilers:
#
#     tests/cross.sh compilers    gcc and clang, -O0 to -O3
#     tests/cross.sh debian13     its gcc and clang; no warning; as root
#     tests/cross.sh aarch64      all tests of lib/ and api/ under qemu
#     tests/cross.sh              all three
#
# Everything is compiled first; then each suite is a program of its own, and as
# many run side by side as there are cores.  SUITES="vectors jax" runs no
# others.
#
# The machine keeps its packages and architectures as they are: the arm64
# libraries, and Debian 13, are folders in build/cross.
#
# Left out are tests with the tag "laws" (the same bits follow the same laws),
# and on aarch64 "wide" and api's number's millions of numbers as text, which
# are the C library's work.
# shellcheck disable=SC2086,SC2317 # many words; functions called by name
set -eu
cd "$(dirname "$0")/.."

cross=$PWD/build/cross
root=$cross/root
trixie=$cross/trixie
libraries="libc6-dev check libjansson-dev libsodium-dev nettle-dev
    libmicrohttpd-dev libgnutls28-dev libseccomp-dev"
# Sources there, with /proc, which clang asks where it is.
in_trixie="unshare --mount --pid --fork --kill-child --root=$trixie --wd=/src
    --mount-proc"
# What pins bits: the vectors, the frameworks' answers, elementary functions.
bits="elementary_bits glibc jax kernels numpy orthogonal philox sha256 torch
    vectors"

say() { printf '%5d s  %s\n' $(($(date +%s) - started)) "$*"; }

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
    cat >"$cross/run/$name-$suite" <<END
#!/bin/sh
CK_EXCLUDE_TAGS=laws
export CK_EXCLUDE_TAGS
start=\$(date +%s)
$* $suite
status=\$?
echo "         \$((\$(date +%s) - start)) s: $name $suite" >&3
exit \$status
END
}

# The suites of tests/AREA/main.c.
suites() { sed -n 's/^ *ROW(\([a-z0-9_]*\)).*/\1/p' "tests/$1/main.c"; }

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
}

# ---- Debian 13 -------------------------------------------------------------

make_trixie() {
    [ ! -e "$trixie/complete" ] || return 0
    say "making Debian 13 in $trixie"
    tests/need.sh mmdebstrap
    rm -rf "$trixie"
    packages=$(echo "$libraries" | tr -s ' \n' ',')
    docker/bootstrap.sh trixie "$(dpkg --print-architecture)" "$trixie" \
        --include="$packages,gcc,clang,make,pkg-config,libjs-chart.js"
    touch "$trixie/complete"
}

debian13() {
    [ "$(id -u)" = 0 ] || {
        echo "debian13: skipped: it takes root"
        return 0
    }
    make_trixie
    mkdir -p "$trixie/src"
    find "$trixie/src" -mindepth 1 -maxdepth 1 ! -name build \
        -exec rm -rf {} +
    tar c --exclude=./build --exclude=./.git . | tar x -C "$trixie/src"
    for compiler in gcc clang; do
        folder=build/$compiler
        say "compiling with $($in_trixie $compiler --version | head -n 1)," \
            "without a warning"
        build $in_trixie make BUILD=$folder CC=$compiler WERROR=1 all \
            $folder/tests/lib/run $folder/tests/api/run \
            $folder/tests/server/run $folder/tests/fault/run
        for suite in $bits; do
            program "debian13-$compiler" "$suite" $in_trixie \
                $folder/tests/lib/run
        done
    done
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
}

# ----------------------------------------------------------------------------

case ${1-} in
compilers | debian13 | aarch64) parts=$1 ;;
'') parts="aarch64 compilers debian13" ;;
*)
    sed -n '3,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

started=$(date +%s)
rm -rf "$cross/run"
mkdir -p "$cross/run"
exec 3>&1
for part in $parts; do
    $part
done
chmod +x "$cross"/run/*
say "running $(find "$cross/run" -type f | wc -l) programs, without tests" \
    "of the tag laws, nor on aarch64 wide"
CK_TIMEOUT_MULTIPLIER=10 exec tests/run.sh "$cross"/run/*
