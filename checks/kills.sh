#!/usr/bin/env bash
# What is left when the comparison is killed? Ends it by a random signal, or by a panic of its own, at a random time, again and again: no server
# may be left after 2 s, the upstream behind it neither, no finished trial lost, every file must parse, and --resume must complete.
# Needs python3.
#
# Usage: kills.sh [TIMES] [SEED]
source "$(dirname "$0")/servers.sh"
# Without job control bash has its background jobs ignore SIGINT, and a third of the kills would be none.
set -m
times=${1:-50}
RANDOM=${2:-1}
need python3
build
(cd "$root" && cargo build --quiet --release --package benches --bin compare)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
declare -A ended
complain() {
    echo "BAD, time $1, $2: $3"
    bad=1
}

# Small runs: in the one a server is measured twice, in the other a second server stands behind each.
hello=(--experiment hello --contender sync/hyper --contender async/hyper --connections 4 --blocks 2)
upstream=(--experiment upstream --contender async/hyper --contender async/axum --connections 4 --blocks 3)

for ((time = 1; time <= times; time++)); do
    results="$work/$time"
    signals=(INT TERM KILL ABRT PANIC)
    signal=${signals[RANDOM % 5]}
    if ((RANDOM % 2)); then what=("${hello[@]}"); else what=("${upstream[@]}"); fi
    # Between the first pilot and the last trial, most often.
    after=$(awk -v r="$RANDOM" 'BEGIN { printf "%.2f", 0.3 + r / 32768 * 14 }')
    start=("$bin/compare")
    # Memory for the stacks of a few threads, and not for those of all: the thread that cannot be started is a panic. A backtrace would want
    # more memory, and wait for ever; and a cargo that fails for want of it remembers that in its target folder.
    if [ "$signal" = PANIC ]; then
        start=(env RUST_BACKTRACE=0 CARGO_TARGET_DIR="$work/target" RUST_MIN_STACK=$((256 << 20)) sh -c "ulimit -v $((400 + RANDOM % 1200))000; exec \"\$0\" \"\$@\"" "$bin/compare")
    fi
    "${start[@]}" --binaries "$bin" --results "$results" "${what[@]}" --duration 200ms --warmup 50ms \
        >"$work/out" 2>"$work/err" &
    pid=$!
    if [ "$signal" != PANIC ]; then
        sleep "$after"
        kill -s "$signal" "$pid" 2>/dev/null || true
    fi
    code=0
    wait "$pid" 2>/dev/null || code=$?
    ended[$signal:$code]=$((${ended[$signal:$code]:-0} + 1))
    sleep 2
    if pgrep -f "$bin/(sync|threaded|async)-server" >"$work/left"; then
        complain "$time" "$signal" "servers are left: $(tr '\n' ' ' <"$work/left")"
    fi
    # A folder without run.json never was a run.
    run=$(find "$results" -mindepth 2 -maxdepth 2 -name run.json -printf '%h\n' 2>/dev/null | xargs -r -n 1 basename | head -n 1)
    [ -n "$run" ] || { echo "time $time: $signal (exit code $code), before the first trial"; continue; }
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
    all=$(python3 -c 'import json, sys; print(sum(one["blocks"] for one in json.load(open(sys.argv[1]))["planned"]))' "$results/$run/run.json")
    # A trial that failed because threads could not be started is a result, and exit code 1 says so.
    code=0
    "$bin/compare" --binaries "$bin" --results "$results" --resume "$run" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" -eq 0 ] || grep -q 'trials failed; the report says why' "$work/err" ||
        complain "$time" "$signal" "it cannot be resumed: $(tail -n 1 "$work/err")"
    lines=$(wc -l <"$results/$run/trials.jsonl")
    [ "$lines" -eq "$all" ] || complain "$time" "$signal" "$lines of $all trials after the resumption"
    echo "time $time: $signal, $kept of $all trials kept, resumed"
done
for how in "${!ended[@]}"; do echo "${how%:*} ended it with ${how#*:}: ${ended[$how]} times"; done | sort
[ "$bad" -eq 0 ] && echo "$times times killed: nothing left, nothing lost"
exit $bad
