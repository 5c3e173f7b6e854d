import { once } from "node:events";
import { duplexPair, type Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { GRPCBroker } from "../goplugin.ts";
import { ProtocolError, STATUS } from "../index.ts";
import {
  bidirectionalRoute,
  type BrokerAddress,
  clientMethod,
  createGrpcServer,
  createOneTimeCertificate,
  type GrpcBroker,
  type GrpcBrokerOptions,
  type MutualTls,
  openGrpcBroker,
  openGrpcChannel,
  serveGrpcBroker,
  serverMethod,
} from "./index.ts";

const startStream = clientMethod(GRPCBroker.method.startStream);

/** Sockets without a system: addresses, and what listens there. */
function network() {
  const listeners = new Map<string, (connection: Duplex) => void>();
  const dialed: string[] = [];
  const accepted: Duplex[] = [];
  const options = (side: string, tls?: MutualTls): GrpcBrokerOptions => ({
    // Longer than a busy machine needs.
    waitMs: 20_000,
    ...(tls === undefined ? {} : { tls }),
    listen: async (accept) => {
      const address = `/${side}/${listeners.size}`;
      listeners.set(address, accept);
      return {
        address: { network: "unix", address },
        close: async () => void listeners.delete(address),
      };
    },
    connect: async ({ address }: BrokerAddress) => {
      dialed.push(address);
      const accept = listeners.get(address);
      if (accept === undefined) throw new Error(`${address} is refused`);
      const [near, far]: [Duplex, Duplex] = duplexPair();
      accepted.push(far);
      accept(far);
      return near;
    },
  });
  return { listeners, dialed, accepted, options };
}

interface Told {
  readonly serviceId: number;
  readonly network: string;
  readonly address: string;
  readonly knock?: { readonly knock: boolean };
}

const at = (serviceId: number, address: string, more: Partial<Told> = {}): Told => ({
  serviceId,
  network: "unix",
  address,
  ...more,
});

async function joined(
  tls: { readonly host?: MutualTls; readonly plugin?: MutualTls } = {},
): Promise<
  {
    readonly host: GrpcBroker;
    readonly plugin: GrpcBroker;
    readonly net: ReturnType<typeof network>;
    readonly leave: () => Promise<void>;
  } & AsyncDisposable
> {
  const net = network();
  const served = serveGrpcBroker(net.options("plugin", tls.plugin));
  const server = createGrpcServer([served.route]);
  const [near, far]: [Duplex, Duplex] = duplexPair();
  server.accept(far);
  const channel = await openGrpcChannel(async () => near);
  const host = openGrpcBroker(channel, net.options("host", tls.host));
  return {
    host,
    plugin: served.broker,
    net,
    leave: () => channel.close(),
    [Symbol.asyncDispose]: async () => {
      await channel.close();
      await server.close();
    },
  };
}

/** A host's broker whose plugin says `told` and then nothing more. */
async function toldBy(...told: readonly Told[]) {
  const net = network();
  net.listeners.set("/plugin/a", (connection) => connection.end("a"));
  net.listeners.set("/plugin/b", (connection) => connection.end("b"));
  const server = createGrpcServer([
    bidirectionalRoute(serverMethod(GRPCBroker.method.startStream), async function* (_, route) {
      yield* told;
      await once(route.signal, "abort");
    }),
  ]);
  const [near, far]: [Duplex, Duplex] = duplexPair();
  server.accept(far);
  const channel = await openGrpcChannel(async () => near);
  // What never comes is waited for in full.
  const broker = openGrpcBroker(channel, { ...net.options("host"), waitMs: 1_000 });
  const dispose = async (): Promise<void> => {
    await channel.close();
    await server.close();
  };
  return { broker, net, channel, [Symbol.asyncDispose]: dispose };
}

const refused = { code: "CONNECT_FAILED", status: STATUS.UNAVAILABLE };
const textOf = async (stream: Duplex): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
};

describe("two brokers", () => {
  it.each(["host", "plugin"] as const)("connect where the %s listens", async (side) => {
    await using both = await joined();
    const [acceptor, dialer] =
      side === "host" ? [both.host, both.plugin] : [both.plugin, both.host];
    const id = acceptor.nextId();
    const dialing = dialer.dial(id);
    await acceptor.accept(id, (connection) => connection.end("hello"));
    expect(await textOf(await dialing)).toBe("hello");
  });

  it("give ids from 1, and those of one side mean nothing to the other", async () => {
    await using both = await joined();
    expect([both.host.nextId(), both.host.nextId(), both.plugin.nextId()]).toEqual([1, 2, 1]);
    await both.host.accept(1, (connection) => connection.end("of the host"));
    await both.plugin.accept(1, (connection) => connection.end("of the plugin"));
    expect(await textOf(await both.plugin.dial(1))).toBe("of the host");
    expect(await textOf(await both.host.dial(1))).toBe("of the plugin");
  });

  it("prove each other on every connection", async () => {
    const [host, plugin] = [createOneTimeCertificate(), createOneTimeCertificate()];
    const ofHost = { own: host, peer: plugin.certificate };
    const ofPlugin = { own: plugin, peer: host.certificate };
    await using both = await joined({ host: ofHost, plugin: ofPlugin });
    await both.host.accept(1, (connection) => connection.end("secured"));
    expect(await textOf(await both.plugin.dial(1))).toBe("secured");
    await both.plugin.accept(1, (connection) => connection.end("both ways"));
    expect(await textOf(await both.host.dial(1))).toBe("both ways");
  });

  it.each([
    ["plain text", undefined],
    ["another certificate", createOneTimeCertificate()],
  ])("refuse %s where TLS is on", async (_, stranger) => {
    const [host, plugin] = [createOneTimeCertificate(), createOneTimeCertificate()];
    const ofHost = { own: host, peer: plugin.certificate };
    await using both = await joined({
      host: ofHost,
      ...(stranger ? { plugin: { own: stranger, peer: host.certificate } } : {}),
    });
    await both.plugin.accept(1, (connection) => {
      connection.on("error", () => undefined).end("plain");
    });
    await expect(both.host.dial(1)).rejects.toMatchObject(refused);
    let entered = 0;
    await both.host.accept(2, () => (entered += 1));
    const stream = await both.plugin.dial(2).catch(() => undefined);
    stream?.on("error", () => undefined).end("not TLS at all");
    const [far] = both.net.accepted.slice(-1);
    if (far?.destroyed === false) await once(far, "close");
    expect(entered).toBe(0);
  });

  it("end with the connection: what listens is taken away, and nothing new begins", async () => {
    await using both = await joined();
    const service = await both.plugin.accept(1, () => undefined);
    await both.host.accept(1, () => undefined);
    const waiting = both.plugin.dial(7);
    waiting.catch(() => undefined);
    await both.host.dial(1);
    const over = once(both.plugin.ended, "abort");
    await both.leave();
    await over;
    await expect(waiting).rejects.toMatchObject(refused);
    await both.plugin.close();
    await both.host.close();
    expect([...both.net.listeners.keys()]).toEqual([]);
    await expect(both.plugin.dial(1)).rejects.toMatchObject(refused);
    await expect(both.host.accept(3, () => undefined)).rejects.toMatchObject(refused);
    await service.close();
  });

  it("stop waiting when the caller does", async () => {
    await using both = await joined();
    const stop = new AbortController();
    const dialing = both.host.dial(1, { signal: stop.signal });
    stop.abort(new Error("no longer wanted"));
    await expect(dialing).rejects.toThrow("Cannot dial broker id 1: no longer wanted");
    await expect(both.host.dial(1, { signal: stop.signal })).rejects.toMatchObject(refused);
  });

  it("take one stream: a second is refused and harms nothing", async () => {
    await using place = await joined();
    const net = network();
    const served = serveGrpcBroker(net.options("plugin"));
    const server = createGrpcServer([served.route]);
    const [near, far]: [Duplex, Duplex] = duplexPair();
    server.accept(far);
    await using channel = await openGrpcChannel(async () => near);
    const first = openGrpcBroker(channel, net.options("host"));
    await served.broker.accept(1, (connection) => connection.end("first"));
    expect(await textOf(await first.dial(1))).toBe("first");
    const second = openGrpcBroker(channel, net.options("host"));
    await once(second.ended, "abort");
    await served.broker.accept(2, (connection) => connection.end("still"));
    expect(await textOf(await first.dial(2))).toBe("still");
    expect(place.host.ended.aborted).toBe(false);
  });
});

describe("a plugin that is hostile, or has no broker", () => {
  it("is not waited for longer than said", async () => {
    await using run = await toldBy();
    await expect(run.broker.dial(1)).rejects.toThrow(
      "Cannot dial broker id 1: the other side did not tell an address within 1000 ms",
    );
  });

  it("has its entry dropped when nobody asks for it in time", async () => {
    await using run = await toldBy(at(1, "/plugin/a"), at(3, "/plugin/b"));
    expect(await textOf(await run.broker.dial(3))).toBe("b");
    await expect(run.broker.dial(2)).rejects.toMatchObject(refused);
    await expect(run.broker.dial(1)).rejects.toMatchObject(refused);
    expect(run.net.dialed).toEqual(["/plugin/b"]);
  });

  it("cannot lead an id elsewhere once it has told, and an id is answered once", async () => {
    await using run = await toldBy(at(1, "/plugin/a"), at(1, "/plugin/b"), at(2, "/plugin/b"));
    expect(await textOf(await run.broker.dial(2))).toBe("b");
    expect(await textOf(await run.broker.dial(1))).toBe("a");
    await expect(run.broker.dial(1)).rejects.toMatchObject(refused);
  });

  it("can leave 128 entries and no more", async () => {
    const flood = Array.from({ length: 1000 }, (_, index) => at(index + 1, "/plugin/a"));
    await using run = await toldBy(...flood, at(5000, "/plugin/b"));
    expect(await textOf(await run.broker.dial(5000))).toBe("b");
    expect(await textOf(await run.broker.dial(128))).toBe("a");
    await expect(run.broker.dial(129)).rejects.toMatchObject(refused);
  });

  it.each([
    ["id 0", at(0, "/plugin/a")],
    ["no address", at(9, "")],
    ["an endless address", at(9, `/${"x".repeat(2000)}`)],
    ["an unknown network", at(9, "/plugin/a", { network: "udp" })],
    ["a knock of the multiplexed broker", at(9, "/plugin/a", { knock: { knock: true } })],
  ])("has an entry with %s dropped, unlike the next", async (_, entry) => {
    await using run = await toldBy(entry, at(1, "/plugin/b"));
    expect(await textOf(await run.broker.dial(1))).toBe("b");
    await expect(run.broker.dial(entry.serviceId)).rejects.toMatchObject(refused);
    expect(run.net.dialed).toEqual(["/plugin/b"]);
  });

  it("leads nowhere when its address is refused, which the failure says", async () => {
    await using run = await toldBy(at(1, "/etc/passwd"));
    const failure: unknown = await run.broker.dial(1).catch((error: unknown) => error);
    expect(failure).toMatchObject(refused);
    expect(failure).toHaveProperty("cause.message", "/etc/passwd is refused");
  });

  it("is dialed by one at a time for one id, and by 128 at once", async () => {
    await using run = await toldBy();
    const first = run.broker.dial(1);
    await expect(run.broker.dial(1)).rejects.toThrow("somebody waits for it already");
    const others = Array.from({ length: 127 }, (_, index) => run.broker.dial(index + 2));
    await expect(run.broker.dial(500)).rejects.toThrow("128 others are waited for");
    const ends = await Promise.allSettled([first, ...others]);
    expect(ends.every(({ status }) => status === "rejected")).toBe(true);
  });

  it.each([
    ["without the service", () => createGrpcServer([])],
    [
      "that ends the stream",
      () =>
        createGrpcServer([
          // oxlint-disable-next-line require-yield -- it says nothing
          bidirectionalRoute(serverMethod(GRPCBroker.method.startStream), async function* () {}),
        ]),
    ],
  ])("%s fails a dial at once", async (_, makeServer) => {
    const [near, far]: [Duplex, Duplex] = duplexPair();
    makeServer().accept(far);
    await using channel = await openGrpcChannel(async () => near);
    const broker = openGrpcBroker(channel, { ...network().options("host"), waitMs: 60_000 });
    await expect(broker.dial(1)).rejects.toBeInstanceOf(ProtocolError);
    expect(broker.ended.aborted).toBe(true);
  });

  it("as a host may say what it wants to a plugin", async () => {
    const net = network();
    const served = serveGrpcBroker(net.options("plugin"));
    const server = createGrpcServer([served.route]);
    const [near, far]: [Duplex, Duplex] = duplexPair();
    server.accept(far);
    await using channel = await openGrpcChannel(async () => near);
    net.listeners.set("/host/a", (connection) => connection.end("a"));
    const entries = (async function* () {
      for (let id = 0; id < 1000; id += 1) yield at(id, "/host/a");
      yield at(7, "/elsewhere");
    })();
    for await (const _ of channel.bidirectional(startStream, entries));
    // The end of the host's half ends the broker.
    await expect(served.broker.dial(7)).rejects.toMatchObject(refused);
    await server.close();
  });
});
