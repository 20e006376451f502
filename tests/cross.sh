#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The same bits from other machines and other compilers:
#
#     tests/cross.sh aarch64      tests of lib/ and api/ under qemu
#     tests/cross.sh compilers    tests/vectors/ by gcc and clang, -O0 to -O3
#     tests/cross.sh              both
#
# The machine keeps its dpkg architectures as they are: the arm64 libraries
# are unpacked into build/cross, by an apt that has its lists and its state
# there too.  Tests of what distribution values follow are left out: the same
# bits follow the same laws.
set -eu
cd "$(dirname "$0")/.."

cross=$PWD/build/cross
root=$cross/root
libraries="libc6-dev check libjansson-dev libsodium-dev nettle-dev
    libmicrohttpd-dev libgnutls28-dev libseccomp-dev"

# Make with its own number of jobs, whoever called this script.
build() {
    env -u MAKEFLAGS -u MAKELEVEL make "$@" >"$cross/make.log" 2>&1 ||
        { grep -v '^  CC ' "$cross/make.log"; exit 1; }
}

# apt-get as of an arm64 machine on which nothing is installed.
arm64_apt() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
        -o Dir::State="$cross/apt" -o Dir::State::status="$cross/apt/status" \
        -o Dir::Cache="$cross/apt" -o Debug::NoLocking=1 \
        -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

unpack_libraries() {
    [ ! -e "$root/complete" ] || return 0
    echo "Unpacking arm64 libraries into $root"
    rm -rf "$root" "$cross/apt"
    mkdir -p "$root" "$cross/apt/lists/partial" "$cross/apt/archives/partial"
    : >"$cross/apt/status"
    arm64_apt update
    # shellcheck disable=SC2086 # many words
    arm64_apt install -y --no-install-recommends --download-only \
        $libraries >/dev/null
    for package in "$cross"/apt/archives/*.deb; do
        dpkg -x "$package" "$root"
    done
    # Links are to what is below the root, not to the machine's own.
    find "$root" -type l -lname '/*' | while read -r link; do
        ln -sfrn "$root$(readlink "$link")" "$link"
    done
    rm -rf "$cross/apt"
    touch "$root/complete"
}

# Of lib/, those of bits and of what stands on libm: all would take an hour.
suites() {
    case $1 in
    lib) echo access accuracy activation analysis analysis_accuracy \
        analysis_activations analysis_blocks analysis_extremes jax kernels \
        numpy sha256 torch vectors ;;
    *) sed -n 's/^ *ROW(\([a-z0-9_]*\)).*/\1/p' "tests/$1/main.c" ;;
    esac
}

# A program for each suite, so that they run side by side: $cross/run/NAME.
# Millions of numbers as text are mostly the C library's work: they are left
# out.
programs() {
    rm -rf "$cross/run"
    mkdir -p "$cross/run"
    for area in lib api; do
        for suite in $(suites $area); do
            case $suite in
            number) only="env CK_RUN_CASE=known" ;;
            *) only= ;;
            esac
            cat >"$cross/run/$area-$suite" <<END
#!/bin/sh
exec $only qemu-aarch64 -L "$root" \
    "$cross/aarch64/tests/$area/run" $suite
END
        done
    done
    chmod +x "$cross"/run/*
}

aarch64() {
    tests/need.sh gcc-aarch64-linux-gnu qemu-user
    unpack_libraries
    echo "Compiling for aarch64"
    PKG_CONFIG_SYSROOT_DIR=$root \
        PKG_CONFIG_LIBDIR=$root/usr/lib/aarch64-linux-gnu/pkgconfig \
        build BUILD=build/cross/aarch64 WERROR=1 \
        CC="aarch64-linux-gnu-gcc --sysroot=$root" \
        build/cross/aarch64/sowd build/cross/aarch64/tests/lib/run \
        build/cross/aarch64/tests/api/run
    programs
    # An emulator takes ten times as long as the processor.
    REQUIRE_ENGINES=portable CK_EXCLUDE_TAGS=laws CK_TIMEOUT_MULTIPLIER=20 \
        tests/run.sh "$cross"/run/*
}

# WARN comes last on make's command lines: its -O holds for lib/kernels too.
# The tests themselves are compiled once.
# shellcheck disable=SC2016 # make expands it
compilers() {
    tests/need.sh gcc clang
    for level in -O0 -O1 -O2 -O3; do
        for compiler in gcc clang; do
            folder=build/cross/$compiler$level
            mkdir -p "$folder/tests/lib"
            build BUILD="$folder" CC="$compiler" OPTIMIZE.release="$level" \
                WARN="$level" objects_of='$(patsubst %.c,$(tests)/%.o,
                    $(wildcard tests/$(1)/*.c))' \
                tests=build/cross/gcc-O0 "$folder/tests/lib/run"
            for suite in vectors jax sha256 philox kernels; do
                echo "$compiler $level: $suite"
                "$folder/tests/lib/run" "$suite" >"$cross/run.log" 2>&1 ||
                    { cat "$cross/run.log"; exit 1; }
            done
        done
    done
}

mkdir -p "$cross"
case ${1-} in
aarch64) aarch64 ;;
compilers) compilers ;;
'')
    compilers
    aarch64
    ;;
*)
    sed -n '3,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
