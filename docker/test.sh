#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Build the image and run it for real, then compare what it serves with what
# the sowd of this machine serves.  Ends with "N passed, N failed".
#
# Where a Docker engine answers, that one is used.  Elsewhere, as root on
# Debian, it works without a registry: Debian's engine is started for the
# length of the test, with a base image made by mmdebstrap.  All that is
# started or made is gone afterwards, but for installed packages and a copy
# of the base image in build/docker/, which is used again for a week.
#
#     SOWD   the sowd to compare with (build/release/sowd)
set -euo pipefail
cd "$(dirname "$0")/.."

SOWD=${SOWD:-build/release/sowd}
SUITE=trixie
BASE=debian:$SUITE-slim
BASE_TAR=build/docker/$SUITE-slim.tar
IMAGE=sowd:test-$$
MAX_MB=120
LARGE_BYTES=$((4 << 30))
BUILD_FLAGS=()
ENGINE_PID='' HOST_PID=''
CONTAINERS=()
PASSED=0 FAILED=0
WORK=$(mktemp -d)

say() { echo "docker/test.sh: $*" >&2; }
die() { say "$@"; exit 1; }

# ---- cleaning up -----------------------------------------------------------

stop() {
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" || true
}

remove_images() {
    [ ${#CONTAINERS[@]} = 0 ] ||
        docker rm -f -v "${CONTAINERS[@]}" >/dev/null 2>&1 || true
    docker image rm -f "$IMAGE" >/dev/null 2>&1 || true
}

remove_engine() {
    stop "$ENGINE_PID"
    awk -v below="$WORK/" 'index($5, below) == 1 { print $5 }' \
        /proc/self/mountinfo | sort -r | xargs -r umount -l || true
    ip link del docker0 2>/dev/null || true
}

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    stop "$HOST_PID"
    remove_images
    [ -z "$ENGINE_PID" ] || remove_engine
    rm -rf "$WORK"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- an engine -------------------------------------------------------------

need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
            grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} != 0 ] || return 0
    say "installing with apt-get: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

need_root_on_debian() {
    local how="no Docker engine answers, and starting one here takes"
    [ "$(id -u)" = 0 ] || die "$how root"
    [ "$(os_release ID)" = debian ] ||
        die "$how Debian, not $(os_release PRETTY_NAME)"
}

# shellcheck disable=SC1091
os_release() { (. /etc/os-release 2>/dev/null && echo "${!1-}") || true; }

# This machine's apt sources, with the suite renamed.
sources() {
    local file=/etc/apt/sources.list.d/debian.sources
    [ -e $file ] || file=/etc/apt/sources.list
    sed "s/$(os_release VERSION_CODENAME)/$SUITE/g" $file
}

# What debian:trixie-slim is: minbase, without documentation but copyrights.
# shellcheck disable=SC2016 # the hook runs in a shell of its own
make_base() {
    local list=$WORK/$SUITE.sources
    [ -z "$(find $BASE_TAR -mtime -7 2>/dev/null)" ] || return 0
    say "making $BASE with mmdebstrap"
    mkdir -p "$(dirname $BASE_TAR)"
    sources >"$list"
    mmdebstrap --quiet --mode=root --variant=minbase \
        --include=usr-is-merged \
        --aptopt='Acquire::Languages "none"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='rm -f "$1/etc/hostname" "$1/etc/resolv.conf"' \
        $SUITE "$WORK/base.tar" "$list"
    mv "$WORK/base.tar" $BASE_TAR
}

# Leaves no firewall rule and no forwarding behind; ports are published by
# docker-proxy.  The bridge docker0 is shared by all engines of a machine,
# hence the lock, which the engine must not inherit.
start_engine() {
    exec 9>/run/lock/sowd-docker-test
    flock 9
    ! ip link show docker0 >/dev/null 2>&1 ||
        die "no engine answers, but there is a bridge docker0 (ip link del?)"
    export DOCKER_HOST=unix://$WORK/docker.sock DOCKER_CONFIG=$WORK/client
    export DOCKER_BUILDKIT=1
    docker() { /usr/bin/docker "$@"; }
    BUILD_FLAGS=(--network=host)
    dockerd --data-root "$WORK/data" --exec-root "$WORK/exec" \
        --pidfile "$WORK/dockerd.pid" -H "$DOCKER_HOST" --iptables=false \
        --ip6tables=false --ip-forward=false --ip-masq=false \
        --bip 172.31.255.1/24 >"$WORK/dockerd.log" 2>&1 </dev/null 9>&- &
    ENGINE_PID=$!
    wait_for 30 docker info || {
        tail -n 20 "$WORK/dockerd.log" >&2
        die "dockerd does not start"
    }
}

find_engine() {
    if docker info >/dev/null 2>&1; then
        say "using the Docker engine that answers here"
        return 0
    fi
    need_root_on_debian
    need_packages curl docker.io iproute2 mmdebstrap
    make_base
    start_engine
    docker import -c 'CMD ["bash"]' $BASE_TAR $BASE >/dev/null
}

# ---- what is compared ------------------------------------------------------

# wait_for SECONDS COMMAND...: until it succeeds, quietly
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}

build_image() {
    VERSION=$(sed -n 's/^#define SOW_VERSION "\(.*\)"$/\1/p' lib/sow.h)
    CREATED=$(date -u +%FT%TZ)
    docker build ${BUILD_FLAGS[@]+"${BUILD_FLAGS[@]}"} -t "$IMAGE" \
        -f docker/Dockerfile --build-arg VERSION="$VERSION" \
        --build-arg REVISION=0123abc --build-arg CREATED="$CREATED" \
        --build-arg SOURCE=https://example.org/sow . >"$WORK/build" 2>&1 || {
        tail -n 60 "$WORK/build" >&2
        die "the image does not build"
    }
}

# try FLAGS... IMAGE ARGUMENTS...: both outputs, without the engine's warnings
try() { docker run --rm "$@" 2>&1 | sed '/^WARNING: /d'; }

# start NAME FLAGS...: a container as locked up as can be
start() {
    local name=$1-$$
    shift
    CONTAINERS+=("$name")
    docker run -d --name "$name" --read-only --cap-drop=ALL \
        --security-opt no-new-privileges --health-interval=1s \
        -p 127.0.0.1::8080 "$@" "$IMAGE" >/dev/null 2>"$WORK/start" ||
        die "no container starts: $(cat "$WORK/start")"
}

url_of() { echo "http://$(docker port "$1" 8080/tcp | head -n 1)"; }

start_host() {
    [ -x "$SOWD" ] || die "there is no $SOWD: run make, or set SOWD"
    env -i "$SOWD" --listen 127.0.0.1:0 2>"$WORK/host.log" &
    HOST_PID=$!
    wait_for 5 grep -q ' listening on ' "$WORK/host.log" || {
        cat "$WORK/host.log" >&2
        die "$SOWD does not start"
    }
    HOST_URL=$(sed -n 's/.* listening on \([^ ]*\).*/\1/p' "$WORK/host.log")
}

inspect() { docker inspect -f "$2" "$1"; }

label() {
    local key=org.opencontainers.image.$1
    inspect "$IMAGE" "{{index .Config.Labels \"$key\"}}"
}

# ---- checks ----------------------------------------------------------------

# check STATEMENT COMMAND...
check() {
    local statement=$1
    shift
    if "$@" >"$WORK/output" 2>&1; then
        PASSED=$((PASSED + 1))
        return 0
    fi
    FAILED=$((FAILED + 1))
    echo "FAILED: $statement"
    sed 's/^/    /' "$WORK/output"
}

# check_is STATEMENT WANTED GOT
check_is() {
    check "$1: '$2' wanted, '$3' found" [ "$2" = "$3" ]
}

check_image() {
    local size
    size=$(inspect "$IMAGE" '{{.Size}}')
    say "the image has $((size / 1000000)) MB"
    check "the image is under $MAX_MB MB: $size bytes" \
        [ "$size" -lt $((MAX_MB * 1000000)) ]
    check_is "the user is a number and not root" 65532:65532 \
        "$(inspect "$IMAGE" '{{.Config.User}}')"
    check_is "port 8080 is exposed" 'map[8080/tcp:{}]' \
        "$(inspect "$IMAGE" '{{.Config.ExposedPorts}}')"
    check_is "SIGTERM stops it" SIGTERM \
        "$(inspect "$IMAGE" '{{.Config.StopSignal}}')"
    check_is "it has what its label says" "sowd $VERSION" \
        "$(try "$IMAGE" --version)"
    check_is "package lists are removed" "" \
        "$(try --user 0 --entrypoint find "$IMAGE" \
            /var/lib/apt/lists /var/cache/apt -type f -size +0)"
}

check_labels() {
    local name
    check_is "label version" "$VERSION" "$(label version)"
    check_is "label revision" 0123abc "$(label revision)"
    check_is "label created" "$CREATED" "$(label created)"
    check_is "label source" https://example.org/sow "$(label source)"
    check_is "label licenses" MIT "$(label licenses)"
    check_is "label base.name" $BASE "$(label base.name)"
    for name in title description documentation; do
        check "label $name is there" [ -n "$(label $name)" ]
    done
}

is_healthy() { [ "$(inspect "$1" '{{.State.Health.Status}}')" = healthy ]; }

check_health() {
    check "it becomes healthy" wait_for 30 is_healthy "serving-$$"
    check_is "without a server it is not healthy" \
        "sowd: http://127.0.0.1:8080/healthz: Connection refused" \
        "$(try --network none "$IMAGE" healthcheck)"
}

status_line() { docker exec "serving-$$" sed -n "s/^$1:\s*//p" /proc/1/status; }

check_locks() {
    check_is "it runs as the user" $'65532\t65532\t65532\t65532' \
        "$(status_line Uid)"
    check_is "it has no capability" 0000000000000000 "$(status_line CapEff)"
    check_is "it gains no privilege" 1 "$(status_line NoNewPrivs)"
    check_is "it can't write anywhere" \
        "touch: cannot touch '/tmp/x': Read-only file system" \
        "$(docker exec "serving-$$" touch /tmp/x 2>&1)"
}

# fetch URL NAME: $WORK/NAME.{head,body}
fetch() { curl -sS --fail -D "$WORK/$2.head" -o "$WORK/$2.body" "$1"; }

digest_of() {
    tr -d '\r' <"$WORK/$1.head" |
        sed -n 's/^sow-digest: blake2b-256=//Ip'
}

check_tensor() {
    local query="/v1/weights?$1" digest
    check "image answers $1" fetch "$IMAGE_URL$query" image
    check "host answers $1" fetch "$HOST_URL$query" host
    check "same bytes for $1" cmp "$WORK/image.body" "$WORK/host.body"
    digest=$(b2sum -l 256 "$WORK/image.body" | cut -d ' ' -f 1)
    check_is "image's digest for $1" "$digest" "$(digest_of image)"
    check_is "host's digest for $1" "$digest" "$(digest_of host)"
}

check_tensors() {
    IMAGE_URL=$(url_of "serving-$$")
    check_tensor 'shape=512,256&scheme=he_normal&seed=42'
    check_tensor 'shape=1000,333&scheme=truncated_normal&dtype=bfloat16'
    check_tensor 'shape=77,13,3&scheme=uniform&dtype=float64&seed=0xdead'
    check_tensor 'shape=64,128&scheme=torch.linear&seed=7'
}

# recipe METHOD [CURL'S ARGUMENTS]: the recipe me/small of the container
recipe() {
    curl -sS --fail -X "$1" "${@:2}" \
        "$(url_of "keeping-$$")/v1/recipes/me/small"
}

check_recipes() {
    local document='{"scheme":"normal","layers":[{"name":"w","shape":[2,3]}]}'
    start keeping -v /recipes -e SOW_RECIPES=/recipes -v /cache \
        -e SOW_CACHE=/cache
    check "it becomes healthy with volumes" wait_for 30 is_healthy "keeping-$$"
    check "it keeps a recipe" recipe PUT --json "$document"
    docker restart "keeping-$$" >/dev/null
    check "it starts again" wait_for 30 recipe GET
    check_is "it has the recipe still" "$document" "$(recipe GET)"
    check "it serves the recipe's weights" curl -sS --fail -o /dev/null \
        "$(url_of "keeping-$$")/me/small/resolve/main/model.safetensors"
}

check_stop() {
    docker stop "serving-$$" >/dev/null
    check_is "docker stop ends it with 0" 0 \
        "$(inspect "serving-$$" '{{.State.ExitCode}}')"
}

large_tensor() {
    curl -sS --fail -o /dev/null -w '%{size_download}' \
        "$(url_of "small-$$")/v1/weights?shape=$((LARGE_BYTES / 4))&$1"
}

check_memory() {
    start small --memory=128m --memory-swap=128m
    check "it becomes healthy in 128 MB" wait_for 30 is_healthy "small-$$"
    check_is "4 GiB pass through 128 MB" $LARGE_BYTES \
        "$(large_tensor 'scheme=uniform&digest=off')"
    check_is "nothing ran out of memory" "false running 0" "$(inspect \
        "small-$$" '{{.State.OOMKilled}} {{.State.Status}} {{.RestartCount}}')"
}

main() {
    start_host
    find_engine
    say "building the image"
    build_image
    check_image
    check_labels
    start serving
    check_health
    check_locks
    check_tensors
    check_recipes
    check_stop
    check_memory
    echo "$PASSED passed, $FAILED failed"
    [ $FAILED = 0 ]
}

main
