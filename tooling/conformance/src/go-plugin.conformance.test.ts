import { fileURLToPath } from "node:url";
import type { CallChunk, JsonValue, StartSpec } from "@sigilrt/lifecycle";
import {
  createProcessHost,
  ProcessHostError,
  type RunningProcess,
  unconfinedRunner,
} from "@sigilrt/process-host";
import { STATUS } from "@sigilrt/protocol";
import { describeWith } from "@sigilrt/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { buildGoPeers, type GoPeers } from "../fixtures/goplugin/peers.ts";

const securities = ["required", "off"] as const;
const words = (mtls: (typeof securities)[number]): string =>
  mtls === "required" ? "AutoMTLS" : "no TLS";

let peers: GoPeers;

const specOf = (more: Partial<StartSpec["limits"]> = {}): StartSpec => ({
  identity: { plugin: "go", version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "grpc",
  tier: "process",
  root: peers.folder,
  entry: { command: ["plugin"] },
  environment: peers.environment,
  config: {},
  secrets: {},
  grants: { allow: [], deny: [], readDeny: [] },
  limits: {
    memoryBytes: 2 ** 30,
    cpu: 1,
    pids: 64,
    maxResultBytes: 2 ** 24,
    startMs: 20_000,
    callMs: 30_000,
    idleMs: 30_000,
    ...more,
  },
});

async function call(
  plugin: RunningProcess,
  tool: string,
  args: Readonly<Record<string, JsonValue>>,
  { timeoutMs = 20_000, signal = new AbortController().signal } = {},
): Promise<readonly CallChunk[]> {
  const chunks: CallChunk[] = [];
  const request = {
    tool,
    arguments: args,
    requestId: "call-1",
    principal: { workspace: "w", user: "u" },
  };
  for await (const chunk of plugin.call(request, { signal, deadlineAt: Date.now() + timeoutMs }))
    chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly CallChunk[]): string =>
  chunks
    .map((chunk) =>
      chunk.kind === "content" && chunk.content.kind === "text" ? chunk.content.text : "",
    )
    .join("");

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error ? error.cause : error;
};

describeWith(["go"], "go-plugin in Go", () => {
  beforeAll(async () => {
    peers = await buildGoPeers();
    return () => peers[Symbol.asyncDispose]();
  }, 900_000);

  describe.each(securities)("a Go plugin under our host, mtls %s", (mtls) => {
    const started = async (
      more: Partial<StartSpec["limits"]> = {},
    ): Promise<{ readonly plugin: RunningProcess } & AsyncDisposable> => {
      const host = createProcessHost({ runner: unconfinedRunner(), security: { mtls } });
      const plugin = await host.start("go", specOf(more));
      return { plugin, [Symbol.asyncDispose]: () => host.close() };
    };

    it("is served on the kept contract, and described", async () => {
      await using run = await started();
      expect([run.plugin.version, [...run.plugin.features]]).toEqual([1, []]);
      const { tools } = await run.plugin.describe();
      expect(tools.map(({ name }) => name)).toContain("echo");
      expect(await run.plugin.health()).toMatchObject({ status: "healthy" });
    });

    it.each([0, 100, 1_048_576, 5_242_880])("answers with %i bytes", async (bytes) => {
      await using run = await started();
      expect(textOf(await call(run.plugin, "repeat", { bytes }))).toHaveLength(bytes);
    });

    it.each([0, 100, 1_048_576])("is sent %i bytes", async (bytes) => {
      await using run = await started();
      const given = { words: "ü".repeat(bytes / 2) };
      expect(JSON.parse(textOf(await call(run.plugin, "echo", given)))).toEqual(given);
    });

    it("says that a request is too large when its server, as any in Go, takes 4 MiB at most", async () => {
      await using run = await started();
      const failure = await failureOf(call(run.plugin, "echo", { words: "x".repeat(5_242_880) }));
      expect(failure).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
      expect(textOf(await call(run.plugin, "echo", { a: 1 }))).toBe('{"a":1}');
    });

    it("ends calls with each status", async () => {
      await using run = await started();
      const codes = Object.values(STATUS).filter((code) => code !== STATUS.OK);
      const failures = await Promise.all(
        codes.map((code) => failureOf(call(run.plugin, "status", { code }))),
      );
      const statusOf = (failure: unknown): unknown => {
        expect(failure).toBeInstanceOf(ProcessHostError);
        const { code, status } = failure as ProcessHostError;
        // The kept contract says so of a tool that is not there.
        return code === "TOOL_UNKNOWN" ? STATUS.NOT_FOUND : status;
      };
      expect(failures.map(statusOf)).toEqual(codes);
      expect(textOf(await call(run.plugin, "status", { code: 0 }))).toBe("");
    });

    it("hears of deadlines, and stops when a call is cancelled", async () => {
      await using run = await started();
      const left = Number(textOf(await call(run.plugin, "left", {}, { timeoutMs: 5_000 })));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(5_000);
      expect(await failureOf(call(run.plugin, "slow", {}, { timeoutMs: 300 }))).toMatchObject({
        code: "DEADLINE_EXCEEDED",
      });
      const stop = new AbortController();
      const slow = failureOf(call(run.plugin, "slow", {}, { signal: stop.signal }));
      stop.abort();
      expect(await slow).toMatchObject({ code: "CANCELLED" });
      expect(textOf(await call(run.plugin, "echo", { a: 1 }))).toBe('{"a":1}');
    });

    it("runs 100 calls at once without mixing them", async () => {
      await using run = await started();
      const ids = Array.from({ length: 100 }, (_, id) => id);
      const answers = await Promise.all(ids.map((id) => call(run.plugin, "echo", { id })));
      expect(answers.map((answer) => JSON.parse(textOf(answer)))).toEqual(
        ids.map((id) => ({ id })),
      );
    });

    it("is heard: what it prints, and what it logs", async () => {
      await using run = await started();
      await call(run.plugin, "print", { words: "printed by Go" });
      const heard = new Map<string, string>();
      for await (const { stream, data } of run.plugin.stdio) {
        heard.set(stream, Buffer.from(data).toString());
        if (heard.size === 2) break;
      }
      expect([heard.get("stdout"), heard.get("stderr")]).toEqual([
        "printed by Go\n",
        "[WARN] printed by Go\n",
      ]);
      // What the library in Go logs of itself, as JSON.
      for await (const { message, level, fields } of run.plugin.logs) {
        if (message !== "plugin address") continue;
        expect([level, fields["network"]]).toEqual(["debug", "unix"]);
        break;
      }
    });

    it("crashes with a report for each call, and is stopped without a trace", async () => {
      await using run = await started();
      const slow = failureOf(call(run.plugin, "slow", {}));
      const failures = [await failureOf(call(run.plugin, "crash", {})), await slow];
      expect(failures).toMatchObject([{ code: "PLUGIN_CRASHED" }, { code: "PLUGIN_CRASHED" }]);
      expect(await run.plugin.exited).toMatchObject({ cause: "crashed", code: 7 });

      await using other = await started();
      expect(await other.plugin.close()).toMatchObject({ cause: "requested" });
    });
  });

  describe.each(securities)("a plugin of our SDK under a Go host, mtls %s", (mtls) => {
    const program = fileURLToPath(new URL("../fixtures/plugin-sdk/plugin.ts", import.meta.url));
    const command = [process.execPath, "--conditions=@sigilrt/source", program, ""];
    const asked = (tool: string, args: JsonValue = {}, timeoutMs = 20_000) => ({
      tool,
      arguments: JSON.stringify(args),
      timeoutMs,
    });

    it(`is described, called and ended (${words(mtls)})`, async () => {
      const outcome = await peers.runHost({
        command,
        mtls: mtls === "required",
        calls: [
          asked("echo", { a: 1 }),
          asked("say", { words: "ü".repeat(524_288) }),
          asked("fails", { text: "no luck" }),
          asked("slow", {}, 300),
          asked("print", { bytes: 10 }),
          asked("say", { words: "still here" }),
        ],
      });
      expect(outcome).toMatchObject({ failure: "", version: 1, exited: true });
      expect(outcome.tools).toContain("echo");
      const [echo, say, fails, slow, , last] = outcome.answers;
      expect(echo).toEqual({ text: '{"a":1}', error: "", arm: "done" });
      expect(say?.text).toBe("ü".repeat(524_288));
      expect(fails?.error).not.toBe("");
      expect(slow?.error).toContain("DeadlineExceeded");
      expect(last).toEqual({ text: "still here", error: "", arm: "done" });
      expect(outcome.stdout).not.toBe("");
    });
  });
});
