import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CallChunk } from "@sigilrt/lifecycle";
import { createProcessHost, type RunningProcess, unconfinedRunner } from "@sigilrt/process-host";
import { ProtocolError, STATUS } from "@sigilrt/protocol";
import {
  clientMethod,
  createGrpcServer,
  openGrpcChannel,
  serverMethod,
  unaryRoute,
} from "@sigilrt/protocol/node";
import { Tool } from "@sigilrt/protocol/plugin/v1";
import { describeWith } from "@sigilrt/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { buildGoPeers, type GoPeers } from "../fixtures/goplugin/peers.ts";
import { call } from "../fixtures/plugin-sdk/hosted-plugin.ts";

const securities = ["required", "off"] as const;
const program = fileURLToPath(
  new URL("../fixtures/plugin-sdk/brokered-plugin.ts", import.meta.url),
);
const command = [process.execPath, "--conditions=@sigilrt/source", program] as const;

const service = createGrpcServer([
  unaryRoute(serverMethod(Tool.method.describe), async () => ({
    tools: [{ name: "behind our host", description: "Is found by the broker" }],
  })),
]);

const textOf = (chunks: readonly CallChunk[]): string =>
  chunks
    .map((chunk) =>
      chunk.kind === "content" && chunk.content.kind === "text" ? chunk.content.text : "",
    )
    .join("");

const firstTool = async (plugin: RunningProcess, id: number): Promise<string | undefined> => {
  const stream = await plugin.broker().dial(id);
  await using channel = await openGrpcChannel(async () => stream);
  const { tools } = await channel.unary(clientMethod(Tool.method.describe), {});
  return tools[0]?.name;
};

type Start = (host: ReturnType<typeof createProcessHost>) => Promise<RunningProcess>;

/** Each kind of broker in each security mode. */
const ways = securities.flatMap((mtls) =>
  (["off", "required"] as const).map((multiplex) => ({ mtls, multiplex })),
);
type Way = (typeof ways)[number];
const hostOf = ({ mtls, multiplex }: Way) =>
  createProcessHost({
    runner: unconfinedRunner(),
    security: { mtls },
    broker: { multiplex },
  });

function itIsReachedBothWays(way: Way, start: Start, name: string, canDial = true): void {
  it.runIf(canDial)("reaches a service of the host", async () => {
    await using host = hostOf(way);
    const plugin = await start(host);
    const broker = plugin.broker();
    for (const id of [broker.nextId(), broker.nextId()]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as an application does
      await broker.accept(id, (connection) => service.accept(connection));
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as an application does
      expect(textOf(await call(plugin, "dial", { id }))).toBe("behind our host");
    }
  });

  it("has a service that the host reaches", async () => {
    await using host = hostOf(way);
    const plugin = await start(host);
    const ids = [await call(plugin, "accept"), await call(plugin, "accept")].map(textOf);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as an application does
      expect(await firstTool(plugin, Number(id))).toBe(name);
    }
  });

  it("leaves no socket of either side behind", async () => {
    await using place = await temporaryFolder();
    const host = hostOf(way);
    const plugin = await start(host);
    const broker = plugin.broker();
    await broker.accept(broker.nextId(), (connection) => service.accept(connection));
    const id = Number(textOf(await call(plugin, "accept")));
    // A plugin in Go answers the id before it listens.
    expect(await firstTool(plugin, id)).toBe(name);
    // The multiplexed one needs no socket but the first.
    expect(await socketsIn(place.path)).toHaveLength(way.multiplex === "off" ? 3 : 1);
    expect(await plugin.close()).toMatchObject({ cause: "requested" });
    expect(broker.ended.aborted).toBe(true);
    await host.close();
    expect(await readdir(place.path)).toEqual([]);
  });
}

const socketsIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isSocket())
    .map(({ name }) => name);

/** A folder that is the temporary one of this process while it is there. */
async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const before = process.env["TMPDIR"];
  const path = await mkdtemp(join(tmpdir(), "br-"));
  process.env["TMPDIR"] = path;
  return {
    path,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      await rm(path, { recursive: true });
    },
  };
}

describe.each(ways)(
  "the broker between our host and a plugin of our SDK, mtls $mtls, multiplex $multiplex",
  (way) => {
    const [path, ...args] = command;
    const start: Start = (host) => host.launch({ path, args });
    itIsReachedBothWays(way, start, "behind the plugin of the SDK");

    it("carries each status of a service of the plugin", async () => {
      await using host = hostOf(way);
      const plugin = await start(host);
      const stream = await plugin.broker().dial(Number(textOf(await call(plugin, "accept"))));
      await using channel = await openGrpcChannel(async () => stream);
      const statuses = Object.values(STATUS);
      const ends = statuses.map(async (code) => {
        const request = { toolName: "status", arguments: JSON.stringify({ code }) };
        const texts: unknown[] = [];
        try {
          for await (const { chunk } of channel.stream(clientMethod(Tool.method.execute), request))
            texts.push(chunk.value);
          return [texts, STATUS.OK, "as asked: ü%"];
        } catch (error) {
          const { status, message } =
            error instanceof ProtocolError
              ? error
              : new ProtocolError("CALL_FAILED", String(error));
          return [texts, status, message.slice(message.indexOf("as asked"))];
        }
      });
      expect(await Promise.all(ends)).toEqual(
        statuses.map((status) => [["before the end"], status, "as asked: ü%"]),
      );
    });
  },
);

describeWith(["go"], "the broker of go-plugin in Go", () => {
  let peers: GoPeers;
  beforeAll(async () => {
    peers = await buildGoPeers();
    return () => peers[Symbol.asyncDispose]();
  }, 900_000);

  describe.each(ways)(
    "between our host and a Go plugin, mtls $mtls, multiplex $multiplex",
    (way) => {
      const start: Start = (host) =>
        host.launch({ path: `${peers.folder}/plugin`, environment: { set: peers.environment } });
      itIsReachedBothWays(way, start, "behind the plugin in Go");
    },
  );

  describe.each(securities)("between our host and a plugin of version 1.0.1, mtls %s", (mtls) => {
    const start: Start = (host) =>
      host.launch({
        path: `${peers.folder}/plugin-1.0.1`,
        environment: { set: peers.environment },
      });
    // Where it dials with AutoMTLS, that version expects the name "unused" in a certificate for "localhost", its own host's as well.
    const canDial = mtls === "off";
    itIsReachedBothWays({ mtls, multiplex: "off" }, start, "behind the plugin in Go", canDial);
  });

  it.each(ways)(
    "between a Go host and a plugin of our SDK, mtls $mtls, multiplex $multiplex",
    async ({ mtls, multiplex }) => {
      const outcome = await peers.runHost({
        command,
        mtls: mtls === "required",
        multiplex: multiplex === "required",
        broker: true,
        calls: [],
      });
      expect(outcome).toMatchObject({ failure: "", exited: true });
      expect(outcome.brokered).toMatchObject([
        { text: "behind the host in Go", error: "" },
        { text: "behind the plugin of the SDK", error: "" },
        ...Array.from({ length: 17 }, (_, code) => ({ text: "before the end", code })),
      ]);
      expect(outcome.brokered?.at(-1)?.error).toContain("as asked: ü%");
    },
  );
});
