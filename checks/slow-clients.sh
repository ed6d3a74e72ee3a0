#!/usr/bin/env bash
# Slow clients beside a healthy one. Needs slowhttptest (Debian: apt install slowhttptest) and two CPUs. Latencies depend on the machine;
# the ratio to the same server without slow clients is what counts, and ends this with 1 where it is above 2.
#
# Usage: slow-clients.sh [CLIENTS] [CONTENDER]. A server of one request at a time is held by each slow client in turn on hyper, until its
# deadline: that is its model, so it is shown and not judged.
source "$(dirname "$0")/servers.sh"
need slowhttptest ss taskset chrt awk
clients=${1:-300}
# Only this one, if it is named: slow-clients.sh 300 "async-server --http hyper --threads 1"
[ $# -lt 2 ] || contenders=("$2")
[ "$(nproc)" -ge 2 ] || { echo "skipped: servers and clients need a CPU each"; exit 0; }
build
attacker=
trap '[ -z "$attacker" ] || kill "$attacker" 2>/dev/null || true; stop_all' EXIT

# The column of that name, in nanoseconds. Server and clients on CPUs of their own, or they would slow each other.
p99() {
    taskset -c 1 "$bin/loadgen" "$url/World" -c 4 -d 5s --timeout 5s --output-format csv 2>/dev/null |
        awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "uncorrected_p99_ns") column = i } NR == 2 { print $column }'
}

established() { ss -Htn state established "dst ${url#http://}" | wc -l; }

declare -A modes=([slow-headers]="-H -i 2" [slow-body]="-B -i 2 -s 8192" [slow-read]="-X -w 10 -y 20 -n 5 -z 32 -k 3")

worse=0
printf '%-48s %-14s %14s %14s %8s\n' "server" "mode" "idle p99 ns" "p99 ns" "ratio"
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    for mode in slow-headers slow-body slow-read; do
        start taskset -c 0 "$bin/${words[0]}" "${words[@]:1}"
        idle=$(p99 || echo "failed")
        read -ra flags <<<"${modes[$mode]}"
        # It spins once a connection of its own was closed. Beside the healthy client it may have the CPU only when nobody else
        # wants it, or its time slices would be measured as the server's latency.
        chrt --idle 0 taskset -c 1 slowhttptest "${flags[@]}" -c "$clients" -r "$clients" -l 20 -u "$url/World" >/dev/null 2>&1 &
        attacker=$!
        # A server that sheds slow clients never has so many of them at once.
        for ((look = 0; look < 60; look++)); do
            [ "$(established)" -lt "$((clients * 9 / 10))" ] && kill -0 $attacker 2>/dev/null || break
            pause
        done
        under=$(p99 || echo "failed")
        kill $attacker 2>/dev/null || true
        wait $attacker 2>/dev/null || true
        attacker=
        stop
        ratio=$(awk -v a="$idle" -v b="$under" 'BEGIN { if (a + 0 > 0 && b + 0 > 0) printf "%.2f", b / a; else print "n/a" }')
        verdict=
        if [ "$contender" = "sync-server --http hyper" ]; then
            verdict="not judged: one at a time is its model"
        elif awk -v r="$ratio" 'BEGIN { exit !(r == "n/a" || r > 2) }'; then
            verdict="WORSE"
            worse=1
        fi
        printf '%-48s %-14s %14s %14s %8s %s\n' "$contender" "$mode" "$idle" "$under" "$ratio" "$verdict"
    done
done
exit $worse
