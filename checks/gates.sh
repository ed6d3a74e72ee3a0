#!/usr/bin/env bash
# What must not get worse, by counts that noise cannot blur: a request's system calls and user instructions in the load generator.
# Needs strace and valgrind (Debian: apt install strace valgrind); what is missing is skipped. Ends with 1 if a gate is broken.
#
# Usage: gates.sh           holds loadgen against checks/gates.txt
#        gates.sh --write   writes the figures of now there; say in the commit why they changed
#
# Two runs of different length against the floor, and the difference of their counts over the difference of their requests:
# so starting, opening connections and stopping fall out. Instructions depend on the compiler: the file says which.
source "$(dirname "$0")/servers.sh"
# A send and a receive, and a wait that several answers share.
most_calls=2.1
tolerance=1.05
figures="$root/checks/gates.txt"
(cd "$root" && cargo build --quiet --release --package loadgen && cargo build --quiet --release --package benches --bin floor)
work=$(mktemp -d)
trap 'kill ${pid:-} 2>/dev/null || true; rm -rf "$work"' EXIT
broken=0

# With many connections, as a steady load has them.
system_calls() {
    strace --follow-forks --summary-only --output="$work/calls" \
        "$bin/loadgen" -c 64 --timeout 60s "$url/World" -n "$1" >/dev/null
    awk '$NF == "total" { print $4 }' "$work/calls"
}

# With one connection, so that each answer has a turn of the event loop to itself: how many share one is a matter of timing.
# What the record costs at the end varies with the latencies that are in it, hence the many requests.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$bin/loadgen" -c 1 --timeout 60s "$url/World" -n "$1" >/dev/null 2>"$work/err"
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$work/err"
}

# per_request COUNT FEW MANY: the count of a request, from two runs.
per_request() {
    local a b
    a=$("$1" "$2")
    b=$("$1" "$3")
    awk -v a="$a" -v b="$b" -v n="$(($3 - $2))" 'BEGIN { printf "%.2f", (b - a) / n }'
}

# holds NAME FOUND MOST
holds() {
    if awk -v found="$2" -v most="$3" 'BEGIN { exit !(found > 0 && found <= most) }'; then
        echo "kept: $1 $2, at most $3"
    else
        echo "BROKEN: $1 $2, at most $3"
        broken=1
    fi
}

start "$bin/floor"
if command -v strace >/dev/null; then
    holds "system calls a request" "$(per_request system_calls 2000 12000)" "$most_calls"
else
    echo "skipped: system calls a request, strace is missing"
fi
if command -v valgrind >/dev/null; then
    found=$(per_request instructions 5000 105000)
    if [ "${1:-}" = --write ]; then
        printf '# User instructions of loadgen a request, release profile, %s.\ninstructions %s\n' "$(rustc --version)" "$found" >"$figures"
        echo "written: $found"
    else
        [ "$(sed -n 's/.*release profile, \(.*\)\.$/\1/p' "$figures")" = "$(rustc --version)" ] ||
            echo "note: checks/gates.txt is of another compiler than $(rustc --version); a figure that differs may be the compiler's"
        committed=$(awk '$1 == "instructions" { print $2 }' "$figures")
        holds "user instructions a request" "$found" "$(awk -v c="$committed" -v t="$tolerance" 'BEGIN { printf "%.2f", c * t }')"
    fi
else
    echo "skipped: user instructions a request, valgrind is missing"
fi
stop
exit $broken
