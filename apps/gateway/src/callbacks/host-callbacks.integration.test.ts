import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  statSync,
  writeFileSync,
  chmodSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "@modelcontextprotocol/client";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterAll, beforeAll, expect, it } from "vitest";
import { layAskingPlugin } from "../testing/asking-plugins.ts";
import { httpClient, textOf } from "../testing/clients.ts";
import {
  type RunningGateway,
  runSigilCommand,
  startGateway,
  type VerbEnd,
} from "../testing/start-gateway.ts";

let folder: string;
let gateway: RunningGateway;
let ada: Client;
let ben: Client;
const sigil = (...argv: readonly string[]): Promise<VerbEnd> =>
  runSigilCommand(...argv, "--config", join(folder, "gateway.yaml"));

const rights = (...patterns: readonly string[]): string =>
  `capabilities:\n${patterns.map((pattern) => `  - { pattern: "${pattern}", description: "to ask" }\n`).join("")}`;

/** What a plugin heard, as it says it. */
const ask = async (
  client: Client,
  plugin: string,
  what: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<unknown> => {
  const said = await textOf(client, `${plugin}.ask`, { what, ...more });
  return said.startsWith("CALLBACK_") ? said.split(" ")[0] : JSON.parse(said);
};

async function approve(source: string, name: string): Promise<void> {
  const added = await sigil("add", source);
  if (added.code !== 0) throw new Error(added.err);
  const { digest }: { digest: string } = JSON.parse((await sigil("review", name, "--json")).out);
  const done = await sigil("approve", name, "--digest", digest, "--user", "ada");
  if (done.code !== 0) throw new Error(done.err);
}

async function clientOf(user: string): Promise<Client> {
  const made = await sigil("token", "create", "--user", user, "--workspace", "studio", "--json");
  const { token }: { token: string } = JSON.parse(made.out);
  return httpClient(gateway.address, token, "2026-07-28");
}

beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "asks-"));
  chmodSync(folder, 0o711);
  const allow = "[tool.*, kv.*, config.read.self]";
  writeFileSync(
    join(folder, "gateway.yaml"),
    `listen: { port: 0 }
data: data
plugins: {}
workspaces: { studio: { allow: ${allow} } }
users:
  ada: { permissions: ${allow}, workspaces: [studio] }
  ben: { permissions: [tool.*, kv.read, kv.write], workspaces: [studio] }
  eve: { permissions: [tool.*], workspaces: [studio] }
sandbox: { run_as: { uid: 65534, gid: 65534 } }
limits: { rate: { user: 100000 } }
`,
  );
  await sigil("lock", "init");
  const sources = join(folder, "sources");
  const everything = rights("kv.read", "kv.write", "config.read.self", "tool.*");
  const plugins = {
    keeper: `storage: { kv: true }\n${everything}`,
    other: `storage: { kv: true }\n${everything}`,
    bare: "",
    common: `lifecycle: { scope: shared }\n${everything}`,
  };
  for (const [name, manifest] of Object.entries(plugins)) {
    // oxlint-disable-next-line no-await-in-loop -- each changes the same lock
    await approve(await layAskingPlugin(sources, name, manifest), name);
  }
  const guest = join(sources, "guest");
  mkdirSync(guest);
  writeFileSync(
    join(guest, "plugin.yaml"),
    `name: guest\nversion: 1.0.0\ntype: tool\nexecution: { tier: wasm }\nentry: { module: guest.wasm }\nresources: { timeouts: { start: 60s } }\nstorage: { kv: true }\n${rights("kv.read", "kv.write")}`,
  );
  const wasm = new URL("../../../../tooling/conformance/fixtures/wasm/guest.wasm", import.meta.url);
  copyFileSync(fileURLToPath(wasm), join(guest, "guest.wasm"));
  await approve(guest, "guest");
  gateway = await startGateway(join(folder, "gateway.yaml"));
  ada = await clientOf("ada");
  ben = await clientOf("ben");
}, 120_000);

afterAll(async () => {
  await ada?.close();
  await ben?.close();
  await gateway?.stop();
  removeFolder(folder);
});

/** The newest records of a plugin. */
async function records(plugin: string, result: string): Promise<string> {
  return (await sigil("audit", "tail", "--plugin", plugin, "--result", result, "--limit", "50"))
    .out;
}

describeWith(["bwrap", "prlimit"], "what a contained plugin asks of the gateway", () => {
  it("is its own store: kept per person, unseen by other plugins and people, on record", async () => {
    expect(await ask(ada, "keeper", "put", { key: "k", value: "of ada" })).toEqual({
      stored: true,
      version: 1,
    });
    expect(await ask(ada, "keeper", "get", { key: "k" })).toBe("of ada");
    expect(await ask(ben, "keeper", "get", { key: "k" })).toBeNull();
    expect(await ask(ada, "other", "get", { key: "k" })).toBeNull();
    expect(await ask(ada, "other", "list")).toEqual({ keys: [] });
    await ask(ben, "keeper", "put", { key: "k", value: "of ben" });
    expect(await ask(ada, "keeper", "get", { key: "k" })).toBe("of ada");
    expect(await ask(ada, "keeper", "put", { key: "k", value: "x", expected: 7 })).toEqual({
      stored: false,
      version: 1,
    });
    await ask(ada, "keeper", "put", { key: "l", value: "" });
    expect(await ask(ada, "keeper", "list", { limit: 1 })).toEqual({
      keys: ["k"],
      nextPageToken: "k",
    });
    expect(await ask(ada, "keeper", "list", { limit: 1, pageToken: "k" })).toEqual({ keys: ["l"] });
    expect(await ask(ada, "keeper", "delete", { key: "l" })).toBe(true);
    expect(await ask(ada, "keeper", "delete", { key: "l" })).toBe(false);
    expect(await records("keeper", "allowed")).toMatch(
      /kv\.write {2}plugin keeper {2}by ada@studio/u,
    );
    expect(statSync(join(folder, "data/kv")).mode & 0o777).toBe(0o700);
  }, 60_000);

  it("is its configuration, and a denial where grant, workspace or person say no", async () => {
    expect(await ask(ada, "keeper", "config", { key: "missing" })).toBeNull();
    // Ben may not, the plugin bare was granted nothing, and Eve may call tools alone.
    expect(await ask(ben, "keeper", "config", { key: "missing" })).toBe("CALLBACK_DENIED");
    for (const what of ["get", "put", "delete", "list", "config"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask(ada, "bare", what, { key: "k", value: "v" })).toBe("CALLBACK_DENIED");
    }
    const eve = await clientOf("eve");
    expect(await ask(eve, "keeper", "get", { key: "k" })).toBe("CALLBACK_DENIED");
    await eve.close();
    expect(await records("bare", "denied")).toMatch(/kv\.read/u);
    expect(await ask(ada, "keeper", "session")).toBe("CALLBACK_FAILED");
    expect(await ask(ada, "keeper", "send")).toBe("CALLBACK_FAILED");
  }, 60_000);

  it("refuses keys that are none, and a full store says so and keeps what it has", async () => {
    for (const key of ["", "x".repeat(1_025)]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask(ada, "keeper", "get", { key })).toBe("CALLBACK_FAILED");
    }
    const sql = "'; DELETE FROM entries; --\0";
    expect(await ask(ada, "keeper", "put", { key: sql, value: "v" })).toMatchObject({
      stored: true,
    });
    expect(await ask(ada, "keeper", "fill", { size: 262_144 })).toEqual([63, "CALLBACK_FAILED"]);
    expect(await ask(ada, "keeper", "get", { key: "k" })).toBe("of ada");
    expect(await ask(ben, "keeper", "put", { key: "m", value: "fits" })).toMatchObject({
      stored: true,
    });
    expect(await ask(ada, "keeper", "put", { key: "h", value: "x".repeat(262_145) })).toBe(
      "CALLBACK_FAILED",
    );
  }, 60_000);

  it("is another plugin's tool, as far as the plugin and the person may, and never itself", async () => {
    const call = (tool: string, input: object = {}) => ask(ada, "keeper", "call", { tool, input });
    expect(await call("bare.ask", { what: "get", key: "k" })).toEqual([
      { text: expect.stringMatching(/^CALLBACK_DENIED/u) },
    ]);
    expect(await ask(ada, "bare", "call", { tool: "keeper.ask" })).toBe("CALLBACK_DENIED");
    expect(await call("keeper.ask", { what: "list" })).toBe("CALLBACK_DENIED");
    expect(await records("keeper", "denied")).toMatch(/tool\.keeper\.ask.*limit/u);
    expect(await call("nobody.knows")).toBe("CALLBACK_DENIED");
    expect(await call("no dots; at all")).toBe("CALLBACK_FAILED");
  }, 60_000);

  it("ends a loop of two at its first turn, also where one hides behind work of its own", async () => {
    const loop = (as: string) =>
      ask(ada, "keeper", "call", {
        tool: "other.ask",
        input: { what: "call", as, tool: "keeper.ask", input: { what: "list" } },
      });
    expect(await loop("call")).toEqual([{ text: expect.stringMatching(/^CALLBACK_DENIED/u) }]);
    expect(await loop("own")).toEqual([{ text: expect.stringMatching(/^CALLBACK_DENIED/u) }]);
  }, 60_000);

  it("is its own work for the one person it serves, and nothing where it belongs to nobody", async () => {
    expect(await ask(ada, "keeper", "get", { key: "k", as: "own" })).toBe("of ada");
    expect(await ask(ben, "keeper", "get", { key: "k", as: "own" })).toBe("of ben");
    expect(await ask(ada, "common", "get", { key: "k", as: "own" })).toBe("CALLBACK_DENIED");
    expect(await ask(ada, "common", "call", { tool: "bare.ask", as: "own" })).toBe(
      "CALLBACK_DENIED",
    );
    // By a call it is that person's, in the one store that such an instance has.
    expect(await ask(ada, "common", "put", { key: "k", value: "1" })).toMatchObject({
      stored: true,
    });
    expect(await ask(ben, "common", "get", { key: "k" })).toBe("1");
  }, 60_000);

  it("is the same store for a component", async () => {
    const guest = (client: Client, input: Readonly<Record<string, unknown>>) =>
      textOf(client, "guest.ask", input);
    await guest(ada, { what: "put", key: "k", text: "of a guest" });
    expect(await guest(ada, { what: "keys", prefix: "" })).toContain('"k"');
    expect(await guest(ben, { what: "keys", prefix: "" })).not.toContain('"k"');
    expect(await ask(ada, "keeper", "get", { key: "k" })).toBe("of ada");
    const eve = await clientOf("eve");
    expect(await guest(eve, { what: "keys", prefix: "" })).toContain("denied");
    await eve.close();
  }, 60_000);
});
