#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Build the image for arm64 as a builder of another kind does, and run the sowd
# in it under qemu-user, with the image's own libraries.  Ends with "N passed,
# N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
IMAGE=sowd:test-arm64-$$
# shellcheck source=docker/engine.sh
. docker/engine.sh
# shellcheck source=docker/test_image.sh
. docker/test_image.sh

ARM64_BASE_TAR=build/docker/$SUITE-slim-arm64.tar
ROOT=$WORK/root
QEMU_PID=''

remove_things() {
    stop "$QEMU_PID"
    remove_containers
    docker image rm -f "$IMAGE" >/dev/null 2>&1 || true
}

# load_arm64 TAR: as the image $BASE-arm64.  (An import is taken for one of the
# engine's own architecture.)
load_arm64() {
    local sum
    sum=$(sha256sum "$1" | cut -d ' ' -f 1)
    mkdir "$WORK/load"
    ln "$1" "$WORK/load/layer.tar" 2>/dev/null || cp "$1" "$WORK/load/layer.tar"
    cat >"$WORK/load/config.json" <<END
{"architecture": "arm64", "os": "linux", "config": {"Cmd": ["bash"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$sum"]}}
END
    cat >"$WORK/load/manifest.json" <<END
[{"Config": "config.json", "RepoTags": ["$BASE-arm64"],
  "Layers": ["layer.tar"]}]
END
    tar c -C "$WORK/load" . | docker load >/dev/null
}

# An engine without a registry has the base image of each platform under a name
# of its own.  To the older builder such a name is all: it knows no platforms.
build_arm64() {
    local flags=()
    [ "${DOCKER_BUILDKIT:=1}" = 0 ] || flags=(--platform linux/arm64)
    export DOCKER_BUILDKIT
    if [ -n "$ENGINE_PID" ]; then
        make_base arm64 $ARM64_BASE_TAR
        load_arm64 $ARM64_BASE_TAR
        flags+=(--build-arg "BASE=$BASE-arm64" --build-arg "BUILD_BASE=$BASE")
    fi
    say "building the image for arm64"
    build_image "$IMAGE" "${flags[@]}"
}

unpack_image() {
    CONTAINERS+=("arm64-$$")
    docker create --platform linux/arm64 --name "arm64-$$" "$IMAGE" \
        >/dev/null 2>&1
    mkdir "$ROOT"
    docker export "arm64-$$" | tar x -C "$ROOT"
}

sowd_arm64() { qemu-aarch64 -L "$ROOT" "$ROOT/usr/local/bin/sowd" "$@"; }

machine_of() { readelf -h "$1" | sed -n 's/^ *Machine: *//p'; }

packages_not() {
    dpkg-query --admindir="$ROOT/var/lib/dpkg" -W \
        -f '${Architecture} ${db:Status-Status} ${Package}\n' |
        grep -Ev '^(arm64|all) installed ' || true
}

check_arm64() {
    check_is "the image is for arm64" linux/arm64 \
        "$(inspect "$IMAGE" '{{.Os}}/{{.Architecture}}')"
    check_is "sowd is" AArch64 "$(machine_of "$ROOT/usr/local/bin/sowd")"
    check_is "its packages are, and installed" "" "$(packages_not)"
    check_is "sbom.sh lists them" \
        "$(dpkg-query --admindir="$ROOT/var/lib/dpkg" -W \
            -f '${Package}\t${Version}\n' | sort)" \
        "$(docker/sbom.sh "$IMAGE" | packages_listed)"
    check_is "it runs" "sowd $VERSION" "$(sowd_arm64 --version)"
    check_is "its user may write recipes and digests" \
        "65532:65532 65532:65532" \
        "$(stat -c %u:%g "$ROOT/recipes" "$ROOT/cache" | xargs)"
}

start_arm64() {
    env -i PATH="$PATH" qemu-aarch64 -L "$ROOT" "$ROOT/usr/local/bin/sowd" \
        --listen 127.0.0.1:0 2>"$WORK/arm64.log" &
    QEMU_PID=$!
    wait_for 60 grep -q ' listening on ' "$WORK/arm64.log" || {
        cat "$WORK/arm64.log" >&2
        die "the image's sowd does not start"
    }
    URL=$(sed -n 's/.* listening on \([^ ]*\).*/\1/p' "$WORK/arm64.log")
}

main() {
    [ "$(uname -m)" != aarch64 ] || die "this is arm64: run docker/test.sh"
    need_tools qemu-aarch64:qemu-user readelf:binutils python3
    start_host
    find_engine
    build_arm64
    unpack_image
    check_arm64
    start_arm64
    check "it is ready" wait_for 120 curl -sS --fail "$URL/readyz"
    check "it is healthy" curl -sS --fail "$URL/healthz"
    check_tensors "$URL"
    echo "$PASSED passed, $FAILED failed"
    [ $FAILED = 0 ]
}

main
