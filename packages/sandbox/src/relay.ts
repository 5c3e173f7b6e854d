// Runs inside the sandbox, as plain JavaScript: no type may stand here. It holds no authority: the plugin can reach
// the same socket itself. It copies connections from a port, which is what unmodified programs know how to use.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect, createServer } from "node:net";
import { constants } from "node:os";

const socket = "/run/sigil/egress/proxy.sock";
const port = 3128;
const mostConnections = 256;
const [, , descriptors = "", program = "", ...args] = process.argv;

// The first connection is ours, and its end without a word tells that we died.
const alive = connect(socket);
alive.on("error", () => process.exit(1));
alive.once("data", () => {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const proxy = connect({ path: socket, allowHalfOpen: true });
    client.on("error", () => proxy.destroy());
    // What the proxy said before it closed is still passed on.
    proxy.on("error", () => client.destroySoon());
    client.pipe(proxy);
    proxy.pipe(client);
  });
  server.maxConnections = mostConnections;
  server.on("error", () => process.exit(1));
  server.listen(port, "127.0.0.1", start);
});

function start() {
  const inherited = Array.from({ length: Number(descriptors) }, (_, fd) => fd);
  // It makes every Node prepare for a proxy, which takes longer than all we do here: only the plugin gets it.
  const env = { ...process.env, NODE_USE_ENV_PROXY: "1" };
  const plugin = spawn(program, args, { stdio: inherited, env });
  plugin.on("error", () => process.exit(1));
  process.on("SIGTERM", () => plugin.kill("SIGTERM"));
  plugin.on("exit", (code, signal) => {
    const status = code ?? 128 + (constants.signals[signal ?? "SIGKILL"] ?? 0);
    alive.end("x", () => process.exit(status));
  });
  // Only the plugin's end of each is left, so that closing one is seen outside.
  for (const fd of inherited) closeSync(fd);
  inherited.slice(0, 3).forEach(() => openSync("/dev/null", "r+"));
}
