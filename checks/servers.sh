# Sourced by the other scripts: builds the servers, starts one, waits until it listens, stops it.
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

# What was started and is still to be stopped, whatever ends the script.
pid=
server_pid=
ready=$(mktemp)
stop_all() {
    [ -z "$server_pid" ] || kill -KILL "$server_pid" 2>/dev/null || true
    [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
    # Without it the shell says that they were killed.
    wait 2>/dev/null || true
    rm -f "$ready" "$ready.err"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

# start COMMAND...: sets $url, $pid and $server_pid; what runs before the server (valgrind, strace, taskset) is part of the command.
start() {
    : >"$ready"
    "$@" --addr 127.0.0.1:0 >"$ready" 2>"$ready.err" &
    pid=$!
    until grep -q '^listening on ' "$ready"; do
        kill -0 $pid 2>/dev/null || { cat "$ready.err" >&2; exit 1; }
        pause
    done
    url=$(sed -n 's/^listening on \(http:[^ ]*\).*/\1/p' "$ready")
    # Under strace or valgrind it may be a child.
    server_pid=$(sed -n 's/.*pid=\([0-9]*\).*/\1/p' "$ready")
}

# start_silent ADDR COMMAND...: the same for a program that does not say when it listens.
start_silent() {
    url=http://$1
    local host=${1%:*} port=${1##*:}
    shift
    "$@" >"$ready" 2>"$ready.err" &
    pid=$!
    server_pid=$pid
    until (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; do
        kill -0 $pid 2>/dev/null || { cat "$ready.err" >&2; exit 1; }
        pause
    done
}

stop() {
    kill -TERM "$server_pid"
    wait $pid || true
    pid=
    server_pid=
}

# A twentieth of a second between two looks: a loop without it takes a CPU from what it waits for. It is no clock to rely on.
pause() { sleep 0.05; }

# A port that is free now.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
