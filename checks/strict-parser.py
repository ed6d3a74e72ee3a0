#!/usr/bin/env python3
"""Does h11, a strict HTTP/1.1 parser, accept every kind of answer of a running server? Needs h11 (pip install h11).

Greetings, refusals, answers without a body, many on one connection, the last one before a close, answers to HTTP/1.0 and to what is
no HTTP at all. `strict-parser.sh` asks all our servers.

Usage: strict-parser.py 127.0.0.1:8080
"""

import socket
import sys

import h11

TARGETS = ["/World", "/", "/%C3%A9%20x", "/a%2Fb", "/bob?x=1", "/a/b", "//", "/%FF", "/" + "n" * 1025]
METHODS = ["GET", "HEAD", "POST", "OPTIONS", "BREW"]

# What h11 would not send: the bytes, and whether the connection must end behind the answer. Each is answered once.
RAW = {
    "close": (b"GET /bob HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 200),
    "HTTP/1.0": (b"GET /bob HTTP/1.0\r\n\r\n", 200),
    "HTTP/1.0 without a path": (b"GET /a/b HTTP/1.0\r\n\r\n", 404),
    "no Host, and close": (b"GET /bob HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "a long line": (b"GET /bob?" + b"q" * 17_000 + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 414),
    "many fields": (b"GET /bob HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + b"X-F: f\r\n" * 120 + b"\r\n", 431),
    "a large body": (b"GET /bob HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 65537\r\n\r\n", 413),
    "garbage": (b"GARBAGE\r\n\r\n", 400),
    "a broken field": (b"GET /bob HTTP/1.1\r\nHost h\r\n\r\n", 400),
}


def events_of(connection, sock):
    """The next answer as h11 events; h11 raises on anything it would not accept."""
    events = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(sock.recv(65536))
            continue
        events.append(event)
        if isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            return events


def check(what, events, status=None):
    assert isinstance(events[0], h11.Response), (what, events)
    assert isinstance(events[-1], h11.EndOfMessage), (what, events)
    assert status is None or events[0].status_code == status, (what, events)


def ask_in_turn(host, port):
    """One connection a method for all targets: a wrong length would show as garbage in the next answer."""
    for method in METHODS:
        with socket.create_connection((host, port), timeout=10) as sock:
            connection = h11.Connection(h11.CLIENT)
            for target in TARGETS:
                request = h11.Request(method=method, target=target, headers=[("Host", f"{host}:{port}")])
                sock.sendall(connection.send(request) + connection.send(h11.EndOfMessage()))
                check((method, target), events_of(connection, sock))
                yield
                connection.start_next_cycle()


def ask_raw(host, port):
    for what, (request, status) in RAW.items():
        with socket.create_connection((host, port), timeout=10) as sock:
            sock.sendall(request)
            connection = h11.Connection(h11.CLIENT)
            # h11 reads an answer only to a request of its own.
            connection.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
            connection.send(h11.EndOfMessage())
            check(what, events_of(connection, sock), status)
            # The end of the connection, and not one byte before it.
            rest = sock.recv(65536)
            assert rest == b"", (what, rest)
            yield


def main():
    if len(sys.argv) != 2 or ":" not in sys.argv[1]:
        sys.exit(__doc__)
    host, port = sys.argv[1].rsplit(":", 1)
    accepted = sum(1 for ask in (ask_in_turn, ask_raw) for _ in ask(host, int(port)))
    print(f"{accepted} answers accepted")


if __name__ == "__main__":
    main()
