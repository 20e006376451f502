# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# compose.yaml, run for real: three replicas behind nginx, and Prometheus; for
# test.sh.

PROJECT=sowtest$$
PARTS=(sow-proxy sow-prometheus)
FILE=/init/tiny-llama/resolve

remove_compose() {
    compose down -v -t 1 >/dev/null 2>&1 || true
    docker image rm -f "${PARTS[@]}" >/dev/null 2>&1 || true
}

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose -p "$PROJECT" -f docker/compose.yaml "$@"
    else
        docker-compose -p "$PROJECT" -f docker/compose.yaml "$@"
    fi
}

free_port() {
    python3 -c 'import socket
with socket.create_server(("127.0.0.1", 0)) as s: print(s.getsockname()[1])'
}

build_part() {
    docker build ${BUILD_FLAGS[@]+"${BUILD_FLAGS[@]}"} -t "sow-$1" \
        "docker/$1" >"$WORK/build" 2>&1 || {
        tail -n 60 "$WORK/build" >&2
        die "docker/$1 does not build"
    }
}

# get PATH [CURL'S ARGUMENTS]: through the proxy
get() { curl -sSk --fail --max-time 30 "${@:2}" "https://127.0.0.1:$SOW_HTTPS_PORT$1"; }

digest() { sha256sum | cut -d ' ' -f 1; }

header() {
    get "$2" -o /dev/null -D - "${@:3}" | tr -d '\r' |
        sed -n "s/^$1: //Ip" | tail -n 1
}

# targets_up: how many replicas Prometheus sees
targets_up() {
    curl -sS "http://127.0.0.1:$SOW_PROMETHEUS_PORT/api/v1/query?query=sum(up)" |
        sed -n 's/.*,"\([0-9]*\)"\]}.*/\1/p'
}
all_targets_up() { [ "$(targets_up)" = 3 ]; }

check_front() {
    local query='/v1/weights?shape=512,256&scheme=he_normal&seed=42'
    check "the proxy answers" wait_for 180 get /readyz
    check_is "over HTTP/2" 2 "$(get /readyz -o /dev/null -w '%{http_version}')"
    check_is "the same bytes as here" \
        "$(curl -sS --fail "$HOST_URL$query" | digest)" "$(get "$query" | digest)"
    check_is "no content coding" "" \
        "$(header content-encoding "$query" --compressed)"
}

# An answer is kept a moment after the client has it.
is_cached() { [ "$(header x-cache "$1")" = HIT ]; }

check_cache() {
    local path commit
    commit=$(header x-repo-commit "$FILE/seed-42/config.json")
    path=$FILE/$commit/model.safetensors
    curl -sS --fail -o "$WORK/file" "$HOST_URL$path"
    check_is "the file's bytes" "$(digest <"$WORK/file")" "$(get "$path" | digest)"
    check_is "the file's bytes once more" \
        "$(digest <"$WORK/file")" "$(get "$path" | digest)"
    check "they come from the cache" wait_for 30 is_cached "$path"
    check_is "a range of it, too" \
        "$(tail -c +1001 "$WORK/file" | head -c 5000 | digest)" \
        "$(get "$path" -r 1000-5999 | digest)"
    check_is "names that may change do not" "" \
        "$(header x-cache "$FILE/main/config.json")"
}

check_shared() {
    local document='{"scheme":"normal","layers":[{"name":"w","shape":[2,3]}]}'
    local name
    check "a recipe is stored" get /v1/recipes/me/small -X PUT --json "$document"
    for name in sowd-1 sowd-2 sowd-3; do
        check_is "$name has it" "$document" "$(compose exec -T $name \
            sh -c 'cat /recipes/me/small/* 2>/dev/null || cat /recipes/*/* \
                   2>/dev/null' | tail -n 1)"
    done
}

# A dozen requests, none of which may fail.
ask_often() {
    local i
    for ((i = 0; i < 12; i++)); do
        get "/v1/weights?shape=100,100&scheme=normal&seed=$i" -o /dev/null ||
            return 1
    done
}

check_loss() {
    compose kill sowd-2 >/dev/null 2>&1
    check "nobody notices that a replica has died" ask_often
    compose stop -t 30 sowd-3 >/dev/null 2>&1
    check "nor that another one is stopped" ask_often
    compose start sowd-2 sowd-3 >/dev/null 2>&1
    check "they come back" wait_for 180 all_targets_up
}

test_compose() {
    build_part proxy
    build_part prometheus
    SOW_HTTPS_PORT=$(free_port)
    SOW_PROMETHEUS_PORT=$(free_port)
    export SOW_HTTPS_PORT SOW_PROMETHEUS_PORT SOW_IMAGE=$IMAGE
    compose up -d --no-build >"$WORK/up" 2>&1 || {
        cat "$WORK/up" >&2
        die "compose does not start"
    }
    check_front
    check_cache
    check_shared
    check "Prometheus sees three replicas" wait_for 180 all_targets_up
    check_loss
}
