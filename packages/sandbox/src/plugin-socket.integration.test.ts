import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectPluginSocket } from "./plugin-socket.ts";
import { codeOfAsync } from "./testing/thrown.ts";

describe("connecting to a socket of a plugin", () => {
  const own = process.getuid?.() ?? 0;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(`${tmpdir()}/socket-`);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("reaches it, wherever its folder lies", async () => {
    await using server = createServer((socket) => socket.end("hello")).listen(
      `${folder}/main.sock`,
    );
    await once(server, "listening");
    expect(await text(await connectPluginSocket(folder, "main.sock", own, undefined))).toBe(
      "hello",
    );
  });

  it("refuses a socket of another owner", async () => {
    await using server = createServer().listen(`${folder}/main.sock`);
    await once(server, "listening");
    expect(await codeOfAsync(connectPluginSocket(folder, "main.sock", own + 1, undefined))).toBe(
      "SOCKET_SUBSTITUTED",
    );
  });

  it("refuses a link, also one to a socket of the right owner", async () => {
    await using server = createServer().listen(`${folder}/main.sock`);
    await once(server, "listening");
    await symlink(`${folder}/main.sock`, `${folder}/link.sock`);
    await symlink("main.sock", `${folder}/near.sock`);
    for (const name of ["link.sock", "near.sock"]) {
      // oxlint-disable-next-line no-await-in-loop -- few, and a failure names its turn
      expect(await codeOfAsync(connectPluginSocket(folder, name, own, undefined))).toBe(
        "SOCKET_SUBSTITUTED",
      );
    }
  });

  it("answers that nothing listens behind a socket that was left", async () => {
    const server = createServer().listen(`${folder}/first.sock`);
    await once(server, "listening");
    // Renamed, so that closing the server does not remove it.
    await rename(`${folder}/first.sock`, `${folder}/left.sock`);
    server.close();
    await once(server, "close");
    expect(await codeOfAsync(connectPluginSocket(folder, "left.sock", own, undefined))).toBe(
      "SOCKET_MISSING",
    );
  });

  it("is given up for a signal", async () => {
    const reason = new Error("enough");
    await expect(
      connectPluginSocket(folder, "main.sock", own, AbortSignal.abort(reason)),
    ).rejects.toBe(reason);
  });

  it("leaves no descriptor open", async () => {
    await using server = createServer((socket) => socket.end()).listen(`${folder}/main.sock`);
    await once(server, "listening");
    await text(await connectPluginSocket(folder, "main.sock", own, undefined));
    await codeOfAsync(connectPluginSocket(folder, "none.sock", own, undefined));
    await codeOfAsync(connectPluginSocket(folder, "main.sock", own + 1, undefined));
    const open = readdirSync("/proc/self/fd").map((fd) => linkOf(`/proc/self/fd/${fd}`));
    expect(open.filter((path) => path.startsWith(folder))).toEqual([]);
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
