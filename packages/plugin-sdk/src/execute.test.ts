import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { collect } from "./fixtures/collect.ts";
import type { CallContext } from "./call-context.ts";
import { execute, type ToolCall } from "./execute.ts";
import type { LogFields } from "./log.ts";
import { PluginFailure } from "./plugin-failure.ts";
import { cancelled, createRunningCalls } from "./running-calls.ts";
import { defineTool, type ToolOutput } from "./tool.ts";

type Run = (input: unknown, context: CallContext) => AsyncIterable<ToolOutput>;

const everything = ["progress", "structured", "binary", "failure"];

function callOf(run: Run, facts: Partial<ToolCall["request"]> & Partial<ToolCall["route"]> = {}) {
  const tool = defineTool({
    name: "t",
    description: "d",
    input: { type: "object" },
    parse: (input) => input,
    run,
  });
  const running = createRunningCalls().begin("1");
  const logged: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  const note = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const log = { debug: note, info: note, warn: note, error: note };
  const { timeoutMs, metadata = {}, ...request } = facts;
  const route = { metadata, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const call = {
    tool,
    request: { arguments: "{}", accept: everything, timeoutSeconds: 0, ...request },
    route,
    running,
    log,
  };
  return { call, running, logged };
}

const answer = async (run: Run, facts: Parameters<typeof callOf>[1] = {}): Promise<unknown> =>
  (await collect(execute(callOf(run, facts).call))).map(({ chunk }) => chunk);
const failure = (code: string, message: string, retryable = false) => ({
  case: "failure",
  value: { code, message, retryable },
});
const done = { case: "done", value: true };
/** A tool whose first output never comes. */
const rejecting =
  (why: (context: CallContext) => Promise<never>): Run =>
  (_, context) => ({ [Symbol.asyncIterator]: () => ({ next: () => why(context) }) });
const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));

const untilAborted = rejecting(async ({ signal }) => {
  await aborted(signal);
  throw signal.reason;
});

describe("a call", () => {
  it("gets its parsed arguments and ends with done", async () => {
    const echo: Run = async function* run(input) {
      yield { text: JSON.stringify(input) };
    };
    expect(await answer(echo, { arguments: '{"a":[1]}' })).toEqual([
      { case: "text", value: '{"a":[1]}' },
      done,
    ]);
    expect(await answer(echo, { arguments: "[1]" })).toEqual([
      failure("invalid_arguments", "Cannot read the arguments: they are no JSON object"),
    ]);
  });

  it("ends with the failure that the tool throws, after what it had", async () => {
    const run: Run = async function* run() {
      yield { text: "so far" };
      throw new PluginFailure("busy", "come back", { retryable: true });
    };
    expect(await answer(run)).toEqual([
      { case: "text", value: "so far" },
      failure("busy", "come back", true),
    ]);
    expect(await answer(run, { accept: [] })).toEqual([
      { case: "text", value: "so far" },
      { case: "error", value: "come back" },
    ]);
  });

  class Secret extends Error {}
  it.each([
    [new Secret("hunter2"), "Secret"],
    [Object.assign(new Error("hunter2"), { name: "hunter2" }), "Error"],
    [Object.assign(new Error("hunter2"), { constructor: { name: "\u001b[2J" } }), "Error"],
    [Object.assign(new Error("hunter2"), { constructor: undefined }), "Error"],
    ["hunter2", "a thrown string"],
    [null, "a thrown null"],
  ])("tells of another error only the class, and logs the rest: %#", async (thrown, words) => {
    const { call, logged } = callOf(rejecting(() => Promise.reject(thrown)));
    expect(await collect(execute(call))).toEqual([
      { chunk: failure("internal", `The tool failed with ${words}`) },
    ]);
    expect(logged).toEqual([{ message: "A tool failed", fields: { tool: "t", error: thrown } }]);
  });

  it.each([
    [{}],
    [{ text: "a", structured: 1 }],
    [{ text: 1 }],
    [{ structured: undefined }],
    [{ structured: 1n }],
    [{ binary: { mimeType: "", data: new Uint8Array() } }],
    [{ binary: { mimeType: "a/b", data: "text" } }],
    [null],
  ])("refuses output %# as a mistake of the author", async (output) => {
    expect(
      await answer(async function* run() {
        yield output as never;
      }),
    ).toEqual([failure("internal", "The tool failed with TypeError")]);
  });

  it("refuses a run that is no async iterable", async () => {
    expect(await answer((() => Promise.resolve()) as never)).toEqual([
      failure("internal", "The tool failed with TypeError"),
    ]);
  });

  it("sends progress while the next output is on its way, and before it", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { call } = callOf(async function* run(_, { progress }) {
      progress(1, 2, "half");
      await promise;
      progress(2, 2);
      yield { text: "made" };
    });
    const chunks = execute(call);
    const next = async (): Promise<unknown> => (await chunks.next()).value?.chunk;
    expect(await next()).toEqual({
      case: "progress",
      value: { completed: 1, total: 2, message: "half" },
    });
    resolve();
    expect(await next()).toMatchObject({ case: "progress", value: { completed: 2 } });
    expect(await next()).toEqual({ case: "text", value: "made" });
    expect(await next()).toEqual(done);
  });

  it("keeps the newest 64 notes for a slow host, and none for one that takes none", async () => {
    const run: Run = async function* run(_, { progress }) {
      for (let completed = 1; completed <= 1000; completed += 1) progress(completed);
      yield { text: "made" };
    };
    const chunks = (await answer(run)) as readonly { readonly value: object }[];
    expect(chunks).toHaveLength(66);
    expect(chunks[0]).toMatchObject({ value: { completed: 937 } });
    expect(await answer(run, { accept: ["structured"] })).toHaveLength(2);
  });

  it("refuses progress that is no number", async () => {
    const run: Run = async function* run(_, { progress }) {
      progress(Number.NaN);
      yield { text: "made" };
    };
    expect(await answer(run)).toEqual([failure("internal", "The tool failed with TypeError")]);
  });

  it("may end with what it has when it is cancelled, and is cancelled when it throws", async () => {
    const ends: Run = async function* run(_, { signal }) {
      await aborted(signal);
      yield { text: "half" };
    };
    const cancel = async (run: Run): Promise<unknown> => {
      const { call, running, logged } = callOf(run);
      const chunks = collect(execute(call));
      running.abort(cancelled("enough"));
      const seen = (await chunks).map(({ chunk }) => chunk);
      expect(logged).toEqual([]);
      return seen;
    };
    expect(await cancel(ends)).toEqual([{ case: "text", value: "half" }, done]);
    expect(await cancel(untilAborted)).toEqual([
      failure("cancelled", "The call was cancelled", true),
    ]);
  });

  it("takes its time from the wire, or from the request of a host that tells it only there", async () => {
    const seen: (Date | undefined)[] = [];
    const run: Run = async function* run(_, { deadline }) {
      seen.push(deadline);
      yield { text: "made" };
    };
    const before = Date.now();
    await answer(run, { timeoutMs: 1_000_000, timeoutSeconds: 1 });
    await answer(run, { timeoutSeconds: 2_000_000_000 });
    await answer(run);
    expect(seen.map((date) => date && Math.floor((date.getTime() - before) / 100_000))).toEqual([
      10,
      20_000_000,
      undefined,
    ]);
  });

  describe("whose time only the request told", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it("ends as deadline_exceeded when it is over", async () => {
      const chunks = answer(untilAborted, { timeoutSeconds: 3 });
      await vi.advanceTimersByTimeAsync(3000);
      expect(await chunks).toEqual([
        failure("deadline_exceeded", "The time of the call is over", true),
      ]);
    });

    it("is not over at once when it is longer than a timer", async () => {
      const { call, running } = callOf(untilAborted, { timeoutSeconds: 2_000_000_000 });
      const chunks = collect(execute(call));
      await vi.advanceTimersByTimeAsync(60_000);
      expect(running.signal.aborted).toBe(false);
      running.abort(cancelled("enough"));
      await chunks;
    });
  });

  it("lets a tool clean up when its reader leaves", async () => {
    let isClean = false;
    const { call } = callOf(async function* run() {
      try {
        for (;;) yield { text: "more" };
      } finally {
        isClean = true;
      }
    });
    for await (const _ of execute(call)) break;
    expect(isClean).toBe(true);
  });
});
