#!/usr/bin/env bash
# Can the load generator hold 50,000 connections to one server, and use each of them? Needs nginx (Debian: apt install nginx-light)
# and python3. Ends with 1 if a connection was not held, was starved, or had to be opened again in the window.
#
# Usage: many-connections.sh [CONNECTIONS] [SECONDS_FOR_OPENING]
#
# Several processes on both sides, because a connection is an open file at each end, and a process may hold only as many as its hard
# limit (`ulimit -Hn`, often 20,000) allows. The generators are segments of one schedule (--segment) that start at the same time
# (--start-at), each from loopback addresses of its own, since one address has some 28,000 ports. Servers that share a port
# (reuseport) get connections by hash, so each has room for a quarter more than its share. Connections are opened one by one: no
# queue of the kernel (net.core.somaxconn) can overflow.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${CARGO_TARGET_DIR:-$root/target}/release
connections=${1:-50000}
opening=${2:-60}
seconds=10
# Each connection is asked on three times in the window.
rate=$((connections * 3 / seconds))
for tool in nginx python3 curl; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is missing"; exit 0; }
done
files=$(ulimit -Hn)
[ "$files" = unlimited ] && files=1000000
# Of the files a process may hold, a tenth is left for what is not a connection; at most 15,000 connections, as ports allow.
most=$((files * 9 / 10 < 15000 ? files * 9 / 10 : 15000))
segments=$(((connections + most - 1) / most))
each=$(((connections + segments - 1) / segments))
workers=4
room=$((connections * 5 / 4 / workers + 64))
[ $((room + 64)) -le "$files" ] || { echo "error: a server process needs $room open files and may have $files; ask for fewer connections" >&2; exit 1; }
(cd "$root" && cargo build --quiet --release --package loadgen)

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
# From an address that no generator uses: theirs may be out of ports.
ask() { curl --silent --interface 127.255.0.1 "$@"; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port/
cat >"$work/nginx.conf" <<NGINX
daemon off;
worker_processes $workers;
worker_rlimit_nofile $((room + 64));
pid $work/pid;
error_log $work/error.log;
events { worker_connections $room; }
http {
    access_log off;
    keepalive_timeout 300;
    keepalive_requests 1000000;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    server {
        listen 127.0.0.1:$port reuseport backlog=4096;
        location / { default_type text/plain; return 200 "Hello, World!"; }
        location = /status { stub_status; }
    }
}
NGINX
nginx -e "$work/error.log" -p "$work" -c "$work/nginx.conf" &
pids+=($!)
until ask --fail --output /dev/null "$url"; do
    kill -0 "${pids[0]}" || { cat "$work/error.log" >&2; exit 1; }
done

start=$(($(date +%s) + opening))
echo "opening $((each * segments)) connections, from $segments processes, in at most $opening s"
generators=()
for ((segment = 1; segment <= segments; segment++)); do
    "$bin/loadgen" "$url" --connections "$each" --rate "$rate" --segment "$segment/$segments" --start-at "$start" \
        --duration "${seconds}s" --timeout 30s --output-format json --output "$work/$segment.json" &
    generators+=($!)
done
pids+=("${generators[@]}")
# The server's own count, which knows nothing of the generator's, in the middle of the window.
while [ "$(date +%s)" -lt $((start + seconds / 2)) ]; do
    if [ $(($(date +%s) % 10)) -eq 0 ]; then
        echo "  nginx: $(ask "${url}status" | awk '/^Active/ { print $3 }') connections"
    fi
    read -r -t 1 <> <(:) || true
done
seen=$(ask "${url}status" | awk '/^Active/ { print $3 - 1 }')
for generator in "${generators[@]}"; do
    # 3 and 4 are words about the load, which the record has too.
    wait "$generator" || [ $? -ge 3 ] || { echo "error: a generator failed; see above" >&2; exit 1; }
done
"$bin/loadgen" merge "$work"/[0-9]*.json --output "$work/total.json" || [ $? -ge 3 ]
python3 - "$work/total.json" "$connections" "$seen" <<'PYTHON'
import json, sys

record = json.load(open(sys.argv[1]))
wanted, seen = int(sys.argv[2]), int(sys.argv[3])
found, requests = record["connections"], record["requests"]
verdict = record["verdict"]
print(f"connections: wanted {wanted}, held {found['held']}, starved {found['starved']}, opened again {found['reconnects']}; nginx had {seen}")
print(f"requests: scheduled {requests['scheduled']}, ok {requests['ok']}, in flight {requests['in_flight']}, errors { {name: count for name, count in requests['errors'].items() if count} or 'none'}")
# Late on a machine where generators and server share a few CPUs: that is said, and is not what is asked here.
print(f"verdict: {verdict['status']} {sorted({reason['kind'] for reason in verdict['reasons']}) or ''}")
kept = found["held"] >= wanted and seen >= wanted and found["starved"] == 0 and found["reconnects"] == 0
print("kept" if kept else "BROKEN: fewer connections than wanted were held through the window")
sys.exit(not kept)
PYTHON
