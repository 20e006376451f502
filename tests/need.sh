#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Install with apt-get those of the given Debian packages that are missing.
set -eu

missing=
for package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
        grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo

echo "Installing with apt-get:$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086 # many words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends $missing >/dev/null
