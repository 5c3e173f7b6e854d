import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import { connect } from "node:tls";
import { beforeAll, describe, expect, it } from "vitest";
import { certificateFault, connectMutualTls, createMutualTlsServer } from "./mutual-tls.ts";
import { certificatePem, createOneTimeCertificate } from "./one-time-certificate.ts";

const host = createOneTimeCertificate();
const plugin = createOneTimeCertificate();
const stranger = createOneTimeCertificate();

const trusting = {
  servername: "localhost",
  ca: certificatePem(plugin.certificate),
  ALPNProtocols: ["h2"],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tls-"));
  return () => rm(folder, { recursive: true });
});

/** Resolves with the end, whether or not an error came before it. */
const gone = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => void stream.on("error", () => undefined).on("close", resolve));

interface Served extends AsyncDisposable {
  /** Connected, and not secured yet. */
  readonly client: Socket;
  /** What got through. */
  readonly seen: Duplex[];
}

/** A serving end on a socket that answers everything with what it was sent. */
async function served(own = plugin): Promise<Served> {
  const seen: Duplex[] = [];
  const tls = createMutualTlsServer({ own, peer: host.certificate }, (stream) => {
    seen.push(stream);
    stream.on("error", () => undefined).pipe(stream);
  });
  const server = createServer((socket) => tls.accept(socket.on("error", () => undefined)));
  const path = join(folder, `${randomUUID().slice(0, 8)}.sock`);
  server.listen(path);
  await once(server, "listening");
  const client = createConnection(path);
  await once(client, "connect");
  return {
    client,
    seen,
    async [Symbol.asyncDispose]() {
      client.destroy();
      for (const stream of seen) stream.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

describe("mutual TLS over a stream", () => {
  it("joins the two ends that know one another, and passes bytes both ways", async () => {
    await using end = await served();
    const { client } = end;
    const secured = await connectMutualTls(client, { own: host, peer: plugin.certificate });
    expect(secured.alpnProtocol).toBe("h2");
    expect(secured.getProtocol()).toBe("TLSv1.3");
    secured.write("hello");
    expect(String((await once(secured, "data"))[0])).toBe("hello");
    secured.destroy();
  });

  it("refuses a server that is another one than announced", async () => {
    await using end = await served(stranger);
    const { client, seen } = end;
    await expect(
      connectMutualTls(client, { own: host, peer: plugin.certificate }),
    ).rejects.toMatchObject({ code: "CONNECT_FAILED" });
    expect(client.destroyed).toBe(true);
    expect(seen).toEqual([]);
  });

  it("lets no client through that is another one than announced, or shows no certificate", async () => {
    const strangers = [
      { cert: certificatePem(stranger.certificate), key: stranger.privateKey },
      {},
    ];
    for (const own of strangers) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await using end = await served();
      const secured = connect({ ...own, ...trusting, socket: end.client });
      secured.on("error", () => undefined).resume();
      // oxlint-disable-next-line no-await-in-loop -- as above
      await gone(secured);
      expect(end.seen).toEqual([]);
    }
  });

  it("refuses a client that speaks an older TLS, and one that speaks none", async () => {
    await using end = await served();
    const versions = { minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
    const weak = { ciphers: "DEFAULT@SECLEVEL=0" };
    const old = connect({ ...trusting, ...versions, ...weak, socket: end.client });
    const failed = gone(old);
    const faults: string[] = [];
    old.on("error", ({ message }) => faults.push(message));
    await failed;
    expect(faults.join()).toContain("protocol version");
    expect(end.seen).toEqual([]);

    await using plain = await served();
    plain.client.on("error", () => undefined).resume();
    plain.client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await gone(plain.client);
    expect(plain.seen).toEqual([]);
  });

  it("refuses a server that speaks none", async () => {
    const [ours, theirs] = duplexPair();
    theirs.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    await expect(
      connectMutualTls(ours, { own: host, peer: plugin.certificate }),
    ).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  });

  it("gives up when the caller does, also on a peer that never answers", async () => {
    const [ours] = duplexPair();
    const stop = new AbortController();
    const joined = connectMutualTls(ours, { own: host, peer: plugin.certificate }, stop.signal);
    stop.abort(new Error("enough"));
    await expect(joined).rejects.toThrow("Cannot secure the connection: enough");
    expect(ours.destroyed).toBe(true);
  });

  it("tells a certificate from what is none", () => {
    expect(certificateFault(host.certificate)).toBeUndefined();
    expect(certificateFault(host.certificate.subarray(0, 100))).toEqual(expect.any(String));
    expect(certificateFault(new Uint8Array(300))).toEqual(expect.any(String));
  });
});
