#!/usr/bin/env bash
# Property-based requests from the OpenAPI description, each answer held against it. Needs schemathesis (pip install schemathesis).
source "$(dirname "$0")/servers.sh"
need schemathesis
build
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    start "$bin/${words[0]}" "${words[@]:1}"
    echo "== $contender"
    schemathesis run "$root/contract/openapi.yaml" --url "$url" --max-examples "${1:-300}" | tail -n 12
    stop
done
