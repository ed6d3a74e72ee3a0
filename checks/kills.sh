#!/usr/bin/env bash
# What is left when the comparison is killed? Ends it by a random signal at a random time, again and again: no server may be left after
# 2 s, no finished trial lost, every file must parse, and --resume must complete. Needs python3.
#
# Usage: kills.sh [TIMES] [SEED]
source "$(dirname "$0")/servers.sh"
times=${1:-50}
RANDOM=${2:-1}
need python3
build
(cd "$root" && cargo build --quiet --release --package benches --bin compare)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
complain() {
    echo "BAD, time $1, $2: $3"
    bad=1
}

for ((time = 1; time <= times; time++)); do
    results="$work/$time"
    signals=(INT TERM KILL ABRT)
    signal=${signals[RANDOM % 4]}
    # Between the first pilot and the last trial, most often.
    after=$(awk -v r="$RANDOM" 'BEGIN { printf "%.2f", 0.3 + r / 32768 * 4 }')
    "$bin/compare" --binaries "$bin" --results "$results" --experiment hello --contender sync/hyper --contender async/hyper \
        --blocks 2 --duration 200ms --warmup 50ms --connections 4 >"$work/out" 2>"$work/err" &
    pid=$!
    sleep "$after"
    kill -s "$signal" "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    sleep 2
    if pgrep -f "$bin/(sync|threaded|async)-server" >"$work/left"; then
        complain "$time" "$signal" "servers are left: $(tr '\n' ' ' <"$work/left")"
    fi
    run=$(find "$results" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null | head -n 1)
    [ -n "$run" ] || { echo "time $time: $signal after $after s, before the first trial"; continue; }
    told=$(grep -c '^block ' "$work/err" || true)
    kept=$(python3 - "$results/$run" <<'PYTHON'
import json, sys
json.load(open(sys.argv[1] + "/run.json"))
# A line without its end is what a killed run was writing.
lines = [line for line in open(sys.argv[1] + "/trials.jsonl") if line.endswith("\n")]
print(len([json.loads(line) for line in lines]))
PYTHON
    ) || complain "$time" "$signal" "a file does not parse"
    [ "${kept:-0}" -ge "$told" ] || complain "$time" "$signal" "$told trials were told, $kept are kept"
    "$bin/compare" --binaries "$bin" --results "$results" --resume "$run" >"$work/out" 2>"$work/err" ||
        complain "$time" "$signal" "it cannot be resumed: $(tail -n 1 "$work/err")"
    lines=$(wc -l <"$results/$run/trials.jsonl")
    [ "$lines" -eq 6 ] || complain "$time" "$signal" "$lines of 6 trials after the resumption"
    echo "time $time: $signal after $after s, $kept of 6 trials kept, resumed"
done
[ "$bad" -eq 0 ] && echo "$times times killed: nothing left, nothing lost"
exit $bad
