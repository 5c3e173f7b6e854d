import { describe, expect, it } from "vitest";
import { LifecycleError } from "../lifecycle-error.ts";
import type {
  CallChunk,
  HostCall,
  HostCallOptions,
  Progress,
  RunningPlugin,
} from "../plugin-host.ts";
import type {
  AnsweredCall,
  FixtureCall,
  FixtureCalls,
  HostFixture,
  OptionalRow,
  PluginHostSuiteOptions,
} from "./host-fixture.ts";

const plainCalls: FixtureCalls = {
  echo: (id): AnsweredCall => ({ call: { tool: "echo", arguments: { id } }, answers: { id } }),
  slow: (notes): FixtureCall => ({ call: { tool: "slow", arguments: { notes } } }),
  crash: (): FixtureCall => ({ call: { tool: "crash", arguments: {} } }),
  flood: (): FixtureCall => ({ call: { tool: "flood", arguments: { bytes: 1_048_576 } } }),
};

/**
 * Declares the tests that every `PluginHost` passes before it is published. Call it in a test file; `setup` makes a fresh host
 * with its plugins for each test.
 */
export function describePluginHost(
  name: string,
  setup: () => Promise<HostFixture>,
  options: PluginHostSuiteOptions = {},
): void {
  const row = (part: OptionalRow | undefined, title: string, body: () => Promise<void>): void => {
    if (part === undefined || options.without?.[part] === undefined) it(title, body);
  };

  describe(`${name} is a PluginHost`, () => {
    row(undefined, "answers a call and reports one final chunk", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("echo", fixture.echo);
      await expectEcho(fixture, plugin, 1);
    });

    row(undefined, "describes its tools the same way twice", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("echo", fixture.echo);
      const surface = await plugin.describe();
      expect(surface.tools.map((tool) => tool.name)).toContain(callsOf(fixture).echo(0).call.tool);
      expect(await plugin.describe()).toEqual(surface);
    });

    row(undefined, "runs 100 calls at once without mixing results", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("echo", fixture.echo);
      const ids = Array.from({ length: 100 }, (_, id) => id);
      await Promise.all(ids.map((id) => expectEcho(fixture, plugin, id)));
    });

    row(undefined, "refuses a tool that the plugin does not offer", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("echo", fixture.echo);
      const { call } = callsOf(fixture).echo(0);
      const stranger = { call: { ...call, tool: "no_such_tool" } };
      expect(await failureOf(run(plugin, stranger))).toBe("TOOL_UNKNOWN");
      await expectEcho(fixture, plugin, 2);
    });

    row(undefined, "stops a call on abort within 1 s and stays usable", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("slow", fixture.slow);
      const abort = new AbortController();
      const running = failureOf(run(plugin, callsOf(fixture).slow(0), { signal: abort.signal }));
      await turn(100);
      const abortedAt = Date.now();
      abort.abort();
      expect(await running).toBe("CANCELLED");
      expect(Date.now() - abortedAt).toBeLessThan(1_000);
      await expectEcho(fixture, plugin, 3);
    });

    row(undefined, "ends a call at its deadline", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("slow", fixture.slow);
      const deadlineAt = Date.now() + 300;
      expect(await failureOf(run(plugin, callsOf(fixture).slow(0), { deadlineAt }))).toBe(
        "DEADLINE",
      );
      expect(Date.now()).toBeGreaterThanOrEqual(deadlineAt - 5);
      await expectEcho(fixture, plugin, 4);
    });

    row("progress", "does not let progress extend the deadline", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("slow", fixture.slow);
      const limits = { deadlineAt: Date.now() + 300, onProgress: (): Promise<void> => turn(20) };
      const ended = await failureOf(run(plugin, callsOf(fixture).slow(1_000), limits));
      expect(ended).toBe("DEADLINE");
    });

    row("progress", "passes progress and waits for the reader", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("slow", fixture.slow);
      const seen: Progress[] = [];
      let reading = 0;
      const enough = new AbortController();
      const onProgress = async (progress: Progress): Promise<void> => {
        reading += 1;
        expect(reading).toBe(1);
        await turn(0);
        seen.push(progress);
        reading -= 1;
        if (seen.length === 1_000) enough.abort();
      };
      const slow = run(plugin, callsOf(fixture).slow(1_000), { onProgress, signal: enough.signal });
      expect(await failureOf(slow)).toBe("CANCELLED");
      expect(seen.map(({ completed }) => completed)).toEqual(
        Array.from({ length: 1_000 }, (_, index) => index + 1),
      );
    });

    row(undefined, "refuses a result over the limit and stays usable", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("flood", fixture.flood);
      expect(await failureOf(run(plugin, callsOf(fixture).flood()))).toBe("RESULT_TOO_LARGE");
      await expectEcho(fixture, plugin, 5);
    });

    row(
      undefined,
      "fails start on a silent plugin at the start limit, leaving nothing",
      async () => {
        await using fixture = await setup();
        const started = failureOf(fixture.host.start("silent", fixture.silent));
        expect(["HANDSHAKE_TIMEOUT", "START_FAILED", "DEADLINE"]).toContain(await started);
        await expectNothingLeft(fixture);
      },
    );

    row(undefined, "reports a crash to every call in flight, once", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("crash", fixture.crash);
      const calls = [1, 2, 3].map(() => failureOf(run(plugin, callsOf(fixture).crash())));
      expect(await Promise.all(calls)).toEqual(["CRASHED", "CRASHED", "CRASHED"]);
    });

    row(
      "stubborn",
      "kills a plugin that ignores the request to leave, and its children",
      async () => {
        await using fixture = await setup();
        const plugin = await fixture.host.start("stubborn", fixture.stubborn);
        await plugin.close({ graceMs: 200 });
        expect(await fixture.liveProcesses()).toBe(0);
      },
    );

    row(undefined, "closes twice as once", async () => {
      await using fixture = await setup();
      const plugin = await fixture.host.start("echo", fixture.echo);
      const [first, second] = await Promise.all([plugin.close(), plugin.close()]);
      expect(second).toEqual(first);
      expect(await plugin.exited).toEqual(first);
      expect(await failureOf(run(plugin, callsOf(fixture).echo(0)))).toBe("CLOSED");
      await fixture.host.close();
      await fixture.host.close();
      expect(await failureOf(fixture.host.start("echo", fixture.echo))).toBe("CLOSED");
    });

    row(undefined, "closes during a start", async () => {
      await using fixture = await setup();
      const started = failureOf(fixture.host.start("silent", fixture.silent));
      await turn(50);
      await fixture.host.close();
      expect(["CLOSED", "CANCELLED", "START_FAILED"]).toContain(await started);
      await expectNothingLeft(fixture);
    });

    row(undefined, "leaves nothing running, no socket, no temporary file", async () => {
      await using fixture = await setup();
      const plugins = await Promise.all(
        ["a", "b", "c"].map((id) => fixture.host.start(id, fixture.echo)),
      );
      await Promise.all(plugins.map((plugin) => expectEcho(fixture, plugin, 6)));
      await fixture.host.close();
      await Promise.all(plugins.map((plugin) => plugin.exited));
      await expectNothingLeft(fixture);
    });

    row(undefined, "survives hostile bytes on every channel", async () => {
      await using fixture = await setup();
      expect(fixture.hostile.length).toBeGreaterThan(0);
      for (const [index, spec] of fixture.hostile.entries()) {
        // oxlint-disable-next-line no-await-in-loop -- one attack at a time, so that a failure names it
        const failure = await failureOf(provoke(fixture, `hostile-${index}`, spec));
        expect(failure, `attack ${index}`).toMatch(/^[A-Z_]+$/);
      }
      await using plugin = await fixture.host.start("echo", fixture.echo);
      await expectEcho(fixture, plugin, 7);
    });

    row("environment", "passes exactly the given environment", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("echo", fixture.echo);
      const chunks = await run(plugin, { call: { tool: "environment", arguments: {} } });
      const seen = structuredOf(chunks);
      expect(seen).toMatchObject(fixture.echo.environment);
      const given = new Set([
        ...Object.keys(fixture.echo.environment),
        ...fixture.documentedVariables,
      ]);
      expect(Object.keys(Object(seen)).filter((variable) => !given.has(variable))).toEqual([]);
    });

    row(
      "services",
      "opens each service the plugin's type offers and refuses the other",
      async () => {
        await using fixture = await setup();
        const { host, echo, channel = echo, provider = echo } = fixture;
        const principal = { workspace: "w", user: "u" };
        await using first = await host.start("channel", channel);
        await using opened = await first.open("channel", { principal });
        expect(opened.kind).toBe("channel");
        expect(await failureOf(first.open("provider", { principal }))).toBe("TYPE_UNSUPPORTED");
        await using second = await host.start("provider", provider);
        await using other = await second.open("provider", { principal });
        expect(other.kind).toBe("provider");
        expect(await failureOf(second.open("channel", { principal }))).toBe("TYPE_UNSUPPORTED");
      },
    );

    row(undefined, "serves no channel and no provider for a plugin that offers tools", async () => {
      await using fixture = await setup();
      await using plugin = await fixture.host.start("echo", fixture.echo);
      const principal = { workspace: "w", user: "u" };
      expect(await failureOf(plugin.open("channel", { principal }))).toBe("TYPE_UNSUPPORTED");
      expect(await failureOf(plugin.open("provider", { principal }))).toBe("TYPE_UNSUPPORTED");
    });

    row("parent", "dies with its parent", async () => {
      await using fixture = await setup();
      expect(await fixture.orphans?.()).toBe(0);
    });

    row(undefined, "never starts after its signal was aborted", async () => {
      await using fixture = await setup();
      const before = fixture.host.start("echo", fixture.echo, { signal: AbortSignal.abort() });
      expect(await failureOf(before)).toBe("CANCELLED");
      const abort = new AbortController();
      const during = failureOf(
        fixture.host.start("silent", fixture.silent, { signal: abort.signal }),
      );
      await turn(50);
      abort.abort();
      expect(await during).toBe("CANCELLED");
      await expectNothingLeft(fixture);
    });
  });
}

const callsOf = (fixture: HostFixture): FixtureCalls => ({ ...plainCalls, ...fixture.calls });

let requests = 0;

/** Runs one call to its end and answers its chunks. */
async function run(
  plugin: RunningPlugin,
  { call }: FixtureCall,
  options: Partial<HostCallOptions> = {},
): Promise<readonly CallChunk[]> {
  requests += 1;
  const request: HostCall = {
    ...call,
    requestId: `request-${requests}`,
    principal: { workspace: "w", user: "u" },
  };
  const { signal = new AbortController().signal, deadlineAt = Date.now() + 20_000 } = options;
  const chunks: CallChunk[] = [];
  for await (const chunk of plugin.call(request, { ...options, signal, deadlineAt })) {
    chunks.push(chunk);
  }
  return chunks;
}

async function expectEcho(fixture: HostFixture, plugin: RunningPlugin, id: number): Promise<void> {
  const echo = callsOf(fixture).echo(id);
  const chunks = await run(plugin, echo);
  expect(structuredOf(chunks)).toEqual(echo.answers);
  expect(chunks.filter(({ kind }) => kind === "result")).toHaveLength(1);
  expect(chunks.at(-1)?.kind).toBe("result");
}

function structuredOf(chunks: readonly CallChunk[]): unknown {
  const last = chunks.at(-1);
  expect(last).toMatchObject({ kind: "result", isError: false });
  return last?.kind === "result" ? last.structured : undefined;
}

/** Starts a hostile plugin, asks it everything, and leaves it. */
async function provoke(
  fixture: HostFixture,
  id: string,
  spec: HostFixture["echo"],
): Promise<unknown> {
  await using plugin = await fixture.host.start(id, spec);
  await plugin.describe();
  return await run(plugin, callsOf(fixture).echo(0), { deadlineAt: Date.now() + 2_000 });
}

/** The code a promise fails with; a promise that holds, or fails untyped, is told as such. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "no failure";
  } catch (error) {
    return error instanceof LifecycleError ? error.code : `not a LifecycleError: ${String(error)}`;
  }
}

async function expectNothingLeft(fixture: HostFixture): Promise<void> {
  expect(await fixture.liveProcesses()).toBe(0);
  expect(await fixture.leftovers()).toEqual([]);
}

const turn = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
