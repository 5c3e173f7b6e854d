import { once } from "node:events";
import { duplexPair, type Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { GRPCBroker } from "../goplugin.ts";
import { STATUS } from "../index.ts";
import {
  bidirectionalRoute,
  createGrpcServer,
  createMuxSession,
  createOneTimeCertificate,
  type GrpcBroker,
  type MutualTls,
  openGrpcBroker,
  openGrpcChannel,
  serveGrpcBroker,
  serverMethod,
} from "./index.ts";

const refused = { code: "CONNECT_FAILED", status: STATUS.UNAVAILABLE };
const textOf = async (stream: Duplex): Promise<string> => (await buffer(stream)).toString();
const says = (text: string) => (connection: Duplex) => void connection.end(text);

function sessions(acceptStream: (stream: Duplex) => void) {
  const [near, far]: [Duplex, Duplex] = duplexPair();
  const host = createMuxSession(near, { side: "host" });
  const plugin = createMuxSession(far, { side: "plugin", accept: acceptStream });
  return { host, plugin };
}

/** Longer than a busy machine needs, and how long one waits for what never comes. */
const PATIENT_MS = 20_000;
const HASTY_MS = 80;

async function joined(
  tls: { readonly host?: MutualTls; readonly plugin?: MutualTls } = {},
  waitMs = PATIENT_MS,
): Promise<{ readonly host: GrpcBroker; readonly plugin: GrpcBroker } & AsyncDisposable> {
  const ends = sessions((stream) => server.accept(stream));
  const options = (side: "host" | "plugin") => ({
    session: ends[side],
    waitMs,
    ...(tls[side] === undefined ? {} : { tls: tls[side] }),
  });
  const served = serveGrpcBroker(options("plugin"));
  const server = createGrpcServer([served.route]);
  const channel = await openGrpcChannel(async () => ends.host.open());
  const host = openGrpcBroker(channel, options("host"));
  return {
    host,
    plugin: served.broker,
    [Symbol.asyncDispose]: async () => {
      await channel.close();
      await server.close();
      await ends.host.close();
    },
  };
}

interface Knock {
  readonly serviceId: number;
  readonly knock: { readonly knock: boolean; readonly ack?: boolean; readonly error?: string };
}

/** A host's broker whose plugin answers its knocks as `answer` says. */
async function answeredBy(
  answer: (id: number) => readonly Knock[],
  begins: readonly Knock[] = [],
  waitMs = PATIENT_MS,
) {
  const streams: Duplex[] = [];
  const ends = sessions((stream) => {
    if (streams.push(stream) === 1) server.accept(stream);
    else says("let in")(stream.on("error", () => undefined));
  });
  const acknowledged = Promise.withResolvers<void>();
  const server = createGrpcServer([
    bidirectionalRoute(serverMethod(GRPCBroker.method.startStream), async function* (told) {
      yield* begins;
      for await (const { serviceId, knock } of told) {
        if (knock?.ack === true) acknowledged.resolve();
        else yield* answer(serviceId);
      }
    }),
  ]);
  const channel = await openGrpcChannel(async () => ends.host.open());
  const broker = openGrpcBroker(channel, { session: ends.host, waitMs });
  const dispose = async (): Promise<void> => {
    await channel.close();
    await server.close();
    await ends.host.close();
  };
  const { plugin } = ends;
  const welcome = acknowledged.promise;
  return { broker, streams, welcome, plugin, [Symbol.asyncDispose]: dispose };
}

const ack = (serviceId: number, error = ""): Knock => ({
  serviceId,
  knock: { knock: true, ack: true, error },
});

describe("two multiplexed brokers", () => {
  it.each(["host", "plugin"] as const)("connect to what the %s serves", async (side) => {
    await using both = await joined();
    const [acceptor, dialer] =
      side === "host" ? [both.host, both.plugin] : [both.plugin, both.host];
    const early = dialer.dial(1);
    await acceptor.accept(1, says("hello"));
    expect(await textOf(await early)).toBe("hello");
    // An id may be dialed again: go-plugin reconnects by itself.
    expect(await textOf(await dialer.dial(1))).toBe("hello");
  });

  it("never mix ids that are dialed at once", async () => {
    await using both = await joined();
    const ids = Array.from({ length: 30 }, (_, index) => index + 1);
    await Promise.all(ids.map((id) => both.plugin.accept(id, says(`id ${id}`))));
    const found = await Promise.all(ids.map(async (id) => textOf(await both.host.dial(id))));
    expect(found).toEqual(ids.map((id) => `id ${id}`));
  });

  it("prove each other on every stream", async () => {
    const [host, plugin] = [createOneTimeCertificate(), createOneTimeCertificate()];
    await using both = await joined({
      host: { own: host, peer: plugin.certificate },
      plugin: { own: plugin, peer: host.certificate },
    });
    await both.host.accept(1, says("secured"));
    expect(await textOf(await both.plugin.dial(1))).toBe("secured");
    await both.plugin.accept(1, says("both ways"));
    expect(await textOf(await both.host.dial(1))).toBe("both ways");
  });

  it.each([
    ["plain text", undefined],
    ["another certificate", createOneTimeCertificate()],
  ])("refuse %s where TLS is on", async (_, stranger) => {
    const [host, plugin] = [createOneTimeCertificate(), createOneTimeCertificate()];
    await using both = await joined({
      host: { own: host, peer: plugin.certificate },
      ...(stranger ? { plugin: { own: stranger, peer: host.certificate } } : {}),
    });
    await both.plugin.accept(1, says("plain"));
    await expect(both.host.dial(1)).rejects.toMatchObject(refused);
    let entered = 0;
    await both.host.accept(2, () => (entered += 1));
    const stream = await both.plugin.dial(2).catch(() => undefined);
    stream?.resume().end("not TLS at all");
    if (stream?.destroyed === false) await new Promise((resolve) => stream.once("close", resolve));
    expect(entered).toBe(0);
  });

  it("refuse an id that nobody serves in time, is served already, or no longer", async () => {
    await using both = await joined({}, HASTY_MS);
    await expect(both.host.dial(9)).rejects.toMatchObject(refused);
    const service = await both.plugin.accept(1, says("one"));
    await expect(both.plugin.accept(1, says("two"))).rejects.toMatchObject(refused);
    await service.close();
    await expect(both.host.dial(1)).rejects.toThrow(/nobody serves this id|did not answer/u);
    await both.plugin.accept(1, says("again"));
    expect(await textOf(await both.host.dial(1))).toBe("again");
  });

  it("stop waiting when the caller does, and go on with the next", async () => {
    await using both = await joined();
    const stop = new AbortController();
    const [waits, next] = [both.host.dial(1, { signal: stop.signal }), both.host.dial(2)];
    await both.plugin.accept(2, says("two"));
    stop.abort(new Error("no longer wanted"));
    await expect(waits).rejects.toThrow("Cannot dial broker id 1: no longer wanted");
    expect(await textOf(await next)).toBe("two");
  });
});

describe("a hostile plugin of a multiplexed broker", () => {
  it("leads a dial nowhere by its refusal, which the failure quotes", async () => {
    await using run = await answeredBy((id) => [ack(id, "no \u001b[2J way")]);
    await expect(run.broker.dial(1)).rejects.toThrow(/refused, "no \\u001b\[2J way"/u);
    expect(run.streams).toHaveLength(1);
  });

  it("opens nothing by answers to knocks that never were", async () => {
    const never = Array.from({ length: 500 }, (_, index) => ack(index + 100));
    await using run = await answeredBy((id) => [...never, ack(id)], never);
    expect(await textOf(await run.broker.dial(1))).toBe("let in");
    expect(run.streams).toHaveLength(2);
  });

  it("cannot lead an id to the stream of one that was given up, by answering late", async () => {
    await using run = await answeredBy((id) => (id === 1 ? [] : [ack(1), ack(id)]));
    await expect(
      run.broker.dial(1, { signal: AbortSignal.timeout(HASTY_MS) }),
    ).rejects.toMatchObject(refused);
    expect(await textOf(await run.broker.dial(2))).toBe("let in");
    // The first of the two is the one that nobody wants any more.
    expect(run.streams.slice(1).map((stream) => stream.readableEnded)).toHaveLength(2);
    expect(run.streams[1]?.destroyed).toBe(true);
  });

  it("lets a knock that nobody follows expire, so that no stream is taken for it", async () => {
    const knock = { serviceId: 1, knock: { knock: true } };
    await using run = await answeredBy(() => [], [knock], HASTY_MS);
    let entered = 0;
    await run.broker.accept(1, () => (entered += 1));
    await run.welcome;
    // Of two timers of one length the first that was set is the first to expire, so that this dial outlives the knock.
    await expect(run.broker.dial(7)).rejects.toMatchObject(refused);
    const stray = run.plugin.open();
    const [error] = await once(stray, "error");
    expect([error.message, entered]).toEqual(["the other side reset the stream", 0]);
  });

  it("ends the broker when it knocks without end and reads no answer", async () => {
    const flood = Array.from({ length: 100_000 }, () => ({ serviceId: 1, knock: { knock: true } }));
    const ends = sessions((stream) => server.accept(stream));
    const server = createGrpcServer([
      bidirectionalRoute(serverMethod(GRPCBroker.method.startStream), async function* (_, route) {
        yield* flood;
        await once(route.signal, "abort");
      }),
    ]);
    const channel = await openGrpcChannel(async () => ends.host.open());
    const broker = openGrpcBroker(channel, { session: ends.host, waitMs: HASTY_MS });
    await broker.accept(1, () => undefined);
    if (!broker.ended.aborted) await once(broker.ended, "abort");
    await expect(broker.dial(1)).rejects.toMatchObject(refused);
    await channel.close();
    await server.close();
    await ends.host.close();
  });
});
