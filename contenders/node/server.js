// The greeting on node's own http module: one process, one event loop.
"use strict";

const http = require("node:http");
const { parseArgs } = require("node:util");

const { values } = parseArgs({
  options: {
    addr: { type: "string", default: "127.0.0.1:8080" },
    "io-wait-ms": { type: "string", default: "0" },
  },
});
const ioWaitMs = Number(values["io-wait-ms"]);
const [, host, port] = values.addr.match(/^(.*):(\d+)$/);

const DRAIN_MS = 5_000;

function greet(request, response) {
  let name;
  try {
    name = decodeURIComponent(request.url.slice(1).split("?")[0]) || "Anonymous";
  } catch {
    response.writeHead(400, { "Content-Type": "text/plain; charset=utf-8" });
    response.end("The name is not percent-encoded UTF-8 text.");
    return;
  }
  const body = `Hello, ${name}!`;
  const headers = { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(body) };
  response.writeHead(200, headers);
  response.end(body);
}

const server = http.createServer(
  // Node counts in whole milliseconds, and a wait of 0 would still be one turn of the loop.
  ioWaitMs > 0 ? (request, response) => setTimeout(greet, ioWaitMs, request, response) : greet,
);
// The default of 5 s is shorter than a client's pause between two measurements may be.
server.keepAliveTimeout = 75_000;
server.listen({ host, port: Number(port), backlog: 1024 });

process.on("SIGTERM", () => {
  // Closes idle connections too; what is under way may finish, for a while.
  server.close();
  setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
});
