#!/usr/bin/env bash
# Does a strict HTTP/1.1 parser accept every kind of answer of each server? Needs python3 and h11 (pip install h11).
source "$(dirname "$0")/servers.sh"
need python3
python3 -c 'import h11' 2>/dev/null || { echo "error: h11 is not installed; see checks/README.md" >&2; exit 1; }
build
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    start "$bin/${words[0]}" "${words[@]:1}"
    printf '%-48s ' "$contender"
    python3 "$root/checks/strict-parser.py" "${url#http://}"
    stop
done
