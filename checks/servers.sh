# Sourced by the other scripts: builds the servers, starts one, waits for its READY line, stops it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${CARGO_TARGET_DIR:-$root/target}/release

# Every server and stack: package, then flags.
contenders=(
    "sync-server --http tiny-http"
    "threaded-server --http tiny-http --threads 64"
    "async-server --http axum --threads 1"
    "sync-server --http hyper"
    "threaded-server --http hyper --threads 64"
    "async-server --http hyper --threads 1"
)

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { echo "error: $tool is not installed; see checks/README.md" >&2; exit 1; }
    done
}

build() {
    for package in sync-server threaded-server async-server loadgen; do
        (cd "$root" && cargo build --quiet --release --package "$package")
    done
}

# start COMMAND...: sets $url and $pid; what runs before the server (valgrind, strace, taskset) is part of the command.
start() {
    ready=$(mktemp)
    "$@" --addr 127.0.0.1:0 >"$ready" 2>"$ready.err" &
    pid=$!
    until grep -q '^listening on ' "$ready"; do
        kill -0 $pid 2>/dev/null || { cat "$ready.err" >&2; exit 1; }
    done
    url=$(sed -n 's/^listening on \(http:[^ ]*\).*/\1/p' "$ready")
}

# The server's own process: under strace or valgrind it may be a child.
stop() {
    kill -TERM "$(sed -n 's/.*pid=\([0-9]*\).*/\1/p' "$ready")"
    wait $pid || true
}
