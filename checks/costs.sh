#!/usr/bin/env bash
# What a request costs a server, by counts that noise cannot blur. Needs valgrind and strace (Debian: apt install valgrind strace).
#
# Two runs of different length, and the difference of their counts over the difference of their requests: so starting,
# opening 16 connections and stopping fall out.
source "$(dirname "$0")/servers.sh"
need valgrind strace
few=${1:-2000}
many=${2:-12000}
build

load() { "$bin/loadgen" "$url/World" -c 16 -n "$1" --timeout 60s >/dev/null; }

# These set $counted, in this shell and no other: what it has started it also stops when it is interrupted.
instructions() {
    start valgrind --tool=callgrind --callgrind-out-file=/dev/null "${server[@]}"
    load "$1"
    stop
    counted=$(sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$ready.err")
}

system_calls() {
    start strace --follow-forks --summary-only --output="$calls" "${server[@]}"
    load "$1"
    stop
    counted=$(awk '$NF == "total" { print $4 }' "$calls")
}

calls=$(mktemp)
trap 'stop_all; rm -f "$calls"' EXIT

# per_request COUNTER: sets $each.
per_request() {
    local before
    "$1" "$few"
    before=$counted
    "$1" "$many"
    each=$(difference "$before" "$counted")
}

difference() { awk -v a="$1" -v b="$2" -v few="$few" -v many="$many" 'BEGIN { printf "%.1f", (b - a) / (many - few) }'; }

printf '%-48s %24s %18s\n' "server" "user instructions/request" "system calls/request"
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    server=("$bin/${words[0]}" "${words[@]:1}")
    per_request instructions
    instructions_each=$each
    per_request system_calls
    printf '%-48s %24s %18s\n' "$contender" "$instructions_each" "$each"
done
