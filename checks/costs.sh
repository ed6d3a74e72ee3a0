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

instructions() {
    start valgrind --tool=callgrind --callgrind-out-file=/dev/null "${server[@]}"
    load "$1"
    stop
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$ready.err"
}

system_calls() {
    local calls
    calls=$(mktemp)
    start strace --follow-forks --summary-only --output="$calls" "${server[@]}"
    load "$1"
    stop
    awk '$NF == "total" { print $4 }' "$calls"
}

per_request() { awk -v a="$1" -v b="$2" -v few="$few" -v many="$many" 'BEGIN { printf "%.1f", (b - a) / (many - few) }'; }

printf '%-48s %24s %18s\n' "server" "user instructions/request" "system calls/request"
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    server=("$bin/${words[0]}" "${words[@]:1}")
    printf '%-48s %24s %18s\n' "$contender" \
        "$(per_request "$(instructions "$few")" "$(instructions "$many")")" \
        "$(per_request "$(system_calls "$few")" "$(system_calls "$many")")"
done
