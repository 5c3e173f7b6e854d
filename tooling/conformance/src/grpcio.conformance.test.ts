import type { CallChunk, JsonValue } from "@sigilrt/lifecycle";
import {
  createProcessHost,
  ProcessHostError,
  type RunningProcess,
  unconfinedRunner,
} from "@sigilrt/process-host";
import { STATUS } from "@sigilrt/protocol";
import { certificatePem, createOneTimeCertificate } from "@sigilrt/protocol/node";
import { describeWith } from "@sigilrt/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { pythonPlugin, pythonWithGrpcio } from "../fixtures/grpcio/python.ts";
import { call } from "../fixtures/plugin-sdk/hosted-plugin.ts";

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

describeWith(["python", "grpcio"], "a Python plugin on grpcio under our host", () => {
  let path: string;
  beforeAll(async () => {
    path = await pythonWithGrpcio();
  });

  describe.each(["required", "off"] as const)("mtls %s", (mtls) => {
    const started = async (): Promise<{ readonly plugin: RunningProcess } & AsyncDisposable> => {
      const host = createProcessHost({ runner: unconfinedRunner(), security: { mtls } });
      const own = createOneTimeCertificate();
      const set = { OWN_KEY: own.privateKey, OWN_CERTIFICATE: certificatePem(own.certificate) };
      const plugin = await host.launch({ path, args: [pythonPlugin], environment: { set } });
      return { plugin, [Symbol.asyncDispose]: () => host.close() };
    };
    const words = async (
      plugin: RunningProcess,
      tool: string,
      args: Readonly<Record<string, JsonValue>>,
    ) => textOf(await call(plugin, tool, args));

    it("is described, and stopped without a trace", async () => {
      await using run = await started();
      const { tools } = await run.plugin.describe();
      expect(tools.map(({ name }) => name)).toEqual(["echo", "repeat", "status", "slow", "left"]);
      expect([run.plugin.version, [...run.plugin.features]]).toEqual([1, []]);
      expect(await run.plugin.close()).toMatchObject({ cause: "requested", code: 0 });
    });

    it("answers with 0 B to 5 MiB, and is sent up to the 4 MiB that its server takes", async () => {
      await using run = await started();
      for (const bytes of [0, 100, 1_048_576, 5_242_880]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a failure has a size
        expect(await words(run.plugin, "repeat", { bytes })).toHaveLength(bytes);
      }
      const given = { words: "ü".repeat(524_288) };
      expect(JSON.parse(await words(run.plugin, "echo", given))).toEqual(given);
      const tooMuch = call(run.plugin, "echo", { words: "x".repeat(5_242_880) });
      expect(await failureOf(tooMuch)).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
      expect(await words(run.plugin, "echo", { a: 1 })).toContain("1");
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
      expect(await words(run.plugin, "status", { code: 0 })).toBe("");
    });

    it("hears of deadlines and of cancelled calls", async () => {
      await using run = await started();
      const left = Number(textOf(await call(run.plugin, "left", {}, { timeoutMs: 5_000 })));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(5_000);
      expect(await failureOf(call(run.plugin, "slow", {}, { timeoutMs: 300 }))).toMatchObject({
        code: "DEADLINE_EXCEEDED",
      });
      const stop = new AbortController();
      const slow = failureOf(call(run.plugin, "slow", {}, { signal: stop.signal }));
      await run.plugin.ping();
      stop.abort();
      expect(await slow).toMatchObject({ code: "CANCELLED" });
      expect(await words(run.plugin, "echo", { a: 1 })).toContain("1");
      let over = 0;
      for await (const { message } of run.plugin.logs) {
        if (message === "a call is over") over += 1;
        if (over === 2) break;
      }
      expect(over).toBe(2);
    });

    it("has no broker and no standard streams, and is not missed for it", async () => {
      await using run = await started();
      await expect(run.plugin.broker().dial(1)).rejects.toMatchObject({ code: "CONNECT_FAILED" });
      expect(await words(run.plugin, "echo", {})).toBe("{}");
    });
  });
});
