"""The greeting on http.server, Python's own: one connection at a time, or a thread for each."""

import argparse
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


def handler(io_wait_s: float, keep_alive: bool, nodelay: bool) -> type[BaseHTTPRequestHandler]:
    class Greeter(BaseHTTPRequestHandler):
        # HTTP/1.0 is the library's default: it closes after each answer.
        protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"
        # Head and body are two writes. Without TCP_NODELAY the second waits for the client's delayed ACK.
        disable_nagle_algorithm = nodelay

        def do_GET(self) -> None:
            if io_wait_s > 0:
                time.sleep(io_wait_s)
            name = unquote(urlsplit(self.path).path[1:]) or "Anonymous"
            body = f"Hello, {name}!".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """No line for each request."""

    return Greeter


class Quiet:
    # The library's 5 lets the kernel drop connects that come together.
    request_queue_size = 1024

    def handle_error(self, request: object, client_address: object) -> None:
        """No traceback for a client that goes away."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class OneAtATime(Quiet, HTTPServer):
    pass


class ThreadForEach(Quiet, ThreadingHTTPServer):
    pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addr", default="127.0.0.1:8080", help="IP:PORT to listen on")
    parser.add_argument("--io-wait-ms", type=float, default=0, help="wait this long before each answer")
    parser.add_argument("--threading", action="store_true", help="a thread for each connection, without a bound")
    parser.add_argument("--close", action="store_true", help="HTTP/1.0: close the connection after each answer")
    parser.add_argument("--no-nodelay", action="store_true", help="leave Nagle's algorithm on, as the library does")
    args = parser.parse_args()

    server_class = ThreadForEach if args.threading else OneAtATime
    host, port = args.addr.rsplit(":", 1)
    greeter = handler(args.io_wait_ms / 1000, not args.close, not args.no_nodelay)
    with server_class((host, int(port)), greeter) as server:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server.serve_forever()


if __name__ == "__main__":
    main()
