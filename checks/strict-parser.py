#!/usr/bin/env python3
"""Does h11, a strict HTTP/1.1 parser, accept every answer of a running server? Needs h11 (pip install h11).

Usage: strict-parser.py 127.0.0.1:8080
"""

import socket
import sys

import h11

TARGETS = ["/World", "/", "/%C3%A9%20x", "/a%2Fb", "/bob?x=1", "/a/b", "//", "/%FF", "/" + "n" * 1025]
METHODS = ["GET", "HEAD", "POST", "OPTIONS", "BREW"]


def ask(connection, sock, method, target, host):
    """Sends one request and returns its answer as h11 events; h11 raises on anything it would not accept."""
    request = h11.Request(method=method, target=target, headers=[("Host", host)])
    sock.sendall(connection.send(request) + connection.send(h11.EndOfMessage()))
    events = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(sock.recv(65536))
            continue
        events.append(event)
        if isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            return events


def main():
    if len(sys.argv) != 2 or ":" not in sys.argv[1]:
        sys.exit(__doc__)
    host, port = sys.argv[1].rsplit(":", 1)
    accepted = 0
    for method in METHODS:
        # One connection for all targets: a wrong length would show as garbage in the next answer.
        with socket.create_connection((host, int(port)), timeout=10) as sock:
            connection = h11.Connection(h11.CLIENT)
            for target in TARGETS:
                events = ask(connection, sock, method, target, sys.argv[1])
                assert isinstance(events[0], h11.Response), events
                assert isinstance(events[-1], h11.EndOfMessage), events
                accepted += 1
                connection.start_next_cycle()
    print(f"{accepted} answers accepted")


if __name__ == "__main__":
    main()
