import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Address,
  type Runner,
  type RunningProcess,
  type Spawned,
  type SpawnRequest,
  unconfinedRunner,
} from "./index.ts";
import { fixtureSpec, processFixture } from "./testing/process-fixture.ts";

/** A runner that remembers what it was asked. */
function remembering(more: Pick<Spawned, "connect"> = {}) {
  const base = unconfinedRunner();
  const asked: SpawnRequest[] = [];
  const told: string[] = [];
  const runner: Runner = {
    ...base,
    spawn: async (request, signal) => {
      asked.push(request);
      return { ...(await base.spawn(request, signal)), ...more };
    },
    toPlugin: (address) => {
      told.push(address.address);
      return address;
    },
  };
  return { runner, asked, told };
}

async function started(told: string, runner: Runner = unconfinedRunner()) {
  const fixture = await processFixture({ runner });
  const spec = fixtureSpec("broker", fixture.token, told);
  const plugin = (await fixture.host.start("broker", spec)) as RunningProcess;
  return { plugin, fixture, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

const causeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (): unknown => "no failure",
    (error: unknown) => (error instanceof Error ? error.cause : error),
  );

describe("a brokered socket of a plugin", () => {
  it("is connected to when it lies in the plugin's own directory", async () => {
    await using run = await started("unix FOLDER/plugin.sock");
    const stream = await run.plugin.broker().dial(1);
    expect(stream.writable).toBe(true);
    stream.destroy();
  });

  it.each([
    ["somewhere else", "unix /run/other.sock"],
    ["above the directory", "unix FOLDER/../other.sock"],
    ["behind a link to a folder elsewhere", "unix FOLDER/run/other.sock"],
    ["behind a link to a socket", "unix FOLDER/link.sock"],
    ["as a file", "unix FOLDER/file"],
    ["as the directory", "unix FOLDER"],
    ["by a relative path", "unix plugin.sock"],
    ["on the network", "tcp 192.0.2.1:80"],
    ["on this machine's network", "tcp 127.0.0.1:80"],
  ])("is never connected to %s", async (_where, told) => {
    await using run = await started(told);
    expect(await causeOf(run.plugin.broker().dial(1))).toMatchObject({ code: "ADDRESS_REFUSED" });
  });

  it("is never connected to when it listens in the name of somebody else", async () => {
    await using fixture = await processFixture();
    const path = join(process.env["TMPDIR"] ?? "", "other.sock");
    let entered = 0;
    const listener = createServer((socket) => {
      entered += 1;
      socket.destroy();
    }).listen(path);
    await once(listener, "listening");
    const spec = fixtureSpec("broker", fixture.token, `unix ${path}`);
    const plugin = (await fixture.host.start("broker", spec)) as RunningProcess;
    expect(await causeOf(plugin.broker().dial(1))).toMatchObject({ code: "ADDRESS_REFUSED" });
    await plugin.close();
    await new Promise((resolve) => listener.close(resolve));
    expect(entered).toBe(0);
  });
});

describe("a brokered socket of the host", () => {
  it("lies in the plugin's directory, is for its user alone, and goes with the plugin", async () => {
    const { runner, asked, told } = remembering();
    await using run = await started("unix FOLDER/plugin.sock", runner);
    const broker = run.plugin.broker();
    await broker.accept(broker.nextId(), (connection) => connection.destroy());
    const [path = ""] = told.slice(-1);
    expect(path.startsWith(`${asked[0]?.directory ?? "?"}/`)).toBe(true);
    const { mode } = await stat(path);
    expect((mode & 0o777).toString(8)).toBe("600");
    await run.plugin.close();
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(broker.accept(2, () => undefined)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
    expect(await run.fixture.leftovers()).toEqual([]);
  });

  it("takes 16 connections at once, and refuses a flood of them", async () => {
    const { runner, told } = remembering();
    await using run = await started("unix FOLDER/plugin.sock", runner);
    const broker = run.plugin.broker();
    let entered = 0;
    await broker.accept(broker.nextId(), () => (entered += 1));
    const [path = ""] = told.slice(-1);
    const flood = Array.from({ length: 50 }, () =>
      createConnection(path)
        .on("error", () => undefined)
        .resume(),
    );
    await Promise.all(flood.slice(16).map((socket) => once(socket, "close")));
    expect(entered).toBe(16);
    for (const socket of flood) socket.destroy();
  });

  it("is refused where the runner keeps the plugin's sockets apart", async () => {
    const connect = async ({ address }: Address) => {
      const socket = createConnection(address);
      await once(socket, "connect");
      return socket;
    };
    const { runner } = remembering({ connect });
    await using run = await started("unix FOLDER/plugin.sock", runner);
    await expect(run.plugin.broker().accept(1, () => undefined)).rejects.toMatchObject({
      code: "UNIMPLEMENTED",
    });
    (await run.plugin.broker().dial(1)).destroy();
  });

  it("is refused to a plugin without a broker, which is otherwise served", async () => {
    await using fixture = await processFixture();
    const plugin = (await fixture.host.start("echo", fixture.echo)) as RunningProcess;
    await expect(plugin.broker().dial(1)).rejects.toMatchObject({ code: "CONNECT_FAILED" });
    expect(plugin.broker().ended.aborted).toBe(true);
    expect((await plugin.describe()).tools.length).toBeGreaterThan(0);
  });
});
