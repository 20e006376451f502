#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What an image is made of: each Debian package with its version, and sowd, as
# CycloneDX 1.5 in JSON on the standard output.
#
#     docker/sbom.sh sowd >sowd.cdx.json
#
# An image of any platform: nothing of it runs.
set -euo pipefail

image=${1:?name of an image}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
container=$(docker create "$image")
trap 'docker rm "$container" >/dev/null; rm -rf "$work"' EXIT

# label NAME
label() {
    docker inspect -f "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" \
        "$image"
}

docker cp "$container:/var/lib/dpkg/status" "$work/status"
docker cp "$container:/usr/lib/os-release" "$work/os"
distribution=debian-$(sed -n 's/^VERSION_ID="\(.*\)"$/\1/p' "$work/os")

cat <<END
{
  "bomFormat": "CycloneDX",
  "specVersion": "1.5",
  "version": 1,
  "metadata": {
    "component": {
      "type": "container",
      "name": "$image",
      "version": "$(docker inspect -f '{{.Id}}' "$image")"
    }
  },
  "components": [
    {
      "type": "application",
      "name": "$(label title)",
      "version": "$(label version)",
      "licenses": [{"license": {"id": "$(label licenses)"}}]
    }
END
awk -v distribution="$distribution" '
    # Paragraphs, with a package in each.
    function escaped(text) {
        gsub(/\+/, "%2B", text)
        gsub(/:/, "%3A", text)
        return text
    }
    BEGIN { RS = ""; FS = "\n" }
    {
        delete field
        for (i = 1; i <= NF; i++)
            if (match($i, /^[A-Za-z-]+: /))
                field[substr($i, 1, RLENGTH - 2)] = substr($i, RLENGTH + 1)
        if (field["Status"] != "install ok installed")
            next
        printf "    ,{\"type\": \"library\", \"name\": \"%s\", ", \
            field["Package"]
        printf "\"version\": \"%s\",\n     \"purl\": \"", field["Version"]
        printf "pkg:deb/debian/%s@%s?arch=%s&distro=%s\"}\n", \
            escaped(field["Package"]), escaped(field["Version"]), \
            field["Architecture"], distribution
    }' "$work/status"
printf '  ]\n}\n'
