import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { parseHandshake } from "@sigilrt/protocol";
import {
  GRPCBroker,
  HealthCheckResponse_ServingStatus as Serving,
} from "@sigilrt/protocol/goplugin";
import { certificatePem, createOneTimeCertificate } from "@sigilrt/protocol/node";
import { type ExecuteChunk, HealthStatus } from "@sigilrt/protocol/plugin/v1";
import { describe, expect, it } from "vitest";
import { methods, peer } from "../fixtures/plugin-sdk/grpc-js-host.ts";
import { spawnPlugin } from "../fixtures/plugin-sdk/spawned-plugin.ts";

const accept = ["progress", "structured", "binary", "failure"];

describe("grpc-js as the host of a plugin", () => {
  it("finds the plugin serving, and no other service", async () => {
    await using host = await peer();
    expect(await host.unary(methods.check, { service: "plugin" })).toMatchObject({
      status: Serving.SERVING,
    });
    await expect(host.unary(methods.check, { service: "" })).rejects.toMatchObject({ code: 5 });
    await expect(host.unary(methods.models, {})).rejects.toMatchObject({ code: 12 });
  });

  it("begins once, and is told name, version and features", async () => {
    await using host = await peer();
    await expect(host.execute("say")).rejects.toMatchObject({ code: 9 });
    expect(await host.unary(methods.init, { features: ["lane.framed/1"] })).toMatchObject({
      ok: true,
      error: "",
      plugin: { name: "fixture", version: "1.2.3" },
      features: ["tool.chunks/1", "call.cancel/1"],
    });
    expect(await host.unary(methods.init, {})).toMatchObject({
      ok: false,
      error: "Init was called before",
    });
    expect(await host.execute("say", { arguments: '{"words":"hello"}' })).toMatchObject([
      { case: "text", value: "hello" },
      { case: "done", value: true },
    ]);
  });

  it("gets additions only when it accepts them", async () => {
    await using host = await peer();
    await host.unary(methods.init, {});
    const cases = async (tool: string, taken: readonly string[]): Promise<readonly unknown[]> =>
      (await host.execute(tool, { accept: [...taken], arguments: '{"a":1,"bytes":1}' })).map(
        (chunk) => chunk.case,
      );
    expect(await cases("echo", accept)).toEqual(["structured", "done"]);
    expect(await cases("echo", [])).toEqual(["text", "done"]);
    expect(await cases("file", accept)).toEqual(["binary", "text", "done"]);
    expect(await cases("file", [])).toEqual(["error"]);
    expect(await cases("fails", accept)).toEqual(["text", "failure"]);
    expect(await cases("fails", [])).toEqual(["text", "error"]);
  });

  it("reads failures with code and whether to try again", async () => {
    await using host = await peer();
    await host.unary(methods.init, {});
    const failure = async (tool: string, text: string): Promise<unknown> =>
      (await host.execute(tool, { accept, arguments: text })).at(-1);
    const failed = (code: string, message: string, retryable = false) => ({
      case: "failure",
      value: { code, message, retryable },
    });
    expect(await failure("fails", "{}")).toMatchObject(
      failed("city_unknown", "no such city", true),
    );
    expect(await failure("throws", "")).toMatchObject(
      failed("internal", "The tool failed with SecretError"),
    );
    expect(await failure("say", "{}")).toMatchObject(
      failed("invalid_arguments", "words is no text"),
    );
    expect(await failure("say", "[")).toMatchObject(
      failed("invalid_arguments", "Cannot read the arguments: they are not JSON"),
    );
    await expect(host.execute("nothing")).rejects.toMatchObject({ code: 5 });
  });

  it("cancels by CallControl, and the call ends with what it has", async () => {
    await using host = await peer();
    await host.unary(methods.init, {});
    const seen: ExecuteChunk["chunk"][] = [];
    const slow = { toolName: "slow", callId: "c-1", arguments: '{"notes":1}', accept };
    for await (const { chunk } of host.stream(methods.execute, slow)) {
      seen.push(chunk);
      if (chunk.case !== "progress") continue;
      expect(await host.unary(methods.health, {})).toMatchObject({
        status: HealthStatus.DEGRADED,
        callsInFlight: 1,
      });
      expect(await host.unary(methods.cancel, { callId: "c-2" })).toMatchObject({ known: false });
      expect(await host.unary(methods.cancel, { callId: "c-1" })).toMatchObject({ known: true });
    }
    expect(seen).toMatchObject([
      { case: "progress", value: { completed: 1, total: 1, message: "step 1" } },
      { case: "text", value: "stopped early" },
      { case: "done" },
    ]);
    expect(await host.unary(methods.cancel, { callId: "c-1" })).toMatchObject({ known: false });
    expect(await host.unary(methods.health, {})).toMatchObject({ callsInFlight: 0 });
  });

  it("reads a cancelled call that throws as a failure", async () => {
    await using host = await peer();
    await host.unary(methods.init, {});
    const call = host.execute("stubborn", { callId: "c-1", accept });
    const cancel = async (): Promise<boolean> =>
      (await host.unary(methods.cancel, { callId: "c-1" })).known;
    // Both travel at once; the cancel may come before the call.
    // oxlint-disable-next-line no-await-in-loop -- asks again until the call is known
    while (!(await cancel()));
    expect(await call).toMatchObject([{ case: "failure", value: { code: "cancelled" } }]);
  });

  it("gets DEADLINE_EXCEEDED when the time of a call is over", async () => {
    await using host = await peer();
    await host.unary(methods.init, {});
    const slow = host.stream(methods.execute, { toolName: "slow" }, new Date(Date.now() + 200));
    const read = async (): Promise<void> => {
      for await (const _ of slow);
    };
    await expect(read()).rejects.toMatchObject({ code: 4 });
    expect(await host.unary(methods.describe, {})).toBeDefined();
  });

  it("keeps the broker's stream open, with no entries", async () => {
    await using host = await peer();
    const { typeName, method } = GRPCBroker;
    const raw = (bytes: Buffer): Buffer => bytes;
    const broker = host.client.makeBidiStreamRequest(
      `/${typeName}/${method.startStream.name}`,
      raw,
      raw,
    );
    const events: string[] = [];
    broker.on("data", () => events.push("data"));
    broker.on("error", ({ message }) => events.push(message));
    broker.on("end", () => events.push("end"));
    // ConnInfo { service_id: 1 }
    broker.write(Buffer.from([0x08, 0x01]));
    await host.unary(methods.init, {});
    expect(await host.execute("say", { arguments: '{"words":"hello"}' })).toHaveLength(2);
    expect(events).toEqual([]);
    broker.cancel();
  });

  it("reads what the plugin prints", async () => {
    await using host = await peer();
    let printed = "";
    const chunks = host.stream(methods.stdio, {});
    for await (const { channel, data } of chunks) {
      if (channel === 1) printed += Buffer.from(data).toString();
      if (printed.includes("later\n")) break;
    }
    expect(printed).toBe(
      "noisy dependency: loaded\nnoisy dependency: no line breaknoisy dependency: later\n",
    );
  });

  it("is refused a message above 16 MiB, and served on", async () => {
    await using host = await peer();
    await host.unary(methods.init, {});
    const tooMuch = JSON.stringify({ words: "x".repeat(17_000_000) });
    await expect(host.execute("say", { arguments: tooMuch })).rejects.toMatchObject({ code: 8 });
    expect(await host.unary(methods.describe, {})).toBeDefined();
  });

  it("is refused new calls while the plugin stops", async () => {
    await using host = await peer({ mode: "hangs" });
    await host.unary(methods.init, {});
    const stopping = host.unary(methods.shutdown, { timeoutSeconds: 1 });
    // The first call that the stop has overtaken.
    const refusal = async (): Promise<unknown> => {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- asks again until the stop has begun
        await host.execute("say", { arguments: '{"words":"hello"}' });
      }
    };
    await expect(refusal()).rejects.toMatchObject({
      code: 14,
      details: expect.stringContaining("the plugin stops"),
    });
    expect(await stopping).toMatchObject({ clean: false });
    expect(await host.plugin.exit).toBe(0);
    expect(await host.plugin.shutdowns()).toBe("shutdown\n");
  });

  it("speaks TLS with the plugin when it asked for it, and is known by its certificate alone", async () => {
    const [own, stranger] = [createOneTimeCertificate(), createOneTimeCertificate()];
    await using plugin = await spawnPlugin({
      environment: { PLUGIN_CLIENT_CERT: certificatePem(own.certificate) },
    });
    const { address, certificate = new Uint8Array() } = parseHandshake(await plugin.handshake);
    const check = (holder: typeof own | undefined): Promise<unknown> => {
      const keys = holder && [
        Buffer.from(holder.privateKey),
        Buffer.from(certificatePem(holder.certificate)),
      ];
      const security = credentials.createSsl(
        Buffer.from(certificatePem(certificate)),
        ...(keys ?? []),
      );
      const options = { "grpc.ssl_target_name_override": "localhost" };
      const client = new Client(`unix:${address}`, security, options);
      return new Promise((resolve, reject) => {
        const { path, encode, decode } = methods.check;
        client.makeUnaryRequest(
          path,
          (message: { service: string }) => Buffer.from(encode(message)),
          decode,
          { service: "plugin" },
          new Metadata(),
          { deadline: Date.now() + 10_000 },
          (error, answer) => (error ? reject(error) : resolve(answer)),
        );
      }).finally(() => client.close());
    };
    expect(await check(own)).toMatchObject({ status: Serving.SERVING });
    await expect(check(stranger)).rejects.toMatchObject({ code: 14 });
    await expect(check(undefined)).rejects.toMatchObject({ code: 14 });
    expect(await check(own)).toMatchObject({ status: Serving.SERVING });
  });

  it("is not answered at all when what it asked for TLS with is no certificate", async () => {
    await using plugin = await spawnPlugin({
      environment: { PLUGIN_CLIENT_CERT: "-----BEGIN CERTIFICATE-----" },
    });
    await expect(plugin.handshake).rejects.toThrow(/PLUGIN_CLIENT_CERT is no certificate/u);
  });
});
