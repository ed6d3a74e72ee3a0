#!/usr/bin/env bash
# Whether `cargo compare advise` is right: random workloads from a seed, each advised on and then measured in three fresh processes.
# Needs python3, and a run of at least the standard profile in results/. On a quiet machine about ten seconds a workload.
#
#   checks/advice.sh [SEED] [WORKLOADS] >advice.log
#
# Waits from 1 to 100 ms and clients from 16 to 2,000, both evenly over their logarithms; CPU work up to 500 µs; an objective of half to
# twice the p99 that is expected of async/hyper. Exit code 0 if at least eight of ten expectations were right.
set -euo pipefail
cd "$(dirname "$0")/.."
seed=${1:-1}
workloads=${2:-10}
compare=${COMPARE:-target/release/compare}
binaries=${BINARIES:-target/release}
if [ -z "${COMPARE:-}" ]; then
    # Each alone, as the comparison builds them: one build for all would unify features.
    for package in sync-server threaded-server async-server; do
        cargo build --release --quiet --package "$package"
    done
    cargo build --release --quiet --package benches --bin compare
fi
exec python3 checks/advice.py "$seed" "$workloads" "$compare" "$binaries" "${RESULTS:-results}"
