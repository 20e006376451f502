#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Build the image and run it for real, alone and by compose.yaml.  Ends with
# "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
IMAGE=sowd:test-$$
# shellcheck source=docker/engine.sh
. docker/engine.sh
# shellcheck source=docker/test_image.sh
. docker/test_image.sh
# shellcheck source=docker/test_compose.sh
. docker/test_compose.sh

remove_things() {
    remove_containers
    remove_compose
    docker image rm -f "$IMAGE" >/dev/null 2>&1 || true
}

main() {
    start_host
    find_engine docker-compose
    say "building the image"
    build_image "$IMAGE"
    test_image
    test_compose
    echo "$PASSED passed, $FAILED failed"
    [ $FAILED = 0 ]
}

main
