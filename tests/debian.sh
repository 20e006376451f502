#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Build sowd with the libraries of another Debian, to run here:
#
#     SOWD=$(tests/debian.sh trixie) tests/run.sh tests/clients/test_*.py
#
# Prints the program, build/debian/SUITE/sowd, which finds those libraries, the
# C library among them, by itself: it takes no container, and no root.  Ends
# with 77 where they can't be had.
set -eu
cd "$(dirname "$0")/.."
suite=$1
build=build/debian/$suite
root=$PWD/$build.root

mkdir -p "$build"
tests/unpack.sh "$root" "$suite" "$(dpkg --print-architecture)" \
    libc6-dev libmicrohttpd-dev libgnutls28-dev libjansson-dev libseccomp-dev \
    libsodium-dev nettle-dev >"$build/unpack.log" || exit 77

set -- "$root"/usr/lib*/ld-linux-*.so.? "$root"/lib*/ld-linux-*.so.?
for loader; do
    [ ! -e "$loader" ] || break
done
libraries=usr/lib/$(gcc -dumpmachine)
paths=$root/$libraries:$root/lib/$(gcc -dumpmachine)

# The old kind of tag: libraries of libraries are looked for there, too.
env -u MAKEFLAGS -u MAKELEVEL \
    PKG_CONFIG_SYSROOT_DIR="$root" \
    PKG_CONFIG_LIBDIR="$root/$libraries/pkgconfig:$root/usr/share/pkgconfig" \
    make BUILD="$build" CC="gcc --sysroot=$root" \
    LDFLAGS="-Wl,--disable-new-dtags,-rpath,$paths,--dynamic-linker,$loader" \
    "$build/sowd" >"$build/make.log" 2>&1 || {
    grep -v '^  CC ' "$build/make.log" >&2
    exit 1
}
echo "$build/sowd"
