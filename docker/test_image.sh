# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The image: what it is, how locked up it runs, and that it serves what the
# sowd of this machine serves; for test.sh.

MAX_MB=120
LARGE_BYTES=$((4 << 30))
CONTAINERS=()

remove_containers() {
    [ ${#CONTAINERS[@]} = 0 ] ||
        docker rm -f -v "${CONTAINERS[@]}" >/dev/null 2>&1 || true
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

inspect() { docker inspect -f "$2" "$1"; }

label() {
    local key=org.opencontainers.image.$1
    inspect "$IMAGE" "{{index .Config.Labels \"$key\"}}"
}

# ---- checks ----------------------------------------------------------------

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
    check_is "label base.name" "$BASE" "$(label base.name)"
    for name in title description documentation; do
        check "label $name is there" [ -n "$(label $name)" ]
    done
}

# Its names and versions, as dpkg-query in the image says them.
packages_listed() {
    python3 -c 'import json, sys
for part in json.load(sys.stdin)["components"]:
    if part["type"] == "library":
        print(part["name"] + "\t" + part["version"])' | sort
}

check_sbom() {
    check_is "sbom.sh lists the packages" \
        "$(try --entrypoint dpkg-query "$IMAGE" \
            -W -f '${Package}\t${Version}\n' | sort)" \
        "$(docker/sbom.sh "$IMAGE" | packages_listed)"
}

is_healthy() { [ "$(inspect "$1" '{{.State.Health.Status}}')" = healthy ]; }

check_health() {
    check "it becomes healthy" wait_for 120 is_healthy "serving-$$"
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

# check_tensors URL: where the image's sowd is
check_tensors() {
    IMAGE_URL=$1
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
    check "it becomes healthy with volumes" wait_for 120 is_healthy "keeping-$$"
    check "it keeps a recipe" recipe PUT --json "$document"
    docker restart "keeping-$$" >/dev/null
    check "it starts again" wait_for 120 recipe GET
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
    check "it becomes healthy in 128 MB" wait_for 120 is_healthy "small-$$"
    check_is "4 GiB pass through 128 MB" $LARGE_BYTES \
        "$(large_tensor 'scheme=uniform&digest=off')"
    check_is "nothing ran out of memory" "false running 0" "$(inspect \
        "small-$$" '{{.State.OOMKilled}} {{.State.Status}} {{.RestartCount}}')"
}

test_image() {
    check_image
    check_labels
    check_sbom
    start serving
    check_health
    check_locks
    check_tensors "$(url_of "serving-$$")"
    check_recipes
    check_stop
    check_memory
}
