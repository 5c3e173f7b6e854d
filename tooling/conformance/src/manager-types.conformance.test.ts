import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified } from "@sigilrt/integrity";
import type { ChannelHandle, ChatEvent, ProviderHandle } from "@sigilrt/lifecycle";
import { acceptDeclared, PluginManager, type Principal } from "@sigilrt/manager";
import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";
import { describe, expect, it } from "vitest";
import { askVersion, everybody, hasTools, livingWith, type Type, unlimited } from "./each-type.ts";

type Way = "blue_green" | "exclusive";

/** A manager over one plugin that runs as a process. */
interface Bench extends AsyncDisposable {
  readonly manager: PluginManager;
  readonly audit: ReturnType<typeof createMemoryAuditStore>;
  /** Lays a version out in the plugin's folder. */
  lay(version: string): Promise<void>;
  /** What reached the plugin. */
  notes(): readonly string[];
  /** Processes that run for it. */
  living(): number;
}

async function openBench(type: Type, way: Way = "blue_green"): Promise<Bench> {
  const home = await mkdtemp(join(tmpdir(), "types-"));
  const folder = join(home, "plugins/demo");
  const notes = join(home, "notes.txt");
  const isTool = hasTools(type);
  const program = isTool ? "versioned-plugin.ts" : "service-plugin.ts";
  const { href } = new URL(`../fixtures/manager/${program}`, import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "main.mjs"), `import ${JSON.stringify(href)};\n`);
  const lay = (version: string): Promise<void> => {
    const args = [...(isTool ? [] : [type]), version, notes].join(", ");
    return writeFile(
      join(folder, "plugin.yaml"),
      `name: demo
version: ${version}
type: ${type}
execution: { tier: process }
entry: { command: [node, --conditions=@sigilrt/source, main.mjs, ${args}] }
lifecycle: { scope: shared, hot_reload: ${way === "blue_green"}, graceful_shutdown_timeout: 60s }
resources: { timeouts: { start: 30s, call: 60s, idle: 60s } }
`,
    );
  };
  await lay("1.0.0");
  const audit = createMemoryAuditStore({ maxRecords: 100_000 });
  const manager = new PluginManager({
    directories: [join(home, "plugins")],
    hosts: { grpc: createProcessHost({ runner: unconfinedRunner(), security: { mtls: "off" } }) },
    verifier: acceptUnverified(),
    consent: acceptDeclared(),
    enforcer: new Enforcer(audit, Date),
    audit,
    engine: "0.1.0",
    limits: { queueMs: 60_000 },
  });
  return {
    manager,
    audit,
    lay,
    notes: () => (existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : []),
    living: () => livingWith(home),
    async [Symbol.asyncDispose]() {
      await manager.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

const types: readonly Type[] = ["tool", "skill", "channel", "provider"];

it.each(types.flatMap((type) => [[type, "blue_green"] as const, [type, "exclusive"] as const]))(
  "a %s is discovered, decided, called and reloaded, %s",
  async (type, way) => {
    const bench = await openBench(type, way);
    const { manager, audit } = bench;
    const ask = askVersion[type];
    expect((await manager.discover()).admitted).toMatchObject([{ plugin: "demo" }]);
    expect(manager.get("demo")).toMatchObject({ type, state: "discovered" });

    await expect(ask(manager, { ...everybody, permissions: [] })).rejects.toThrow(/denied/u);
    expect((await audit.query({ plugin: "demo", result: "denied" })).records).toHaveLength(1);
    expect([bench.living(), bench.notes()]).toEqual([0, []]);

    expect(await ask(manager, everybody)).toBe("1.0.0");
    await bench.lay("2.0.0");
    expect(await manager.reload("demo")).toMatchObject({ kind: "replaced", way, version: "2.0.0" });
    expect(await ask(manager, everybody)).toBe("2.0.0");
    expect(bench.living()).toBe(1);
    const { records } = await audit.query({ action: "call.completed" });
    expect(records).toMatchObject([{ result: "ok" }, { result: "ok" }]);

    await manager.close();
    expect(bench.living()).toBe(0);
    await bench[Symbol.asyncDispose]();
  },
);

describe.each([
  ["channel", "receive"],
  ["channel", "send"],
  ["channel", "presence"],
  ["channel", "identity"],
  ["provider", "models"],
  ["provider", "chat"],
  ["provider", "status"],
] as const)("%s.%s of a process", (kind, operation) => {
  const capability = `${kind}.demo.${operation}`;
  const run = async ({ manager }: Bench, principal: Principal): Promise<void> => {
    if (kind === "channel") {
      await using channel = await manager.open({ plugin: "demo", kind, principal });
      await onChannel[operation](channel);
    } else {
      await using provider = await manager.open({ plugin: "demo", kind, principal });
      await onProvider[operation](provider);
    }
  };

  it("is denied and recorded without its right, and nothing runs", async () => {
    await using bench = await openBench(kind);
    await bench.manager.discover();
    const others = [`${kind}.demo.none`, `${kind}.other.*`];
    await expect(run(bench, { ...everybody, permissions: others })).rejects.toThrow(
      expect.objectContaining({ code: "DENIED" }),
    );
    const { records } = await bench.audit.query({ capability, result: "denied" });
    expect(records).toMatchObject([{ reason: "user_not_allowed", actor: "ada" }]);
    expect([bench.living(), bench.notes()]).toEqual([0, []]);
  });

  it("has its effect with its right alone, after its decision was recorded", async () => {
    await using bench = await openBench(kind);
    await bench.manager.discover();
    await run(bench, { ...everybody, permissions: [capability] });
    // The host asks for the status as well, to see whether there is a provider at all.
    const reached = new Set(bench.notes().filter((note) => note.startsWith(operation)));
    expect([...reached]).toEqual([`${operation} 1.0.0`]);
    const { records } = await bench.audit.query({ capability });
    const actions = records.map(({ action, result }) => `${action} ${result}`).toReversed();
    expect(actions[0]).toBe("capability_check allowed");
    expect(actions.at(-1)).toMatch(/^call\.completed/u);
  });
});

const onChannel = {
  async receive(channel: ChannelHandle): Promise<void> {
    const messages = channel.inbound({})[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ messageId: "1.0.0", content: "hello" });
    await messages.return?.();
  },
  send: (channel: ChannelHandle) => channel.send({ channelId: "c", content: "x" }, unlimited),
  presence: (channel: ChannelHandle) => channel.presence("c", "typing", unlimited),
  identity: (channel: ChannelHandle) => channel.identity("u", unlimited),
};
const onProvider = {
  models: (provider: ProviderHandle) => provider.models(unlimited),
  async chat(provider: ProviderHandle): Promise<void> {
    expect(await textsOf(provider.chat({ model: "m", messages: [] }, unlimited))).toHaveLength(500);
  },
  status: (provider: ProviderHandle) => provider.status(unlimited),
};

it.each(["blue_green", "exclusive"] as const)(
  "a chat over a reload loses nothing and is answered by one version, %s",
  async (way) => {
    await using bench = await openBench("provider", way);
    const { manager } = bench;
    await manager.discover();
    const provider = await manager.open({ plugin: "demo", kind: "provider", principal: everybody });
    const chat = provider.chat({ model: "m", messages: [] }, unlimited)[Symbol.asyncIterator]();
    const first = await chat.next();
    await bench.lay("2.0.0");
    const events = manager.events();
    const reloading = manager.reload("demo");
    // Beside the old version the new one is up before the chat goes on; after it, it waits for the chat.
    const published = way === "blue_green";
    if (published) for await (const { type } of events) if (type === "generation.published") break;
    expect(bench.living()).toBe(published ? 2 : 1);
    const rest = await textsOf({ [Symbol.asyncIterator]: () => chat });
    const texts = [first.value?.kind === "text" ? first.value.text : "", ...rest];
    expect(texts).toEqual(Array.from({ length: 500 }, (_, piece) => `${piece} 1.0.0`));
    expect(await reloading).toMatchObject({ way, drained: { cancelled: 0 } });
    expect((await textsOf(provider.chat({ model: "m", messages: [] }, unlimited)))[0]).toBe(
      "0 2.0.0",
    );
    expect(bench.living()).toBe(1);
  },
);

it.each(["blue_green", "exclusive"] as const)(
  "a reader of a channel goes on with the version that replaced the one it read, %s",
  async (way) => {
    await using bench = await openBench("channel", way);
    const { manager } = bench;
    await manager.discover();
    await using channel = await manager.open({
      plugin: "demo",
      kind: "channel",
      principal: everybody,
    });
    const messages = channel.inbound({})[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ messageId: "1.0.0" });
    const next = messages.next();
    await bench.lay("2.0.0");
    expect(await manager.reload("demo")).toMatchObject({ kind: "replaced", way });
    expect((await next).value).toMatchObject({ messageId: "2.0.0" });
    expect(bench.living()).toBe(1);
  },
);

async function textsOf(events: AsyncIterable<ChatEvent>): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const event of events) if (event.kind === "text") texts.push(event.text);
  return texts;
}
