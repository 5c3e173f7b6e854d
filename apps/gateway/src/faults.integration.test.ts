import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { describe, expect, it } from "vitest";
import { httpClient, textOf } from "./testing/clients.ts";
import {
  makeGatewayFolder,
  runSigilCommand,
  sample,
  sigil,
  startGateway,
} from "./testing/start-gateway.ts";

/** Which of some processes are left when none is any more, or when the time is over. */
async function leftAfter(ms: number, pids: readonly number[]): Promise<readonly number[]> {
  const until = Date.now() + ms;
  for (;;) {
    const left = pids.filter((pid) => commandOf(pid) !== "");
    if (left.length === 0 || Date.now() > until) return left;
    // oxlint-disable-next-line no-await-in-loop -- looks again until they are gone
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describeWith(["bwrap", "prlimit"], "a plugin that is killed", () => {
  it("fails the call that runs, and the next one works", async () => {
    await using place = makeGatewayFolder({ plugins: ["everything", "text", "notes", "files"] });
    await using gateway = await startGateway(place.config);
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    const begun = Promise.withResolvers<void>();
    const call = ada.callTool(
      {
        name: "everything.trigger-long-running-operation",
        arguments: { duration: 60, steps: 600 },
      },
      { onprogress: () => begun.resolve() },
    );
    await begun.promise;
    const contained = await contents(gateway.child.pid);
    expect(contained.length).toBeGreaterThan(0);
    for (const pid of contained) process.kill(pid, "SIGKILL");
    const outcome = await call;
    expect(outcome.isError).toBe(true);
    expect(JSON.stringify(outcome.content)).toContain("crashed");
    expect(await textOf(ada, "everything.get-sum", { a: 1, b: 1 })).toContain("2");
    // The caller hears that it crashed, the operator how.
    expect(gateway.log()).toMatch(/^plugin everything: ended by itself, (?:crashed|killed)/mu);
    await ada.close();
  });
});

/** The contained programs of a gateway: everything below it that is node, but not the gateway. */
async function contents(pid: number | undefined): Promise<readonly number[]> {
  const all = await descendants(pid);
  return all.filter((id) => commandOf(id).includes("server-everything"));
}

async function descendants(pid: number | undefined): Promise<readonly number[]> {
  const children = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line !== "")
    .map(Number);
  const below = await Promise.all(children.map((child) => descendants(child)));
  return [...children, ...below.flat()];
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

describeWith(["bwrap", "prlimit"], "a gateway that ends", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "by %s leaves no process and a whole log",
    async (signal) => {
      await using place = makeGatewayFolder({ plugins: ["notes", "text"] });
      const gateway = await startGateway(place.config);
      const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
      await textOf(ada, "notes.list");
      const running = await descendants(gateway.child.pid);
      expect(running.length).toBeGreaterThan(0);
      expect(await gateway.stop(signal)).toBe(0);
      expect(running.filter((pid) => commandOf(pid) !== "")).toEqual([]);
      await expect(fetch(gateway.address)).rejects.toThrow("fetch failed");
      const { out } = await runSigilCommand("audit", "verify", "--config", place.config);
      expect(out).toMatch(/^verifies/u);
      await ada.close().catch(() => undefined);
    },
  );

  it("by SIGTERM while it still starts ends as cleanly", async () => {
    await using place = makeGatewayFolder({ plugins: ["text", "notes", "files"] });
    const child = spawn(sigil, ["up", "--config", place.config], { stdio: "ignore" });
    const ended = once(child, "exit");
    while (!existsSync(join(place.data, "store"))) {
      // oxlint-disable-next-line no-await-in-loop -- looks again until the plugins are looked at
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    const { out } = await runSigilCommand("audit", "verify", "--config", place.config);
    expect(out).toMatch(/^verifies/u);
  });

  it("by SIGTERM ends also when it serves a client that keeps its input open", async () => {
    await using place = makeGatewayFolder({ plugins: ["text"] });
    const who = ["--user", "ada", "--workspace", "studio", "--config", place.config];
    const child = spawn(sigil, ["up", "--stdio", ...who], { stdio: ["pipe", "pipe", "ignore"] });
    const ended = once(child, "exit");
    const hello = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    };
    child.stdin.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: hello })}\n`,
    );
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });

  it("by SIGKILL leaves no plugin, and the next one goes on with the log", async () => {
    await using place = makeGatewayFolder({ plugins: ["notes", "everything"] });
    const gateway = await startGateway(place.config);
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    await Promise.all([textOf(ada, "notes.list"), textOf(ada, "everything.get-env")]);
    const running = await descendants(gateway.child.pid);
    expect(running.length).toBeGreaterThan(2);
    gateway.child.kill("SIGKILL");
    expect(await leftAfter(2_000, running)).toEqual([]);
    await using next = await startGateway(place.config);
    expect(next.problems).toEqual([]);
    const { code } = await runSigilCommand("audit", "verify", "--config", place.config);
    expect(code).toBe(0);
    await ada.close().catch(() => undefined);
  });
});

describe("bad input", () => {
  it("of the configuration ends the start with file, line and column", async () => {
    await using place = makeGatewayFolder();
    writeFileSync(place.config, "data: data\nworksapces: {}\n");
    const { code, out, err } = await runSigilCommand("up", "--config", place.config);
    expect([code, out, err]).toEqual([
      3,
      "",
      `${place.config}:2:1: Cannot use key "worksapces": did you mean "workspaces"?\n`,
    ]);
  });

  it("a port in use ends the start with the file to change, and nothing is opened", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using place = makeGatewayFolder(port === undefined ? {} : { port });
    const { code, err } = await runSigilCommand("up", "--config", place.config);
    expect([code, err]).toEqual([
      3,
      `Cannot listen on 127.0.0.1, port ${port}: another program has the port; stop it, or change listen.port in ${place.config}\n`,
    ]);
    expect(() => statSync(place.data)).toThrow("ENOENT");
    other.close();
  });

  it("a second gateway on a data folder is refused, and the first goes on", async () => {
    await using place = makeGatewayFolder({ plugins: ["text"] });
    await using gateway = await startGateway(place.config);
    const { code, err } = await runSigilCommand("up", "--config", place.config);
    expect(code).toBe(3);
    expect(err).toMatch(/^Cannot open audit store ".*": .*(?:another|held|writ)/u);
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    expect(await textOf(ada, "text.count", { text: "a" })).toContain('"words":1');
    await ada.close();
  });
});

describeWith(["bwrap", "prlimit"], "what is wrong with one plugin", () => {
  it("is told in one line with what mends it, and the others work: changed bytes, unknown manifest key", async () => {
    await using place = makeGatewayFolder();
    const folders = { notes: join(place.folder, "p/notes"), text: join(place.folder, "q/text") };
    for (const [name, folder] of Object.entries(folders)) {
      mkdirSync(join(folder, ".."), { recursive: true });
      cpSync(sample(name), folder, { recursive: true });
    }
    appendFileSync(join(folders.notes, "main.mjs"), "\n// one more line\n");
    appendFileSync(join(folders.text, "plugin.yaml"), "executoin: { tier: wasm }\n");
    await using changed = makeGatewayFolder({ folders });
    await using gateway = await startGateway(changed.config);
    const told = gateway.problems.join("\n");
    expect(told).toMatch(/Cannot admit "notes" .*integrity_mismatch; .*npm run sample:lock/u);
    expect(told).toMatch(/plugin\.yaml.*\d+:1 .*executoin/su);
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    const { tools } = await ada.listTools();
    expect(tools.some(({ name }) => /^(?:notes|text)\./u.test(name))).toBe(false);
    expect(await textOf(ada, "everything.get-sum", { a: 1, b: 2 })).toContain("3");
    await ada.close();
  });

  it("is what the machine lacks: without bubblewrap programs are refused with the remedy, and WebAssembly runs", async () => {
    await using place = makeGatewayFolder();
    const masked = [
      "bwrap",
      "--die-with-parent",
      "--dev-bind",
      "/",
      "/",
      "--bind",
      "/dev/null",
      "/usr/bin/bwrap",
      "--",
    ];
    await using gateway = await startGateway(place.config, masked);
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    expect(await textOf(ada, "text.count", { text: "a b" })).toContain('"words":2');
    expect(await textOf(ada, "notes.list")).toMatch(/^ERROR Unavailable/u);
    expect(gateway.problems.join("\n")).toMatch(/process tier.*bubblewrap/su);
    await ada.close();
  });
});

describeWith(["bwrap", "prlimit"], "a disk that is full", () => {
  it("denies what cannot be recorded, and what was answered is on record", async () => {
    await using place = makeGatewayFolder({ plugins: ["text"] });
    await (await startGateway(place.config)).stop();
    const { size } = statSync(join(place.data, "audit/audit-000001.jsonl"));
    // A limit on the size of files stands in for the full disk: the kernel cuts a write short, then fails the next.
    const blocks = Math.ceil(size / 512) + 24;
    const limited = ["sh", "-c", `ulimit -f ${blocks}; exec "$@"`, "sh"];
    const gateway = await startGateway(place.config, limited);
    const ada = await httpClient(gateway.address, gateway.token, "2025-11-25");
    let answered = 0;
    let text = "";
    for (; !text.startsWith("ERROR"); answered += 1) {
      // oxlint-disable-next-line no-await-in-loop -- until the disk is full
      text = await textOf(ada, "text.count", { text: "a" });
    }
    expect(answered).toBeGreaterThan(3);
    expect(await textOf(ada, "text.count", { text: "a" })).toMatch(/^ERROR .*not_allowed/u);
    await ada.close();
    await gateway.stop();

    await using again = await startGateway(place.config);
    const { out } = await runSigilCommand(
      "audit",
      "tail",
      "--limit",
      "1000",
      "--result",
      "allowed",
      "--config",
      place.config,
    );
    expect(out.trim().split("\n").length).toBeGreaterThanOrEqual(answered - 1);
    const back = await httpClient(again.address, again.token, "2025-11-25");
    expect(await textOf(back, "text.count", { text: "a b" })).toContain('"words":2');
    await back.close();
  });
});
