#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Unpack packages of a Debian, and all that they depend on, below a folder, for
# compilers and emulators to look there:
#
#     tests/unpack.sh FOLDER SUITE ARCHITECTURE PACKAGE...
#
# The machine keeps its own packages, architectures and lists as they are, and
# it takes no root: apt has its state beside FOLDER, and takes this machine's
# sources with the suite renamed.  What is complete is left alone.
set -eu
root=$1 suite=$2 architecture=$3
shift 3
state=$root.apt

apt() {
    apt-get -qq -o APT::Architecture="$architecture" \
        -o APT::Architectures::="$architecture" \
        -o Dir::State="$state" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state" -o Dir::Etc::sourcelist="$state/${list##*/}" \
        -o Dir::Etc::sourceparts=- -o Debug::NoLocking=1 \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@"
}

list=/etc/apt/sources.list.d/debian.sources
[ -e $list ] || list=/etc/apt/sources.list
what="$suite $architecture $*"
[ "$(cat "$root/complete" 2>/dev/null)" != "$what" ] || exit 0
echo "Unpacking $suite's libraries for $architecture into $root" >&2
rm -rf "$root" "$state"
mkdir -p "$root" "$state/lists/partial" "$state/archives/partial"
: >"$state/status"
sed "s/$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)/$suite/g" \
    "$list" >"$state/${list##*/}"
apt update
apt install -y --no-install-recommends --download-only "$@" >/dev/null
for package in "$state"/archives/*.deb; do
    dpkg -x "$package" "$root"
done
# Links are to what is below the root, not to the machine's own.
find "$root" -type l -lname '/*' | while read -r link; do
    ln -sfrn "$root$(readlink "$link")" "$link"
done
for folder in lib lib64; do
    [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"
done
rm -rf "$state"
echo "$what" >"$root/complete"
