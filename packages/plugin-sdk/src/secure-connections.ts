import type { Duplex } from "node:stream";
import {
  createMutualTlsServer,
  createOneTimeCertificate,
  type MutualTls,
} from "@sigilrt/protocol/node";
import { PluginSdkError } from "./plugin-sdk-error.ts";

/** What lets nobody in but the host that started this process. */
export interface SecureConnections {
  /** The plugin's certificate as DER, for the handshake. */
  readonly certificate: Uint8Array;
  /** Both sides' certificates, for further connections. */
  readonly tls: MutualTls;
  /** Wraps what takes connections: it gets those of the host alone, in plain. */
  guard(accept: (connection: Duplex) => void): (connection: Duplex) => void;
}

/** Makes it from the certificate of the host, a PEM text. Throws {@link PluginSdkError} `CERTIFICATE_MALFORMED`. */
export function secureConnections(hostCertificate: string): SecureConnections {
  const tls = { own: createOneTimeCertificate(), peer: certificateOf(hostCertificate) };
  return {
    certificate: tls.own.certificate,
    tls,
    guard: (accept) => createMutualTlsServer(tls, accept).accept,
  };
}

const MAX_CHARACTERS = 16_384;

function certificateOf(text: string): Uint8Array {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    if (text.length > MAX_CHARACTERS) throw new RangeError(`${text.length} characters`);
    return new Uint8Array(new X509Certificate(text).raw);
  } catch (error) {
    const state = error instanceof Error ? error.message : "unknown failure";
    throw new PluginSdkError(
      "CERTIFICATE_MALFORMED",
      `Cannot serve the plugin: PLUGIN_CLIENT_CERT is no certificate (${state}); the host sets it`,
    );
  }
}
