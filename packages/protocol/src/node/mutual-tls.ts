import type { Duplex } from "node:stream";
import type { CommonConnectionOptions, SecureContextOptions, TLSSocket } from "node:tls";
import { ProtocolError } from "../protocol-error.ts";
import { certificatePem, type OneTimeCertificate } from "./one-time-certificate.ts";

/** Both ends of a connection that only the holders of two one-time certificates can make. */
export interface MutualTls {
  /** Our own. */
  readonly own: OneTimeCertificate;
  /** The certificate of the other side as DER; nobody else is spoken to. */
  readonly peer: Uint8Array;
}

/**
 * Says why bytes are no certificate that could stand for the other side of a connection; `undefined` when they are one.
 */
export function certificateFault(certificate: Uint8Array): string | undefined {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    const { publicKey } = new X509Certificate(certificate);
    return publicKey.asymmetricKeyType === undefined ? "its key is of no known kind" : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "it cannot be read";
  }
}

/**
 * Speaks TLS as the calling end over a stream, and proves both sides: TLS 1.2 or newer, the name `localhost`, HTTP/2.
 *
 * @throws {@link ProtocolError} `CONNECT_FAILED` when the other side is another one, or does not speak TLS; the stream is then destroyed
 */
export function connectMutualTls(
  stream: Duplex,
  tls: MutualTls,
  signal?: AbortSignal,
): Promise<TLSSocket> {
  const { connect } = process.getBuiltinModule("node:tls");
  const secured = connect({ ...commonOptions(tls), socket: stream, servername: "localhost" });
  // Neither outlives the other, whichever of them hears of the end.
  stream.once("close", () => secured.destroy());
  secured.once("close", () => stream.destroy());
  return settled(secured, stream, "secureConnect", signal);
}

/**
 * Speaks TLS as the serving end over streams. Only who holds the other certificate gets through; a stream of anybody else is destroyed.
 */
export function createMutualTlsServer(
  tls: MutualTls,
  accept: (stream: Duplex) => void,
): { readonly accept: (stream: Duplex) => void } {
  const { createServer } = process.getBuiltinModule("node:tls");
  const server = createServer({ ...commonOptions(tls), requestCert: true });
  server.on("secureConnection", accept);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return { accept: (stream) => void server.emit("connection", stream) };
}

const commonOptions = ({
  own,
  peer,
}: MutualTls): SecureContextOptions & CommonConnectionOptions => ({
  cert: certificatePem(own.certificate),
  key: own.privateKey,
  // The other side's certificate alone: no authority of the machine is asked.
  ca: certificatePem(peer),
  rejectUnauthorized: true,
  minVersion: "TLSv1.2",
  ALPNProtocols: ["h2"],
});

function settled(
  secured: TLSSocket,
  stream: Duplex,
  event: "secureConnect",
  signal: AbortSignal | undefined,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      leave();
      secured.destroy();
      stream.destroy();
      const state = cause instanceof Error ? cause.message : "the attempt was cancelled";
      reject(
        new ProtocolError("CONNECT_FAILED", `Cannot secure the connection: ${state}`, { cause }),
      );
    };
    const stop = (): void => fail(signal?.reason);
    const closed = (): void => fail(new Error("the other side closed it"));
    const leave = (): void => {
      signal?.removeEventListener("abort", stop);
      secured.off("error", fail).off("close", closed);
    };
    secured.once(event, () => {
      leave();
      secured.on("error", () => undefined);
      resolve(secured);
    });
    secured.on("error", fail).on("close", closed);
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}
