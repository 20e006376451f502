# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A Docker engine for tests, and counting; for test.sh and test_arm64.sh.
#
# Where a Docker engine answers, that one is used.  Elsewhere, as root on
# Debian, it works without a registry: Debian's engine is started for the
# length of the test, with a base image made by mmdebstrap.  All that is
# started or made is gone afterwards, but for installed packages and a copy
# of the base images in build/docker/, which is used again for a week.
#
#     SOWD              the sowd to compare with (build/release/sowd)
#     DOCKER_BUILDKIT   0: the older builder, that knows no platforms

SOWD=${SOWD:-build/release/sowd}
SUITE=trixie
BASE=debian:$SUITE-slim
BASE_TAR=build/docker/$SUITE-slim.tar
BUILD_FLAGS=()
ENGINE_PID='' HOST_PID=''
PASSED=0 FAILED=0
WORK=$(mktemp -d)

say() { echo "$0: $*" >&2; }
die() { say "$@"; exit 1; }

# ---- cleaning up -----------------------------------------------------------

# remove_things, which test.sh has, removes what the test made in the engine.

stop() {
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" || true
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
    remove_things
    [ -z "$ENGINE_PID" ] || remove_engine
    rm -rf "$WORK"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- an engine -------------------------------------------------------------

# need_tools TOOL[:PACKAGE]...: install the packages of those that are missing
need_tools() {
    local missing=() tool
    for tool; do
        command -v "${tool%%:*}" >/dev/null || missing+=("${tool#*:}")
    done
    [ ${#missing[@]} != 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        die "it takes packages that are not here: ${missing[*]}"
    fi
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

# make_base ARCHITECTURE TAR: what debian:trixie-slim is, unless there is a
# fresh one
make_base() {
    [ -z "$(find "$2" -mtime -7 2>/dev/null)" ] || return 0
    say "making $BASE for $1 with mmdebstrap"
    mkdir -p "$(dirname "$2")"
    docker/bootstrap.sh $SUITE "$1" "$WORK/base.tar"
    mv "$WORK/base.tar" "$2"
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
    export DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-1}
    docker() { /usr/bin/docker "$@"; }
    BUILD_FLAGS=(--network=host)
    dockerd --data-root "$WORK/data" --exec-root "$WORK/exec" \
        --pidfile "$WORK/dockerd.pid" -H "$DOCKER_HOST" --iptables=false \
        --ip6tables=false --ip-forward=false --ip-masq=false \
        --bip 172.31.255.1/24 >"$WORK/dockerd.log" 2>&1 </dev/null 9>&- &
    ENGINE_PID=$!
    wait_for 120 docker info || {
        tail -n 20 "$WORK/dockerd.log" >&2
        die "dockerd does not start"
    }
}

# find_engine TOOLS...: one that answers; need_tools for one started here
find_engine() {
    need_tools curl
    if docker info >/dev/null 2>&1; then
        say "using the Docker engine that answers here"
        return 0
    fi
    need_root_on_debian
    need_tools dockerd:docker.io ip:iproute2 mmdebstrap "$@"
    # Debian 13's docker.io has no client.
    need_tools /usr/bin/docker:docker-cli
    make_base "$(dpkg --print-architecture)" $BASE_TAR
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

# build_image NAME [FLAGS...]
build_image() {
    VERSION=$(sed -n 's/^#define SOW_VERSION "\(.*\)"$/\1/p' lib/sow.h)
    CREATED=$(date -u +%FT%TZ)
    docker build ${BUILD_FLAGS[@]+"${BUILD_FLAGS[@]}"} -t "$1" \
        -f docker/Dockerfile --build-arg VERSION="$VERSION" \
        --build-arg REVISION=0123abc --build-arg CREATED="$CREATED" \
        --build-arg SOURCE=https://example.org/sow "${@:2}" . \
        >"$WORK/build" 2>&1 || {
        tail -n 60 "$WORK/build" >&2
        die "the image does not build"
    }
}

start_host() {
    [ -x "$SOWD" ] || die "there is no $SOWD: run make, or set SOWD"
    env -i "$SOWD" --listen 127.0.0.1:0 2>"$WORK/host.log" &
    HOST_PID=$!
    wait_for 30 grep -q ' listening on ' "$WORK/host.log" || {
        cat "$WORK/host.log" >&2
        die "$SOWD does not start"
    }
    HOST_URL=$(sed -n 's/.* listening on \([^ ]*\).*/\1/p' "$WORK/host.log")
}

# ---- counting --------------------------------------------------------------

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
