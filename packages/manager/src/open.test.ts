import { getEventListeners } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { acceptUnverified } from "@sigilrt/integrity";
import {
  type ChannelHandle,
  type ChatEvent,
  type HostCallOptions,
  type InboundMessage,
  LifecycleError,
  type ProviderHandle,
  type StartSpec,
} from "@sigilrt/lifecycle";
import type {
  GuardedRequest,
  ManagerErrorCode,
  PluginManager,
  PluginManagerOptions,
  Principal,
} from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import { everybody, manifestOf, openWorkbench, type Workbench } from "./fixtures/workbench.ts";

const never = new Promise<never>(() => undefined);
const message = (messageId: string): InboundMessage => ({
  messageId,
  channelId: "c",
  content: "hello",
  threadId: "",
  media: [],
  metadata: {},
});
const options = (more: Partial<HostCallOptions> = {}): HostCallOptions => ({
  signal: new AbortController().signal,
  deadlineAt: Number.POSITIVE_INFINITY,
  ...more,
});
const request = { model: "m", messages: [{ role: "user", content: "hello" }] } as const;

/** A plugin of both services, and everything that reached it. */
interface Reached {
  readonly effects: string[];
  /** Runs before an effect. */
  before: (effect: string, options?: Partial<HostCallOptions>) => Promise<void>;
  /** The streams of the channel, one for each time it was read; ends when it is empty. */
  messages: (signal: AbortSignal | undefined, version: string) => AsyncIterable<InboundMessage>;
  events: (signal: AbortSignal, version: string) => AsyncIterable<ChatEvent>;
  disposed: number;
}

interface Bench extends Workbench, Reached {
  readonly run: PluginManager;
  channel(principal?: Principal, signal?: AbortSignal): Promise<ChannelHandle>;
  provider(principal?: Principal): Promise<ProviderHandle>;
}

const manifest = (type: string, more = "", version = "1.0.0"): string =>
  manifestOf("demo", more).replace("type: tool", `type: ${type}`).replace("1.0.0", version);

async function open(
  type: string,
  more: Partial<PluginManagerOptions> = {},
  text = manifest(type),
  serves: readonly string[] = [type],
): Promise<Bench> {
  const reached: Reached = {
    effects: [],
    before: () => Promise.resolve(),
    async *messages() {
      yield message("1");
      yield await Promise.resolve(message("2"));
    },
    async *events() {
      yield { kind: "text", text: "hi" };
      yield await Promise.resolve({ kind: "done" } as const);
    },
    disposed: 0,
  };
  const bench = openWorkbench({
    plugin: (_id, spec) => ({
      tools: {},
      services: {
        ...(serves.includes("channel") ? { channel: () => channelOf(reached, spec) } : {}),
        ...(serves.includes("provider") ? { provider: () => providerOf(reached, spec) } : {}),
      },
    }),
  });
  bench.plugin("demo", text);
  const run = bench.manager({ verifier: acceptUnverified(), ...more });
  await run.discover();
  return Object.assign(reached, bench, {
    run,
    channel: (principal = everybody, signal?: AbortSignal) =>
      run.open({ plugin: "demo", kind: "channel", principal }, signal ? { signal } : {}),
    provider: (principal = everybody) => run.open({ plugin: "demo", kind: "provider", principal }),
  });
}

function channelOf(reached: Reached, { identity: { version } }: StartSpec): ChannelHandle {
  const effect = async (name: string, given?: Partial<HostCallOptions>): Promise<void> => {
    await reached.before(name, given);
    reached.effects.push(`${name} ${version}`);
  };
  return {
    kind: "channel",
    async *inbound({ signal }) {
      await effect("receive", signal ? { signal } : {});
      yield* reached.messages(signal, version);
    },
    async send({ content }, given) {
      await effect("send", given);
      return { platformMessageId: content };
    },
    presence: (_channel, _status, given) => effect("presence", given),
    async identity(platformUserId, given) {
      await effect("identity", given);
      return { userId: "", platform: "p", platformUserId, displayName: "Ada" };
    },
    [Symbol.asyncDispose]: async () => {
      reached.disposed += 1;
    },
  };
}

function providerOf(reached: Reached, { identity: { version } }: StartSpec): ProviderHandle {
  const effect = async (name: string, given: HostCallOptions): Promise<void> => {
    await reached.before(name, given);
    reached.effects.push(`${name} ${version}`);
  };
  return {
    kind: "provider",
    async models(given) {
      await effect("models", given);
      return [{ id: "m", name: "M", provider: "p" }];
    },
    async *chat(_request, given) {
      await effect("chat", given);
      yield* reached.events(given.signal, version);
    },
    async status(given) {
      await effect("status", given);
      return { available: true, provider: "p", message: "", failureCount: 0 };
    },
    [Symbol.asyncDispose]: async () => {
      reached.disposed += 1;
    },
  };
}

async function all<T>(pieces: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

type Kind = "channel" | "provider";
/** Every operation, and how it is asked for. */
const operations: readonly (readonly [
  Kind,
  string,
  (bench: Bench, principal?: Principal, given?: HostCallOptions) => Promise<unknown>,
])[] = [
  [
    "channel",
    "receive",
    async (bench, principal, given) => all((await bench.channel(principal)).inbound(given ?? {})),
  ],
  [
    "channel",
    "send",
    async (bench, principal, given = options()) =>
      (await bench.channel(principal)).send({ channelId: "c", content: "x" }, given),
  ],
  [
    "channel",
    "presence",
    async (bench, principal, given = options()) =>
      (await bench.channel(principal)).presence("c", "typing", given),
  ],
  [
    "channel",
    "identity",
    async (bench, principal, given = options()) =>
      (await bench.channel(principal)).identity("u", given),
  ],
  [
    "provider",
    "models",
    async (bench, principal, given = options()) => (await bench.provider(principal)).models(given),
  ],
  [
    "provider",
    "chat",
    async (bench, principal, given = options()) =>
      all((await bench.provider(principal)).chat(request, given)),
  ],
  [
    "provider",
    "status",
    async (bench, principal, given = options()) => (await bench.provider(principal)).status(given),
  ],
];

const refused = (code: ManagerErrorCode, outcome?: object): unknown =>
  expect.objectContaining({
    name: "ManagerError",
    code,
    ...(outcome ? { outcome: expect.objectContaining(outcome) } : {}),
  });
const reasons = async ({ audit }: Workbench, action: "call.completed" | "capability_check") =>
  (await audit.query({ action })).records.map(({ reason }) => reason).toReversed();
/** Lets everything that waits for no time go on. */
const settle = async (bench: Workbench): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) {
    // oxlint-disable-next-line no-await-in-loop -- turn by turn
    await setImmediate();
    // oxlint-disable-next-line no-await-in-loop -- as above
    await bench.clock.advance(0);
  }
};
/** Lets time pass until `promise` settles. */
async function passTime<T>(bench: Workbench, promise: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const stop = (): void => settled.abort();
  promise.then(stop, stop);
  while (!settled.signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- the store works on real files
    await setImmediate();
    // oxlint-disable-next-line no-await-in-loop -- step by step
    await bench.clock.advance(100);
  }
  return promise;
}

describe.each(operations)("%s.%s", (kind, name, ask) => {
  const capability = `${kind}.demo.${name}`;

  it.each([
    ["user", { ...everybody, permissions: [`${kind}.demo.other`, `${kind}.else.*`] }],
    ["workspace", { ...everybody, workspaceAllow: ["tool.*"] }],
    ["mission", { ...everybody, mission: { id: "m", allow: [] as never } }],
  ])("is denied, on record, where the %s does not allow it, and starts nothing", async (leg, p) => {
    await using bench = await open(kind);
    await expect(ask(bench, p)).rejects.toThrow(
      refused("DENIED", { kind: "denied", publicReason: "not_allowed" }),
    );
    const { records } = await bench.audit.query({ plugin: "demo", result: "denied" });
    expect(records).toMatchObject([
      { action: "capability_check", actor: "ada", capability, reason: `${leg}_not_allowed` },
    ]);
    expect([bench.host.starts, bench.effects]).toEqual([[], []]);
  });

  it("is denied where the manifest denies it", async () => {
    const text = manifest(kind, `deny_capabilities: ["${capability}"]\n`);
    await using bench = await open(kind, {}, text);
    await expect(ask(bench)).rejects.toThrow(refused("DENIED", { publicReason: "not_allowed" }));
    expect(await reasons(bench, "capability_check")).toEqual(["plugin_denied"]);
    expect(bench.host.starts).toEqual([]);
  });

  it("is allowed by its own right alone, on record before its effect, with an outcome after it", async () => {
    await using bench = await open(kind);
    const seen: unknown[] = [];
    bench.before = async () => {
      const { records } = await bench.audit.query({ capability });
      seen.push(records.map(({ action, result }) => `${action} ${result}`));
    };
    await ask(bench, { ...everybody, permissions: [capability], workspaceAllow: [capability] });
    expect(seen).toEqual([["capability_check allowed"]]);
    expect(bench.effects).toEqual([`${name} 1.0.0`]);
    const { records } = await bench.audit.query({ action: "call.completed" });
    const [decided] = (
      await bench.audit.query({ action: "capability_check" })
    ).records.toReversed();
    expect(records[0]).toMatchObject({
      actor: "ada",
      workspace: "home",
      plugin: "demo",
      capability,
      result: "ok",
      refers: { seq: decided?.seq },
    });
  });

  it.each([
    ["says no", () => ({ ok: false, retryAfterMs: 5 }) as const, { retryAfterMs: 5 }],
    [
      "throws",
      () => {
        throw new Error("broken");
      },
      {},
    ],
    ["answers nonsense", () => "yes" as never, {}],
  ])("is denied, on record, when a guard %s", async (_how, guard, more) => {
    const asked: GuardedRequest[] = [];
    const first = (guarded: GuardedRequest) => {
      asked.push(guarded);
      return { ok: true } as const;
    };
    await using bench = await open(kind, { guards: [first, guard] });
    const outcome = { kind: "denied", publicReason: "limit", ...more };
    await expect(ask(bench)).rejects.toThrow(refused("DENIED", outcome));
    expect(asked).toEqual([{ plugin: "demo", kind, operation: name, principal: everybody }]);
    const { records } = await bench.audit.query({ plugin: "demo", result: "denied" });
    expect(records).toMatchObject([{ action: "capability_check", capability, reason: "limit" }]);
    expect(bench.host.starts).toEqual([]);
  });

  it("is decided also when every guard lets it pass", async () => {
    await using bench = await open(kind, { guards: [() => ({ ok: true })] });
    await expect(ask(bench, { ...everybody, permissions: [] })).rejects.toThrow(refused("DENIED"));
    expect(bench.host.starts).toEqual([]);
  });

  it("is denied also when a guard adds to the rights of who asks", async () => {
    const guard = ({ principal }: GuardedRequest) => {
      (principal.permissions as string[]).push("*");
      return { ok: true } as const;
    };
    await using bench = await open(kind, { guards: [guard] });
    await expect(ask(bench, { ...everybody, permissions: [] })).rejects.toThrow(refused("DENIED"));
    expect(bench.host.starts).toEqual([]);
  });

  it("has no effect when its decision could not be recorded", async () => {
    await using bench = await open(kind);
    bench.failAuditAfter(0);
    const outcome = { publicReason: "not_allowed", decisionId: "unrecorded" };
    await expect(ask(bench)).rejects.toThrow(refused("DENIED", outcome));
    expect([bench.host.starts, bench.effects]).toEqual([[], []]);
  });

  it("counts an outcome that could not be recorded", async () => {
    await using bench = await open(kind);
    bench.before = async () => bench.failAuditAfter(name === "receive" ? 4 : 0);
    await ask(bench);
    expect(bench.run.lostOutcomes).toBe(1);
  });

  it("is unavailable, on record, when its plugin crashes, and then runs on the next one", async () => {
    await using bench = await open(kind);
    bench.before = async () => {
      bench.before = () => Promise.resolve();
      const [id = ""] = bench.host.running;
      bench.host.crash(id);
      throw new LifecycleError("CRASHED", "it is gone");
    };
    await expect(ask(bench)).rejects.toThrow(
      refused("UNAVAILABLE", { kind: "unavailable", reason: "crashed" }),
    );
    expect(await reasons(bench, "call.completed")).toEqual(["crashed"]);
    await passTime(bench, ask(bench));
    expect(bench.effects).toEqual([`${name} 1.0.0`]);
  });

  it.each([
    ["PROTOCOL", "FAILED", "plugin_error"],
    ["RESULT_TOO_LARGE", "FAILED", "plugin_error"],
    ["DEADLINE", "CANCELLED", "cancelled_deadline"],
    ["OVERLOADED", "UNAVAILABLE", "overloaded"],
    ["CLOSED", "UNAVAILABLE", "reloading"],
    ["CANCELLED", "CANCELLED", "cancelled_caller"],
    ["TYPE_UNSUPPORTED", "TYPE_UNSUPPORTED", "TYPE_UNSUPPORTED"],
  ] as const)("says %s of a host as %s, on record", async (thrown, code, reason) => {
    await using bench = await open(kind);
    bench.before = () => Promise.reject(new LifecycleError(thrown, "words"));
    await expect(ask(bench)).rejects.toThrow(refused(code));
    expect(await reasons(bench, "call.completed")).toEqual([reason]);
  });

  it("tells nothing of a failure that no host should have", async () => {
    await using bench = await open(kind);
    bench.before = () => Promise.reject(new TypeError("secret of /etc/passwd"));
    const asked = ask(bench);
    await expect(asked).rejects.toThrow(refused("UNAVAILABLE", { reason: "crashed" }));
    await expect(asked).rejects.not.toThrow(/secret/u);
  });

  it("ends with the caller's signal, even on a host that does not listen", async () => {
    await using bench = await open(kind);
    const caller = new AbortController();
    bench.before = () => {
      caller.abort();
      return never;
    };
    await expect(ask(bench, everybody, options({ signal: caller.signal }))).rejects.toThrow(
      refused("CANCELLED", { kind: "cancelled", by: "caller" }),
    );
    expect(await reasons(bench, "call.completed")).toEqual(["cancelled_caller"]);
  });

  it("is refused as what it is when the program does not serve it", async () => {
    await using bench = await open(kind, {}, manifest(kind), []);
    await expect(ask(bench)).rejects.toThrow(refused("TYPE_UNSUPPORTED"));
    expect(await reasons(bench, "call.completed")).toEqual(["TYPE_UNSUPPORTED"]);
  });
});

describe("PluginManager.open", () => {
  it.each([
    ["ghost", "channel", "channel", "PLUGIN_NOT_FOUND"],
    ["demo", "tool", "channel", "TYPE_UNSUPPORTED"],
    ["demo", "skill", "provider", "TYPE_UNSUPPORTED"],
    ["demo", "channel", "provider", "TYPE_UNSUPPORTED"],
    ["demo", "provider", "channel", "TYPE_UNSUPPORTED"],
  ] as const)("of %s, a %s, as a %s is refused: %s", async (plugin, type, kind, code) => {
    await using bench = await open(type, {}, manifest(type), ["channel", "provider"]);
    await expect(bench.run.open({ plugin, kind, principal: everybody })).rejects.toThrow(
      refused(code),
    );
    expect(bench.host.starts).toEqual([]);
  });

  it("refuses what could not start anyway", async () => {
    await using bench = await open("channel", {}, manifest("channel", "secrets: [{name: t}]\n"));
    await expect(bench.channel()).rejects.toThrow(refused("START_FAILED"));
  });

  it("is refused by a manager that was closed", async () => {
    await using bench = await open("channel");
    await bench.run.close();
    await expect(bench.channel()).rejects.toThrow(refused("CLOSED"));
  });

  it("starts one instance for all operations and asks it for its service once", async () => {
    await using bench = await open("provider");
    const provider = await bench.provider();
    expect(bench.host.starts).toEqual([]);
    await Promise.all([provider.models(options()), provider.status(options())]);
    await provider.models(options());
    expect(bench.host.starts).toHaveLength(1);
    await provider[Symbol.asyncDispose]();
    expect(bench.disposed).toBe(1);
  });

  it("gives each person of a plugin that they do not share an instance of their own", async () => {
    await using bench = await open("channel");
    for (const user of ["ada", "bob"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that an instance could be reused
      const channel = await bench.channel({ ...everybody, user });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await channel.presence("c", "online", options());
    }
    expect(bench.host.starts.map(({ spec }) => spec.identity.user)).toEqual(["ada", "bob"]);
  });

  it("ends what runs when it is closed, once, and does nothing afterwards", async () => {
    const one = manifest("provider", "resources: {concurrency: 1}\n");
    await using bench = await open("provider", {}, one);
    const provider = await bench.provider();
    bench.before = () => never;
    const asked = provider.models(options());
    asked.catch(() => undefined);
    await settle(bench);
    await Promise.all([provider[Symbol.asyncDispose](), provider[Symbol.asyncDispose]()]);
    await expect(asked).rejects.toThrow(refused("CANCELLED", { by: "caller" }));
    expect(await reasons(bench, "call.completed")).toEqual(["cancelled_caller"]);
    await expect(provider.models(options())).rejects.toThrow(refused("CLOSED"));
    // The one place of the instance is free again.
    bench.before = () => Promise.resolve();
    expect(await (await bench.provider()).models(options())).toHaveLength(1);
    expect(bench.disposed).toBe(1);
  });

  it.each(["before", "while"])("is closed by a signal that aborts %s it is open", async (when) => {
    await using bench = await open("channel");
    const over = new AbortController();
    if (when === "before") over.abort();
    const channel = await bench.channel(everybody, over.signal);
    over.abort();
    await expect(channel.presence("c", "online", options())).rejects.toThrow(refused("CLOSED"));
  });

  it("gives a place back and records the end of a stream whose reader never comes back", async () => {
    await using bench = await open("provider");
    let left = false;
    bench.events = async function* () {
      try {
        yield await Promise.resolve({ kind: "text", text: "hi" } as const);
      } finally {
        left = true;
      }
    };
    const provider = await bench.provider();
    const events = provider.chat(request, options())[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ kind: "text", text: "hi" });
    await provider[Symbol.asyncDispose]();
    expect(left).toBe(true);
    expect(await reasons(bench, "call.completed")).toEqual(["cancelled_caller"]);
    await expect(events.next()).rejects.toThrow(refused("CANCELLED"));
  });

  it("leaves nothing behind on a signal that outlives it, nor on its plugin, over a thousand operations", async () => {
    await using bench = await open("channel");
    const outliving = new AbortController();
    const { signal } = outliving;
    for (let round = 0; round < 100; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one handle after the other
      const channel = await bench.channel(everybody, signal);
      const asked = Array.from({ length: 9 }, () => channel.identity("u", options({ signal })));
      // oxlint-disable-next-line no-await-in-loop -- as above
      await Promise.all([...asked, all(channel.inbound({ signal }))]);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await channel[Symbol.asyncDispose]();
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
    // Two wait for the instance itself: its next health check, and its end when nobody uses it.
    expect([bench.disposed, bench.host.starts.length, bench.clock.sleeping]).toEqual([100, 1, 2]);
  });

  it("is denied as not there once its plugin is gone", async () => {
    await using bench = await open("channel");
    const channel = await bench.channel();
    rmSync(join(bench.folder, "plugins/demo"), { recursive: true });
    await bench.run.discover();
    await expect(channel.presence("c", "online", options())).rejects.toThrow(
      refused("DENIED", { publicReason: "not_available" }),
    );
  });

  it("leaves nothing when the manager closes under it, with every outcome on record", async () => {
    await using bench = await open("channel");
    const channel = await bench.channel();
    bench.messages = async function* () {
      yield message("1");
      await never;
    };
    const messages = channel.inbound({})[Symbol.asyncIterator]();
    await messages.next();
    await bench.run.close();
    expect(bench.host.running).toEqual([]);
    expect(bench.disposed).toBe(1);
    expect(await reasons(bench, "call.completed")).toEqual(["ok", "reloading"]);
    await expect(messages.next()).rejects.toThrow(refused("UNAVAILABLE"));
    await expect(channel.presence("c", "online", options())).rejects.toThrow(refused("CLOSED"));
  });
});

describe("inbound messages", () => {
  it("are each decided and recorded before they are handed on", async () => {
    await using bench = await open("channel");
    const seen: unknown[] = [];
    for await (const { messageId } of (await bench.channel()).inbound({})) {
      const { records } = await bench.audit.query({ capability: "channel.demo.receive" });
      seen.push([messageId, records.map(({ action }) => action)]);
    }
    const [decision, outcome] = ["capability_check", "call.completed"];
    expect(seen).toEqual([
      ["1", [outcome, decision, decision]],
      ["2", [outcome, decision, outcome, decision, decision]],
    ]);
    expect(await reasons(bench, "call.completed")).toEqual(["ok", "ok", "ok"]);
  });

  it("stay behind, on record, when they are denied, and the next one comes", async () => {
    let asked = 0;
    const guard = (): { readonly ok: boolean } => ({ ok: (asked += 1) !== 2 });
    await using bench = await open("channel", { guards: [guard] });
    const messages = await all((await bench.channel()).inbound({}));
    expect(messages.map(({ messageId }) => messageId)).toEqual(["2"]);
    expect(await reasons(bench, "capability_check")).toEqual(["allowed", "limit", "allowed"]);
  });

  it("stay behind when their decision cannot be recorded", async () => {
    await using bench = await open("channel");
    bench.messages = async function* () {
      bench.failAuditAfter(0);
      yield await Promise.resolve(message("1"));
      bench.failAuditAfter(Number.POSITIVE_INFINITY);
      yield message("2");
    };
    const messages = await all((await bench.channel()).inbound({}));
    expect(messages.map(({ messageId }) => messageId)).toEqual(["2"]);
  });

  it("are not asked for any more once their reader left", async () => {
    await using bench = await open("channel");
    let ended = false;
    bench.messages = async function* () {
      try {
        await Promise.resolve();
        for (let id = 0; ; id += 1) yield message(`${id}`);
      } finally {
        ended = true;
      }
    };
    for await (const { messageId } of (await bench.channel()).inbound({})) {
      if (messageId === "3") break;
    }
    expect(ended).toBe(true);
    expect((await reasons(bench, "call.completed")).at(-1)).toBe("cancelled_caller");
  });

  it("outlast the limits of a call", async () => {
    const text = manifest("channel", "resources: {timeouts: {call: 20s, idle: 10s}}\n");
    await using bench = await open("channel", {}, text);
    bench.messages = async function* () {
      await bench.clock.sleep(60_000);
      yield message("late");
    };
    const messages = passTime(bench, all((await bench.channel()).inbound({})));
    expect(await messages).toMatchObject([{ messageId: "late" }]);
  });

  it("end with a word when an operator stops the plugin, and start it no more by themselves", async () => {
    await using bench = await open("channel");
    bench.messages = async function* () {
      yield message("1");
      await never;
    };
    const messages = (await bench.channel()).inbound({})[Symbol.asyncIterator]();
    await messages.next();
    await bench.run.stop("demo");
    await expect(messages.next()).rejects.toThrow(refused("UNAVAILABLE", { reason: "reloading" }));
    expect([bench.host.running, bench.host.starts.length]).toEqual([[], 1]);
  });
});

describe("a chat", () => {
  const limits = "resources: {timeouts: {call: 50s, idle: 10s}}\n";

  it("has its outcome when the reader leaves early", async () => {
    await using bench = await open("provider");
    const chat = (await bench.provider()).chat(request, options())[Symbol.asyncIterator]();
    await chat.next();
    await chat.return?.();
    expect(await reasons(bench, "call.completed")).toEqual(["cancelled_caller"]);
  });

  it("that the provider ends with an error has failed, on record, and its reader gets its words", async () => {
    await using bench = await open("provider");
    bench.events = async function* () {
      yield await Promise.resolve({ kind: "error", message: "no credit" } as const);
    };
    expect(await all((await bench.provider()).chat(request, options()))).toEqual([
      { kind: "error", message: "no credit" },
    ]);
    expect(await reasons(bench, "call.completed")).toEqual(["plugin_error"]);
  });

  it("ends when it is idle, and not while its answer comes", async () => {
    await using bench = await open("provider", {}, manifest("provider", limits));
    bench.events = async function* () {
      for (let piece = 0; piece < 3; piece += 1) {
        // oxlint-disable-next-line no-await-in-loop -- a slow answer
        await bench.clock.sleep(9_000);
        yield { kind: "text", text: `${piece}` };
      }
      await never;
    };
    const found: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of (await bench.provider()).chat(request, options())) {
        if (event.kind === "text") found.push(event.text);
      }
    };
    await expect(passTime(bench, read())).rejects.toThrow(
      refused("CANCELLED", { kind: "cancelled", by: "idle" }),
    );
    expect(found).toEqual(["0", "1", "2"]);
  });

  it.each([
    ["the caller's deadline", 5_000, 5_000],
    ["the manifest's limit", Number.POSITIVE_INFINITY, 50_000],
  ])("is given to the host with %s", async (_whose, afterMs, expected) => {
    await using bench = await open("provider", {}, manifest("provider", limits));
    let latest: number | undefined;
    bench.before = async (_name, given) => {
      latest = given?.deadlineAt;
    };
    const deadlineAt = bench.clock.now() + afterMs;
    await all((await bench.provider()).chat(request, options({ deadlineAt })));
    expect(latest).toBe(bench.clock.now() + expected);
  });
});

describe.each(["blue_green", "exclusive"] as const)("a handle over a reload, %s", (way) => {
  const text = (kind: Kind, version: string, grace = "5s"): string =>
    manifest(
      kind,
      `lifecycle: { scope: shared, hot_reload: ${way === "blue_green"}, graceful_shutdown_timeout: ${grace} }\n`,
      version,
    );
  const events = (bench: Bench): { readonly finish: () => void } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    bench.events = async function* (_signal, version) {
      yield { kind: "text", text: `begun ${version}` };
      if (version === "1.0.0") await promise;
      yield { kind: "text", text: `ended ${version}` };
      yield { kind: "done" };
    };
    return { finish: resolve };
  };
  const draining = async (bench: Bench): Promise<{ readonly reloaded: Promise<unknown> }> => {
    const sleepers = bench.clock.sleeping;
    const reloaded = bench.run.reload("demo");
    // oxlint-disable-next-line no-await-in-loop -- the store works on real files
    while (bench.clock.sleeping <= sleepers) await setImmediate();
    return { reloaded };
  };

  it("lets a chat end on the version it began with, and asks the new one next", async () => {
    await using bench = await open("provider", {}, text("provider", "1.0.0"));
    const { finish } = events(bench);
    const provider = await bench.provider();
    const chat = provider.chat(request, options())[Symbol.asyncIterator]();
    expect((await chat.next()).value).toEqual({ kind: "text", text: "begun 1.0.0" });
    bench.plugin("demo", text("provider", "2.0.0"));
    const { reloaded } = await draining(bench);
    finish();
    const rest = await all({ [Symbol.asyncIterator]: () => chat });
    expect(rest).toEqual([{ kind: "text", text: "ended 1.0.0" }, { kind: "done" }]);
    expect(await passTime(bench, reloaded)).toMatchObject({
      kind: "replaced",
      way,
      drained: { finished: 1, cancelled: 0 },
    });
    expect(await all(provider.chat(request, options()))).toContainEqual({
      kind: "text",
      text: "ended 2.0.0",
    });
    expect(await reasons(bench, "call.completed")).toEqual(["ok", "ok"]);
    expect(bench.host.running).toHaveLength(1);
  });

  it("cancels a chat that outlives the grace, on record, even when nobody reads it", async () => {
    await using bench = await open("provider", {}, text("provider", "1.0.0"));
    events(bench);
    const provider = await bench.provider();
    const chat = provider.chat(request, options())[Symbol.asyncIterator]();
    await chat.next();
    bench.plugin("demo", text("provider", "2.0.0"));
    const { reloaded } = await draining(bench);
    expect(await passTime(bench, reloaded)).toMatchObject({
      drained: { finished: 0, cancelled: 1 },
    });
    expect(await reasons(bench, "call.completed")).toEqual(["cancelled_drain_limit"]);
    await expect(chat.next()).rejects.toThrow(refused("CANCELLED", { by: "drain_limit" }));
  });

  it("lets the reader of a channel go on with the new version, without waiting for the grace", async () => {
    await using bench = await open("channel", {}, text("channel", "1.0.0", "10m"));
    bench.messages = async function* (_signal, version) {
      yield message(version);
      await never;
    };
    const channel = await bench.channel();
    const messages = channel.inbound({})[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ messageId: "1.0.0" });
    const next = messages.next();
    bench.plugin("demo", text("channel", "2.0.0"));
    const before = bench.clock.now();
    expect(await bench.run.reload("demo")).toMatchObject({ kind: "replaced", way });
    expect((await next).value).toMatchObject({ messageId: "2.0.0" });
    expect(bench.clock.now()).toBe(before);
    expect(await reasons(bench, "call.completed")).toEqual(["ok", "reloading", "ok"]);
    expect(bench.host.running).toHaveLength(1);
    await channel[Symbol.asyncDispose]();
  });

  it("lets a reader that is busy go on with the new version", async () => {
    await using bench = await open("channel", {}, text("channel", "1.0.0"));
    bench.messages = async function* (_signal, version) {
      yield message(`${version} a`);
      yield message(`${version} b`);
      await never;
    };
    const channel = await bench.channel();
    const messages = channel.inbound({})[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ messageId: "1.0.0 a" });
    bench.plugin("demo", text("channel", "2.0.0"));
    await bench.run.reload("demo");
    expect((await messages.next()).value).toMatchObject({ messageId: "2.0.0 a" });
    await channel[Symbol.asyncDispose]();
  });

  it("keeps an operation waiting no longer than its deadline, and one that would be denied not at all", async () => {
    await using bench = await open("provider", {}, text("provider", "1.0.0"));
    events(bench);
    const provider = await bench.provider();
    const chat = provider.chat(request, options())[Symbol.asyncIterator]();
    await chat.next();
    bench.plugin("demo", text("provider", "2.0.0"));
    const { reloaded } = await draining(bench);
    const nobody = await bench.provider({ ...everybody, permissions: [] });
    await expect(nobody.models(options())).rejects.toThrow(refused("DENIED"));
    const deadlineAt = bench.clock.now() + 1_000;
    const asked = provider.models(options({ deadlineAt })).catch((error: unknown) => error);
    await bench.clock.advance(1_000);
    const late = refused("CANCELLED", { kind: "cancelled", by: "deadline" });
    // Beside the old version the new one answers already.
    const answers = { exclusive: late, blue_green: [{ id: "m", name: "M", provider: "p" }] };
    expect(await asked).toEqual(answers[way]);
    await passTime(bench, reloaded);
  });

  it("is denied when the new version is of another type", async () => {
    await using bench = await open("provider", {}, text("provider", "1.0.0"));
    const provider = await bench.provider();
    await provider.models(options());
    const other = text("channel", "2.0.0");
    bench.plugin("demo", other);
    expect(await passTime(bench, bench.run.reload("demo"))).toMatchObject({ kind: "replaced" });
    await expect(provider.models(options())).rejects.toThrow(
      refused("DENIED", { publicReason: "not_allowed" }),
    );
  });
});

describe("a skill", () => {
  it("without tools is refused as TYPE_UNSUPPORTED, and nothing of it is left", async () => {
    await using bench = await open("skill");
    await expect(bench.run.start("demo")).rejects.toThrow(refused("TYPE_UNSUPPORTED"));
    expect(bench.host.running).toEqual([]);
  });
});
