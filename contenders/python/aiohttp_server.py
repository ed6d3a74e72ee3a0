"""The greeting on aiohttp: one process, one event loop, a task a connection."""

import argparse
import asyncio

# `import aiohttp` alone does not bring `aiohttp.web`; see README.md.
from aiohttp import web


def application(io_wait_s: float) -> web.Application:
    async def greet(request: web.Request) -> web.Response:
        if io_wait_s > 0:
            await asyncio.sleep(io_wait_s)
        name = request.match_info.get("name", "Anonymous")
        return web.Response(text=f"Hello, {name}!")

    app = web.Application()
    app.add_routes([web.get("/", greet), web.get("/{name}", greet)])
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addr", default="127.0.0.1:8080", help="IP:PORT to listen on")
    parser.add_argument("--io-wait-ms", type=float, default=0, help="wait this long before each answer")
    args = parser.parse_args()
    host, port = args.addr.rsplit(":", 1)
    # run_app ends on SIGTERM: it takes no new connection and lets requests under way finish.
    web.run_app(
        application(args.io_wait_ms / 1000),
        host=host,
        port=int(port),
        access_log=None,
        backlog=1024,
        print=None,
        shutdown_timeout=5,
    )


if __name__ == "__main__":
    main()
