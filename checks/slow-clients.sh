#!/usr/bin/env bash
# Slow clients beside a healthy one. Needs slowhttptest (Debian: apt install slowhttptest). Latencies depend on the machine;
# the ratio to the same server without slow clients is what counts.
source "$(dirname "$0")/servers.sh"
need slowhttptest ss taskset
clients=${1:-300}
# Only this one, if it is named: slow-clients.sh 300 "async-server --http hyper --threads 1"
[ $# -lt 2 ] || contenders=("$2")
build

# The column of that name, in nanoseconds. Server and clients on CPUs of their own, or they would slow each other.
p99() {
    taskset -c 1 "$bin/loadgen" "$url/World" -c 4 -d 5s --timeout 5s --output-format csv 2>/dev/null |
        awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /uncorrected.*p99_ns|^p99_ns$/) column = i } NR == 2 { print $column }'
}

established() { ss -Htn state established "dst ${url#http://}" | wc -l; }

declare -A modes=([slow-headers]="-H -i 2" [slow-body]="-B -i 2 -s 8192" [slow-read]="-X -w 10 -y 20 -n 5 -z 32 -k 3")

printf '%-48s %-14s %14s %14s %8s\n' "server" "mode" "idle p99 ns" "p99 ns" "ratio"
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    for mode in slow-headers slow-body slow-read; do
        start taskset -c 0 "$bin/${words[0]}" "${words[@]:1}"
        idle=$(p99 || echo "failed")
        read -ra flags <<<"${modes[$mode]}"
        taskset -c 1 slowhttptest "${flags[@]}" -c "$clients" -r "$clients" -l 20 -u "$url/World" >/dev/null 2>&1 &
        attacker=$!
        until [ "$(established)" -ge "$((clients * 9 / 10))" ] || ! kill -0 $attacker 2>/dev/null; do :; done
        under=$(p99 || echo "failed")
        kill $attacker 2>/dev/null || true
        wait $attacker 2>/dev/null || true
        ratio=$(awk -v a="$idle" -v b="$under" 'BEGIN { if (a + 0 > 0 && b + 0 > 0) printf "%.2f", b / a; else print "n/a" }')
        printf '%-48s %-14s %14s %14s %8s\n' "$contender" "$mode" "$idle" "$under" "$ratio"
        stop
    done
done
