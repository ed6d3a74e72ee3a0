#!/usr/bin/env bash
# Does the load generator's memory grow with the run? A closed loop on the floor of the machine for very many requests, its resident
# memory (VmRSS of /proc, the peak from VmHWM) looked at every few seconds. Ends with 1 if the most in the last tenth of the requests
# is over 1 MiB more than at one tenth of them.
#
# Usage: memory.sh [REQUESTS] [SECONDS_AT_MOST]
source "$(dirname "$0")/servers.sh"
requests=${1:-100000000}
patience=${2:-7200}
most_kib=1024
(cd "$root" && cargo build --quiet --release --package loadgen && cargo build --quiet --release --package benches --bin floor)
work=$(mktemp -d)
generator=
trap 'kill ${generator:-} ${pid:-} 2>/dev/null || true; rm -rf "$work"' EXIT
kib() { awk -v field="$1:" '$1 == field { print $2 }' "/proc/$generator/status" 2>/dev/null; }

start "$bin/floor"
# How long it takes is told by a run of a hundredth: looks are by time, and a tenth of the time is a tenth of the requests.
trial=$((requests / 100 > 20000 ? requests / 100 : 20000))
seconds=$("$bin/loadgen" "$url/World" -c 64 --timeout 60s -n "$trial" --output-format csv |
    awk -F, -v n="$requests" 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i } NR == 2 { printf "%.3f", n / $column["achieved_per_sec"] }')
pause=$(awk -v s="$seconds" 'BEGIN { p = s / 100; if (p < 0.05) p = 0.05; if (p > 5) p = 5; printf "%.2f", p }')
echo "$requests requests take about ${seconds%.*} s; a look every $pause s"
SECONDS=0
"$bin/loadgen" "$url/World" -c 64 --timeout 60s -n "$requests" --output-format csv >"$work/record" 2>"$work/err" &
generator=$!
told=0
while [ -d "/proc/$generator" ] && rss=$(kib VmRSS) && [ -n "$rss" ]; do
    echo "$(date +%s.%N) $rss $(kib VmHWM)" >>"$work/looks"
    if ((SECONDS >= told + 10)); then
        told=$SECONDS
        echo "  after $told s: $rss KiB"
    fi
    if ((SECONDS > patience)); then
        echo "error: not done after $patience s; give it longer, or fewer requests" >&2
        exit 1
    fi
    # A wait that needs no process of its own.
    read -r -t "$pause" <> <(:) || true
done
wait "$generator" || { cat "$work/err" >&2; exit 1; }
generator=
stop
awk -F, -v n="$requests" 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
    NR == 2 { ok = $column["ok"]; printf "%d of %d requests answered, %.0f a second\n", ok, n, $column["achieved_per_sec"]; exit ok != n }' "$work/record"
# The last look may be at the report, which takes memory of its own when the loop is over: it is told, not judged.
awk -v most="$most_kib" '
    { time[NR] = $1; rss[NR] = $2; if ($3 > peak) peak = $3 }
    END {
        if (NR < 20) { print "error: only " NR " looks; ask for more requests"; exit 1 }
        span = time[NR] - time[1]
        for (i = 1; i <= NR; i++) {
            share = (time[i] - time[1]) / span
            if (!early && share >= 0.1) early = rss[i]
            if (share >= 0.9 && i < NR && rss[i] > late) late = rss[i]
        }
        printf "resident KiB: first %d, at one tenth %d, most in the last tenth %d, last %d, peak %d; %d looks\n", rss[1], early, late, rss[NR], peak, NR
        if (late > early + most) { print "BROKEN: grown by " late - early " KiB, at most " most; exit 1 }
        print "kept: grown by " late - early " KiB, at most " most
    }' "$work/looks"
