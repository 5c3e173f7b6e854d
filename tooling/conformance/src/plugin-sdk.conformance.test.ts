import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallChunk } from "@sigilrt/lifecycle";
import { describe, expect, it } from "vitest";
import {
  call,
  logged,
  started as startedWith,
  structuredOf,
} from "../fixtures/plugin-sdk/hosted-plugin.ts";
import { fixture } from "../fixtures/plugin-sdk/spawned-plugin.ts";

const done: CallChunk = { kind: "result", isError: false };
const text = (words: string): CallChunk => ({
  kind: "content",
  content: { kind: "text", text: words },
});

describe.each([
  ["off", "off"],
  ["off", "required"],
  ["required", "off"],
] as const)("a plugin of the SDK under our host, lane %s, multiplex %s", (lane, multiplex) => {
  const started = (options: Parameters<typeof startedWith>[0] = {}) =>
    startedWith({ lane, multiplex, ...options });

  it("agrees on version and features, and describes its tools", async () => {
    await using run = await started();
    expect([run.plugin.version, [...run.plugin.features]]).toEqual([
      1,
      ["tool.chunks/1", ...(lane === "off" ? [] : ["lane.framed/1"])],
    ]);
    expect(run.plugin.lane).toBe(lane === "off" ? "grpc" : "framed");
    await run.plugin.ping();
    const { tools } = await run.plugin.describe();
    expect(tools.map(({ name }) => name)).toEqual([
      "echo",
      "say",
      "file",
      "slow",
      "stubborn",
      "fails",
      "throws",
      "facts",
      "print",
      "crash",
    ]);
    expect(tools[0]).toEqual({
      name: "echo",
      title: "Echo",
      description: "Answers its arguments",
      inputSchema: { type: "object", properties: { text: { type: "string" } } },
      outputSchema: { type: "object" },
      annotations: { readOnly: true, openWorld: false },
    });
    expect(await run.plugin.describe()).toEqual({ tools });
  });

  it.each(
    (["required", "off"] as const).flatMap((mtls) =>
      [0, 100, 1_048_576].map((size) => [mtls, size] as const),
    ),
  )("echoes, mtls %s, %i bytes", async (mtls, size) => {
    await using run = await started({ mtls });
    const words = "ü".repeat(size / 2);
    expect(await call(run.plugin, "echo", { words })).toEqual([
      { kind: "result", isError: false, structured: { words } },
    ]);
    expect(await call(run.plugin, "say", { words })).toEqual(
      size === 0 ? [done] : [text(words), done],
    );
  });

  it("answers 5 MiB, says that it reads no arguments of 5 MiB, and goes on", async () => {
    await using run = await started();
    const [file, , end] = await call(run.plugin, "file", { bytes: 5_242_880 });
    expect(file?.kind === "content" && file.content.kind === "binary" && file.content.data).toEqual(
      new Uint8Array(5_242_880).map((_, index) => index % 251),
    );
    expect(end).toEqual(done);
    expect(await call(run.plugin, "say", { words: "x".repeat(5_242_880) })).toEqual([
      text(expect.stringContaining("at most 4194304 are read")),
      { kind: "result", isError: true },
    ]);
    expect(await call(run.plugin, "say", { words: "still here" })).toHaveLength(2);
  });

  it("runs 100 calls at once without mixing them", async () => {
    await using run = await started();
    const ids = Array.from({ length: 100 }, (_, id) => id);
    const answers = await Promise.all(ids.map((id) => call(run.plugin, "echo", { id })));
    expect(answers.map(structuredOf)).toEqual(ids.map((id) => ({ id })));
  });

  it.each([0, 1, 1_000_000])("answers a file of %i bytes", async (bytes) => {
    await using run = await started();
    const data = new Uint8Array(bytes).map((_, index) => index % 251);
    const [file, words, end] = await call(run.plugin, "file", { bytes });
    const content = { kind: "binary", mimeType: "application/x-test", name: "test.bin", data };
    expect(file).toEqual({ kind: "content", content });
    expect([words, end]).toEqual([text("after the file"), done]);
  });

  it("tells progress while the tool runs, and a cancel reaches its signal", async () => {
    await using run = await started();
    const stop = new AbortController();
    const notes: unknown[] = [];
    const slow = call(
      run.plugin,
      "slow",
      { notes: 3 },
      {
        signal: stop.signal,
        onProgress: async (note) => {
          notes.push(note);
          if (notes.length === 3) stop.abort();
        },
      },
    );
    await expect(slow).rejects.toMatchObject({ code: "CANCELLED" });
    expect(notes).toEqual(
      [1, 2, 3].map((completed) => ({ completed, total: 3, message: `step ${completed}` })),
    );
    expect((await logged(run.plugin, "aborted")).fields["reason"]).toMatch(/^AbortError/u);
    expect(await call(run.plugin, "say", { words: "still here" })).toHaveLength(2);
  });

  it("is told the deadline, and aborted when it is over", async () => {
    await using run = await started();
    const before = Date.now();
    const { deadline } = structuredOf(
      await call(run.plugin, "facts", {}, { timeoutMs: 15_000 }),
    ) as { deadline: string };
    // The lane and gRPC carry what is left, in whole milliseconds; on its way time passes.
    expect(Date.parse(deadline)).toBeGreaterThanOrEqual(before + 14_990);
    expect(Date.parse(deadline)).toBeLessThanOrEqual(Date.now() + 15_000);
    await expect(call(run.plugin, "slow", {}, { timeoutMs: 300 })).rejects.toMatchObject({
      code: "DEADLINE",
    });
    await logged(run.plugin, "aborted");
  });

  it("gets configuration and trace", async () => {
    await using run = await started({ config: { city: "Bern", nested: [{ a: null }] } });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const facts = structuredOf(await call(run.plugin, "facts", {}, { traceparent }));
    expect(facts).toMatchObject({
      traceparent,
      config: JSON.stringify({ city: "Bern", nested: [{ a: null }] }),
    });
  });

  it.each([
    ["failure", "the key is missing"],
    ["error", "init failed with SecretError"],
  ])("refuses to begin by a thrown %s", async (refuse, words) => {
    const error: unknown = await started({ config: { refuse } }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining(words),
      cause: { code: "INIT_REFUSED" },
    });
    expect(String(error)).not.toContain("hunter2");
  });

  it("answers wrong input, failures and errors as results", async () => {
    await using run = await started();
    const failed: CallChunk = { kind: "result", isError: true };
    expect(await call(run.plugin, "say", { words: 1 })).toEqual([text("words is no text"), failed]);
    expect(await call(run.plugin, "fails")).toEqual([text("so far"), text("no such city"), failed]);
    expect(await call(run.plugin, "throws")).toEqual([
      text("The tool failed with SecretError"),
      failed,
    ]);
    const { fields } = await logged(run.plugin, "A tool failed");
    expect(fields).toMatchObject({ tool: "throws", error: expect.stringContaining("hunter2") });
    await expect(call(run.plugin, "nothing")).rejects.toMatchObject({ code: "TOOL_UNKNOWN" });
  });

  it("says its health, and that it is unwell when the hook fails", async () => {
    await using tired = await started();
    expect(await tired.plugin.health()).toEqual({ status: "degraded", message: "tired" });
    await using unwell = await started({ mode: "unwell" });
    expect(await unwell.plugin.health()).toEqual({
      status: "unhealthy",
      message: "health failed with SecretError",
    });
  });

  it("is the only one of its process", async () => {
    await using run = await started({ mode: "twice" });
    expect(await run.plugin.health()).toEqual({
      status: "unhealthy",
      message: "health failed with TypeError",
    });
    expect((await logged(run.plugin, "health failed")).fields["error"]).toContain(
      "Cannot serve a second plugin",
    );
  });

  it("starts although a dependency prints, and passes on what is printed", async () => {
    await using run = await started();
    await call(run.plugin, "print");
    const printed = { stdout: "", stderr: "" };
    for await (const { stream, data } of run.plugin.stdio) {
      printed[stream] += Buffer.from(data).toString();
      if (printed.stderr.includes("warned by a tool")) break;
    }
    expect(printed.stdout).toContain("noisy dependency: later\n");
    expect(printed.stdout).toContain("printed by a tool\n");
    const record = await logged(run.plugin, "logged by a tool");
    expect(record).toMatchObject({ level: "info", module: "fixture", fields: { city: "Bern" } });
  });

  it("fails its running calls when it crashes", async () => {
    await using run = await started();
    await expect(call(run.plugin, "crash")).rejects.toMatchObject({
      code: "CRASHED",
      exit: { cause: "crashed", code: 7, callsInFlight: 1 },
    });
  });

  it("runs its shutdown hook once and ends with code 0", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sdk-"));
    const shutdownFile = join(folder, "shutdowns");
    try {
      await using run = await started({ shutdownFile });
      await call(run.plugin, "say", { words: "hello" });
      expect(await run.plugin.close()).toMatchObject({ cause: "requested", code: 0 });
      expect(await readFile(shutdownFile, "utf8")).toBe("shutdown\n");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("ends with a host that gets SIGKILL", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sdk-"));
    const host = spawn(
      process.execPath,
      ["--conditions=@sigilrt/source", fixture("host-to-kill.ts"), fixture("plugin.ts")],
      { env: { ...process.env, TMPDIR: folder }, stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      await once(host.stdout, "data");
      const names = await readdir(folder, { recursive: true });
      const socket = names.find((name) => name.endsWith(".sock")) ?? "";
      expect(socket).not.toBe("");
      const connection = connect(join(folder, socket));
      await once(connection, "connect");
      // Gone is also a reset: the kernel answers so for a connection that was not accepted yet.
      const gone = new Promise((resolve) => {
        connection
          .on("error", () => undefined)
          .on("close", resolve)
          .resume();
      });
      host.kill("SIGKILL");
      await gone;
    } finally {
      host.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    }
  });
});
