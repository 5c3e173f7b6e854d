import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
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
import { livingWith } from "./each-type.ts";

const securities = ["required", "off"] as const;
const words = (mtls: (typeof securities)[number]): string =>
  mtls === "required" ? "AutoMTLS" : "no TLS";

/** A plugin in Go in each way that our host starts one: `auto` does without where version 1.0.1 cannot multiplex. */
const plugins = securities.flatMap((mtls) =>
  (
    [
      ["plugin", "off"],
      ["plugin", "required"],
      ["plugin-1.0.1", "auto"],
    ] as const
  ).map(([program, multiplex]) => ({ program, multiplex, mtls })),
);

const killed = fileURLToPath(new URL("../fixtures/goplugin/host-to-kill.ts", import.meta.url));

let peers: GoPeers;

const specOf = (program: string, more: Partial<StartSpec["limits"]> = {}): StartSpec => ({
  identity: { plugin: "go", version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "grpc",
  tier: "process",
  root: peers.folder,
  entry: { command: [program] },
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

  describe.each(plugins)(
    "the Go $program under our host, multiplex $multiplex, mtls $mtls",
    ({ program, multiplex, mtls }) => {
      const started = async (
        more: Partial<StartSpec["limits"]> = {},
      ): Promise<{ readonly plugin: RunningProcess } & AsyncDisposable> => {
        const host = createProcessHost({
          runner: unconfinedRunner(),
          security: { mtls },
          broker: { multiplex },
        });
        const plugin = await host.start("go", specOf(program, more));
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

      it("logs, as JSON", async () => {
        await using run = await started();
        // What the library in Go logs of itself.
        for await (const { message, level, fields } of run.plugin.logs) {
          if (message !== "plugin address") continue;
          expect([level, fields["network"]]).toEqual(["debug", "unix"]);
          break;
        }
      });

      it.runIf(program === "plugin-1.0.1")("is not missed where it tells no prints", async () => {
        await using run = await started();
        await call(run.plugin, "print", { words: "printed by Go" });
        expect(textOf(await call(run.plugin, "echo", { a: 1 }))).toBe('{"a":1}');
        await run.plugin.close();
        const heard: unknown[] = [];
        for await (const chunk of run.plugin.stdio) heard.push(chunk);
        expect(heard).toEqual([]);
      });

      it.runIf(program === "plugin")("is heard when it prints", async () => {
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
    },
  );

  it.each(["plugin", "plugin-1.0.1"])(
    "the Go %s ends with a host of ours that gets SIGKILL",
    async (program) => {
      const mark = `of a host to kill ${peers.folder} ${program}`;
      const host = spawn(
        process.execPath,
        ["--conditions=@sigilrt/source", killed, join(peers.folder, program), mark],
        { env: { ...process.env, ...peers.environment }, stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(host.stdout, "data");
      // The host and its plugin.
      expect(livingWith(mark)).toBe(2);
      const exited = once(host, "exit");
      host.kill("SIGKILL");
      await exited;
      const until = performance.now() + 2000;
      while (livingWith(mark) > 0 && performance.now() < until);
      expect(livingWith(mark)).toBe(0);
    },
  );

  const hosts = securities.flatMap((mtls) =>
    [false, true].map((multiplex) => ({ mtls, multiplex })),
  );
  describe.each(hosts)(
    "a plugin of our SDK under a Go host, mtls $mtls, multiplex $multiplex",
    ({ mtls, multiplex }) => {
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
          multiplex,
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
        expect(echo).toEqual({ text: '{"a":1}', error: "", arm: "done", code: 0 });
        expect(say?.text).toBe("ü".repeat(524_288));
        expect(fails?.error).not.toBe("");
        expect(slow?.error).toContain("DeadlineExceeded");
        expect(last).toEqual({ text: "still here", error: "", arm: "done", code: 0 });
        expect(outcome.stdout).not.toBe("");
      });

      it("answers with as many bytes as it is sent, up to the limit of arguments", async () => {
        const sizes = [0, 100, 1_048_576, 5_242_880];
        const outcome = await peers.runHost({
          command,
          mtls: mtls === "required",
          multiplex,
          calls: sizes.map((bytes) => asked("say", { words: "x".repeat(bytes) })),
        });
        const [none, some, many, tooMany] = outcome.answers;
        expect([none, some, many].map((answer) => answer?.text.length)).toEqual(sizes.slice(0, 3));
        expect(tooMany).toMatchObject({ arm: "error", text: "", code: 0 });
        expect(tooMany?.error).toContain("at most 4194304 are read");
      });
    },
  );

  it("proves itself to a host whose certificate is on P-521, as all in Go are", async () => {
    const file = join(peers.folder, "host.pem");
    const program = fileURLToPath(new URL("../fixtures/plugin-sdk/plugin.ts", import.meta.url));
    const script = `printf %s "$PLUGIN_CLIENT_CERT" > "${file}"; exec "$0" "$@"`;
    const outcome = await peers.runHost({
      command: ["/bin/sh", "-c", script, process.execPath, "--conditions=@sigilrt/source", program],
      mtls: true,
      calls: [],
    });
    expect(outcome).toMatchObject({ failure: "", version: 1, exited: true });
    const { publicKey } = new X509Certificate(await readFile(file));
    expect(publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "secp521r1" });
  });
});
