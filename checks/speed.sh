#!/usr/bin/env bash
# How fast are our servers beside others: ratios of servers that are measured side by side, in interleaved rounds, by our own generator?
#
# Usage: speed.sh [ROUNDS] [SECONDS]. The server on CPU 0, the generator on CPU 1, 64 connections, a fresh server for each run. A ratio
# is taken within a round, because the speed of a machine drifts; printed are its median, least and greatest over the rounds. CPU
# time is the server's own, user and system, for each answered request. Names of servers:
#   async/hyper, async/axum, threaded/hyper (64 workers)
#   nginx    `return 200`, one process, configured as in contenders/nginx
#   floor    the bare answerer of this workspace, which reads no request: what it cannot reach beside another, no server here can
#   bare     threaded-server/examples/bare_threads.rs: a thread a connection, httparse, nothing else
#   aiohttp  contenders/python/aiohttp_server.py, in the virtual environment target/contenders-venv
# Needs taskset and two CPUs; nginx and aiohttp are left out, with a word, where they are missing.
source "$(dirname "$0")/servers.sh"
rounds=${1:-5}
seconds=${2:-5}
connections=64
[ "$(nproc)" -ge 2 ] || { echo "skipped: server and generator need a CPU each"; exit 0; }
need taskset awk
build
(cd "$root" && cargo build --quiet --release --package threaded-server --example bare_threads &&
    cargo build --quiet --release --package benches --bin floor)
venv=${CONTENDERS_VENV:-$root/target/contenders-venv}
work=$(mktemp -d)
trap 'stop_all; rm -rf "$work"' EXIT

names=(async/hyper async/axum threaded/hyper bare floor)
if command -v nginx >/dev/null; then names+=(nginx); else echo "skipped: nginx is not installed"; fi
if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import aiohttp' 2>/dev/null; then
    names+=(aiohttp)
else
    echo "skipped: aiohttp is not in $venv; see contenders/README.md"
fi

# Starts the server of that name on CPU 0.
start_named() {
    case $1 in
        async/*) start taskset -c 0 "$bin/async-server" --http "${1#async/}" --threads 1 ;;
        threaded/*) start taskset -c 0 "$bin/threaded-server" --http "${1#threaded/}" --threads 64 ;;
        bare) start taskset -c 0 "$bin/examples/bare_threads" ;;
        floor) start taskset -c 0 "$bin/floor" ;;
        nginx)
            # A port that was free a moment ago: nginx cannot choose one.
            local addr
            addr=127.0.0.1:$(free_port)
            mkdir -p "$work/nginx-root"
            sed -e "s|{work_dir}|$work/nginx-root|g" -e "s|{addr}|$addr|" "$root/contenders/nginx/nginx.conf.template" >"$work/nginx-root/nginx.conf"
            start_silent "$addr" taskset -c 0 nginx -e stderr -p "$work/nginx-root" -c "$work/nginx-root/nginx.conf"
            ;;
        aiohttp)
            local addr
            addr=127.0.0.1:$(free_port)
            start_silent "$addr" taskset -c 0 "$venv/bin/python" "$root/contenders/python/aiohttp_server.py" --addr "$addr"
            ;;
    esac
}

# Prints "requests/s µs" of the server that runs.
measure() {
    taskset -c 1 "$bin/loadgen" "$url/World" -c $connections -d "${seconds}s" --warmup 500ms --server-pid "$server_pid" \
        --expect-body 'Hello, World!' --output-format csv >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; return 1; }
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
        NR == 2 { print $column["achieved_per_sec"], $column["server_cpu_s"] / $column["ok"] * 1e6 }' "$work/out"
}

for ((round = 1; round <= rounds; round++)); do
    # Turned by one each round, so that no server always comes first, or always behind the same other.
    for ((at = 0; at < ${#names[@]}; at++)); do
        name=${names[(at + round) % ${#names[@]}]}
        start_named "$name"
        measure >>"$work/${name/\//-}"
        stop
    done
done

# middle FORMAT: median, least and greatest of a column of numbers.
middle() { sort -g | awk -v one="$1" '{ v[NR] = $1 } END { if (NR == 0) print "n/a"; else printf one " (" one " to " one ")", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'; }

echo "$rounds rounds of $seconds s, $connections connections, server on one CPU: median (least to greatest)"
printf '%-16s %28s %28s\n' server "requests/s" "CPU µs a request"
for name in "${names[@]}"; do
    printf '%-16s %28s %28s\n' "$name" "$(cut -d' ' -f1 "$work/${name/\//-}" | middle %.0f)" "$(cut -d' ' -f2 "$work/${name/\//-}" | middle %.2f)"
done

echo
printf '%-32s %28s %28s\n' "ratio within a round" "requests/s" "CPU a request"
for pair in "async/hyper nginx" "async/axum async/hyper" "threaded/hyper bare" "async/hyper aiohttp" "floor aiohttp"; do
    read -r one other <<<"$pair"
    [ -e "$work/${other/\//-}" ] || { printf '%-32s skipped: no %s\n' "$one ÷ $other" "$other"; continue; }
    paste -d' ' "$work/${one/\//-}" "$work/${other/\//-}" >"$work/pair"
    printf '%-32s %29s %28s\n' "$one ÷ $other" "$(awk '{ print $1 / $3 }' "$work/pair" | middle %.2f)" "$(awk '$4 > 0 { print $2 / $4 }' "$work/pair" | middle %.2f)"
done
