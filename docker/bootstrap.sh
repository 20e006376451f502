#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Make, with mmdebstrap and as root, what the image debian:SUITE-slim has:
# minbase, without documentation but copyrights.
#
#     docker/bootstrap.sh SUITE ARCHITECTURE TARGET [MMDEBSTRAP'S OPTIONS]
#
# TARGET is a new folder, or a file if it ends in .tar.  Packages come from
# where this machine's do, with the suite renamed.  Those of another
# architecture configure themselves from outside (chrootless), so that no
# emulator is needed.
set -eu

suite=$1
architecture=$2
target=$3
shift 3

list=/etc/apt/sources.list.d/debian.sources
[ -e $list ] || list=/etc/apt/sources.list
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mode=root
[ "$architecture" = "$(dpkg --print-architecture)" ] || mode=chrootless

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed "s/$codename/$suite/g" $list >"$work/${list##*/}"

# The hook takes away what a chrootless dpkg doesn't leave out.
# shellcheck disable=SC2016 # it runs in a shell of its own
mmdebstrap --quiet --mode=$mode --architectures="$architecture" \
    --variant=minbase --include=usr-is-merged \
    --aptopt='Acquire::Languages "none"' \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='cd "$1" && rm -f etc/hostname etc/resolv.conf &&
        find usr/share/doc usr/share/man usr/share/locale -type f \
            ! -name copyright -delete' \
    "$@" "$suite" "$target" "$work/${list##*/}"
