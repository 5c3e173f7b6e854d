import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { TokenOwner } from "./tokens.ts";

/** A line of the greeting holds two short names. */
const MAX_GREETING = 1_024;

/** A socket in a folder that the gateway's own user alone can enter. */
const socketOf = (run: string): { readonly folder: string; readonly path: string } => ({
  folder: join(run, "bridge"),
  path: join(run, "bridge/mcp.sock"),
});

/** Lets clients on standard streams in: whoever may enter the folder may name a user, as with the token store beside it. */
export interface Bridge {
  close(): Promise<void>;
}

/** Serves one client: speaks MCP on the streams until the input ends. */
export type ServeStdio = (
  owner: TokenOwner,
  streams: { readonly input: Readable; readonly output: Writable },
) => Promise<void>;

/** Opens the bridge of the gateway that holds the data folder. A client names its user in a first line of JSON and gets one back. */
export async function openBridge(
  run: string,
  knows: (owner: TokenOwner) => boolean,
  serve: ServeStdio,
): Promise<Bridge> {
  const { folder, path } = socketOf(run);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  // Whoever holds the data folder owns the name; what is there is left of a gateway that was killed.
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    admit(socket, knows, serve).catch(() => socket.destroy());
  });
  server.listen(path);
  await once(server, "listening");
  return {
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(path, { force: true });
    },
  };
}

async function admit(
  socket: Socket,
  knows: (owner: TokenOwner) => boolean,
  serve: ServeStdio,
): Promise<void> {
  const owner = ownerIn(await firstLine(socket));
  if (!owner || !knows(owner)) {
    socket.end(`${JSON.stringify({ ok: false })}\n`);
    return;
  }
  socket.write(`${JSON.stringify({ ok: true })}\n`);
  await serve(owner, { input: socket, output: socket });
  socket.end();
}

function ownerIn(line: string): TokenOwner | undefined {
  const greeting: unknown = JSON.parse(line);
  if (typeof greeting !== "object" || greeting === null) return undefined;
  if (!("user" in greeting) || !("workspace" in greeting)) return undefined;
  const { user, workspace } = greeting;
  return typeof user === "string" && typeof workspace === "string"
    ? { user, workspace }
    : undefined;
}

/** How a bridged session ended; `absent` when no gateway listens. */
export type BridgeEnd = "ended" | "absent" | "unknown_user";

/** Joins standard streams to the gateway that holds the data folder. */
export async function crossBridge(
  run: string,
  owner: TokenOwner,
  { input, output }: { readonly input: Readable; readonly output: Writable },
): Promise<BridgeEnd> {
  const socket = connect(socketOf(run).path);
  try {
    await once(socket, "connect");
  } catch {
    return "absent";
  }
  socket.write(`${JSON.stringify(owner)}\n`);
  const answer: unknown = JSON.parse(await firstLine(socket));
  if (typeof answer !== "object" || answer === null || !("ok" in answer) || answer.ok !== true) {
    socket.destroy();
    return "unknown_user";
  }
  const from = pipeline(socket, output, { end: false });
  const to = pipeline(input, socket);
  await Promise.race([from, to.then(() => from)]).catch(() => undefined);
  return "ended";
}

/** Reads up to the first line feed and leaves the rest in the stream. */
function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = Buffer.alloc(0);
    const finish = (settle: () => void): void => {
      socket.off("readable", read);
      socket.off("close", end);
      settle();
    };
    const refuse = (state: string): void =>
      finish(() => reject(new Error(`Cannot read a greeting: ${state}`)));
    const end = (): void => refuse("the stream ended");
    const read = (): void => {
      for (let chunk = chunkOf(socket); chunk; chunk = chunkOf(socket)) {
        const feed = chunk.indexOf(0x0a);
        line = Buffer.concat([line, feed < 0 ? chunk : chunk.subarray(0, feed)]);
        if (line.length > MAX_GREETING) return refuse("it is too long");
        if (feed < 0) continue;
        const rest = chunk.subarray(feed + 1);
        return finish(() => {
          if (rest.length > 0) socket.unshift(rest);
          resolve(line.toString("utf8"));
        });
      }
    };
    socket.on("readable", read);
    socket.on("close", end);
  });
}

function chunkOf(socket: Socket): Buffer | undefined {
  const chunk: unknown = socket.read();
  return Buffer.isBuffer(chunk) ? chunk : undefined;
}
