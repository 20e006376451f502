#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What docker/Dockerfile does in its first stage, which runs on the machine
# that builds, for the one that the base of the image is for, as the base's
# dpkg status in /image says, whatever the builder knows:
#
#     docker/stage.sh tools        install a compiler, and the libraries
#     docker/stage.sh libraries    into /image, beside the base's dpkg status
#     docker/stage.sh compile      into /image, tested
#
# Nothing of the image runs, but for the test under qemu-user when the two are
# not of one kind: so an image for arm64 takes as long as one for amd64, and
# needs no emulator that the kernel knows.
set -eu

books=/image/var/lib/dpkg
own=$(dpkg --print-architecture)
# shellcheck disable=SC2016 # dpkg-query expands it
target=$(dpkg-query --admindir=$books -W -f '${Architecture}' dpkg)
case $target in
amd64) machine=x86_64 ;;
arm64) machine=aarch64 ;;
*)
    echo "stage.sh: an image for $target is not known: add its machine here" >&2
    exit 2
    ;;
esac
triplet=$machine-linux-gnu

# of_target PACKAGE...: the same, of the target's architecture
of_target() { printf "%s:$target " "$@"; }

tools() {
    emulator=
    if [ "$target" != "$own" ]; then
        dpkg --add-architecture "$target"
        emulator=qemu-user
    fi
    apt-get update
    # shellcheck disable=SC2046,SC2086 # many words
    DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends binutils libjs-chart.js make pkg-config \
        $emulator "gcc-$(echo $triplet | tr _ -)" $(of_target check libc6-dev \
            libgnutls28-dev libjansson-dev libmicrohttpd-dev libseccomp-dev \
            libsodium-dev nettle-dev)
}

# The tests pass here, on the libraries that the image has, or there is none:
# all of them, but under an emulator, which is slow, those that pin bits.
compile() {
    export PKG_CONFIG_LIBDIR="/usr/lib/$triplet/pkgconfig:/usr/share/pkgconfig"
    run=
    if [ "$target" = "$own" ]; then
        make -j"$(nproc)" WERROR=1 CC=$triplet-gcc AR=$triplet-ar all check
    else
        run=qemu-$machine
        make -j"$(nproc)" WERROR=1 CC=$triplet-gcc AR=$triplet-ar all \
            build/release/tests/lib/run
        for suite in elementary_bits sha256 vectors; do
            $run build/release/tests/lib/run $suite
        done
    fi
    install -D -m 755 build/release/sowd /image/usr/local/bin/sowd
    $triplet-strip /image/usr/local/bin/sowd
    mkdir -p /image/usr/local/share/man/man1
    $run build/release/sowd --man >/image/usr/local/share/man/man1/sowd.1
}

# dpkg unpacks below /image and keeps the base's books.  The packages have no
# scripts.  The one trigger, ldconfig's cache, is let go: the linker looks
# into their folder anyhow.
libraries() {
    mkdir -p /debs/partial
    apt-get -o APT::Architecture="$target" -o APT::Architectures::="$target" \
        -o Dir::State::status=$books/status -o Dir::Cache::archives=/debs \
        install -y --no-install-recommends --download-only \
        libgnutls30t64 libjansson4 libmicrohttpd12t64 libnettle8t64 \
        libseccomp2 libsodium23
    dpkg --root=/image --no-triggers --force-architecture --log=/dev/null \
        --install /debs/*.deb
    sed -i -e '/^Triggers-Pending: ldconfig$/d' \
        -e 's/^\(Status: install ok \)triggers-pending$/\1installed/' \
        $books/status
    if grep '^Status: ' $books/status | grep -v ' ok installed$'; then
        exit 1
    fi
    rm -f $books/status-old $books/lock* $books/triggers/Unincorp
}

"$1"
