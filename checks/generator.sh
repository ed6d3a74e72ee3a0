#!/usr/bin/env bash
# loadgen beside wrk, in turn, on the floor of the machine and on a real server: is the generator fast enough to measure with?
# Needs wrk (Debian: apt install wrk). Results depend on the machine; the ratios of a round are what counts.
#
# Usage: generator.sh [ROUNDS] [SECONDS]. A fresh server for each run, on one CPU; the generator on another, with one thread. A round
# is a closed loop of each, then an open loop of loadgen at half the rate that its closed one has just reached: a shared machine is
# a third slower in one minute than in the next, and half of another minute's rate is another load.
# Ends with 1 if a median misses its bound, and says which.
# loadgen validates every body; wrk looks at the status only. CPU time is the whole process's, starting included; its split into
# user and system is the kernel's, which samples.
source "$(dirname "$0")/servers.sh"
rounds=${1:-21}
seconds=${2:-1}
command -v wrk >/dev/null || { echo "skipped: wrk is missing"; exit 0; }
[ "$(nproc)" -ge 2 ] || { echo "skipped: server and generator need a CPU each"; exit 0; }
need taskset awk
build
(cd "$root" && cargo build --quiet --release --package benches --bin floor)
# What the medians must keep: CPU of a request and requests/s beside wrk's, on the floor; and on time in the open loop.
most_cpu=0.90
least_rate=1.10
most_lag_us=200
broken=0
work=$(mktemp -d)
trap 'kill ${pid:-} 2>/dev/null || true; rm -rf "$work"' EXIT
TIMEFORMAT='%U %S'

# run TOOL CONNECTIONS: prints "requests/s requests"; leaves the CPU seconds, user and system, in $work/cpu.
run() {
    case $1 in
        loadgen)
            { time taskset -c 1 "$bin/loadgen" "$url/World" -c "$2" -d "${seconds}s" --output-format csv \
                >"$work/out" 2>"$work/err"; } 2>"$work/cpu" || { cat "$work/err" >&2; return 1; }
            awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
                NR == 2 { print $column["achieved_per_sec"], $column["ok"] }' "$work/out"
            ;;
        wrk)
            { time taskset -c 1 wrk -t 1 -c "$2" -d "${seconds}s" "$url/World" >"$work/out" 2>&1; } 2>"$work/cpu" ||
                { cat "$work/out" >&2; return 1; }
            ! grep -E 'Non-2xx|Socket errors' "$work/out" >&2
            awk '/requests in/ { requests = $1 } /^Requests\/sec/ { print $2, requests }' "$work/out"
            ;;
    esac
}

# measure TOOL CONNECTIONS: sets $measured to "requests/s, µs user a request, µs system a request".
measure() {
    local rate requests user system
    start taskset -c 0 "${server[@]}"
    run "$1" "$2" >"$work/figures"
    stop
    read -r rate requests <"$work/figures"
    read -r user system <"$work/cpu"
    measured=$(awk -v r="$rate" -v n="$requests" -v u="$user" -v s="$system" \
        'BEGIN { if (n == 0) exit 1; printf "%.0f %.2f %.2f\n", r, u / n * 1e6, s / n * 1e6 }')
}

# Milliseconds that the threads of the server were ready to run and something else had their CPU.
kept_waiting() { cat /proc/"$server_pid"/task/*/schedstat 2>/dev/null | awk '{ all += $2 } END { print NR ? all / 1e6 : "n/a" }'; }

# Median, least and greatest of a column of numbers.
middle() { sort -n | awk '{ v[NR] = $1 } END { if (NR == 0) printf "n/a"; else printf "%.3g (%.3g to %.3g)", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'; }

# median: the median of a column of numbers, alone.
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2; else print "n/a" }'; }

# holds NAME FOUND at-most|at-least|below BOUND
holds() {
    if awk -v found="$2" -v how="$3" -v bound="$4" 'BEGIN {
        if (found !~ /^[0-9.]/) exit 1
        if (how == "at-least") exit !(found >= bound)
        if (how == "below") exit !(found < bound)
        exit !(found <= bound) }'; then
        echo "  kept: $1 $2, ${3/-/ } $4"
    else
        echo "  MISSED: $1 $2, ${3/-/ } $4"
        broken=1
    fi
}

# open CONNECTIONS RATE: an open loop; sets $measured to "share of the due requests that were sent, lag p99 in µs, share of the time in
# which other programs had the server's CPU while it wanted it, the same of the generator's".
open() {
    start taskset -c 0 "${server[@]}"
    local before waited
    before=$(kept_waiting)
    # Exit code 4 is the generator's own word that the load was not the one asked for: what is asked here.
    taskset -c 1 "$bin/loadgen" "$url/World" -c "$1" -d "${seconds}s" --rate "$2" --output-format json -o "$work/record" ||
        [ $? -eq 4 ]
    waited=$(echo "$before $(kept_waiting) $seconds" | awk '/n/ { print "n/a"; exit } { printf "%.2f%%", ($2 - $1) / $3 / 10 }')
    stop
    measured=$(awk -v waited="$waited" '
        /"(sent|scheduled)": / { gsub(/[",:]/, ""); count[$1] = $2 }
        /"cpu_waited_s": / { gsub(/,/, ""); own = $2 == "null" ? "n/a" : $2 }
        /"duration_s": / { gsub(/,/, ""); lasted = $2 }
        /"generator_lag": / { inside = 1 }
        inside && /"p99_ns": / { gsub(/,/, ""); lag = $2 == "null" ? "n/a" : sprintf("%.0f", $2 / 1000); inside = 0 }
        END {
            if (own != "n/a") own = sprintf("%.2f%%", own / lasted * 100)
            printf "%.4f %s %s %s\n", count["sent"] / count["scheduled"], lag, waited, own
        }' "$work/record")
}

echo "closed: as fast as answers come. open: loadgen at half of the rate of the row above it that is loadgen's, ${seconds} s a run"
echo "waited: the share of the time in which other programs had the CPU of the server, or of the generator, while it wanted it"
printf '%-12s %5s %5s %-8s %10s %7s %7s %9s %8s %14s %14s\n' \
    server conns round tool "requests/s" "user µs" "sys µs" "sent/due" "lag µs" "server waited" "loadgen waited"
for contender in floor "async-server --http hyper --threads 1"; do
    read -ra words <<<"$contender"
    server=("$bin/${words[0]}" "${words[@]:1}")
    name=${contender%% --threads*}
    name=${name/-server --http //}
    for connections in 64 256; do
        results="$work/${words[0]}-$connections"
        for ((round = 1; round <= rounds; round++)); do
            # Each goes first in turn: a machine that grows faster or slower favours neither.
            order=(loadgen wrk)
            ((round % 2)) || order=(wrk loadgen)
            declare -A row=()
            for tool in "${order[@]}"; do
                measure "$tool" "$connections"
                row[$tool]=$measured
                read -r rate user system <<<"$measured"
                printf '%-12s %5s %5s %-8s %10s %7s %7s\n' "$name" "$connections" "$round" "$tool" "$rate" "$user" "$system"
            done
            half=$(awk '{ printf "%.0f", $1 / 2 }' <<<"${row[loadgen]}")
            open "$connections" "$half"
            read -r sent lag server_waited own_waited <<<"$measured"
            printf '%-12s %5s %5s %-8s %10s %7s %7s %9s %8s %14s %14s\n' \
                "$name" "$connections" "$round" open "$half" "" "" "$sent" "$lag" "$server_waited" "$own_waited"
            echo "${row[loadgen]} ${row[wrk]} $sent $lag" >>"$results"
        done
        echo "  loadgen/wrk: requests/s $(awk '{ print $1 / $4 }' "$results" | middle)," \
            "CPU a request $(awk '{ print ($2 + $3) / ($5 + $6) }' "$results" | middle)," \
            "user $(awk '$5 > 0 { print $2 / $5 }' "$results" | middle), system $(awk '$6 > 0 { print $3 / $6 }' "$results" | middle)"
        echo "  open loop: sent/due $(awk '{ print $7 }' "$results" | middle), lag p99 in µs $(awk '{ print $8 }' "$results" | middle)"
        what="$name, $connections connections"
        # Elsewhere the server is the limit for both, and nothing is asked of the ratios.
        if [ "$name" = floor ]; then
            holds "$what, CPU a request over wrk's" "$(awk '{ print ($2 + $3) / ($5 + $6) }' "$results" | median)" at-most "$most_cpu"
            holds "$what, requests/s over wrk's" "$(awk '{ print $1 / $4 }' "$results" | median)" at-least "$least_rate"
        fi
        holds "$what, sent of the due requests" "$(awk '{ print $7 }' "$results" | median)" at-least 1
        holds "$what, lag p99 in µs" "$(awk '{ print $8 }' "$results" | median)" below "$most_lag_us"
    done
done
exit $broken
