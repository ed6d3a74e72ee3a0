#!/usr/bin/env bash
# Slow clients beside a healthy one. Needs slowhttptest (Debian: apt install slowhttptest). Latencies depend on the machine;
# the ratio to the same server without slow clients is what counts.
source "$(dirname "$0")/servers.sh"
need slowhttptest
clients=${1:-300}
build

p99() {
    "$bin/loadgen" "$url/World" -c 4 -d 5s --timeout 5s --output-format json |
        sed -n 's/^ *"p99_ns": \([0-9]*\|null\),\?$/\1/p' | tail -n 1
}

declare -A modes=([slow-headers]="-H -i 2" [slow-body]="-B -i 2 -s 8192" [slow-read]="-X -w 10 -y 20 -n 5 -z 32 -k 3")

printf '%-48s %-14s %14s %14s %8s\n' "server" "mode" "idle p99 ns" "p99 ns" "ratio"
for contender in "${contenders[@]}"; do
    read -ra words <<<"$contender"
    for mode in slow-headers slow-body slow-read; do
        start "$bin/${words[0]}" "${words[@]:1}"
        idle=$(p99 || echo "failed")
        read -ra flags <<<"${modes[$mode]}"
        slowhttptest "${flags[@]}" -c "$clients" -r "$clients" -l 12 -u "$url/World" >/dev/null 2>&1 &
        attacker=$!
        until [ "$(ss -Htn state established "dst ${url#http://}" | wc -l)" -ge "$((clients * 9 / 10))" ] || ! kill -0 $attacker; do :; done
        under=$(p99 || echo "failed")
        kill $attacker 2>/dev/null || true
        wait $attacker 2>/dev/null || true
        ratio=$(awk -v a="$idle" -v b="$under" 'BEGIN { if (a + 0 > 0 && b + 0 > 0) printf "%.2f", b / a; else print "n/a" }')
        printf '%-48s %-14s %14s %14s %8s\n' "$contender" "$mode" "$idle" "$under" "$ratio"
        stop
    done
done
