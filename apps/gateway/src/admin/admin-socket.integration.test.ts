import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findGateway } from "./admin-client.ts";
import type { AdminDesk } from "./admin-desk.ts";
import { adminSocketOf, openAdminSocket } from "./admin-socket.ts";
import { createPluginLogs, type PluginLogs } from "./plugin-logs.ts";

let run: string;
let logs: PluginLogs;
let acts: string[];
let faults: unknown[];

const plugin = { name: "demo", state: "running", crashes: 0 };
const deskOf = (): AdminDesk => ({
  list: () => [plugin],
  inspect: () => ({ ...plugin, allow: ["tool.demo.*"], except: [], warnings: [] }),
  logs: (name, how) => logs.read(name, how),
  async act(name, act) {
    acts.push(`${act} ${name}`);
    if (act === "rollback") throw new Error("secret of the disk");
    return { plugin: name, outcome: "stopped" };
  },
  approved: async (name) => ({ plugin: name, outcome: "replaced" }),
  reloadConfiguration: async () => ({ changed: true, digest: "00" }),
  secrets: async () => [],
  changeSecret: async ({ plugin: name, value }) => {
    acts.push(`secret ${value}`);
    return { plugin: name, outcome: "started" };
  },
  record: async (records) => void acts.push(`record ${records.length}`),
});
const open = (): ReturnType<typeof openAdminSocket> =>
  openAdminSocket(run, deskOf(), (error) => faults.push(error));

beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), "admin-"));
  chmodSync(run, 0o711);
  logs = createPluginLogs();
  acts = [];
  faults = [];
});
afterEach(() => rmSync(run, { recursive: true }));

/** Sends bytes as they are and answers everything that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = createConnection(adminSocketOf(run).path);
  socket.on("error", () => undefined);
  const answer = text(socket);
  socket.write(bytes);
  return answer.catch(String);
}
const head = (line: string, ...headers: readonly string[]): string =>
  [line, "Connection: close", ...headers, "", ""].join("\r\n");
const host = "Host: sigil-admin";

describe("the socket of administration", () => {
  it("answers the client of the same user", async () => {
    const socket = await open();
    const gateway = await findGateway(run);
    expect(await gateway?.list()).toEqual([plugin]);
    expect(await gateway?.inspect("demo")).toMatchObject({ allow: ["tool.demo.*"] });
    expect(await gateway?.act("demo", "stop", { clearQuarantine: false })).toEqual({
      plugin: "demo",
      outcome: "stopped",
    });
    await socket.close();
    await socket.close();
    expect(await findGateway(run)).toBeUndefined();
    expect(existsSync(adminSocketOf(run).path)).toBe(false);
  });

  it("says that there is none before the first, and after one that was killed, whose place the next takes", async () => {
    expect(await findGateway(run)).toBeUndefined();
    const { folder, path } = adminSocketOf(run);
    mkdirSync(folder, { mode: 0o700 });
    // What SIGKILL leaves: a socket without a listener.
    const killed = createServer().listen(path);
    await once(killed, "listening");
    const left = `${path}.left`;
    spawnSync("ln", [path, left]);
    killed.close();
    await once(killed, "close");
    spawnSync("mv", [left, path]);
    expect(existsSync(path)).toBe(true);
    expect(await findGateway(run)).toBeUndefined();
    const socket = await open();
    expect(await (await findGateway(run))?.list()).toEqual([plugin]);
    await socket.close();
  });

  it("says so when what is there does not answer", async () => {
    const { folder, path } = adminSocketOf(run);
    mkdirSync(folder, { mode: 0o700 });
    const silent = createServer(() => undefined).listen(path);
    await once(silent, "listening");
    await expect(findGateway(run, 50)).rejects.toThrow(
      "Cannot reach the gateway: it did not answer in 50 ms",
    );
    silent.close();
  });

  it("lies in a folder that nobody else can enter", async () => {
    const socket = await open();
    const { folder, path } = adminSocketOf(run);
    expect([statSync(folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
    await socket.close();
  });

  it.skipIf(process.getuid?.() !== 0)("cannot be reached by another user", async () => {
    const socket = await open();
    const { path } = adminSocketOf(run);
    const program = `require("net").connect(${JSON.stringify(path)}).on("connect", () => console.log("in")).on("error", (error) => console.log(error.code))`;
    const asked = (uid: number): string =>
      spawnSync("node", ["-e", program], {
        uid,
        gid: uid,
        encoding: "utf8",
        timeout: 20_000,
      }).stdout.trim();
    expect(asked(65_534)).toBe("EACCES");
    await socket.close();
  });

  it.each([
    [
      "that others can enter",
      (folder: string) => mkdirSync(folder, { mode: 0o755 }),
      /others can enter it \(mode 755\)/u,
    ],
    [
      "that others can search",
      (folder: string) => mkdirSync(folder, { mode: 0o711 }),
      /others can enter it/u,
    ],
    ["that is a link", (folder: string) => symlinkSync(tmpdir(), folder), /no folder/u],
    ["that is a file", (folder: string) => writeFileSync(folder, ""), /EEXIST|no folder/u],
  ])("is not opened, and not believed, in a folder %s", async (_what, make, message) => {
    make(adminSocketOf(run).folder);
    await expect(open()).rejects.toThrow(message);
    await expect(findGateway(run)).rejects.toThrow(/Cannot use folder/u);
  });

  it.skipIf(process.getuid?.() !== 0)("is not believed in a folder of somebody else", async () => {
    const { folder } = adminSocketOf(run);
    mkdirSync(folder, { mode: 0o700 });
    spawnSync("chown", ["65534:65534", folder]);
    await expect(open()).rejects.toThrow(/belongs to another user/u);
    await expect(findGateway(run)).rejects.toThrow(/belongs to another user/u);
  });

  it.each([
    ["another host", head("POST /v1/plugins/demo/stop HTTP/1.1", "Host: localhost")],
    ["a rebound host", head("GET /v1/plugins HTTP/1.1", "Host: sigil-admin.evil.example")],
    ["a host with a port", head("GET /v1/plugins HTTP/1.1", "Host: sigil-admin:80")],
    ["junk for a host", head("GET /v1/plugins HTTP/1.1", "Host: \u0000\u00ff<script>")],
    ["an empty host", head("GET /v1/plugins HTTP/1.1", "Host: ")],
    ["no host", head("GET /v1/plugins HTTP/1.1")],
    ["two hosts", head("GET /v1/plugins HTTP/1.1", "Host: localhost", host)],
    ["a page's origin", head("GET /v1/plugins HTTP/1.1", host, "Origin: http://sigil-admin")],
    ["no HTTP", "hello\r\n\r\n"],
    ["a head without end", `GET /v1/plugins HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
    [
      "two lengths",
      head("POST /v1/records HTTP/1.1", host, "Content-Length: 1", "Content-Length: 2"),
    ],
    [
      "a length and chunks",
      head("POST /v1/records HTTP/1.1", host, "Content-Length: 4", "Transfer-Encoding: chunked"),
    ],
  ])("refuses %s and goes on", async (_what, bytes) => {
    const socket = await open();
    expect(await raw(bytes)).toMatch(/^(?:HTTP\/1\.1 4\d\d |$)/u);
    expect(acts).toEqual([]);
    expect(await (await findGateway(run))?.list()).toEqual([plugin]);
    await socket.close();
  });

  it.each([
    ["is too large", `{"x":"${"x".repeat(70_000)}"}`, "application/json", 413],
    ["is no JSON", "{", "application/json", 400],
    ["is a form", "a=b", "application/x-www-form-urlencoded", 415],
    ["is a page's plain text", "{}", "text/plain", 415],
    ["nests too deep to matter", "[".repeat(30_000) + "]".repeat(30_000), "application/json", 400],
  ])("refuses a body that %s", async (_what, body, type, status) => {
    const socket = await open();
    const answer = await raw(
      head(
        "POST /v1/plugins/demo/stop HTTP/1.1",
        host,
        `Content-Type: ${type}`,
        `Content-Length: ${body.length}`,
      ) + body,
    );
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, "u"));
    expect(acts).toEqual([]);
    await socket.close();
  });

  it("refuses a body that never ends", async () => {
    const socket = await open();
    const piece = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const answer = await raw(
      head(
        "POST /v1/plugins/demo/stop HTTP/1.1",
        host,
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
      ) + piece.repeat(4),
    );
    // Whether the refusal is read before the connection breaks is a matter of who is faster.
    expect(answer).toMatch(/^HTTP\/1\.1 413 |EPIPE|ECONNRESET/u);
    expect(acts).toEqual([]);
    expect(await (await findGateway(run))?.list()).toEqual([plugin]);
    await socket.close();
  });

  it("tells a client that it failed, and its own log why", async () => {
    const socket = await open();
    const gateway = await findGateway(run);
    await expect(gateway?.act("demo", "rollback", { clearQuarantine: false })).rejects.toThrow(
      "Cannot ask the gateway: it failed; the gateway's log says why",
    );
    expect(faults).toMatchObject([{ message: "secret of the disk" }]);
    await socket.close();
  });

  it("follows lines until the gateway stops, and lets go of a reader who left", async () => {
    const socket = await open();
    const gateway = await findGateway(run);
    logs.note("demo", "first");
    const lines = gateway?.logs("demo", { follow: true })[Symbol.asyncIterator]();
    expect((await lines?.next())?.value).toMatchObject({ text: "first" });
    logs.note("demo", "second");
    expect((await lines?.next())?.value).toMatchObject({ text: "second" });
    const left = gateway?.logs("demo", { follow: true })[Symbol.asyncIterator]();
    await left?.next();
    await left?.return?.();
    const last = lines?.next();
    await socket.close();
    expect(await last).toMatchObject({ done: true });
  });
});
