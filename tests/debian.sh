#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Build sowd with the libraries of another Debian, to run here:
#
#     SOWD=$(tests/debian.sh trixie) tests/run.sh tests/clients/test_*.py
#
# or with its compiler, too, gcc or clang, and what else make is to be told:
#
#     tests/debian.sh trixie clang WERROR=1 all
#
# Prints the program, build/debian/SUITE/sowd (SUITE-gcc, SUITE-clang), which
# finds those libraries, the C library among them, by itself: it takes no
# container, and no root.  Ends with 77 where they can't be had.
set -eu
cd "$(dirname "$0")/.."
suite=$1
compiler=${2-}
build=build/debian/$suite${compiler:+-$compiler}
root=$PWD/build/debian/$suite${compiler:+-compilers}.root
shift $(($# < 2 ? $# : 2))

# Its programs find that Debian's libraries too, not those of this machine.
patch_programs() {
    find "$root/usr/bin" "$root/usr/libexec" "$root"/usr/lib/llvm-*/bin \
        -type f -perm -100 | while read -r program; do
        patchelf --print-interpreter "$program" >/dev/null 2>&1 || continue
        patchelf --set-interpreter "$loader" --force-rpath \
            --set-rpath "$paths" "$program"
    done
    touch "$root/patched"
}

mkdir -p "$build"
# shellcheck disable=SC2086 # two compilers, or none
tests/unpack.sh "$root" "$suite" "$(dpkg --print-architecture)" \
    libc6-dev libmicrohttpd-dev libgnutls28-dev libjansson-dev libseccomp-dev \
    libsodium-dev nettle-dev ${compiler:+check clang gcc} \
    >"$build/unpack.log" || exit 77

for loader in "$root"/usr/lib*/ld-linux-*.so.? "$root"/lib*/ld-linux-*.so.?; do
    [ ! -e "$loader" ] || break
done
libraries=usr/lib/$(gcc -dumpmachine)
paths=$root/$libraries:$root/lib/$(gcc -dumpmachine)

if [ -n "$compiler" ]; then
    tests/need.sh patchelf >&2
    [ -e "$root/patched" ] || patch_programs
    compiler="$root/usr/bin/$compiler -B$root/usr/bin"
fi

# The old kind of tag: libraries of libraries are looked for there, too.
env -u MAKEFLAGS -u MAKELEVEL \
    PKG_CONFIG_SYSROOT_DIR="$root" \
    PKG_CONFIG_LIBDIR="$root/$libraries/pkgconfig:$root/usr/share/pkgconfig" \
    make BUILD="$build" CC="${compiler:-gcc} --sysroot=$root" \
    LDFLAGS="-Wl,--disable-new-dtags,-rpath,$paths,--dynamic-linker,$loader" \
    "$build/sowd" "$@" >"$build/make.log" 2>&1 || {
    grep -v '^  CC ' "$build/make.log" >&2
    exit 1
}
echo "$build/sowd"
